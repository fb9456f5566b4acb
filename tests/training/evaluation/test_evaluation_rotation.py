"""In rotation, each session meets a threshold that does not know it."""

import numpy as np
import pytest

from analysis.detectors.calibration import calibrate
from training.evaluation.report import rotation_rows
from training.evaluation.rotation import estimate_rotation
from training.evaluation.scored_clips import ScoredClips

N_CLIPS = 20
WITHIN = np.linspace(-0.5, 0.5, N_CLIPS)


def calibrate_levels(levels, *, has_few_groups=False, groups=True):
    names = [f"take{i}" for i in range(len(levels)) for _ in range(N_CLIPS)]
    return calibrate(
        np.concatenate([level + WITHIN for level in levels]),
        target_false_alarm_rate=0.05,
        n_groups=len(levels),
        method="made up",
        has_few_groups=has_few_groups,
        groups=names if groups else None,
    )


def score_faults(scores) -> ScoredClips:
    return ScoredClips(
        names=[f"fault{i}" for i in range(len(scores))],
        groups=[f"take{i % 4}" for i in range(len(scores))],
        fault_types=[""] * len(scores),
        levels_dbfs=np.zeros(len(scores)),
        scores=np.array(scores, dtype=np.float64),
    )


def test_a_session_unlike_the_others_alarms_as_a_whole():
    rotation = estimate_rotation(calibrate_levels((0, 0, 0, 9)), score_faults([5.0] * 20))
    assert rotation["sessions"] == 4
    assert rotation["worst_false_alarm_rate"] == 1.0
    assert rotation["false_alarm_rate"]["value"] == pytest.approx(0.25, abs=0.05)
    # The threshold that does not know the odd session is the only one low enough.
    assert rotation["detection_rate"]["value"] == 0.25
    assert rotation["worst_detection_rate"] == 0.0
    interval = rotation["false_alarm_rate"]
    assert interval["low"] < 0.05
    assert interval["high"] >= 0.5


def test_sessions_that_are_alike_keep_the_target_rate():
    rotation = estimate_rotation(calibrate_levels((0, 0, 0, 0)), score_faults([5.0] * 20))
    assert rotation["false_alarm_rate"]["value"] <= 0.1
    assert rotation["worst_false_alarm_rate"] <= 0.1
    assert (rotation["detection_rate"]["value"], rotation["worst_detection_rate"]) == (1.0, 1.0)


@pytest.mark.parametrize(
    "calibration",
    [
        calibrate_levels((0, 1)),
        calibrate_levels((0, 1, 2), has_few_groups=True),
        calibrate_levels((0, 1, 2), groups=False),
    ],
    ids=["two", "stretches", "unknown"],
)
def test_without_three_known_sessions_there_is_none(calibration):
    assert estimate_rotation(calibration, score_faults([5.0] * 20)) is None
    ((label, text),) = rotation_rows(None)
    assert (label, "not possible" in text) == ("Rotation", True)


def test_rates_are_shown_with_interval_and_worst_session():
    rotation = estimate_rotation(calibrate_levels((0, 0, 0, 9)), score_faults([5.0] * 20))
    rows = dict(rotation_rows(rotation))
    assert rows["Rotation"] == "4 sessions of the training, each as a new one"
    assert rows["False alarms in rotation"].endswith(", worst 1.000")
    assert rows["Detection in rotation"].endswith(", worst 0.000")
