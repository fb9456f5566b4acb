"""Find where a recorder joined what does not belong together: a buffer lost, or written twice.

A joint is a step in the waveform that is far higher than anything around it, with nothing that
rings after. A buffer that is there twice has the same samples again. Figures:
docs/decisions/gaps.md.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float32]  # (n_samples,), of one channel
Indices: TypeAlias = npt.NDArray[np.intp]
Run: TypeAlias = tuple[int, int]  # first sample, last + 1

# A step bends the waveform so many times as much as usual, and as anything within 20 ms.
MIN_BEND = 12.0
MIN_ISOLATION = 3.0
AROUND_SECONDS = 0.02
# It goes one way and stays there: two bends, of opposite sign and one size.
BEND_TOLERANCE = 0.25
# A sound with more of them steps by nature, as a square wave does.
MAX_STEPS = 10
RMS_STRIDE = 8
# About six in 20 ms: of noise, so many slopes lie in a band from half their RMS on.
PLACES_PER_SECOND = 300
PLACE_SLOPE = 0.5
NORMAL_DENSITY = 0.35
# More mean that the steps of the format are too coarse to tell places apart.
MANY_PLACES = 5
MIN_REPEATED_SECONDS = 0.005
MAX_REPEATED_SECONDS = 0.2
# More are of a sound that repeats by nature, or of coarse steps.
MAX_SAME = 200


def find_joints(samples: FloatArray, sample_rate_hz: int) -> list[Run]:
    """Return where something is joined, and the second copies of buffers that are there twice."""
    if len(samples) < 3:
        return []
    slopes = samples[1:] - samples[:-1]
    steps = [(step, step) for step in find_steps(slopes, sample_rate_hz)]
    return steps + find_repeats(samples, slopes, sample_rate_hz)


def find_steps(slopes: FloatArray, sample_rate_hz: int) -> list[int]:
    """Return the first sample after each step, in order of time."""
    bends = slopes[1:] - slopes[:-1]
    limit = MIN_BEND * measure_rms(bends)
    if max(float(bends.max()), -float(bends.min())) <= limit:
        return []
    sizes = np.abs(bends)
    around = round(AROUND_SECONDS * sample_rate_hz)
    candidates = np.flatnonzero(sizes > limit)
    steps = []
    while len(candidates) and len(steps) < MAX_STEPS:
        highest = int(candidates[np.argmax(sizes[candidates])])
        first = find_pair(bends, highest)
        if first is not None and is_isolated(sizes, first, around):
            steps.append(first + 2)
        candidates = candidates[np.abs(candidates - highest) > around]
    return sorted(steps) if len(steps) < MAX_STEPS else []


def find_pair(bends: FloatArray, highest: int) -> int | None:
    """Return the first of two bends of opposite sign and one size, of which this is the higher."""
    for first in (highest - 1, highest):
        pair = bends[max(first, 0) : first + 2]
        if len(pair) == 2 and abs(pair.sum()) <= BEND_TOLERANCE * np.abs(pair).max():
            return first
    return None


def is_isolated(sizes: FloatArray, first: int, around: int) -> bool:
    """Return whether these two bends are far higher than anything around them."""
    before = sizes[max(0, first - around) : first]
    after = sizes[first + 2 : first + 2 + around]
    beside = max(before.max(initial=0), after.max(initial=0))
    return bool(sizes[first : first + 2].max() > MIN_ISOLATION * beside)


def find_repeats(samples: FloatArray, slopes: FloatArray, sample_rate_hz: int) -> list[Run]:
    """Return the second copies of buffers that are there twice, in order of time."""
    places = choose_places(slopes, sample_rate_hz)
    if len(places) < 2:
        return []
    # Three in a row tell one place from another.
    keys = slopes[places] * 1e6 + slopes[places + 1] * 1e3 + slopes[places + 2].astype(np.float64)
    # numpy's unique loads a module, which a sandbox does not allow.
    ascending = np.sort(keys)
    if not (ascending[1:] == ascending[:-1]).any():
        return []
    order = np.argsort(keys, kind="stable")
    is_same = np.diff(keys[order]) == 0
    firsts = places[order[:-1][is_same]]
    seconds = places[order[1:][is_same]]
    is_near = seconds - firsts <= MAX_REPEATED_SECONDS * sample_rate_hz
    if np.count_nonzero(is_near) > MAX_SAME:
        return []
    return collect_repeats(samples, firsts[is_near], seconds[is_near], sample_rate_hz)


def choose_places(slopes: FloatArray, sample_rate_hz: int) -> Indices:
    """Return about PLACES_PER_SECOND places where to compare, the same in a buffer and its copy.

    They are where the slope lies in a narrow band, which is there as often at any level.
    """
    low = PLACE_SLOPE * measure_rms(slopes)
    share = PLACES_PER_SECOND / sample_rate_hz
    high = low * (1 + share / PLACE_SLOPE / NORMAL_DENSITY)
    places = np.flatnonzero((slopes > low) & (slopes <= high))
    if len(places) > MANY_PLACES * share * len(slopes):
        return places[:0]
    return places[places < len(slopes) - 3]


def measure_rms(values: FloatArray) -> float:
    """Return the root mean square, of some of the values: all take longer, and tell no more."""
    return float(np.sqrt(np.square(values[::RMS_STRIDE]).mean()))


def collect_repeats(
    samples: FloatArray, firsts: Indices, seconds: Indices, sample_rate_hz: int
) -> list[Run]:
    """Return the runs of equal samples around these pairs that are as long as their distance."""
    repeats: list[Run] = []
    for first, second in sorted(zip(firsts.tolist(), seconds.tolist(), strict=True)):
        if any(start <= second < end for start, end in repeats):
            continue
        distance = second - first
        start = second - count_equal(samples[:first][::-1], samples[:second][::-1])
        end = second + count_equal(samples[first:], samples[second:])
        # A buffer follows its copy; what goes on for longer repeats by nature.
        is_buffer = distance <= end - start <= distance + distance // 2
        if is_buffer and end - start >= MIN_REPEATED_SECONDS * sample_rate_hz:
            repeats.append((start, end))
    return repeats


def count_equal(one: FloatArray, other: FloatArray) -> int:
    """Return how many of the first samples are equal, in a row."""
    n = min(len(one), len(other))
    is_different = one[:n] != other[:n]
    return int(np.argmax(is_different)) if is_different.any() else n
