"""Finds two populations among the recordings: two machines, or two ways in which one runs.

Where names, formats or days tell recordings apart, their mean spectra are compared: two
populations differ by more than the recording sessions of one do. What only the sound tells is
looked for where these tell nothing. The limits were chosen on real machines
(docs/decisions/training-populations.md).
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import PurePosixPath

import numpy as np

from training.checks.issues import TWO_POPULATIONS, Issue
from training.checks.outliers import ClipMeans
from training.checks.sound_populations import (
    ADVICE,
    MIN_CLIPS,
    MIN_DISTANCE_DB,
    MIN_SEPARATION,
    Groups,
    Mask,
    average_sessions,
    check_sound,
    select,
)
from training.datasets.datasets import TrainingClip
from training.datasets.group_patterns import DATE, WORD
from training.datasets.listing import abbreviate

# The most frequent names are compared; more are hardly names of machines.
MAX_LABELS = 12
# Where no recording sessions show how much these differ, or names differ by numbers alone.
MIN_CLEAR_DISTANCE_DB = 3.5
# Distance in units of what the sessions of one population explain.
MIN_DISTANCE_IN_SESSIONS = 1.8
SEPARATORS = "_-. "


@dataclass(frozen=True, slots=True)
class Labels:
    """What each clip is called by one kind of thing, "" where nothing tells.

    has_own_sessions: a label counts only where clips of one label are of several sessions.
    is_session: each label is a session.
    """

    kind: str
    values: Sequence[str]
    has_own_sessions: bool = False
    is_session: bool = False

    @property
    def frequent(self) -> list[str]:
        """Return the labels of enough clips, the most frequent first."""
        counts = Counter(label for label in self.values if label)
        return [label for label, n in counts.most_common(MAX_LABELS) if n >= MIN_CLIPS]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two labels and their clips."""

    first: str
    second: str
    is_first: Mask
    is_second: Mask


@dataclass(frozen=True, slots=True)
class Distance:
    """RMS differences in dB: of both means, what sessions explain of it, within both, the rest."""

    observed_db: float
    explained_db: float
    spread_db: float
    true_db: float


@dataclass(frozen=True, slots=True)
class Split:
    """Two populations: by which kind of label, which two, and how far apart in dB."""

    kind: str
    pair: Pair
    distance_db: float


def check_populations(clips: Sequence[TrainingClip], means: ClipMeans) -> list[Issue]:
    """Find two populations; means: (n_clips, n_mels), dB."""
    level = means - means.mean(axis=1, keepdims=True)
    names = [clip.name for clip in clips]
    groups = [clip.group for clip in clips]
    named = find_named_split(label_clips(clips), groups, level)
    if named:
        return [describe_named(named, names)]
    return check_sound(clips, level)


def describe_named(split: Split, names: Sequence[str]) -> Issue:
    """Describe two populations that names, formats or days tell apart."""
    pair = split.pair
    smaller, larger = (pair.is_first, pair.is_second)
    titles = (pair.first, pair.second)
    if smaller.sum() > larger.sum():
        smaller, larger = larger, smaller
        titles = (pair.second, pair.first)
    few = select(names, smaller)
    detail = (
        f"Two kinds of recordings: {len(few)} with the {split.kind} “{titles[0]}” "
        f"({abbreviate(few)}) and {larger.sum()} with “{titles[1]}” are {split.distance_db:.1f} dB "
        f"apart on average over the bands, more than recording sessions explain. {ADVICE}"
    )
    return Issue(TWO_POPULATIONS, detail, tuple(few))


def label_clips(clips: Sequence[TrainingClip]) -> list[Labels]:
    """Return what each clip is called by each thing that may tell populations apart."""
    names = [clip.name for clip in clips]
    return [
        Labels("name", [name_stem(name) for name in names]),
        Labels("format", [describe_format(clip) for clip in clips]),
        Labels("beginning", [find_beginning(name) for name in names], has_own_sessions=True),
        Labels("day", [find_day(name) for name in names], is_session=True),
    ]


