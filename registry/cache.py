"""The per-process cache of loaded versions: least recently used, bounded, each loaded once."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass
from operator import index
from typing import Any, Generic, Protocol, TypeVar

from django.conf import settings


class Sized(Protocol):
    """A value that knows how many bytes it takes."""

    @property
    def nbytes(self) -> int: ...


Value = TypeVar("Value", bound=Sized)


@dataclass(frozen=True, slots=True)
class CacheStatistics:
    """What the cache has done since the process began, and what it holds now."""

    hits: int
    misses: int
    loads: int
    evictions: int
    entries: int
    bytes: int


class ModelCache(Generic[Value]):
    """The most recently used values; of many threads that miss a key at once, one loads it."""

    def __init__(self, max_entries: int, max_bytes: int) -> None:
        if max_entries < 0 or max_bytes < 0:
            raise ValueError("The bounds of a cache are at least 0 entries and 0 bytes.")
        self.max_entries = max_entries
        self.max_bytes = max_bytes
        # Held to look up and to count, never while loading.
        self._lock = threading.Lock()
        # Each value with its bytes, the least recently used first.
        self._entries: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()
        self._loading: dict[Hashable, Future[Value]] = {}
        # The keys that are loading for somebody who uses the value, not for a peek alone.
        self._wanted: set[Hashable] = set()
        self._bytes = 0
        self._hits = 0
        self._misses = 0
        self._loads = 0
        self._evictions = 0

    def get_or_load(self, key: Hashable, load: Callable[[], Value], *, peek: bool = False) -> Value:
        """Return a value from the cache, or load it; all who wait for a failed load get its error.

        A peek never evicts: it does not count as a use, and stores its value only where there is
        room.
        """
        with self._lock:
            if key in self._entries:
                self._hits += 1
                if not peek:
                    self._entries.move_to_end(key)
                return self._entries[key][0]

            self._misses += 1
            if not peek:
                self._wanted.add(key)
            future = self._loading.get(key)
            is_first = future is None
            if future is None:
                future = Future()
                self._loading[key] = future

        return self._load(key, load, future) if is_first else future.result()

    def get_statistics(self) -> CacheStatistics:
        """Return the counts; who waits for another thread's load counts as a miss, not a load."""
        with self._lock:
            return CacheStatistics(
                hits=self._hits,
                misses=self._misses,
                loads=self._loads,
                evictions=self._evictions,
                entries=len(self._entries),
                bytes=self._bytes,
            )

    def clear(self) -> None:
        """Remove every value; loads that are running store theirs when they end."""
        with self._lock:
            self._entries.clear()
            self._bytes = 0

    def _load(self, key: Hashable, load: Callable[[], Value], future: "Future[Value]") -> Value:
        try:
            value = load()
            nbytes = index(value.nbytes)  # raises unless it is a whole number
        except BaseException as exc:
            # Not stored: the next caller tries again.
            with self._lock:
                self._end_loading(key)
            future.set_exception(exc)
            raise

        with self._lock:
            self._loads += 1
            if key in self._wanted or self._has_room(nbytes):
                self._store(key, value, nbytes)
            self._end_loading(key)
        future.set_result(value)
        return value

    def _end_loading(self, key: Hashable) -> None:
        del self._loading[key]
        self._wanted.discard(key)

    def _has_room(self, nbytes: int) -> bool:
        return len(self._entries) < self.max_entries and self._bytes + nbytes <= self.max_bytes

    def _store(self, key: Hashable, value: Value, nbytes: int) -> None:
        """Store a value and evict the least recently used until the bounds hold again."""
        if nbytes > self.max_bytes:
            return
        self._entries[key] = (value, nbytes)
        self._bytes += nbytes
        while len(self._entries) > self.max_entries or self._bytes > self.max_bytes:
            _, (_, freed) = self._entries.popitem(last=False)
            self._bytes -= freed
            self._evictions += 1


# Made at import, not at first use: fifty first requests must share one cache.
model_cache: ModelCache[Any] = ModelCache(settings.MODEL_CACHE_ENTRIES, settings.MODEL_CACHE_BYTES)
