"""How often the API may be called: each request counts for its address and for its user."""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts import limits


class PerUserAndAddress(BaseThrottle):
    """Holds a request against `<scope>_per_user` and `<scope>_per_address` of settings.LIMITS.

    The scope is "requests", unless the view names one: `throttle_scopes = {"POST": "analyses"}`.
    A request that lacks a token it needs is refused before, at no more cost than a throttled one.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count the request, and return whether it is within the limits."""
        scope = getattr(view, "throttle_scopes", {}).get(request.method, "requests")
        address = limits.get_network(request.META.get("REMOTE_ADDR", ""))
        waits_s = [limits.count_attempt(f"{scope}_per_address", address)]
        if request.user.is_authenticated:
            waits_s.append(limits.count_attempt(f"{scope}_per_user", str(request.user.pk)))
        self._wait_s = max(waits_s)
        return self._wait_s == 0

    def wait(self) -> float:
        """Return the seconds to wait before the next request."""
        return self._wait_s
