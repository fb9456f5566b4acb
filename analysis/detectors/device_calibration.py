"""What is normal for one device, from a few clips of it and the scores that the version was calibrated on.

Another microphone or place moves the scores of normal clips and may spread them. The version's scores are moved to the
device's median as far as the clips are evidence of it, and spread where the clips spread more: never less, as a few
clips of one visit do not show all that is normal. The fewer there are, the wider (Student's t, and the median's own
uncertainty).
"""

from math import hypot, pi, sqrt

import numpy as np
from scipy.special import ndtri, stdtrit

from analysis.detectors.calibration import CRITICAL, NORMAL, Calibration, Scores
from analysis.errors import InconsistentClips

MIN_DEVICE_CLIPS, MAX_DEVICE_CLIPS = 5, 20
# With fewer the calibration says so.
ENOUGH_CLIPS = 10
METHOD = "moved to the device"
# The field of the form that holds them.
CLIPS_FIELD = "files"
# All that is known of the clips' takes.
ONE_VISIT = 1

FEW_CLIPS = "few_clips"
# The version finds a normal clip of this device CRITICAL: what it learnt tells little here, and faults may go unheard.
FAR_FROM_TRAINING = "far_from_training"
# Of a normal distribution, in standard deviations.
QUARTILES_APART = 1.349


def calibrate_device(calibration: Calibration, clip_scores: Scores) -> Calibration:
    """Calibrate for the device that these clips are of; InconsistentClips if they do not agree on what is normal."""
    check_consistent(calibration, clip_scores)
    moved = move(calibration, clip_scores)
    found = {
        FEW_CLIPS: len(clip_scores) < ENOUGH_CLIPS,
        FAR_FROM_TRAINING: is_far(calibration, clip_scores),
    }
    notes = (*calibration.notes, *(note for note, is_found in found.items() if is_found))
    return Calibration(moved, calibration.target_false_alarm_rate, ONE_VISIT, METHOD, notes)


def is_far(calibration: Calibration, clip_scores: Scores) -> bool:
    """Whether an ordinary one of these normal clips would be CRITICAL."""
    return calibration.label(float(np.median(clip_scores))) == CRITICAL


def check_consistent(calibration: Calibration, clip_scores: Scores) -> None:
    """Refuse clips of which one would be CRITICAL, or as far off on the other side, by what the others call normal.

    And one that is CRITICAL to a version to which most of them are NORMAL: then it is the clip, not the microphone.
    """
    labels = [calibration.label(score) for score in clip_scores]
    if CRITICAL in labels and calibration.label(float(np.median(clip_scores))) == NORMAL:
        number = labels.index(CRITICAL)
        raise InconsistentClips(
            f"Clip {number + 1} is CRITICAL to this model, and most of the others are normal: leave it out, or look at "
            "the machine."
        ).for_item(CLIPS_FIELD, number)
    for i, score in enumerate(clip_scores):
        others = np.delete(clip_scores, i)
        median = float(np.median(others))
        by_others = Calibration(
            move(calibration, others), calibration.target_false_alarm_rate, ONE_VISIT, METHOD
        )
        if by_others.label(median + abs(score - median)) == CRITICAL:
            raise InconsistentClips(
                f"Clip {i + 1} sounds nothing like the other {len(others)}: record more of its kind, or leave it out."
            ).for_item(CLIPS_FIELD, i)


def move(calibration: Calibration, clip_scores: Scores) -> Scores:
    """The version's scores, ascending, as they would be on this device."""
    n = len(clip_scores)
    usual = spread(calibration.scores)
    quantile = 1 - calibration.target_false_alarm_rate
    # A few clips tell a spread with little certainty. A rate of a half is about no tail, and its quantiles are 0.
    caution = float(stdtrit(n - 1, quantile) / ndtri(quantile)) if quantile > 0.5 else 1.0
    own = max(usual, float(np.std(clip_scores, ddof=1)) * caution)
    uncertainty = own * sqrt(pi / (2 * n))  # of a median of n
    shift = float(np.median(clip_scores)) - calibration.median
    evidence = shift**2 / (shift**2 + uncertainty**2)
    widened = hypot(own, uncertainty) / usual
    moved: Scores = (
        calibration.median + evidence * shift + widened * (calibration.scores - calibration.median)
    )
    return moved


def spread(scores: Scores) -> float:
    """How far normal clips lie apart, as a standard deviation; outliers have little part in it."""
    quartiles = np.percentile(scores, [25, 75])
    # Copies of one recording score alike; then the spread of all scores has to do.
    return float(np.ptp(quartiles) / QUARTILES_APART or np.std(scores))
