"""Checks that recordings are good, alike and many enough to learn what is normal."""

from collections import Counter
from collections.abc import Callable, Sequence
from math import ceil

import numpy as np

from analysis.detectors.score_distribution import ROUNDING
from analysis.sound.features import LONG_CLIP
from training.checks.issues import Issue
from training.datasets.datasets import TrainingClip
from training.datasets.grouping import MIN_GROUPS
from training.datasets.listing import abbreviate

# By the warning that an analysis of such a recording would carry: what it is, and advice.
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
    "damaged_header": (
        "Damaged header",
        "The file is wrong about where its sound is, so all of it is learnt: look at the recorder.",
    ),
    "dropouts": (
        "With gaps",
        "Only their longest stretch without one is learnt: record them again, with other apps "
        "closed.",
    ),
    "channels_differ": (
        "Channels differ",
        "Only one of them is learnt: check what is connected to the others.",
    ),
}
# A session with so many times the recordings of the median one decides what is normal.
UNEVEN = 3
# The longest recording that the field app makes.
APP_SECONDS = 30


def check_quality(clips: Sequence[TrainingClip]) -> list[Issue]:
    """Find recordings of poor quality; one issue a problem."""
    issues = []
    for warning, (problem, advice) in QUALITY.items():
        names = tuple(clip.name for clip in clips if warning in clip.quality.warnings)
        if names:
            share = f"{len(names)} of {len(clips)} recordings ({abbreviate(names)})"
            issues.append(Issue(warning, f"{problem}: {share}. {advice}", names))
    return issues


def check_rates(clips: Sequence[TrainingClip]) -> list[Issue]:
    """Find several sample rates."""
    rates = Counter(clip.quality.sample_rate_hz for clip in clips)
    if len(rates) == 1:
        return []

    usual = rates.most_common(1)[0][0]
    names = tuple(clip.name for clip in clips if clip.quality.sample_rate_hz != usual)
    counts = ", ".join(f"{n} at {rate} Hz" for rate, n in rates.most_common())
    detail = (
        f"Mixed sample rates: {counts} ({abbreviate(names)}). Several recorders, or several "
        "settings of one? What they do to the sound is learnt as the machine."
    )
    return [Issue("mixed_sample_rates", detail, names)]


def check_lengths(clips: Sequence[TrainingClip]) -> list[Issue]:
    """Find recordings much longer or shorter than most."""
    median = median_seconds(clips)
    shortest = median / LONG_CLIP
    longest = median * LONG_CLIP
    names = tuple(clip.name for clip in clips if not shortest <= clip.quality.duration_s <= longest)
    if not names:
        return []
    detail = (
        f"Mixed lengths: {len(names)} of {len(clips)} recordings are much longer or shorter than "
        f"the median of {median:.1f} s ({abbreviate(names)}). A detector learns the sound of one "
        "length: longer ones are cut into clips of it, shorter ones vary more."
    )
    return [Issue("mixed_lengths", detail, names)]


def check_reach(clips: Sequence[TrainingClip]) -> list[Issue]:
    """Find recordings so long that the field app cannot record half of one."""
    median = median_seconds(clips)
    if median <= 2 * APP_SECONDS:
        return []
    detail = (
        f"Long recordings: a version analyses clips of at least half the usual length, here "
        f"{median / 2:.0f} s, and the field app records {APP_SECONDS} s. Cut them shorter, or "
        "record for analysis with something else."
    )
    return [Issue("long_recordings", detail)]


def median_seconds(clips: Sequence[TrainingClip]) -> float:
    """Return the median duration."""
    return float(np.median([clip.quality.duration_s for clip in clips]))


def check_groups(clips: Sequence[TrainingClip]) -> list[Issue]:
    """Find too few recording sessions, one that outweighs the others, or clips of none."""
    sizes = Counter(clip.group for clip in clips)
    if len(sizes) >= MIN_GROUPS:
        return [*check_ungrouped(clips), *check_balance(sizes)]

    n_groups = 0 if set(sizes) == {""} else len(sizes)
    detail = (
        f"Too few recording sessions in the file names: {n_groups}, and {MIN_GROUPS - n_groups} "
        "more are needed. With fewer than two, stretches of the folder stand in for them "
        "(few_takes). --group_by finds the session in a file name."
    )
    return [Issue("few_takes", detail)]


def check_ungrouped(clips: Sequence[TrainingClip]) -> list[Issue]:
    """Find clips whose name has no session, where others have one."""
    names = tuple(clip.name for clip in clips if not clip.group)
    if not names:
        return []
    detail = f"No recording session in {abbreviate(names)}: they count as one session of their own."
    return [Issue("untold_takes", detail, names)]


def check_balance(sizes: Counter[str]) -> list[Issue]:
    """Find a session that outweighs the others."""
    largest, n_largest = sizes.most_common(1)[0]
    median = float(np.median(list(sizes.values())))
    if n_largest < UNEVEN * median:
        return []
    detail = (
        f"Uneven recording sessions: {largest or 'without a name'} has {n_largest} recordings, the "
        f"median session {median:g}. Its sound then decides what is normal: record more of the "
        "others."
    )
    return [Issue("uneven_takes", detail)]


def check_count(clips: Sequence[TrainingClip], target_false_alarm_rate: float) -> list[Issue]:
    """Find too few recordings for one of them to lie beyond the threshold of that rate."""
    n_missing = ceil(1 / target_false_alarm_rate - ROUNDING) - 1 - len(clips)
    if n_missing <= 0:
        return []
    detail = (
        f"{len(clips)} recordings are too few for {100 * target_false_alarm_rate:g} % false "
        f"alarms: the WARNING threshold lies beyond all of them. {n_missing} more are needed."
    )
    return [Issue("few_recordings", detail)]


CHECKS: tuple[Callable[[Sequence[TrainingClip]], list[Issue]], ...] = (
    check_quality,
    check_rates,
    check_lengths,
    check_reach,
    check_groups,
)
