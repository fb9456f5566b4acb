"""Test clips and how a version scored them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from training.evaluation.intervals import MIN_TAKES, Array, units


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredClips:
    """Test clips in order of name; takes and kinds are "" where nothing tells them.

    levels_dbfs, scores: (n,); how loud each clip is, and its anomaly score.
    """

    names: Sequence[str]
    takes: Sequence[str]
    kinds: Sequence[str]
    levels_dbfs: Array
    scores: Array

    def __len__(self) -> int:
        return len(self.names)

    @property
    def n_takes(self) -> int | None:
        """How many takes they are of, None where nothing tells."""
        return len(set(self.takes)) if any(self.takes) else None

    @property
    def has_few_takes(self) -> bool:
        """Whether an interval has to take each clip as one of its own kind."""
        return len(set(self.takes)) < MIN_TAKES

    @property
    def n_units(self) -> int:
        """How many takes, or clips where takes are few, an interval resamples."""
        return len(units(self.takes))

    def of_kind(self, kind: str) -> Self:
        """Those of one kind."""
        kept = [i for i, of_clip in enumerate(self.kinds) if of_clip == kind]
        names, takes, kinds = ([values[i] for i in kept] for values in (self.names, self.takes, self.kinds))
        levels, scores = self.levels_dbfs[kept], self.scores[kept]
        return type(self)(names=names, takes=takes, kinds=kinds, levels_dbfs=levels, scores=scores)
