"""Time calls in turn, so that whatever slows the machine slows them all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter

import numpy as np

N_RUNS = 5
CALLS_A_RUN = 20


@dataclass(frozen=True, slots=True)
class Timing:
    """The time of a call: the median of the runs, and the quickest of all calls."""

    median_ms: float
    minimum_ms: float


def time_in_turn(
    calls: Mapping[str, Callable[[], object]], *, calls_a_run: int = CALLS_A_RUN
) -> dict[str, Timing]:
    """Time each call, warm; the time of a run is the median of its calls."""
    for call in calls.values():
        call()

    runs = [
        {name: time_calls(call, calls_a_run) for name, call in calls.items()} for _ in range(N_RUNS)
    ]
    return {
        name: Timing(
            float(np.median([np.median(run[name]) for run in runs])),
            min(min(run[name]) for run in runs),
        )
        for name in calls
    }


def time_calls(call: Callable[[], object], count: int) -> list[float]:
    """Return the milliseconds of each of so many calls."""
    times_ms = []
    for _ in range(count):
        began = perf_counter()
        call()
        times_ms.append(1000 * (perf_counter() - began))
    return times_ms
