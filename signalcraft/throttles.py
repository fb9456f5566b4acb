"""How often the API may be called: each request counts for its address and for its user."""

import logging
from typing import Any

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts import limits
from accounts.errors import LimitsUnavailable

logger = logging.getLogger(__name__)


class PerUserAndAddress(BaseThrottle):
    """Holds a request against `<scope>_per_user` and `<scope>_per_address` of settings.LIMITS.

    The scope is "requests", unless the view names one: `throttle_scopes = {"POST": "analyses"}`.
    A request that lacks a token it needs is refused before, at no more cost than a throttled one.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count the request, and return whether it is within the limits."""
        scope = getattr(view, "throttle_scopes", {}).get(request.method, "requests")
        address = limits.get_network(request.META.get("REMOTE_ADDR", ""))
        clients = {f"{scope}_per_address": address}
        if request.user.is_authenticated:
            clients[f"{scope}_per_user"] = str(request.user.pk)
        try:
            self._wait_s = max(limits.count_attempt(*limited) for limited in clients.items())
        except LimitsUnavailable:
            # On a full disk nothing can be counted, and what is there can still be read.
            if request.method not in SAFE_METHODS or not request.user.is_authenticated:
                raise
            logger.exception("A request was not counted.")
            self._wait_s = 0
        return self._wait_s == 0

    def wait(self) -> float:
        """Return the seconds to wait before the next request."""
        return self._wait_s
