"""Holds test clips with the scores that a version gave them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from training.evaluation.intervals import MIN_GROUPS, Array, resampling_units


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredClips:
    """Test clips in order of name; groups and fault types are "" where they are unknown.

    levels_dbfs, scores: (n_clips,), the loudness and the anomaly score of each clip.
    """

    names: Sequence[str]
    groups: Sequence[str]
    fault_types: Sequence[str]
    levels_dbfs: Array
    scores: Array

    def __len__(self) -> int:
        return len(self.names)

    @property
    def n_groups(self) -> int | None:
        """Count the recording sessions; None where they are unknown."""
        return len(set(self.groups)) if any(self.groups) else None

    @property
    def has_few_groups(self) -> bool:
        """Whether an interval has to count each clip as recorded by itself."""
        return len(set(self.groups)) < MIN_GROUPS

    @property
    def n_resampling_units(self) -> int:
        """Count what an interval resamples: sessions, or clips where sessions are few."""
        return len(resampling_units(self.groups))

    def with_fault_type(self, fault_type: str) -> Self:
        """Return the clips of one fault type."""
        kept = [i for i, of_clip in enumerate(self.fault_types) if of_clip == fault_type]
        return type(self)(
            names=[self.names[i] for i in kept],
            groups=[self.groups[i] for i in kept],
            fault_types=[fault_type] * len(kept),
            levels_dbfs=self.levels_dbfs[kept],
            scores=self.scores[kept],
        )
