"""How often somebody may do something: counts of one window of time, in the cache that all workers share.

Windows follow the clock and do not slide: across the end of one, twice as many can pass in a short time. In return a
count is one number and one write, and whoever keeps on asking while it is too early never prolongs the wait.

What is limited is refused while nothing can be counted (LimitsUnavailable).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import AddressValueError, IPv6Address, IPv6Network
from math import ceil
from time import time

from django.conf import settings
from django.core.cache import cache

from accounts.errors import LimitsUnavailable


def seconds_to_wait(what: str, who: str) -> int:
    """Count one more; return 0 while settings.LIMITS allow it, else the seconds until counting begins anew."""
    limit = settings.LIMITS.get(what)
    if limit is None:
        return 0
    most, window_s = limit
    now = time()
    with named_failures():
        count = _count(_key(what, who, now, window_s), window_s)
    if count <= most:
        return 0
    return ceil(window_s - now % window_s)


def forget(what: str, who: str) -> None:
    """Begin to count anew."""
    limit = settings.LIMITS.get(what)
    if limit is not None:
        with named_failures():
            cache.delete(_key(what, who, time(), limit[1]))


def network(address: str) -> str:
    """Return what is counted as one address: whoever has an IPv6 address has the 2**64 beside it too."""
    try:
        ipv4 = IPv6Address(address).ipv4_mapped
    except AddressValueError:
        return address
    if ipv4:  # as a server that listens on both names who came by IPv4
        return str(ipv4)
    return str(IPv6Network((address.partition("%")[0], 64), strict=False))


@contextmanager
def named_failures() -> Iterator[None]:
    """Say in our words that the store is away."""
    try:
        yield
    except Exception as exc:  # every cache fails in its own kinds of errors
        raise LimitsUnavailable(
            "The server cannot count requests now. Try again in a moment."
        ) from exc


def _key(what: str, who: str, now: float, window_s: int) -> str:
    return f"limit:{what}:{who}:{int(now // window_s)}"


def _count(key: str, window_s: int) -> int:
    try:
        return int(cache.incr(key))
    except ValueError:
        # The first of its window. Of two that find none, one adds and both are counted.
        return 1 if cache.add(key, 1, timeout=window_s + 1) else int(cache.incr(key))
