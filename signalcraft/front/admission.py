"""Who may send a body now: so many at once for an address and a user, so many bytes in all."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from core.errors import SignalCraftError


class TooManyAtOnce(SignalCraftError):
    """This address, this user, or all together send as much as may be on the way at once."""

    status_code = 429
    code = "throttled"
    headers = {"Retry-After": "5"}


@dataclass(frozen=True, slots=True)
class Sender:
    """Where a request comes from: its network, and the user that its token names, if it is good."""

    address: str
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one process takes at once. Bytes are those of bodies that wait or are worked on."""

    bodies_per_address: int
    bodies_per_user: int
    bytes_in_all: int


class Admission:
    """Counts what is on the way; used by one event loop, so that nothing needs a lock."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._arriving: Counter[str] = Counter()
        self._n_bytes = 0

    @contextmanager
    def admit(self, sender: Sender) -> Iterator[None]:
        """Let a body arrive, unless too many of this sender do."""
        limits = {f"address {sender.address}": self._bounds.bodies_per_address}
        if sender.user is not None:
            limits[f"user {sender.user}"] = self._bounds.bodies_per_user
        if any(self._arriving[name] >= limit for name, limit in limits.items()):
            raise TooManyAtOnce("Too many requests are being sent at once. Wait for some to end.")
        self._arriving.update(limits.keys())
        try:
            yield
        finally:
            for name in limits:
                self._arriving[name] -= 1
                if not self._arriving[name]:
                    del self._arriving[name]

    def reserve(self, n_bytes: int) -> None:
        """Take bytes for a body until they are released."""
        if self._n_bytes + n_bytes > self._bounds.bytes_in_all:
            raise TooManyAtOnce(
                "The server holds as many large requests as it can. Try again soon."
            )
        self._n_bytes += n_bytes

    def release(self, n_bytes: int) -> None:
        """Give them back."""
        self._n_bytes -= n_bytes
