"""Adjust a version's calibration to one machine, from a few normal clips of it.

Another microphone or place moves the scores of normal clips and may spread them. The version's
scores are moved to the machine's median as far as the clips are evidence of it, and spread where
the clips spread more. They are never narrowed, because a few clips of one visit do not show all
that is normal. The fewer the clips, the wider (Student's t, and the uncertainty of the median).
"""

from dataclasses import replace
from math import hypot, pi, sqrt

import numpy as np
from scipy.special import ndtri, stdtrit

from analysis.detectors.calibration import (
    CRITICAL,
    NORMAL,
    Calibration,
    retarget,
)
from analysis.detectors.score_distribution import Scores
from analysis.errors import InconsistentClips

MIN_DEVICE_CLIPS = 5
MAX_DEVICE_CLIPS = 20
# With fewer clips the calibration has a note.
ENOUGH_CLIPS = 10
# Stored with calibrations and sent by the API; the admin shows it as "adjusted to this machine".
METHOD = "moved to the device"
# The name of the clips in the form that uploads them.
CLIPS_FIELD = "files"
# The clips count as one recording session: nothing more is known of them.
N_GROUPS = 1

FEW_CLIPS = "few_clips"
# An ordinary clip of this machine is CRITICAL to the version: its scores say little about it.
FAR_FROM_TRAINING = "far_from_training"
# The distance of the quartiles of a normal distribution, in standard deviations.
QUARTILE_DISTANCE = 1.349


def calibrate_device(calibration: Calibration, clip_scores: Scores) -> Calibration:
    """Calibrate for the machine of these clips; InconsistentClips if they disagree."""
    check_consistent(calibration, clip_scores)
    notes = list(calibration.notes)
    if len(clip_scores) < ENOUGH_CLIPS:
        notes.append(FEW_CLIPS)
    if is_far(calibration, clip_scores):
        notes.append(FAR_FROM_TRAINING)
    return _build_calibration(calibration, clip_scores, tuple(notes))


def apply_settings(
    calibration: Calibration, *, target_rate: float | None, threshold_multiplier: float
) -> Calibration:
    """Return a calibration for another target rate, its thresholds stretched away from the median.

    How rare a score is stays as it was.
    """
    if target_rate is not None:
        other = retarget(calibration, target_rate)
        notes = dict.fromkeys((*other.notes, *calibration.notes))
        calibration = replace(other, notes=tuple(notes))
    return replace(calibration, stretch=threshold_multiplier)


def is_far(calibration: Calibration, clip_scores: Scores) -> bool:
    """Return whether an ordinary one of these normal clips is CRITICAL to the version."""
    return calibration.label(float(np.median(clip_scores))) == CRITICAL


def check_consistent(calibration: Calibration, clip_scores: Scores) -> None:
    """Raise InconsistentClips for a clip that the other clips do not agree with."""
    _check_no_single_critical(calibration, clip_scores)
    for i, score in enumerate(clip_scores):
        others = np.delete(clip_scores, i)
        median = float(np.median(others))
        # As far off on the lower side counts, too.
        if _build_calibration(calibration, others).label(median + abs(score - median)) == CRITICAL:
            raise InconsistentClips(
                f"Clip {i + 1} sounds nothing like the other {len(others)} clips: leave it out, or"
                " record more like it."
            ).for_item(CLIPS_FIELD, i)


def _check_no_single_critical(calibration: Calibration, clip_scores: Scores) -> None:
    """Raise InconsistentClips for a CRITICAL clip among NORMAL ones.

    If the microphone were the reason, all of them would be unusual.
    """
    labels = [calibration.label(score) for score in clip_scores]
    if CRITICAL in labels and calibration.label(float(np.median(clip_scores))) == NORMAL:
        i = labels.index(CRITICAL)
        raise InconsistentClips(
            f"Clip {i + 1} is CRITICAL to this model, while most of the others are normal: leave it"
            " out, or inspect the machine."
        ).for_item(CLIPS_FIELD, i)


def _build_calibration(
    calibration: Calibration, clip_scores: Scores, notes: tuple[str, ...] = ()
) -> Calibration:
    return Calibration(
        adjust_scores(calibration, clip_scores),
        calibration.target_false_alarm_rate,
        N_GROUPS,
        METHOD,
        notes,
    )


def adjust_scores(calibration: Calibration, clip_scores: Scores) -> Scores:
    """Return the version's scores, ascending, as they would be on this machine."""
    n = len(clip_scores)
    # Of all sessions, wherever the threshold lies between them.
    median = float(np.median(calibration.scores))
    version_spread = estimate_spread(calibration.scores)
    clip_spread = float(np.std(clip_scores, ddof=1)) * compute_caution(calibration, n)
    spread = max(version_spread, clip_spread)
    median_uncertainty = spread * sqrt(pi / (2 * n))

    shift = float(np.median(clip_scores)) - median
    evidence = shift**2 / (shift**2 + median_uncertainty**2)
    width = hypot(spread, median_uncertainty) / version_spread
    centered = calibration.scores - median
    adjusted: Scores = median + evidence * shift + width * centered
    return adjusted


def compute_caution(calibration: Calibration, n_clips: int) -> float:
    """Return by how much to widen a spread that was estimated from so few clips."""
    quantile = 1 - calibration.target_false_alarm_rate
    # A target of one half is not about the tail, and both quantiles are 0.
    if quantile <= 0.5:
        return 1.0
    return float(stdtrit(n_clips - 1, quantile) / ndtri(quantile))


def estimate_spread(scores: Scores) -> float:
    """Return the standard deviation of normal clips, estimated from the quartiles."""
    quartiles = np.percentile(scores, [25, 75])
    # Copies of one recording have the same score: then take the deviation of all scores.
    return float(np.ptp(quartiles) / QUARTILE_DISTANCE or np.std(scores))
