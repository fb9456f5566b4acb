"""Pages that say what went wrong, with a way on; the API answers in JSON instead."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from signalcraft import api
from signalcraft.pages.words import PROBLEMS, WAY_ON, language_of


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django refuses before it calls a view."""
    if api.is_api(request):
        return api.bad_request()
    return render_problem(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer where the signed-in person may not be."""
    return render_problem(request, 403)


def csrf_failure(request: HttpRequest, **_why: Any) -> HttpResponse:
    """Answer a form that does not prove which page it comes from."""
    return render_problem(request, 403, "csrf")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer for an address that does not exist."""
    return render_problem(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer for a bug; the trace goes to the log only."""
    if api.is_api(request):
        return api.server_error()
    return render_problem(request, 500)


def render_problem(request: HttpRequest, status: int, name: str = "") -> HttpResponse:
    """Render without a context of the request: whatever is broken, this page is not."""
    language = language_of(request)
    what, next_step = PROBLEMS[name or status][language]
    context = {
        "language": language,
        "what": what,
        "next_step": next_step,
        "way_on": WAY_ON[language],
    }
    page = render_to_string("signalcraft/problem.html", context)
    return HttpResponse(page, status=status)
