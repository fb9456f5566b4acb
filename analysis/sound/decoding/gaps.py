"""Find what the recorder lost: gaps, in which it stored nothing of the machine.

A gap holds one value, or lies far below the sound before it, and begins more abruptly than any
machine falls silent. What clips is flat as well, but at the extreme; coarse steps hold a value,
too, but only as long as sound so quiet explains. How the limits were chosen:
docs/decisions/gaps.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log, log1p
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.sound.decoding.changes import Changes

FloatArray: TypeAlias = npt.NDArray[np.float32]
Run: TypeAlias = tuple[int, int]  # first, last + 1

# Four whole blocks lie in any 5 ms; what a codec made of a gap has no sharper ends than this.
MIN_BLOCKS = 4
CODED_MIN_BLOCKS = 8
DEPTH = 1e-4
# What falls to the level of single steps is lost, too, if it was so much louder before.
FLOOR_STEPS = 1.5
ABOVE_FLOOR = 64.0
# Noise varies: a gap goes on while it is within 3 dB of that.
STILL_LOST = 2.0
# Just before a gap the sound is as loud as it was, within 12 dB.
ABRUPT = 10**-1.2
# What has decayed so far from its sound of the last while falls silent by itself.
DECAYED = 0.01
DECAY_BLOCKS = 200
# Blocks within which the sound falls, and over which its level before is taken; of coded files,
# whose decoders smear.
FALL_BLOCKS = 3
LEVEL_BLOCKS = 20
CODED_FALL_BLOCKS = 22
CODED_LEVEL_BLOCKS = 60
# Around a gap, to see how often the sound changes its value; how surely, and how far apart.
STEP_BLOCKS = 100
CHANCE_NEPERS = 14.0
STEP_TOLERANCE = 4.0
# The silence of a machine before its first sound is as long as that between its sounds, at most
# this much longer.
OWN_SILENCE = 2.0
# A machine without a silence of its own holds no value for so long, even as it fades away.
FADED_BLOCKS = 50
# Half, less what is lost on either side of a joint in the middle.
HALF = 0.49
# A second, less the end of a recording at which the record button may be heard.
SHORTEST_SECONDS = 0.9
# On either side of a gap; resampling makes its ends ring.
GUARD_SECONDS = 0.005
SAMPLE_RATE_HZ = 16_000
SAMPLES_PER_BLOCK = 16.0


class Gap(NamedTuple):
    """What the recorder lost, or joined, in seconds of the recording.

    has_sound: nothing is missing in between, or what is there is there twice; it can be judged
    where too little would be left without it.
    """

    start_s: float
    end_s: float
    has_sound: bool = False


def find_gaps(changes: Changes, *, is_coded: bool = False) -> tuple[Gap, ...]:
    """Return the gaps of a recording, in order of time; is_coded: by a lossy codec."""
    gaps = search_gaps(changes, is_coded=is_coded) if changes.may_have_gap else []
    if is_coded:
        return tuple(gaps)
    # The end of a gap is no joint of its own, nor is the end of a buffer that is there twice.
    joints = [Gap(start_s, end_s, True) for start_s, end_s in changes.joints]
    for joint in sorted(joints, key=lambda joint: joint.start_s - joint.end_s):
        if not any(touches(joint, gap) for gap in gaps):
            gaps.append(joint)
    return tuple(sorted(gaps))


def search_gaps(changes: Changes, *, is_coded: bool) -> list[Gap]:
    """Return what holds nothing of the machine."""
    is_still = changes.power == 0
    lasting = average_following(changes.power, CODED_MIN_BLOCKS if is_coded else MIN_BLOCKS)
    if not len(lasting):
        return []
    search = GapSearch(changes, is_coded, find_runs(is_still) if is_still.any() else [], lasting)
    inner = search.find_inner()
    found = [*search.find_ends(inner), *inner]
    runs = merge_runs([*found, *search.find_faded(found)])
    return [search.to_seconds(run) for run in runs]


def touches(joint: Gap, gap: Gap) -> bool:
    """Return whether a joint lies in a gap or at an end of it."""
    start_s = gap.start_s - GUARD_SECONDS
    return joint.start_s <= gap.end_s + GUARD_SECONDS and joint.end_s >= start_s


@dataclass(frozen=True, slots=True)
class GapSearch:
    """Looks for gaps in the changes of one recording; a run is first block, last + 1.

    still: the runs in which nothing changes. lasting: the mean power of each block and those after
    it that are the shortest gap, without the last ones.
    """

    changes: Changes
    is_coded: bool
    still: Sequence[Run]
    lasting: FloatArray

    @property
    def fall_blocks(self) -> int:
        """Within how many blocks a gap begins."""
        return CODED_FALL_BLOCKS if self.is_coded else FALL_BLOCKS

    @property
    def min_blocks(self) -> int:
        """How many blocks a gap has at least."""
        return CODED_MIN_BLOCKS if self.is_coded else MIN_BLOCKS

    @property
    def level_blocks(self) -> int:
        """How many blocks before a gap tell the level."""
        return CODED_LEVEL_BLOCKS if self.is_coded else LEVEL_BLOCKS

    @property
    def floor(self) -> float:
        """The power of changes by single steps, 0 for a format without steps."""
        return (FLOOR_STEPS * self.changes.step) ** 2

    def find_inner(self) -> list[Run]:
        """Return the gaps that follow a sound."""
        gaps: list[Run] = []
        for first in self.find_falls():
            if gaps and first < gaps[-1][1]:
                continue
            gap = self.measure_gap(int(first))
            if gap:
                gaps.append(gap)
        return gaps

    def find_falls(self) -> npt.NDArray[np.intp]:
        """Return the blocks from which on the sound is far below what it was just before."""
        lag = self.fall_blocks
        lasting = self.lasting[lag:]
        before = self.changes.power[: len(lasting)]
        limit = np.where(before >= ABOVE_FLOOR * self.floor, self.floor, 0.0)
        limit = np.maximum(limit, DEPTH * before)
        return np.flatnonzero((lasting <= limit) & (before > 0)) + lag

    def measure_gap(self, first: int) -> Run | None:
        """Return the gap of this fall; None where the sound was no louder over some time before."""
        power = self.changes.power
        edge = first - self.fall_blocks + 1
        level = take_median(power[max(edge - self.level_blocks, 0) : edge]) if edge else 0.0
        if level <= 0 or power[edge - 1] < ABRUPT * level:
            return None
        if level < DECAYED * power[max(edge - DECAY_BLOCKS, 0) : edge].mean():
            return None
        limit = self.limit_gap(level)
        if self.lasting[first] > limit:
            return None
        start = first - count_while(power[:first][::-1] < ABRUPT * level, self.fall_blocks)
        end = first + count_while(self.lasting[first:] <= STILL_LOST * limit) + self.min_blocks - 1
        if not self.is_unexplained(first, end):
            return None
        return start, end + count_while(power[end:] < ABRUPT * level, self.fall_blocks)

    def limit_gap(self, level: float) -> float:
        """Return up to which power a sound of this level is lost."""
        return max(DEPTH * level, self.floor if level >= ABOVE_FLOOR * self.floor else 0.0)

    def is_unexplained(self, first: int, end: int) -> bool:
        """Return whether neither steps nor clipping explain a run in which nothing changes."""
        changes = self.changes
        if changes.power[first:end].max() > 0:
            return True
        if changes.is_extreme[first:end].any():
            return False
        by_others = STEP_TOLERANCE * self.measure_others(first, end)
        return end - first > min(self.count_explained_blocks(first, end), by_others)

    def measure_others(self, first: int, end: int) -> int:
        """Return the blocks of the longest other run in which nothing changes."""
        others = (run for run in self.still if run[1] <= first or end <= run[0])
        return max((run[1] - run[0] for run in others), default=0)

    def count_explained_blocks(self, first: int, end: int) -> float:
        """Return for how many blocks a sound that changes as often as this may hold a value."""
        share = self.changes.share
        beside = (share[max(first - STEP_BLOCKS, 0) : first], share[end : end + STEP_BLOCKS])
        shares = [float(part.mean()) for part in beside if len(part) >= STEP_BLOCKS // 2]
        least = min(shares, default=1.0)
        if least >= 1:
            return 0.0
        if least <= 0:
            return np.inf
        n_samples = SAMPLES_PER_BLOCK * len(share)
        nepers = max(log(n_samples * least), 0.0) + CHANCE_NEPERS
        return STEP_TOLERANCE * nepers / -log1p(-least) / SAMPLES_PER_BLOCK

    def find_ends(self, inner: Sequence[Run]) -> list[Run]:
        """Return what is lost before the first and after the last sound.

        A machine that is silent between its sounds may be silent there, too.
        """
        total = len(self.changes.power)
        still = [run for run in self.still if run[1] - run[0] >= MIN_BLOCKS]
        ends = [run for run in still if run[0] == 0 or run[1] == total]
        ends += self.find_quiet_beginning(inner)
        of_machine = [run for run in still if not overlaps(run, [*inner, *ends])]
        own = max((end - first for first, end in of_machine), default=0)
        return [
            run for run in ends if run[1] - run[0] > OWN_SILENCE * own and self.is_unexplained(*run)
        ]

    def find_quiet_beginning(self, inner: Sequence[Run]) -> list[Run]:
        """Return the beginning where it is nearly silent and the sound begins abruptly."""
        power = self.changes.power
        if self.lasting[0] > STILL_LOST * max(DEPTH * power.max(), self.floor):
            return []
        limit = self.limit_gap(take_median(power))
        is_below = self.lasting <= STILL_LOST * limit
        if not is_below[0]:
            return []
        first = count_while(is_below) + self.min_blocks - 1
        begun = first + self.fall_blocks
        after = power[begun : begun + self.level_blocks]
        if not len(after):
            return []
        later = (run for run in find_runs(is_below)[1:] if not overlaps(run, inner))
        own = max((end - start for start, end in later), default=0)
        is_abrupt = power[first:begun].max() >= ABRUPT * take_median(after)
        is_lost = is_abrupt and power[:first].mean() <= limit and first > OWN_SILENCE * own
        return [(0, first)] if is_lost else []

    def find_faded(self, found: Sequence[Run]) -> list[Run]:
        """Return the one run in which nothing changes, of a machine that is never silent itself.

        The sound may have faded away before, as at a call.
        """
        others = [
            run for run in self.still if run[1] - run[0] >= MIN_BLOCKS and not overlaps(run, found)
        ]
        if len(others) != 1:
            return []
        ((first, end),) = others
        is_lost = end - first >= FADED_BLOCKS and self.is_unexplained(first, end)
        return [(first, end)] if is_lost else []

    def to_seconds(self, run: Run) -> Gap:
        """Return when a run begins and ends, within the recording."""
        block_s = self.changes.block_s
        end_s = self.changes.duration_s if run[1] == len(self.changes.power) else run[1] * block_s
        return Gap(round(run[0] * block_s, 4), round(end_s, 4))


def average_following(power: FloatArray, n_blocks: int) -> FloatArray:
    """Return the mean of each block and those after it, so many in all; without the last ones."""
    n_means = len(power) - n_blocks + 1
    if n_means < 1:
        return power[:0]
    # Sums of slices: differences of a running sum would not be exact after loud blocks.
    total = np.zeros(n_means, np.float32)
    for first in range(n_blocks):
        total += power[first : first + n_means]
    return total / np.float32(n_blocks)


def count_while(holds: npt.NDArray[np.bool_], at_most: int | None = None) -> int:
    """Return how many of the first values are true, in a row."""
    some = holds[:at_most]
    return len(some) if some.all() else int(np.argmin(some))


def overlaps(run: Run, others: Iterable[Run]) -> bool:
    """Return whether a run shares a block with any of the others."""
    return any(run[0] < end and first < run[1] for first, end in others)


def merge_runs(runs: Iterable[Run]) -> list[Run]:
    """Join runs that touch or overlap; in order of time."""
    merged: list[Run] = []
    for first, end in sorted(runs):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((first, end))
    return merged


def find_runs(mask: npt.NDArray[np.bool_]) -> list[Run]:
    """Return where the mask is true without a break."""
    padded = np.concatenate([[False], mask, [False]]).astype(np.int8)
    edges = np.flatnonzero(np.diff(padded)).reshape(-1, 2)
    return [(int(first), int(end)) for first, end in edges]


def split_samples(n_samples: int, gaps: Iterable[Gap]) -> list[Run]:
    """Return the stretches of a waveform at 16 kHz that no gap touches, in order of time."""
    is_intact = np.ones(n_samples, dtype=bool)
    for gap in gaps:
        first = round((gap.start_s - GUARD_SECONDS) * SAMPLE_RATE_HZ)
        end = round((gap.end_s + GUARD_SECONDS) * SAMPLE_RATE_HZ)
        is_intact[max(first, 0) : end] = False
    return find_runs(is_intact)


def find_longest_stretch(n_samples: int, gaps: Sequence[Gap]) -> Run:
    """Return the longest stretch that no gap touches.

    Gaps that have sound count only where half of what is between the others is left. Where no
    stretch is long enough to be judged, as of a bark between zeros, it is all of the waveform.
    """
    if not gaps:
        return 0, n_samples
    without_sound = select_longest(split_samples(n_samples, keep_soundless(gaps)))
    if count_samples(without_sound) < SHORTEST_SECONDS * SAMPLE_RATE_HZ:
        return 0, n_samples
    longest = select_longest(split_samples(n_samples, gaps))
    is_enough = count_samples(longest) >= HALF * count_samples(without_sound)
    return longest if is_enough else without_sound


def measure_intact_s(n_samples: int, gaps: Sequence[Gap]) -> float:
    """Return the seconds of the longest stretch in which no sound is missing."""
    longest = select_longest(split_samples(n_samples, keep_soundless(gaps)))
    return count_samples(longest) / SAMPLE_RATE_HZ


def keep_soundless(gaps: Iterable[Gap]) -> list[Gap]:
    """Return the gaps that hold nothing of the machine."""
    return [gap for gap in gaps if not gap.has_sound]


def select_longest(stretches: Iterable[Run]) -> Run:
    """Return the longest stretch, (0, 0) of none."""
    return max(stretches, key=count_samples, default=(0, 0))


def count_samples(stretch: Run) -> int:
    """Return how long a stretch is."""
    return stretch[1] - stretch[0]


def take_median(values: FloatArray) -> float:
    """Return the upper median: numpy's own loads a module, which a sandbox does not allow."""
    middle = len(values) // 2
    return float(np.partition(values, middle)[middle])
