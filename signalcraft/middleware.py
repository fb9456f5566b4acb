"""What holds for every request to the API, before a view is chosen."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from signalcraft.api import is_api

GetResponse = Callable[[HttpRequest], HttpResponse]


def tolerate_a_trailing_slash(get_response: GetResponse) -> GetResponse:
    """Take /api/v1/models/ for /api/v1/models."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if is_api(request):
            request.path_info = request.path_info.rstrip("/")
        return get_response(request)

    return middleware


def speak_english_to_programs(get_response: GetResponse) -> GetResponse:
    """Write error details in English, as promised; what is for people asks request.LANGUAGE_CODE, and declares it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if is_api(request):
            # Frameworks translate a message when they raise it: too early for the exception handler.
            translation.activate("en")
        return get_response(request)

    return middleware
