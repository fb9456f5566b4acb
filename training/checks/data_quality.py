"""Whether recordings are good, alike and many enough to tell what is normal."""

from collections import Counter
from collections.abc import Callable, Sequence
from math import ceil

import numpy as np

from analysis.detectors.calibration import ROUNDING
from analysis.sound.features import LONG_CLIP
from training.checks.issues import Issue
from training.datasets.datasets import TrainingClip, abbreviate
from training.datasets.grouping import MIN_GROUPS

# By the warning that an analysis of such a recording would carry.
QUALITY = {
    "clipped": (
        "Clipped",
        "The sound was too loud for the microphone: move it away or turn its gain down.",
    ),
    "quiet": (
        "Very quiet",
        "The microphone's own noise is learnt with the machine: move it closer.",
    ),
    "low_sample_rate": (
        "Low sample rate",
        "High frequencies are missing: record at 16000 Hz or more.",
    ),
    "band_limited": (
        "Band-limited",
        "A codec or a call took high frequencies away: record wav or flac.",
    ),
}
# A take with so many times the recordings of the middle one decides what is normal.
UNEVEN = 3
# The longest that the field app records.
APP_SECONDS = 30


def check_quality(recordings: Sequence[TrainingClip]) -> list[Issue]:
    """Recordings of poor quality, by what is the matter."""
    found = []
    for word, (what, advice) in QUALITY.items():
        names = tuple(each.name for each in recordings if word in each.quality.warnings)
        if names:
            detail = f"{what}: {len(names)} of {len(recordings)} recordings ({abbreviate(names)}). {advice}"
            found.append(Issue(word, detail, names))
    return found


def check_rates(recordings: Sequence[TrainingClip]) -> list[Issue]:
    """Several sample rates."""
    rates = Counter(each.quality.sample_rate_hz for each in recordings)
    (usual, _), *others = rates.most_common()
    names = tuple(each.name for each in recordings if each.quality.sample_rate_hz != usual)
    if not others:
        return []
    counts = ", ".join(f"{n} at {rate} Hz" for rate, n in rates.most_common())
    advice = (
        "Several devices, or settings of one? What they do to the sound is learnt as the machine."
    )
    return [
        Issue(
            "mixed_sample_rates",
            f"Mixed sample rates: {counts} ({abbreviate(names)}). {advice}",
            names,
        )
    ]


def check_lengths(recordings: Sequence[TrainingClip]) -> list[Issue]:
    """Recordings much longer or shorter than most."""
    median = float(np.median([each.quality.duration_s for each in recordings]))
    names = tuple(
        each.name
        for each in recordings
        if not median / LONG_CLIP <= each.quality.duration_s <= median * LONG_CLIP
    )
    if not names:
        return []
    detail = (
        f"Mixed lengths: {len(names)} of {len(recordings)} recordings are much longer or shorter than the median of "
        f"{median:.1f} s ({abbreviate(names)}). A detector learns the sound of one length: cut them alike."
    )
    return [Issue("mixed_lengths", detail, names)]


def check_reach(recordings: Sequence[TrainingClip]) -> list[Issue]:
    """Recordings so long that half of one is more than the field app records."""
    median = float(np.median([each.quality.duration_s for each in recordings]))
    if median <= 2 * APP_SECONDS:
        return []
    detail = (
        f"Long recordings: a version hears clips of half the usual length at least, here {median / 2:.0f} s, and the "
        f"field app records {APP_SECONDS} s. Cut them shorter, or record for it with something else."
    )
    return [Issue("long_recordings", detail)]


def check_groups(recordings: Sequence[TrainingClip]) -> list[Issue]:
    """Too few takes, one that outweighs the others, or recordings of none."""
    sizes = Counter(each.group for each in recordings)
    if len(sizes) < MIN_GROUPS:
        n_told = 0 if set(sizes) == {""} else len(sizes)
        detail = (
            f"Too few takes are told by the names: {n_told}, and {MIN_GROUPS - n_told} more are needed. Stretches of "
            "the folder stand in for them (few_takes). --group_by finds the take in a name."
        )
        return [Issue("few_takes", detail)]
    return [*check_ungrouped(recordings), *check_balance(sizes)]


def check_ungrouped(recordings: Sequence[TrainingClip]) -> list[Issue]:
    """Recordings whose name tells no take, among others."""
    names = tuple(each.name for each in recordings if not each.group)
    if not names:
        return []
    return [
        Issue(
            "untold_takes",
            f"No take is told by {abbreviate(names)}: they count as one take of their own.",
            names,
        )
    ]


def check_balance(sizes: Counter[str]) -> list[Issue]:
    """A take that outweighs the others."""
    (largest, n_largest), *_ = sizes.most_common()
    middle = float(np.median(list(sizes.values())))
    if n_largest < UNEVEN * middle:
        return []
    detail = (
        f"Uneven takes: {largest or 'without a name'} has {n_largest} recordings, the middle one {middle:g}. Normal is "
        "then what was normal in it: record more of the others."
    )
    return [Issue("uneven_takes", detail)]


def check_count(recordings: Sequence[TrainingClip], target_false_alarm_rate: float) -> list[Issue]:
    """Too few recordings for one of them to lie beyond the threshold of that rate."""
    n_missing = ceil(1 / target_false_alarm_rate - ROUNDING) - 1 - len(recordings)
    if n_missing <= 0:
        return []
    detail = (
        f"{len(recordings)} recordings are too few for a false-alarm rate of {target_false_alarm_rate:g}: the WARNING "
        f"threshold lies beyond all that was heard. {n_missing} more are needed."
    )
    return [Issue("few_recordings", detail)]


CHECKS: tuple[Callable[[Sequence[TrainingClip]], list[Issue]], ...] = (
    check_quality,
    check_rates,
    check_lengths,
    check_reach,
    check_groups,
)
