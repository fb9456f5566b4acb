"""Find where a recorder joined what does not belong together: a buffer lost, or written twice.

A joint is a step in the waveform that is far higher than anything around it, with nothing that
rings after. A buffer that is there twice has the same samples again. Figures:
docs/decisions/gaps.md.
"""

from collections.abc import Sequence
from functools import cache
from math import sqrt
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float32]  # (n_samples,), of one channel
Indices: TypeAlias = npt.NDArray[np.intp]
Run: TypeAlias = tuple[int, int]  # first sample, last + 1

# A step bends the waveform so many times as much as usual, and as anything within 20 ms.
MIN_BEND = 12.0
MIN_SLOPE = 5.0
MIN_ISOLATION = 3.0
AROUND_SECONDS = 0.02
# It goes one way and stays there: two bends, of opposite sign and one size.
BEND_TOLERANCE = 0.25
# A sound with more of them steps by nature, as a square wave does.
MAX_STEPS = 10
RMS_STRIDE = 32
# About eight in 20 ms: of noise, so many slopes lie in a band from half their RMS on.
PLACES_PER_SECOND = 400
PLACE_SLOPE = 0.5
NORMAL_DENSITY = 0.35
# More mean that the steps of the format are too coarse to tell places apart.
MANY_PLACES = 5
MIN_REPEATED_SECONDS = 0.005
MAX_REPEATED_SECONDS = 0.2
# So many slopes in a row tell one place from another, and weights that are no fractions them.
KEY_WEIGHTS = np.sqrt([1.0, 3.0, 5.0, 7.0, 11.0])
# By chance, fewer samples in a row are the same.
MIN_EQUAL = 16
# So many copies of a buffer follow it at most; what goes on for longer repeats by nature.
MAX_COPIES = 4
# More are of a sound that repeats by nature, or of coarse steps.
MAX_SAME = 2000


def find_steps(samples: FloatArray, sample_rate_hz: int) -> list[int]:
    """Return the first sample after each step, in order of time."""
    if len(samples) < 3:
        return []
    slopes = samples[1:] - samples[:-1]
    steepest = max(float(slopes.max()), -float(slopes.min()))
    # Most recordings have no slope that is steep enough, and this takes little time.
    if steepest <= MIN_SLOPE * measure_rms(slopes):
        return []
    bends = slopes[1:] - slopes[:-1]
    limit = MIN_BEND * measure_rms(bends)
    if max(float(bends.max()), -float(bends.min())) <= limit:
        return []
    sizes = np.abs(bends)
    around = round(AROUND_SECONDS * sample_rate_hz)
    pairs = find_pairs(bends, np.flatnonzero(sizes > limit))
    steps = [first + 2 for first in pairs if is_isolated(sizes, first, pairs, around)]
    return steps if len(steps) < MAX_STEPS else []


def find_pairs(bends: FloatArray, candidates: Indices) -> list[int]:
    """Return where two bends of opposite sign and one size begin, of which one is a candidate."""
    firsts = np.array(sorted({*(candidates - 1).tolist(), *candidates.tolist()}), dtype=np.intp)
    firsts = firsts[(firsts >= 0) & (firsts < len(bends) - 1)]
    one = bends[firsts]
    other = bends[firsts + 1]
    is_pair = np.abs(one + other) <= BEND_TOLERANCE * np.maximum(np.abs(one), np.abs(other))
    pairs: list[int] = firsts[is_pair].tolist()
    return pairs


def is_isolated(sizes: FloatArray, first: int, pairs: Sequence[int], around: int) -> bool:
    """Return whether these two bends are far higher than anything around them.

    But for one other pair nearby: what is short and belongs nowhere has a step at either end.
    """
    nearby = [pair for pair in pairs if 1 < abs(pair - first) <= around]
    start = max(0, first - around)
    beside = sizes[start : first + 2 + around].copy()
    for pair in (first, *nearby) if len(nearby) == 1 else (first,):
        beside[pair - start : pair - start + 2] = 0
    return bool(sizes[first : first + 2].max() > MIN_ISOLATION * beside.max())


