"""The errors of signing in and of rate limits."""

from core.errors import SignalCraftError

RETRY_SECONDS = 5


class LimitsUnavailable(SignalCraftError):
    """The shared cache is away: without counts, nothing would stop whoever guesses passwords."""

    status_code = 503
    code = "limits_unavailable"
    headers = {"Retry-After": str(RETRY_SECONDS)}
