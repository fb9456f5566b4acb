"""Assigns clips to folds that never cut a recording session in two."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.intp]
Folds = Indices  # (n_clips,), the fold that holds each clip out
MIN_GROUPS = 3
# Two sessions with names are better than stretches: a detector that knows half of a session finds
# the other half too normal.
MIN_SESSIONS = 2
VALIDATION_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Grouping:
    """The fold that holds each clip out, and the group of each clip.

    has_few_groups: fewer than MIN_GROUPS sessions were found; of a single one, or where names tell
    none, the groups are stretches of the folder.
    """

    folds: Folds
    groups: tuple[str, ...]
    has_few_groups: bool

    @property
    def n_folds(self) -> int:
        """Count the folds."""
        return int(self.folds.max()) + 1

    @property
    def n_groups(self) -> int:
        """Count the sessions, or the stretches in their place."""
        return len(set(self.groups))

    def select(self, indices: Indices) -> "Grouping":
        """Return the grouping of these, of which one may occur several times: parts of one."""
        return replace(
            self, folds=self.folds[indices], groups=tuple(self.groups[i] for i in indices)
        )

    def training_indices(self, fold: int) -> Indices:
        """Return the clips that the fold learns from."""
        return np.flatnonzero(self.folds != fold)

    def held_out_indices(self, fold: int) -> Indices:
        """Return the clips that the fold holds out."""
        return np.flatnonzero(self.folds == fold)


def group_clips(groups: Sequence[str], *, max_folds: int) -> Grouping:
    """Make one fold a session, up to max_folds; of less than two sessions, MIN_GROUPS stretches.

    Few stretches, because each border may cut a session in two, and a detector that knows half of
    it finds the other half too normal (docs/decisions/training-few-sessions.md).
    """
    names = set(groups)
    has_few_groups = len(names) < MIN_GROUPS
    if len(names) < MIN_SESSIONS or (has_few_groups and "" in names):
        groups = cut_stretches(len(groups))

    in_order, index = np.unique(groups, return_inverse=True)
    folds = balance_folds(np.bincount(index), max_folds)[index]
    return Grouping(folds, tuple(str(in_order[i]) for i in index), has_few_groups)


def cut_stretches(n_clips: int) -> list[str]:
    """Name the MIN_GROUPS stretches of equal length that clips in order of name fall into."""
    return [f"stretch {i * MIN_GROUPS // n_clips}" for i in range(n_clips)]


def balance_folds(sizes: npt.NDArray[np.intp], max_folds: int) -> Folds:
    """Put each group, the largest first, into the fold with the fewest clips so far."""
    n_clips = np.zeros(min(max_folds, len(sizes)), dtype=np.intp)
    fold_of = np.zeros(len(sizes), dtype=np.intp)
    for group in np.argsort(-sizes, kind="stable"):
        fold_of[group] = np.argmin(n_clips)
        n_clips[fold_of[group]] += sizes[group]
    return fold_of


def select_validation_clips(groups: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Select whole groups from the end of the list: a fifth of the clips or a little more."""
    in_order = np.array(groups)
    remaining = sorted(set(groups))
    selected = np.zeros(len(in_order), dtype=bool)
    while len(remaining) > 1 and selected.mean() < VALIDATION_SHARE:
        selected |= in_order == remaining.pop()

    if selected.mean() == 0:
        n_last = max(1, round(VALIDATION_SHARE * len(in_order)))
        selected[-n_last:] = True
    return selected
