"""Rate limits: attempts are counted per window of time, in the cache that all workers share.

Windows are fixed and do not slide: twice the limit can pass within a short time around the end of
one. In return a count is one number and one write, and asking too early never prolongs the wait.

Where attempts cannot be counted, they are refused (LimitsUnavailable).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import AddressValueError, IPv6Address, IPv6Network
from math import ceil
from time import time

from django.conf import settings
from django.core.cache import cache

from accounts.errors import LimitsUnavailable


def count_attempt(limit_name: str, client: str) -> int:
    """Count one more attempt; return 0, or the seconds to wait where it exceeds the limit."""
    limit = settings.LIMITS.get(limit_name)
    if limit is None:
        return 0

    max_count, window_s = limit
    now = time()
    with translate_cache_errors():
        count = _increment(_make_key(limit_name, client, now, window_s), window_s)
    if count <= max_count:
        return 0
    return ceil(window_s - now % window_s)


def reset_count(limit_name: str, client: str) -> None:
    """Start counting from zero."""
    limit = settings.LIMITS.get(limit_name)
    if limit is None:
        return
    _, window_s = limit
    with translate_cache_errors():
        cache.delete(_make_key(limit_name, client, time(), window_s))


def get_network(address: str) -> str:
    """Return what counts as one client: an IPv6 client owns all 2**64 addresses of its network."""
    try:
        ipv4 = IPv6Address(address).ipv4_mapped
    except AddressValueError:
        return address
    if ipv4:  # how a server that listens on both sees an IPv4 client
        return str(ipv4)
    return str(IPv6Network((address.partition("%")[0], 64), strict=False))


@contextmanager
def translate_cache_errors() -> Iterator[None]:
    """Raise LimitsUnavailable for whatever the cache raises."""
    try:
        yield
    except Exception as exc:  # each cache raises errors of its own
        message = "The server cannot count requests right now. Try again in a moment."
        raise LimitsUnavailable(message) from exc


def _make_key(limit_name: str, client: str, now: float, window_s: int) -> str:
    return f"limit:{limit_name}:{client}:{int(now // window_s)}"


def _increment(key: str, window_s: int) -> int:
    try:
        return int(cache.incr(key))
    except ValueError:
        # The first of its window. Of two at once, one adds the key and both are counted.
        return 1 if cache.add(key, 1, timeout=window_s + 1) else int(cache.incr(key))
