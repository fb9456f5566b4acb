"""The ASGI entry point that granian serves: the front, and Django behind it."""

from importlib import import_module

from django.conf import settings

from signalcraft.wsgi import application as wsgi_application


def build_application():  # noqa: ANN201  # its type is behind the import
    """Put the front before Django, which signalcraft.wsgi has set up."""
    from signalcraft.front.serving import build_front

    # Every view, so that no first request of a worker waits for it.
    import_module(settings.ROOT_URLCONF)
    return build_front(wsgi_application)


application = build_application()
