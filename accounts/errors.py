"""What can go wrong between a user and a limit."""

from core.errors import SignalCraftError

RETRY_SECONDS = 5


class LimitsUnavailable(SignalCraftError):
    """The store that all workers count in is away: without counts, whoever guesses passwords would not be stopped."""

    status_code = 503
    code = "limits_unavailable"
    headers = {"Retry-After": str(RETRY_SECONDS)}