def name_stem(name: str) -> str:
    """Return the words of a name, without numbers and without the suffix."""
    path = PurePosixPath(name)
    return " ".join(re.findall(r"[^\W\d_]+", path.with_suffix("").as_posix())).lower()


def describe_format(clip: TrainingClip) -> str:
    """Name how the clip is stored."""
    suffix = PurePosixPath(clip.name).suffix.lower().removeprefix(".")
    channels = clip.quality.channels
    noun = "channel" if channels == 1 else "channels"
    return f"{suffix} at {clip.quality.sample_rate_hz} Hz, {channels} {noun}"


def find_beginning(name: str) -> str:
    """Return what stands before the session in a name, with its numbers; else its folder."""
    session = re.search(WORD, name) or re.search(DATE, name)
    if session:
        return name[: session.start()].rstrip(SEPARATORS)
    return PurePosixPath(name).parent.as_posix()


def find_day(name: str) -> str:
    """Return the day in a name, "" if there is none."""
    day = re.search(DATE, name)
    return day.group().replace("-", "") if day else ""


def find_named_split(labels: Sequence[Labels], groups: Groups, level: ClipMeans) -> Split | None:
    """Return the widest split by the first kind of label that tells two populations apart."""
    for each in labels:
        pairs = list_day_pairs(each) if each.is_session else list_pairs(each)
        splits = [split for pair in pairs if (split := measure_pair(pair, each, groups, level))]
        if splits:
            return max(splits, key=lambda split: split.distance_db)
    return None


def list_pairs(labels: Labels) -> list[Pair]:
    """Return each two of the most frequent labels, with their clips."""
    of_clips = np.array(labels.values)
    return [
        Pair(first, second, of_clips == first, of_clips == second)
        for first, second in combinations(labels.frequent, 2)
    ]


def list_day_pairs(labels: Labels) -> list[Pair]:
    """Return each day and the others: a day is a session, and one alone shows no spread."""
    of_clips = np.array(labels.values)
    pairs = [
        Pair(day, "other days", of_clips == day, (of_clips != day) & (of_clips != ""))
        for day in labels.frequent
    ]
    return [pair for pair in pairs if pair.is_second.sum() >= MIN_CLIPS]


def measure_pair(pair: Pair, labels: Labels, groups: Groups, level: ClipMeans) -> Split | None:
    """Return the pair as a split; None where sessions or chance explain the difference."""
    masks = (pair.is_first, pair.is_second)
    sides = [average_sessions(level[mask], select(groups, mask)) for mask in masks]
    has_sessions = any(len(side) > 1 for side in sides)
    if not has_sessions and (labels.has_own_sessions or labels.is_session):
        return None
    if not has_sessions:
        sides = [level[mask] for mask in masks]

    distance = measure_distance(sides)
    is_tight = distance.observed_db >= MIN_SEPARATION * distance.spread_db
    needs_clear = labels.has_own_sessions or not (has_sessions or is_tight)
    least = MIN_CLEAR_DISTANCE_DB if needs_clear else MIN_DISTANCE_DB
    is_apart = distance.observed_db >= MIN_DISTANCE_IN_SESSIONS * distance.explained_db
    if not is_apart or distance.observed_db < least:
        return None
    return Split(labels.kind, pair, distance.true_db)


def measure_distance(sides: Sequence[ClipMeans]) -> Distance:
    """Measure how far the means of both sides are apart, and how much of that sessions explain.

    sides: (n_sessions, n_mels) each. The spread of a side with one session is that of the other.
    """
    spreads = [side.var(axis=0, ddof=1).mean() if len(side) > 1 else np.nan for side in sides]
    known = np.where(np.isnan(spreads), np.nanmean(spreads), spreads)
    explained = sum(known[i] / len(side) for i, side in enumerate(sides))
    square = np.square(sides[0].mean(axis=0) - sides[1].mean(axis=0)).mean()
    return Distance(
        observed_db=float(np.sqrt(square)),
        explained_db=float(np.sqrt(explained)),
        spread_db=float(np.sqrt(known.sum())),
        true_db=float(np.sqrt(max(square - explained, 0.0))),
    )
