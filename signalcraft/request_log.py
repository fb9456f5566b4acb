"""One line in the log for each request, and an id by which its lines and its answer are found again."""

import logging
import re
from time import perf_counter
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.utils.encoding import escape_uri_path

from accounts.models import User
from signalcraft.logs import request_id
from signalcraft.middleware import GetResponse

logger = logging.getLogger(__name__)

HEADER = "X-Request-ID"
SAFE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
# Asked every few seconds by those who watch the server.
PROBES = {"/healthz", "/readyz", "/metrics"}


def log_requests(get_response: GetResponse) -> GetResponse:
    """Name the request, answer with its id, and note what became of it; never its body, its headers or its query."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        token = request_id.set(given if SAFE_ID.fullmatch(given) else uuid4().hex)
        began = perf_counter()
        try:
            response = get_response(request)
            response[HEADER] = request_id.get()
            note(request, response.status_code, 1000 * (perf_counter() - began))
        finally:
            request_id.reset(token)
        return response

    return middleware


def note(request: HttpRequest, status: int, milliseconds: float) -> None:
    """Write the line of a request."""
    # Escaped: a line break in a path must not make a line of its own.
    fields = {
        "method": escape_uri_path(str(request.method)),
        "path": escape_uri_path(request.path),
        "status": status,
    }
    fields |= {
        "milliseconds": round(milliseconds, 1),
        "address": request.META.get("REMOTE_ADDR", ""),
    }
    user = signed_in_as(request)
    if user is not None:
        fields["user"] = user.pk
    level = logging.DEBUG if request.path in PROBES else logging.INFO
    logger.log(
        level,
        "%(method)s %(path)s %(status)s in %(milliseconds)s ms",
        fields,
        extra={"fields": fields},
    )


def signed_in_as(request: HttpRequest) -> User | None:
    """Return the user if the view has asked who it is; the log alone is no reason to ask the database."""
    known = vars(request)
    user = known.get("_cached_user", known.get("user"))
    # Of the very type: looking inside a lazy user would ask.
    return user if type(user) is User else None
