"""What holds for every request, before a view is chosen."""

from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from signalcraft.api import is_api

GetResponse = Callable[[HttpRequest], HttpResponse]


def know_the_client(get_response: GetResponse) -> GetResponse:
    """Put the client's address into REMOTE_ADDR where trusted proxies stand in front."""

    def middleware(request: HttpRequest) -> HttpResponse:
        # A client may have written what it likes before them; each proxy appends whom it heard.
        heard = [
            address.strip() for address in request.headers.get("X-Forwarded-For", "").split(",")
        ]
        if settings.NUM_PROXIES > 0 and is_address(client := heard[-settings.NUM_PROXIES :][0]):
            request.META["REMOTE_ADDR"] = client
        return get_response(request)

    return middleware


def is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


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
