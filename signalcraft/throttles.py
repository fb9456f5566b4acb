"""How often the API may be asked: every request is counted for its address and, when signed in, for its user."""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts import limits


class PerUserAndAddress(BaseThrottle):
    """Holds a request against `<scope>_per_user` and `<scope>_per_address` of settings.LIMITS.

    The scope is "requests", unless the view names another for the method: `throttle_scopes = {"POST": "analyses"}`.
    What is not signed in where it must be is answered before it comes here, and costs no more than to be throttled.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count the request, and tell whether it was one too many."""
        scope = getattr(view, "throttle_scopes", {}).get(request.method, "requests")
        address = limits.network(request.META.get("REMOTE_ADDR", ""))
        waits = [limits.seconds_to_wait(f"{scope}_per_address", address)]
        if request.user.is_authenticated:
            waits.append(limits.seconds_to_wait(f"{scope}_per_user", str(request.user.pk)))
        self._wait_s = max(waits)
        return self._wait_s == 0

    def wait(self) -> float:
        """Return the seconds after which to come again."""
        return self._wait_s
