"""One line in the log for each request, with an id that is also in the answer."""

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
# Monitoring asks for these every few seconds.
PROBES = {"/healthz", "/readyz", "/metrics"}


def log_requests(get_response: GetResponse) -> GetResponse:
    """Give each request an id and log its outcome; never its body, its headers or its query."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given_id = request.headers.get(HEADER, "")
        token = request_id.set(given_id if SAFE_ID.fullmatch(given_id) else uuid4().hex)
        began = perf_counter()
        try:
            response = get_response(request)
            response[HEADER] = request_id.get()
            log_request(request, response.status_code, 1000 * (perf_counter() - began))
        finally:
            request_id.reset(token)
        return response

    return middleware


def log_request(request: HttpRequest, status: int, milliseconds: float) -> None:
    """Write the line of a request."""
    fields = {
        # Escaped: a line break in a path must not begin a line of its own.
        "method": escape_uri_path(str(request.method)),
        "path": escape_uri_path(request.path),
        "status": status,
        "milliseconds": round(milliseconds, 1),
        "address": request.META.get("REMOTE_ADDR", ""),
    }
    user = get_known_user(request)
    if user is not None:
        fields["user"] = user.pk
    level = logging.DEBUG if request.path in PROBES else logging.INFO
    line = "%(method)s %(path)s %(status)s in %(milliseconds)s ms"
    logger.log(level, line, fields, extra={"fields": fields})


def get_known_user(request: HttpRequest) -> User | None:
    """Return the user if the view has loaded it; the log alone causes no query."""
    attributes = vars(request)
    user = attributes.get("_cached_user", attributes.get("user"))
    # By exact type: isinstance() would make a lazy user load itself.
    return user if type(user) is User else None