class ThinSamples:
    """Some samples of a recording, in which buffers that are there twice are looked for.

    Of buffers of whole milliseconds every other or fourth sample tells enough.
    """

    def __init__(self) -> None:
        self._chunks: list[FloatArray] = []
        self._n_samples = 0

    def add(self, samples: FloatArray, sample_rate_hz: int) -> None:
        """Take some of the next samples, (n_samples, channels), of the first channel."""
        first = -self._n_samples % choose_stride(sample_rate_hz)
        self._chunks.append(samples[first :: choose_stride(sample_rate_hz), 0].copy())
        self._n_samples += len(samples)

    def find_repeats(self, sample_rate_hz: int) -> list[Run]:
        """Return the second copies of buffers that are there twice, in order of time."""
        stride = choose_stride(sample_rate_hz)
        repeats = find_repeats(np.concatenate(self._chunks), sample_rate_hz // stride)
        return [(first * stride, min(end * stride, self._n_samples)) for first, end in repeats]


@cache
def choose_stride(sample_rate_hz: int) -> int:
    """Return the step between the samples that are compared; it divides a millisecond."""
    per_millisecond, rest = divmod(sample_rate_hz, 1000)
    strides = (stride for stride in (4, 2) if per_millisecond % (2 * stride) == 0)
    return 1 if rest else next(strides, 1)


def find_repeats(samples: FloatArray, sample_rate_hz: int) -> list[Run]:
    """Return the second copies of what is there twice in a row."""
    slopes = samples[1:] - samples[:-1]
    places = choose_places(slopes, sample_rate_hz)
    if len(places) < 2:
        return []
    in_a_row = slopes[places[:, np.newaxis] + np.arange(len(KEY_WEIGHTS))]
    keys = np.add.reduce(in_a_row * KEY_WEIGHTS, axis=1)
    # numpy's unique loads a module, which a sandbox does not allow.
    ascending = np.sort(keys)
    if not (ascending[1:] == ascending[:-1]).any():
        return []
    order = np.argsort(keys, kind="stable")
    is_same = np.diff(keys[order]) == 0
    firsts = places[order[:-1][is_same]]
    seconds = places[order[1:][is_same]]
    is_near = seconds - firsts <= MAX_REPEATED_SECONDS * sample_rate_hz
    is_near &= seconds < len(samples) - MIN_EQUAL
    for further in range(len(KEY_WEIGHTS) + 1, MIN_EQUAL):
        is_near[is_near] = (
            samples[firsts[is_near] + further] - samples[firsts[is_near]]
            == samples[seconds[is_near] + further] - samples[seconds[is_near]]
        )
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
    return places[places < len(slopes) - len(KEY_WEIGHTS)]


def measure_rms(values: FloatArray) -> float:
    """Return the root mean square, of some of the values: all take longer, and tell no more."""
    some = values[::RMS_STRIDE]
    return sqrt(float(np.add.reduce(some * some)) / max(len(some), 1))


def collect_repeats(
    samples: FloatArray, firsts: Indices, seconds: Indices, sample_rate_hz: int
) -> list[Run]:
    """Return the runs of equal samples around these pairs, as long as their distance or longer."""
    repeats: list[Run] = []
    for first, second in sorted(zip(firsts.tolist(), seconds.tolist(), strict=True)):
        if any(start <= second < end for start, end in repeats):
            continue
        distance = second - first
        furthest = (MAX_COPIES + 1) * distance
        earlier = slice(max(first - furthest, 0), first)
        before = samples[earlier.start + distance : second]
        start = second - count_equal(samples[earlier][::-1], before[::-1])
        end = second + count_equal(samples[first : first + furthest], samples[second:])
        # By chance a few more samples are equal.
        is_buffer = distance <= end - start <= MAX_COPIES * distance + distance // 2
        is_buffer &= end - start < len(samples) // 2
        if is_buffer and end - start >= MIN_REPEATED_SECONDS * sample_rate_hz:
            repeats.append((start, end))
    return repeats


def count_equal(one: FloatArray, other: FloatArray) -> int:
    """Return how many of the first samples are equal, in a row."""
    n = min(len(one), len(other))
    is_different = one[:n] != other[:n]
    return int(np.argmax(is_different)) if is_different.any() else n
