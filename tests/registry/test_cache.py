"""The cache of loaded versions: bounded, least recently used, each loaded once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from registry.cache import ModelCache


@dataclass
class Loaded:
    nbytes: int = 1


@pytest.fixture
def cache():
    return ModelCache(max_entries=2, max_bytes=100)


def load():
    return Loaded()


def refuse():
    raise AssertionError("was loaded again")


def test_a_second_look_finds_what_the_first_loaded(cache):
    first = cache.get_or_load(1, load)
    assert cache.get_or_load(1, refuse) is first
    statistics = cache.get_statistics()
    assert (statistics.hits, statistics.misses, statistics.loads) == (1, 1, 1)


def test_fifty_threads_on_a_cold_key_load_once(cache):
    everybody = threading.Barrier(50)
    may_end = threading.Event()
    loads = []

    def slow_load():
        loads.append(1)
        may_end.wait()
        return Loaded()

    def ask(_):
        everybody.wait()
        return cache.get_or_load("cold", slow_load)

    with ThreadPoolExecutor(50) as threads:
        answers = threads.map(ask, range(50))
        while cache.get_statistics().misses < 50:
            pass  # until the last of them has looked in vain
        may_end.set()
    assert len({id(answer) for answer in answers}) == 1
    assert len(loads) == cache.get_statistics().loads == 1


def test_a_failed_load_wakes_everybody_with_its_error_and_is_not_kept(cache):
    may_fail = threading.Event()
    loads = []

    def failing_load():
        loads.append(1)
        may_fail.wait()
        raise OSError("the disk is gone")

    def error_of(_):
        with pytest.raises(OSError, match="gone") as caught:
            cache.get_or_load("cold", failing_load)
        return caught.value

    with ThreadPoolExecutor(10) as threads:
        errors = threads.map(error_of, range(10))
        while cache.get_statistics().misses < 10:
            pass
        may_fail.set()
    assert len({id(error) for error in errors}) == 1
    assert len(loads) == 1
    assert cache.get_or_load("cold", load) == Loaded()


SIZELESS = [object(), Loaded("many")]  # type: ignore[arg-type]


@pytest.mark.parametrize("value", SIZELESS, ids=["no size", "a size that is no number"])
def test_what_cannot_say_its_size_is_a_failed_load(cache, value):
    for _ in range(2):  # the second would wait for ever for the first, were that still loading
        with pytest.raises((AttributeError, TypeError)):
            cache.get_or_load("odd", lambda: value)
    assert cache.get_or_load("odd", load) == Loaded()


@pytest.mark.parametrize("bounds", [(-1, 100), (2, -1)])
def test_a_negative_bound_is_refused(bounds):
    with pytest.raises(ValueError, match="at least 0"):
        ModelCache(*bounds)


@pytest.mark.parametrize("bounds", [(0, 100), (2, 0)])
def test_a_bound_of_nothing_keeps_nothing(bounds):
    cache = ModelCache(*bounds)
    cache.get_or_load("a", load)
    assert (cache.get_or_load("a", load), cache.get_statistics().entries) == (Loaded(), 0)


def test_loading_one_key_does_not_hold_up_another(cache):
    may_end = threading.Event()

    def slow_load():
        may_end.wait()
        return Loaded()

    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(cache.get_or_load, "slow", slow_load)
        assert cache.get_or_load("quick", load) == Loaded()
        assert not slow.done()
        may_end.set()


def test_the_least_recently_used_goes_first(cache):
    for key in ["a", "b", "a", "c"]:
        cache.get_or_load(key, load)
    assert cache.get_or_load("a", refuse)
    assert cache.get_or_load("c", refuse)
    cache.get_or_load("b", load)
    assert cache.get_statistics().loads == 4
    assert cache.get_statistics().evictions == 2


def test_bytes_bound_the_cache_too(cache):
    cache.get_or_load("a", lambda: Loaded(60))
    cache.get_or_load("b", lambda: Loaded(60))
    statistics = cache.get_statistics()
    assert (statistics.entries, statistics.bytes, statistics.evictions) == (1, 60, 1)


def test_what_exceeds_the_whole_cache_is_answered_and_not_kept(cache):
    cache.get_or_load("small", load)
    assert cache.get_or_load("huge", lambda: Loaded(101)).nbytes == 101
    assert cache.get_or_load("small", refuse)
    statistics = cache.get_statistics()
    assert (statistics.entries, statistics.bytes, statistics.evictions) == (1, 1, 0)


def test_bytes_are_those_at_loading_even_if_the_value_grows(cache):
    value = cache.get_or_load("a", lambda: Loaded(40))
    value.nbytes = 90
    cache.get_or_load("b", load)
    cache.get_or_load("c", load)
    assert cache.get_statistics().bytes == 2


def test_a_cleared_cache_loads_again(cache):
    cache.get_or_load("a", load)
    cache.clear()
    assert cache.get_statistics().bytes == 0
    assert cache.get_or_load("a", lambda: Loaded(2)).nbytes == 2


# In passing


def test_what_is_asked_for_in_passing_takes_no_others_place(cache):
    cache.get_or_load(1, load)
    cache.get_or_load(2, load)
    for key in range(3, 200):
        assert cache.get_or_load(key, load, peek=True).nbytes == 1
    cache.get_or_load(1, refuse)
    cache.get_or_load(2, refuse)
    assert cache.get_statistics().evictions == 0


def test_what_is_asked_for_in_passing_is_kept_where_there_is_room(cache):
    cache.get_or_load(1, load, peek=True)
    cache.get_or_load(1, refuse)
    cache.get_or_load(2, lambda: Loaded(100), peek=True)
    assert cache.get_statistics().entries == 1


def test_a_look_in_passing_is_no_use(cache):
    cache.get_or_load(1, load)
    cache.get_or_load(2, load)
    cache.get_or_load(1, refuse, peek=True)
    cache.get_or_load(3, load)
    cache.get_or_load(2, refuse)


def test_what_was_begun_in_passing_is_kept_for_whoever_needs_it_meanwhile(cache):
    cache.get_or_load(1, load)
    cache.get_or_load(2, load)
    may_end = threading.Event()

    def slow_load():
        may_end.wait()
        return Loaded()

    with ThreadPoolExecutor(2) as threads:
        n_misses = cache.get_statistics().misses
        for n, peek in enumerate([True, False], 1):
            threads.submit(cache.get_or_load, 3, slow_load, peek=peek)
            while cache.get_statistics().misses < n_misses + n:
                pass
        may_end.set()
    cache.get_or_load(3, refuse)


def test_a_load_in_passing_after_one_that_was_needed_takes_no_others_place(cache):
    def fail():
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="gone"):
        cache.get_or_load(3, fail)
    cache.get_or_load(1, load)
    cache.get_or_load(2, load)
    cache.get_or_load(3, load, peek=True)
    cache.get_or_load(1, refuse)
    cache.get_or_load(2, refuse)
