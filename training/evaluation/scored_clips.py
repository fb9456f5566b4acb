"""Test clips and how a version scored them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from training.evaluation.intervals import MIN_GROUPS, Array, resampling_units


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredClips:
    """Test clips in order of name; takes and kinds are "" where nothing tells them.

    levels_dbfs, scores: (n,); how loud each clip is, and its anomaly score.
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
        """How many takes they are of, None where nothing tells."""
        return len(set(self.groups)) if any(self.groups) else None

    @property
    def has_few_groups(self) -> bool:
        """Whether an interval has to take each clip as one of its own kind."""
        return len(set(self.groups)) < MIN_GROUPS

    @property
    def n_resampling_units(self) -> int:
        """How many takes, or clips where takes are few, an interval resamples."""
        return len(resampling_units(self.groups))

    def with_fault_type(self, fault_type: str) -> Self:
        """Those of one kind."""
        kept = [i for i, of_clip in enumerate(self.fault_types) if of_clip == fault_type]
        names, groups, fault_types = (
            [values[i] for i in kept] for values in (self.names, self.groups, self.fault_types)
        )
        levels, scores = self.levels_dbfs[kept], self.scores[kept]
        return type(self)(
            names=names, groups=groups, fault_types=fault_types, levels_dbfs=levels, scores=scores
        )
