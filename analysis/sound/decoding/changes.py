"""Measure how a recording changes from sample to sample, while its samples arrive."""

from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.sound.decoding.joints import Run, find_joints

FloatArray: TypeAlias = npt.NDArray[np.float32]
Samples: TypeAlias = npt.NDArray[np.float32]  # (n, channels)

BLOCKS_PER_SECOND = 1000
# A few changes of each block tell enough, and take less time.
CHANGES_PER_BLOCK = 4
# Of the formats that are so coarse that their steps are heard.
STEPS = (2.0**-7, 2.0**-15)
STEP_SAMPLES = 1024


@dataclass(frozen=True, slots=True)
class Changes:
    """How a recording changes from sample to sample, by blocks of a millisecond.

    power: (n_blocks,), mean square of the changes; share: (n_blocks,), of the samples that change;
    is_extreme: (n_blocks,), whether the first sample is the highest or lowest of all blocks.
    step: the format's, 0 where it has none. block_s: seconds of a block. joints: where
    something is joined, or there twice, in seconds.
    """

    power: FloatArray
    share: FloatArray
    is_extreme: npt.NDArray[np.bool_]
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
        self._step = 0.0
        self._n_samples = 0

    def add(self, samples: Samples, sample_rate_hz: int) -> None:
        """Add the next samples: (n_samples, channels)."""
        if self._rest is None:
            self._step = find_step(samples[:STEP_SAMPLES])
        for channel in samples.T:
            self._find_joints(channel, sample_rate_hz)
        self._n_samples += len(samples)
        has_rest = self._rest is not None and len(self._rest)
        joined = np.concatenate([self._rest, samples]) if has_rest else samples
        length = count_block_samples(sample_rate_hz)
        n_blocks = len(joined) // length
        self._rest = joined[n_blocks * length :].copy()
        whole = joined[: n_blocks * length]
        stride = find_stride(length)
        if stride == 1:
            # The last sample has no next one: it does not change.
            whole = np.concatenate([whole, whole[-1:]])
        changes = (whole[1::stride] - whole[:-1:stride]).reshape(n_blocks, -1)
        # Column by column: faster than a mean along the short axis.
        power = sum(np.square(column) for column in changes.T) / np.float32(changes.shape[1])
        self._powers.append(power)
        self._shares.append(measure_share(changes, power))
        self._firsts.append(joined[: n_blocks * length : length])

    def _find_joints(self, channel: FloatArray, sample_rate_hz: int) -> None:
        for first, end in find_joints(channel, sample_rate_hz):
            self._joints.add((self._n_samples + first, self._n_samples + end))

    def finish(self, sample_rate_hz: int) -> Changes:
        """Return the changes of all samples; a last block that is not full is left out."""
        firsts = np.concatenate(self._firsts)
        is_extreme = (firsts >= firsts.max(axis=0)) | (firsts <= firsts.min(axis=0))
        return Changes(
            power=np.concatenate(self._powers),
            share=np.concatenate(self._shares),
            is_extreme=is_extreme.all(axis=1),
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
