"""Finds two populations among the recordings where only the sound tells them apart.

A gap between recording sessions, or between recordings where sessions are unknown; two kinds of
sound within one session; or no sound that any two recordings have in common. These are warnings.
The limits were chosen on real machines (docs/decisions/training-populations.md).
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage

from analysis.sound.line_fingerprint import extract_lines
from training.checks.issues import TWO_SOUNDS, UNLIKE_SOUNDS, Issue
from training.checks.outliers import ClipMeans
from training.datasets.datasets import TrainingClip
from training.datasets.group_patterns import DATE, WORD
from training.datasets.grouping import MIN_GROUPS
from training.datasets.listing import abbreviate

Groups: TypeAlias = Sequence[str]  # (n_clips,), the recording session, "" if unknown
Mask: TypeAlias = npt.NDArray[np.bool_]  # (n_clips,)

# Fewer recordings are strays, which the search for outliers finds.
MIN_CLIPS = 3
# Of sessions: the least gap, and its size relative to those within both sides.
MIN_GAP_DB = 2.0
MIN_GAP_RATIO = 2.0
# Splits of a cloud of clips in two: the least distance of the halves, and in units of their spread.
MIN_DISTANCE_DB = 2.5
MIN_SEPARATION = 2.0
# A machine that loads and unloads is two sounds within one session; two machines are more apart.
MIN_SEPARATION_IN_SESSION = 3.5
MAX_ITERATIONS = 30
# Recordings of one machine have another that is nearer, or has the same lines.
MAX_NEAREST_DB = 2.5
MIN_NEAREST_COSINE = 0.15
MIN_CLIPS_TO_COMPARE = 8
ADVICE = (
    "Two machines, two ways in which one runs, or a healthy and a faulty one? A fault among them "
    "is not found any more. Two machines need two models; if all of them are normal, train with "
    "--keep_outliers."
)


@dataclass(frozen=True, slots=True)
class HeardSplit:
    """The clips of the smaller population; session: in which one it is heard, "" for in all."""

    is_smaller: Mask
    session: str = ""


def check_sound(clips: Sequence[TrainingClip], level: ClipMeans) -> list[Issue]:
    """Find two populations by the sound; level: (n_clips, n_mels), mean spectra of equal level."""
    names = [clip.name for clip in clips]
    groups = [clip.group for clip in clips]
    split = find_heard_split(names, groups, level)
    if split is not None:
        return [describe_heard(split, names, groups)]
    return [describe_unlike(names)] if are_unlike(clips, level) else []


def describe_heard(split: HeardSplit, names: Sequence[str], groups: Groups) -> Issue:
    """Describe two populations that only the sound tells apart."""
    few = select(names, split.is_smaller)
    n_all = groups.count(split.session) if split.session else len(names)
    where = f" of the recording session {split.session}" if split.session else ""
    detail = (
        f"{len(few)} of {n_all} recordings{where} ({abbreviate(few)}) sound like one another and "
        f"unlike all others. {ADVICE}"
    )
    return Issue(TWO_SOUNDS, detail, tuple(few))


def describe_unlike(names: Sequence[str]) -> Issue:
    """Describe recordings that have no sound in common."""
    detail = (
        f"Most of the {len(names)} recordings sound unlike every other: neither their spectra nor "
        "their tones are alike. Are they all of one machine? A model of many sounds finds no fault."
    )
    return Issue(UNLIKE_SOUNDS, detail)


def are_unlike(clips: Sequence[TrainingClip], level: ClipMeans) -> bool:
    """Whether most clips have no other that is near, by the spectrum and by the lines."""
    if len(clips) < MIN_CLIPS_TO_COMPARE or measure_nearest(level) < MAX_NEAREST_DB:
        return False
    lines = np.stack([extract_lines(clip.waveform) for clip in clips]).astype(np.float64)
    lengths = np.linalg.norm(lines, axis=1, keepdims=True)
    cosines = (lines / np.maximum(lengths, 1e-9)) @ (lines / np.maximum(lengths, 1e-9)).T
    np.fill_diagonal(cosines, -1.0)
    return bool(np.median(cosines.max(axis=1)) < MIN_NEAREST_COSINE)


def measure_nearest(level: ClipMeans) -> float:
    """Return how far the nearest other clip is, in dB; the median over the clips."""
    nearest = [
        np.sort(np.square(level - each).mean(axis=1))[1]  # the first is the clip itself
        for each in level
    ]
    return float(np.sqrt(np.median(nearest)))


def average_sessions(level: ClipMeans, groups: Groups) -> ClipMeans:
    """Average the clips of each recording session; all of them where none is known."""
    _, session_of = np.unique(np.array(groups), return_inverse=True)
    return np.stack([level[session_of == k].mean(axis=0) for k in range(session_of.max() + 1)])


def select(texts: Sequence[str], mask: Mask) -> list[str]:
    """Return the names or sessions of these clips."""
    return [text for text, is_selected in zip(texts, mask, strict=True) if is_selected]


def find_heard_split(names: Sequence[str], groups: Groups, level: ClipMeans) -> HeardSplit | None:
    """Return the smaller population that only the sound tells, if there are two."""
    split = find_split_session(groups, level)
    if split is not None:
        return split
    n_groups = len(set(groups) - {""})
    # Two sessions differ as two machines may: nothing shows how much sessions do.
    has_sessions = n_groups > 0 or any(re.search(f"{WORD}|{DATE}", name) for name in names)
    is_smaller = None
    if n_groups >= MIN_GROUPS:
        is_smaller = split_sessions(groups, level)
    elif not has_sessions:
        is_smaller = split_clips(level, MIN_SEPARATION)
    return HeardSplit(is_smaller) if is_smaller is not None else None


def find_split_session(groups: Groups, level: ClipMeans) -> HeardSplit | None:
    """Return the first session whose clips are two populations: names that two machines share."""
    of_clips = np.array(groups)
    counts = Counter(group for group in groups if group)
    for session, _n_clips in counts.most_common():
        is_here = of_clips == session
        is_smaller = split_clips(level[is_here], MIN_SEPARATION_IN_SESSION)
        if is_smaller is not None:
            mask = np.zeros(len(of_clips), bool)
            mask[np.flatnonzero(is_here)[is_smaller]] = True
            return HeardSplit(mask, session)
    return None


def split_sessions(groups: Groups, level: ClipMeans) -> Mask | None:
    """Split recording sessions at a gap much wider than those on both sides of it."""
    _, session_of = np.unique(np.array(groups), return_inverse=True)
    sessions = average_sessions(level, groups)
    tree = linkage(sessions / np.sqrt(sessions.shape[1]), method="single")
    widest, next_widest = tree[-1, 2], tree[-2, 2]
    if widest < max(MIN_GAP_DB, MIN_GAP_RATIO * next_widest):
        return None
    is_one = (fcluster(tree, 2, criterion="maxclust") == 1)[session_of]
    return smaller_side(is_one)


def split_clips(level: ClipMeans, min_separation: float) -> Mask | None:
    """Split clips by two means, begun along the axis of most variance."""
    centred = level - level.mean(axis=0)
    axis = np.linalg.svd(centred, full_matrices=False)[2][0]
    is_one = centred @ axis > 0
    for _ in range(MAX_ITERATIONS):
        if min(is_one.sum(), (~is_one).sum()) < MIN_CLIPS:
            return None
        centres = [level[mask].mean(axis=0) for mask in (is_one, ~is_one)]
        nearer = [np.square(level - centre).sum(axis=1) for centre in centres]
        before, is_one = is_one, nearer[0] < nearer[1]
        if (before == is_one).all():
            break

    spread = sum(
        np.square(level[mask] - level[mask].mean(axis=0)).mean() for mask in (is_one, ~is_one)
    )
    distance = float(np.sqrt(np.square(centres[0] - centres[1]).mean()))
    is_apart = distance >= max(MIN_DISTANCE_DB, min_separation * float(np.sqrt(spread)))
    return smaller_side(is_one) if is_apart else None


def smaller_side(is_one: Mask) -> Mask | None:
    """Return the side with fewer clips; None where they are so few that they are strays."""
    smaller: Any = is_one if is_one.sum() <= len(is_one) / 2 else ~is_one
    return smaller if smaller.sum() >= MIN_CLIPS else None
