"""Measure how a recording changes from sample to sample, while its samples arrive."""

from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.sound.decoding.joints import Run, ThinSamples, find_steps, measure_rms

FloatArray: TypeAlias = npt.NDArray[np.float32]
Samples: TypeAlias = npt.NDArray[np.float32]  # (n, channels)

BLOCKS_PER_SECOND = 1000
# A few changes of each block tell enough, and take less time.
CHANGES_PER_BLOCK = 4
# Of the formats that are so coarse that their steps are heard.
STEPS = (2.0**-7, 2.0**-15)
STEP_SAMPLES = 1024
# Of a quick look: where the sound is 28 dB below its level here, or at single steps.
SPARSE_BLOCKS = 4
SMALL_CHANGE = 0.04
SMALL_STEPS = 1.5 * 2.0**-15
# Where else is looked, in halves of a block.
BESIDE = np.array([-2, -1, 1, 2])


@dataclass(frozen=True, slots=True)
class Changes:
    """How a recording changes from sample to sample, by blocks of a millisecond.

    power: (n_blocks,), mean square of the changes; share: (n_blocks,), of the samples that change;
    is_extreme: (n_blocks,), whether the first sample is the highest or lowest of all blocks.
    may_have_gap: whether a quick look found anything that could be one; where not, power is the
    mean over many blocks. step: the format's, 0 where it has none. block_s: seconds of a block.
    joints: where something is joined, or there twice, in seconds.
    """

    power: FloatArray
    share: FloatArray
    is_extreme: npt.NDArray[np.bool_]
    may_have_gap: bool
    step: float
    block_s: float
    duration_s: float
    joints: tuple[tuple[float, float], ...]


class ChangeMeter:
    """Measures how the channels of a recording change, while their samples arrive."""

    def __init__(self) -> None:
        self._rest: Samples | None = None
        self._powers: list[FloatArray] = []
        self._shares: list[FloatArray] = []
        self._firsts: list[Samples] = []
        self._joints: set[Run] = set()
        self._thin = ThinSamples()
        self._step = STEPS[0]
        self._may_have_gap = False
        self._n_samples = 0

    def add(self, samples: Samples, sample_rate_hz: int) -> None:
        """Add the next samples: (n_samples, channels)."""
        self._find_steps(samples, sample_rate_hz)
        self._thin.add(samples, sample_rate_hz)
        self._n_samples += len(samples)
        has_rest = self._rest is not None and len(self._rest)
        joined = np.concatenate([self._rest, samples]) if has_rest else samples
        length = count_block_samples(sample_rate_hz)
        n_blocks = len(joined) // length
        self._rest = joined[n_blocks * length :].copy()
        whole = joined[: n_blocks * length]
        # A view would keep all samples.
        self._firsts.append(whole[::length].copy())
        if not may_have_gap(whole, length):
            power = measure_rms(sparse_changes(whole, length)) ** 2
            self._powers.append(np.full(n_blocks, power, np.float32))
            self._shares.append(np.ones(n_blocks, np.float32))
            return
        self._may_have_gap = True
        # All of it may be zeros, which are multiples of any step; the finest is the format's.
        spread = whole[:: max(1, n_blocks * length // STEP_SAMPLES)]
        self._step = min(self._step, find_step(spread))
        stride = find_stride(length)
        if stride == 1:
            # The last sample has no next one: it does not change.
            whole = np.concatenate([whole, whole[-1:]])
        changes = (whole[1::stride] - whole[:-1:stride]).reshape(n_blocks, -1)
        # Column by column: faster than a mean along the short axis.
        power = sum(np.square(column) for column in changes.T) / np.float32(changes.shape[1])
        self._powers.append(power)
        self._shares.append(measure_share(changes, power))

    def _find_steps(self, samples: Samples, sample_rate_hz: int) -> None:
        for channel in samples.T:
            for step in find_steps(channel, sample_rate_hz):
                self._joints.add((self._n_samples + step, self._n_samples + step))

    def finish(self, sample_rate_hz: int) -> Changes:
        """Return the changes of all samples; a last block that is not full is left out."""
        self._joints |= set(self._thin.find_repeats(sample_rate_hz))
        firsts = np.concatenate(self._firsts)
        is_extreme = (firsts >= firsts.max(axis=0)) | (firsts <= firsts.min(axis=0))
        return Changes(
            power=np.concatenate(self._powers),
            share=np.concatenate(self._shares),
            is_extreme=is_extreme.all(axis=1),
            may_have_gap=self._may_have_gap,
            step=self._step,
            block_s=count_block_samples(sample_rate_hz) / sample_rate_hz,
            duration_s=self._n_samples / sample_rate_hz,
            joints=tuple(
                (round(first / sample_rate_hz, 4), round(end / sample_rate_hz, 4))
                for first, end in sorted(self._joints)
            ),
        )


def count_block_samples(sample_rate_hz: int) -> int:
    """Return how many samples of a channel a block has."""
    return max(1, round(sample_rate_hz / BLOCKS_PER_SECOND))


@cache
def find_stride(block_samples: int) -> int:
    """Return the largest step that divides a block and leaves CHANGES_PER_BLOCK or more."""
    most = max(1, block_samples // CHANGES_PER_BLOCK)
    return next(stride for stride in range(most, 0, -1) if block_samples % stride == 0)


def may_have_gap(samples: Samples, block_samples: int) -> bool:
    """Take a quick look whether four blocks in a row may hardly change.

    One change in four blocks is looked at, and where it is small, two of those beside it. Of
    several channels none is looked at.
    """
    if samples.shape[1] > 1:
        return True
    changes = sparse_changes(samples, block_samples)
    limit = max(SMALL_CHANGE * measure_rms(changes), SMALL_STEPS)
    small = np.flatnonzero(changes <= limit)
    if not len(small):
        return False
    half = max(1, block_samples // 2)
    first = small * (SPARSE_BLOCKS * block_samples)
    beside = first[:, np.newaxis] + half * BESIDE
    beside = np.minimum(np.maximum(beside, 0), len(samples) - 2)
    channel = samples[:, 0]
    is_small = np.abs(channel[beside + 1] - channel[beside]) <= limit
    return bool((is_small[:, :-1] & is_small[:, 1:]).any())


def sparse_changes(samples: Samples, block_samples: int) -> FloatArray:
    """Return how large the first change of every fourth block of one channel is: (n,)."""
    step = SPARSE_BLOCKS * block_samples
    changes: FloatArray = np.abs(samples[1::step, 0] - samples[:-1:step, 0])
    return changes


def measure_share(changes: FloatArray, power: FloatArray) -> FloatArray:
    """Return which share of each block changes; all of it where no block stands still."""
    if power.all():
        return np.ones(len(power), np.float32)
    share: FloatArray = (changes != 0).mean(axis=1, dtype=np.float32)
    return share


def find_step(samples: Samples) -> float:
    """Return the coarsest step of a format of which all samples are multiples, 0 for none."""
    for step in STEPS:
        scaled = samples / np.float32(step)
        if np.array_equal(scaled, np.rint(scaled)):
            return step
    return 0.0
