"""Metrics of made-up scores: intervals, fault types and caveats."""

import numpy as np
import pytest

from analysis.detectors.calibration import calibrate
from training.datasets.fault_types import infer_fault_types
from training.datasets.group_patterns import compile_pattern
from training.evaluation.estimates import estimate_metrics
from training.evaluation.intervals import MIN_CLIPS
from training.evaluation.scored_clips import ScoredClips

# WARNING from just above 95 on, CRITICAL from just above 100.
CALIBRATION = calibrate(
    np.arange(1.0, 101),
    target_false_alarm_rate=0.05,
    n_groups=4,
    method="made up",
    has_few_groups=False,
)
ALIKE = np.random.default_rng(0).normal(-40, 1, size=100)


def clips(scores, *, groups=None, fault_types=None, levels=ALIKE):
    scores = np.array(scores, dtype=float)
    nothing = [""] * len(scores)
    return ScoredClips(
        names=[f"{i}.wav" for i in range(len(scores))],
        groups=groups or nothing,
        fault_types=fault_types or nothing,
        levels_dbfs=np.resize(levels, len(scores)),
        scores=scores,
    )


def by_session(n_clips, n_groups):
    return [f"take{i * n_groups // n_clips}" for i in range(n_clips)]


def test_rates_are_those_at_the_two_thresholds():
    metrics = estimate_metrics(clips([50] * 9 + [97]), clips([50, 97, *[1000] * 8]), CALIBRATION)
    names = (
        "false_alarm_rate",
        "detection_rate",
        "critical_false_alarm_rate",
        "critical_detection_rate",
    )
    assert [metrics[name]["value"] for name in names] == [0.1, 0.9, 0.0, 0.8]


def test_where_all_clips_agree_the_interval_is_the_binomial_one():
    none_of_20 = estimate_metrics(clips(range(20)), clips(range(200, 220)), CALIBRATION)
    # Twenty clips without an alarm: 97.5 % sure of fewer than 16.8 % (Clopper, Pearson 1934).
    assert none_of_20["false_alarm_rate"] == {
        "value": 0,
        "low": 0,
        "high": pytest.approx(0.168, abs=1e-3),
    }
    assert none_of_20["detection_rate"] == {
        "value": 1,
        "low": pytest.approx(0.832, abs=1e-3),
        "high": 1,
    }
    assert none_of_20["auc"] == {"value": 1, "low": None, "high": None}
    five_sessions = estimate_metrics(
        clips(range(20), groups=by_session(20, 5)), clips(range(200, 220)), CALIBRATION
    )
    assert five_sessions["false_alarm_rate"]["high"] == pytest.approx(0.522, abs=1e-3)


def test_an_interval_needs_enough_clips_of_each_part():
    few = [97, *range(MIN_CLIPS - 2)]
    enough = [97, *range(MIN_CLIPS - 1)]
    metrics = estimate_metrics(clips(enough), clips(few), CALIBRATION)
    assert metrics["false_alarm_rate"]["low"] is not None
    assert (
        metrics["detection_rate"]["low"] is metrics["auc"]["low"] is metrics["pauc"]["low"] is None
    )
    assert any(f"Only {MIN_CLIPS - 1} abnormal clips" in warning for warning in metrics["warnings"])
    assert estimate_metrics(clips(enough), clips(enough), CALIBRATION)["auc"]["low"] is not None


def test_a_fault_type_is_compared_with_all_normal_clips():
    fault_types = ["knock"] * 10 + ["leak"] * 10
    metrics = estimate_metrics(
        clips(range(20)),
        clips([*range(10), *range(200, 210)], fault_types=fault_types),
        CALIBRATION,
    )
    assert metrics["kinds"]["leak"]["auc"]["value"] == 1
    assert metrics["kinds"]["knock"]["auc"]["value"] == pytest.approx(0.25)
    assert metrics["kinds"]["knock"]["clips"] == {"normal": 20, "abnormal": 10}


@pytest.mark.parametrize(
    ("levels", "direction"),
    [([-30], "louder"), ([-50], "quieter"), ([-30, -50], "unlike")],
)
def test_loudness_that_tells_clips_apart_is_named(levels, direction):
    metrics = estimate_metrics(clips(range(20)), clips(range(200, 220), levels=levels), CALIBRATION)
    assert metrics["level_only"][direction]["value"] == 1
    assert any(f"all: AUC 1.000, {direction}" in warning for warning in metrics["warnings"])


def test_loudness_of_one_fault_type_is_named():
    fault_types = ["knock"] * 40 + ["leak"] * 10
    levels = [*ALIKE[50:90], *[-50] * 10]
    metrics = estimate_metrics(
        clips(range(50)),
        clips(range(200, 250), fault_types=fault_types, levels=levels),
        CALIBRATION,
    )
    [warning] = [warning for warning in metrics["warnings"] if "Loudness" in warning]
    assert "(leak: AUC 1.000, quieter)" in warning


def test_clips_of_the_same_loudness_have_no_caveats():
    groups = by_session(20, 4)
    metrics = estimate_metrics(
        clips(range(20), groups=groups), clips(range(200, 220), groups=groups), CALIBRATION
    )
    assert metrics["warnings"] == []


@pytest.mark.parametrize(
    ("names", "fault_types"),
    [
        (["bearing/1.wav", "leak/old/1.wav"], ["bearing", "leak"]),
        (["bearing/1.wav", "1.wav"], ["bearing", "other"]),
        (
            ["leak/knock_1.wav", "leak/knock_2.wav", "leak/hiss_1.wav", "leak/hiss_2.wav"],
            ["knock"] * 2 + ["hiss"] * 2,
        ),
        (
            ["air leak 1.wav", "air leak 2.wav", "bearing-1.wav", "bearing-2.wav"],
            ["air leak"] * 2 + ["bearing"] * 2,
        ),
        (
            ["take3_leak_1.wav", "take4_leak_2.wav", "take3_knock.wav", "take5_knock.wav"],
            ["leak"] * 2 + ["knock"] * 2,
        ),
        (["leak_1.wav", "leak_2.wav", "1.wav", "2.wav"], ["leak"] * 2 + ["other"] * 2),
        (["leak_1.wav", "leak_2.wav"], ["", ""]),
        (["kitchen.wav", "leak_1.wav", "leak_2.wav"], ["", "", ""]),
        (["1.wav", "2.wav"], ["", ""]),
    ],
)
def test_fault_types_are_found_in_folders_and_names(names, fault_types):
    assert infer_fault_types(names, compile_pattern(r"take\d")) == fault_types
