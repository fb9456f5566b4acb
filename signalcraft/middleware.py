"""Middleware that applies to every request, before a view is chosen."""

import logging
from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import BadRequest
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.urls import reverse
from django.utils import translation

from signalcraft.api import CODES, database_error, is_api

logger = logging.getLogger(__name__)

MAX_ADDRESS_LENGTH = 8192
MIN_COMPRESSED_BYTES = 1400
# Scripts come from this server alone and stand in files, in the field app, the API's pages and the
# admin alike. Styles may stand in a page: React Native writes them there, and so do the admin's
# charts. Sounds and pictures of the field app are made in the browser.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "worker-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

GetResponse = Callable[[HttpRequest], HttpResponse]


def client_ip(get_response: GetResponse) -> GetResponse:
    """Put the client's address into REMOTE_ADDR where trusted proxies stand in front."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.META["REMOTE_ADDR"] = find_client_address(
            request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", "")
        )
        return get_response(request)

    return middleware


def find_client_address(peer: str, forwarded_for: str) -> str:
    """Return the address of a client behind NUM_PROXIES proxies, given what they append."""
    if settings.NUM_PROXIES > 0:
        # Each proxy appends the address it saw; what stands before may be the client's invention.
        addresses = [address.strip() for address in forwarded_for.split(",")]
        client = addresses[-settings.NUM_PROXIES :][0]
        if is_address(client):
            return client
    return peer


def is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def bound_address(get_response: GetResponse) -> GetResponse:
    """Refuse an address that is longer than any of ours; a search in the admin is in it too."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if len(request.path) + len(request.META.get("QUERY_STRING", "")) > MAX_ADDRESS_LENGTH:
            raise BadRequest("The address is too long.")
        return get_response(request)

    return middleware


def protect_answers(get_response: GetResponse) -> GetResponse:
    """Say what a page may load, and that nobody may keep what the API answers."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        if is_api(request):
            # Verdicts and names of machines; pictures and sounds say for themselves.
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


class CompressApi(GZipMiddleware):
    """Compresses what the API answers in JSON, where that saves at least a packet.

    Pages of the admin stay as they are: their forms hold secrets beside what a visitor can choose.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Called by Django for what a view returns."""
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        # A streamed answer is a recording or a picture.
        if not (is_json and is_api(request) and isinstance(response, HttpResponse)):
            return response
        if len(response.content) < MIN_COMPRESSED_BYTES:
            return response
        return super().process_response(request, response)


def strip_api_slash(get_response: GetResponse) -> GetResponse:
    """Accept /api/v1/models/ as /api/v1/models."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if is_api(request):
            request.path_info = request.path_info.rstrip("/")
        return get_response(request)

    return middleware


def english_api_errors(get_response: GetResponse) -> GetResponse:
    """Keep the API's error details in English; LANGUAGE_CODE still says what the reader prefers."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if is_api(request):
            # Frameworks translate a message when they raise it, before the exception handler runs.
            translation.activate("en")
        return get_response(request)

    return middleware


def explain_bodies(get_response: GetResponse) -> GetResponse:
    """Refuse bodies that the API cannot read by their headers, each in a sentence of its own."""

    def middleware(request: HttpRequest) -> HttpResponse:
        sentence = explain_body(request) if is_api(request) else None
        if sentence is None:
            return get_response(request)
        status, code, detail = sentence
        return JsonResponse({"code": code, "detail": detail}, status=status)

    return middleware


def explain_body(request: HttpRequest) -> tuple[int, str, str] | None:
    """Return status, code and sentence for a body that cannot be read; None for any other."""
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        detail = f"The body is compressed ({encoding[:20]}). Send it as it is."
        return 415, CODES[415], detail
    is_chunked = "chunked" in request.headers.get("Transfer-Encoding", "").lower()
    if is_chunked and not request.META.get("CONTENT_LENGTH"):
        return 400, CODES[400], "The body is chunked. Send it whole, with a Content-Length."
    return None


class IncorrectLookups:
    """Shows an admin list anew, as Django does, where a filter of its address makes no sense."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exc: Exception) -> HttpResponse | None:
        """Called by Django for what a view raises: a year that no calendar has, for example."""
        is_filter = request.method == "GET" and any("__" in name for name in request.GET)
        is_admin = request.path.startswith(reverse("admin:index"))
        if is_admin and is_filter and isinstance(exc, OverflowError | ValueError):
            return HttpResponseRedirect(f"{request.path}?{ERROR_FLAG}=1")
        return None


class DatabaseErrors:
    """Answers 503 where a view fails because the database is away, locked or full."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exc: Exception) -> HttpResponse | None:
        """Called by Django for what a view raises."""
        if not isinstance(exc, OperationalError | InterfaceError):
            return None
        logger.error("The database does not answer: %s", exc)
        return database_error(request)
