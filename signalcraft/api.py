"""How the API answers errors: {code, detail, fields?}, whatever went wrong."""

import logging
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import UnsupportedMediaType, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from analysis.errors import TooLarge
from core.errors import DatabaseUnavailable, InvalidRequest, ServerBusy, SignalCraftError

logger = logging.getLogger(__name__)

# Our codes for what the framework refuses; 401 keeps its own codes, which say what to do next.
CODES = {
    400: "invalid",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    415: "unsupported_format",
    429: "throttled",
}
SIGN_IN_CODES = ["not_authenticated", "authentication_failed", "token_not_valid"]
INTERNAL_ERROR = {
    "code": "internal_error",
    "detail": "Something went wrong on the server. It has been logged.",
}


def render_error(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """Render an error that was raised on purpose; anything else is a bug and becomes a 500."""
    exc = _explain(exc, context) if isinstance(exc, UnsupportedMediaType) else _translate(exc)
    if isinstance(exc, SignalCraftError):
        if isinstance(exc, ServerBusy):
            # Expected under load, and often: a line each, no trace.
            logger.warning("%s: %s", exc.code, exc)
        elif exc.status_code >= 500:
            logger.error("%s: %s", exc.code, exc, exc_info=exc)
        set_rollback()
        body = {"code": exc.code, "detail": str(exc)} | (
            {"fields": exc.fields} if exc.fields else {}
        )
        return Response(body, exc.status_code, headers=exc.headers)
    # Django's Http404 and PermissionDenied become APIExceptions in here, with their headers.
    response = exception_handler(exc, dict(context))
    if response is None:
        return None
    code = CODES.get(response.status_code) or getattr(exc, "default_code", "error")
    response.data = {"code": code} | _body(exc, response.data)
    return response


def _explain(exc: UnsupportedMediaType, context: Mapping[str, Any]) -> UnsupportedMediaType:
    """Say what the body is, and in which form it is read here."""
    found = context["request"].content_type.partition(";")[0][:80] or "of no named type"
    parser = context["view"].get_parsers()[0]
    advice = f"Send it as {parser.media_type}."
    if name := getattr(parser, "file_field", ""):
        advice = f"Send the recording in a form ({parser.media_type}), as the field {name}."
    return UnsupportedMediaType(found, f"The body is {found}. {advice}")


def _translate(exc: Exception) -> Exception:
    """Replace what Django raises of a body or of the database by an error of ours."""
    if isinstance(exc, RequestDataTooBig):
        return TooLarge("The request is larger than any form needs.")
    if isinstance(exc, OperationalError | InterfaceError):
        logger.error("The database does not answer: %s", exc)
        return DatabaseUnavailable("The database cannot be reached now. Try again in a moment.")
    if isinstance(exc, SuspiciousOperation | UnreadablePostError):
        return InvalidRequest("The body cannot be read.")
    return exc


def _body(exc: Exception, rendered: Any) -> dict[str, Any]:
    if not isinstance(exc, ValidationError):
        named = getattr(exc, "fields", None)
        return {"detail": str(rendered["detail"])} | ({"fields": named} if named else {})
    fields = rendered if isinstance(rendered, dict) else {"non_field_errors": rendered}
    field, messages = next(iter(fields.items()))
    sentence = _first_sentence(messages)
    detail = sentence if field == "non_field_errors" else f"{field}: {sentence}"
    return {"detail": detail, "fields": fields}


def _first_sentence(messages: Any) -> str:
    """Return the first message of a structure that is nested like the input."""
    while isinstance(messages, list | dict):
        messages = next(iter(messages.values() if isinstance(messages, dict) else messages))
    return str(messages)


# For every method: a missing CSRF token would be answered with a page for browsers.
@csrf_exempt
def unknown_url(_request: HttpRequest) -> HttpResponse:
    """Answer for every address below /api/ that does not exist."""
    return JsonResponse(
        {"code": "not_found", "detail": "There is nothing at this address."}, status=404
    )


def bad_request() -> HttpResponse:
    """Answer what Django refuses before it calls a view."""
    return JsonResponse(
        {"code": "invalid", "detail": "The request cannot be understood."}, status=400
    )


def server_error() -> HttpResponse:
    """Answer for a bug; the trace goes to the log only."""
    return JsonResponse(INTERNAL_ERROR, status=500)


def database_error(request: HttpRequest) -> HttpResponse:
    """Answer, outside of the API's views, where the database is away."""
    headers = DatabaseUnavailable.headers
    sentence = "The database cannot be reached now. Try again in a moment."
    if is_api(request):
        body = {"code": DatabaseUnavailable.code, "detail": sentence}
        return JsonResponse(body, status=503, headers=headers)
    return HttpResponse(sentence, status=503, content_type="text/plain", headers=headers)


def is_api(request: HttpRequest) -> bool:
    return f"{request.path_info}/".startswith("/api/")
