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
    """Anything that says how many bytes it keeps."""

    @property
    def nbytes(self) -> int: ...


Value = TypeVar("Value", bound=Sized)


@dataclass(frozen=True, slots=True)
class CacheStatistics:
    """What the cache has done since the process began, and what it holds."""

    hits: int
    misses: int
    loads: int
    evictions: int
    entries: int
    bytes: int


class ModelCache(Generic[Value]):
    """Keeps the values that were asked for last; a key that many threads miss at once is loaded by one of them."""

    def __init__(self, max_entries: int, max_bytes: int) -> None:
        if max_entries < 0 or max_bytes < 0:
            raise ValueError("A cache holds no fewer than 0 entries and 0 bytes.")
        self.max_entries = max_entries
        self.max_bytes = max_bytes
        self._lock = threading.Lock()  # held to look and to count, never while loading
        self._kept: OrderedDict[Hashable, tuple[Value, int]] = (
            OrderedDict()
        )  # with its bytes, oldest use first
        self._loading: dict[Hashable, Future[Value]] = {}
        self._wanted: set[Hashable] = (
            set()
        )  # of those, what somebody asked for who needs it, not in passing alone
        self._bytes = self._hits = self._misses = self._loads = self._evictions = 0

    def get_or_load(self, key: Hashable, load: Callable[[], Value], *, peek: bool = False) -> Value:
        """Answer from the cache, or load; whoever waits for a load that fails gets its error.

        What is asked for in passing takes no other's place: it counts as no use, and is kept only where there is room.
        """
        with self._lock:
            if key in self._kept:
                self._hits += 1
                if not peek:
                    self._kept.move_to_end(key)
                return self._kept[key][0]
            self._misses += 1
            if not peek:
                self._wanted.add(key)
            begun = self._loading.get(key)
            if begun is None:
                mine: Future[Value] = Future()
                self._loading[key] = mine
        if begun is not None:
            return begun.result()
        return self._load(key, load, mine)

    def get_statistics(self) -> CacheStatistics:
        """Count; a miss that waited for another thread's load is a miss without a load."""
        with self._lock:
            return CacheStatistics(
                self._hits, self._misses, self._loads, self._evictions, len(self._kept), self._bytes
            )

    def clear(self) -> None:
        """Forget every value; loads under way are kept when they end."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0

    def _load(self, key: Hashable, load: Callable[[], Value], waited_for: "Future[Value]") -> Value:
        try:
            value = load()
            nbytes = index(value.nbytes)  # a whole number, or it could not be added up
        except BaseException as exc:
            # Not kept: the next one who asks tries again.
            with self._lock:
                self._end_loading(key)
            waited_for.set_exception(exc)
            raise
        with self._lock:
            self._loads += 1
            if key in self._wanted or self._has_room(nbytes):
                self._keep(key, value, nbytes)
            self._end_loading(key)
        waited_for.set_result(value)
        return value

    def _end_loading(self, key: Hashable) -> None:
        del self._loading[key]
        self._wanted.discard(key)

    def _has_room(self, nbytes: int) -> bool:
        return len(self._kept) < self.max_entries and self._bytes + nbytes <= self.max_bytes

    def _keep(self, key: Hashable, value: Value, nbytes: int) -> None:
        if nbytes > self.max_bytes:
            return
        self._kept[key] = (value, nbytes)
        self._bytes += nbytes
        while len(self._kept) > self.max_entries or self._bytes > self.max_bytes:
            _, (_, freed) = self._kept.popitem(last=False)
            self._bytes -= freed
            self._evictions += 1


# Made at import and not at first use: fifty first requests must meet one cache.
model_cache: ModelCache[Any] = ModelCache(settings.MODEL_CACHE_ENTRIES, settings.MODEL_CACHE_BYTES)
