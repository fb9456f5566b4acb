"""The ASGI entry point that granian serves: the front, and Django behind it."""

from signalcraft.wsgi import application as wsgi_application


def build_application():  # noqa: ANN201  # its type is behind the import
    """Put the front before Django, which signalcraft.wsgi has set up."""
    from signalcraft.front.serving import build_front

    return build_front(wsgi_application)


application = build_application()
