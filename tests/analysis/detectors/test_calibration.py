"""Thresholds, p-values and scores of a calibration agree, and keep what they promise."""

from math import exp, inf, nan, nextafter
from typing import Any

import numpy as np
import pytest

from analysis.detectors.calibration import (
    CRITICAL,
    EXTRAPOLATED,
    FEW_GROUPS,
    MIN_CLIPS,
    NORMAL,
    WARNING,
    Calibration,
    calibrate,
    compute_critical_p_value,
)
from analysis.errors import NotCalibrated

RATES = [0.001, 0.01, 0.05, 0.07, 0.1, 0.29, 0.5]


def make_calibration(scores, rate=0.05, *, n_groups=4, has_few_groups=False):
    return calibrate(
        np.asarray(scores, dtype=np.float64),
        target_false_alarm_rate=rate,
        n_groups=n_groups,
        method="made up",
        has_few_groups=has_few_groups,
    )


def gaussian(n, seed=0):
    return np.random.default_rng(seed).normal(10, 2, size=n)


def gamma(n, seed=0):
    return np.random.default_rng(seed).gamma(3, size=n)


SETS = {
    "as few as may be": gaussian(MIN_CLIPS),
    "gaussian": gaussian(300),
    "skewed": gamma(99),
    "in steps, many alike": np.round(gaussian(200)),
    "the highest fifth alike": np.minimum(gaussian(100), np.quantile(gaussian(100), 0.8)),
    "one far above": np.append(gaussian(60), 1e3),
    "below zero": -gamma(50),
    "tiny": 1e-12 * gamma(50),
    "large": 1e12 * gamma(50),
}


@pytest.fixture(params=SETS.values(), ids=list(SETS))
def scores(request):
    return request.param


# Threshold, p-value and label agree


@pytest.mark.parametrize("rate", RATES)
def test_a_threshold_is_the_lowest_score_that_is_rare_enough(scores, rate):
    calibration = make_calibration(scores, rate)
    spread = np.ptp(scores)
    for p_value in (rate, compute_critical_p_value(rate)):
        threshold = calibration.compute_threshold(p_value)
        assert calibration.compute_p_value(threshold) <= p_value * (1 + 1e-9)
        assert calibration.compute_p_value(nextafter(threshold - 1e-9 * spread, -inf)) > p_value * (
            1 - 1e-9
        )


@pytest.mark.parametrize("rate", RATES)
def test_labels_change_at_the_thresholds(scores, rate):
    calibration = make_calibration(scores, rate)
    assert calibration.label(calibration.critical) == CRITICAL
    assert calibration.label(inf) == CRITICAL
    assert calibration.label(nextafter(calibration.warning, -inf)) == NORMAL
    assert calibration.label(calibration.warning) in (WARNING, CRITICAL)
    if calibration.warning < calibration.critical:
        assert calibration.label(calibration.warning) == WARNING
        assert calibration.label(nextafter(calibration.critical, -inf)) == WARNING


@pytest.mark.parametrize("rate", RATES)
def test_no_normal_clip_is_critical(scores, rate):
    calibration = make_calibration(scores, rate)
    assert CRITICAL not in [calibration.label(score) for score in scores]


def test_everything_is_monotone_in_the_anomaly_score(scores):
    calibration = make_calibration(scores)
    grid = np.linspace(
        scores.min() - np.ptp(scores), calibration.critical + 3 * np.ptp(scores), 500
    )
    severity = [(NORMAL, WARNING, CRITICAL).index(calibration.label(score)) for score in grid]
    assert (np.diff([calibration.compute_p_value(score) for score in grid]) <= 0).all()
    assert (np.diff([calibration.score(score) for score in grid]) >= 0).all()
    assert (np.diff([calibration.compute_health_score(score) for score in grid]) <= 0).all()
    assert (np.diff(severity) >= 0).all()


# What the numbers are


@pytest.mark.parametrize(
    ("anomaly_score", "p_value"),
    [(0, 1.0), (1, 1.0), (1.5, 20 / 21), (11, 11 / 21), (15.5, 6 / 21), (16, 6 / 21)],
)
def test_a_p_value_counts_the_normal_clips_at_or_above(anomaly_score, p_value):
    assert make_calibration(range(1, 21)).compute_p_value(anomaly_score) == pytest.approx(
        p_value, abs=1e-12
    )


def test_the_highest_fifth_determines_the_tail():
    calibration = make_calibration(range(1, 21))
    # The four highest, 17 to 20, exceed 16 by 2.5 on average.
    for score in (17, 20, 26):
        assert calibration.compute_p_value(score) == pytest.approx(
            5 / 21 * (1 + (score - 16) / (4 * 2.5)) ** -4
        )


def test_the_tail_of_many_clips_is_exponential():
    calibration = make_calibration(gaussian(20_000))
    beyond = 3 * calibration.expected.tail_scale
    assert calibration.compute_p_value(calibration.expected.tail_start + beyond) == pytest.approx(
        0.2 * exp(-3), rel=0.01
    )


def test_the_tail_continues_the_counted_p_values(scores):
    calibration = make_calibration(scores)
    tail_start = calibration.expected.tail_start
    n_above = (scores > tail_start).sum()
    assert calibration.compute_p_value(nextafter(tail_start, inf)) == pytest.approx(
        (1 + n_above) / (len(scores) + 1)
    )
    assert calibration.compute_p_value(tail_start) >= (2 + n_above) / (len(scores) + 1)


def test_thresholds_on_a_hundred_clips():
    calibration = make_calibration(range(1, 101), rate=0.5)
    # 50 % of 101 is 50.5: the clip itself and forty-nine above it.
    assert calibration.warning == nextafter(51, inf)
    calibration = make_calibration(range(1, 101), rate=0.05)
    # The tail begins at 80, above which there are twenty; they exceed it by 10.5 on average.
    assert calibration.warning == pytest.approx(
        80 + 20 * 10.5 * ((21 / 101 / 0.05) ** (1 / 20) - 1)
    )
    assert calibration.critical == pytest.approx(
        80 + 20 * 10.5 * ((21 / 101 / 0.01) ** (1 / 20) - 1)
    )


def test_a_score_is_the_fraction_of_normal_clips_below():
    calibration = make_calibration(range(1, 21))
    assert [calibration.score(score) for score in (0, 1, 11, 20, 20.5)] == [0, 0, 0.5, 0.95, 1]


def test_health_falls_from_the_median_through_both_thresholds_to_zero():
    calibration = make_calibration(gaussian(200))
    median = calibration.median
    warning = calibration.warning
    critical = calibration.critical
    corners = (-inf, median, (median + warning) / 2, warning, critical, 2 * critical - median, inf)
    assert [calibration.compute_health_score(score) for score in corners] == pytest.approx(
        [100, 100, 80, 60, 30, 0, 0]
    )


def test_critical_is_a_fifth_of_the_alarms_or_one_in_a_hundred():
    assert [compute_critical_p_value(rate) for rate in (0.5, 0.05, 0.01)] == pytest.approx(
        [0.01, 0.01, 0.002]
    )


def test_calibration_scores_are_sorted_and_counted():
    calibration = make_calibration(gaussian(40), n_groups=7)
    assert (np.diff(calibration.scores) >= 0).all()
    assert (calibration.n, calibration.n_groups, calibration.median) == (
        40,
        7,
        np.median(gaussian(40)),
    )


# What it cannot promise


@pytest.mark.parametrize(
    ("n", "rate", "has_few_groups", "notes"),
    [
        (98, 0.05, False, (EXTRAPOLATED,)),
        (99, 0.05, False, ()),
        (498, 0.01, False, (EXTRAPOLATED,)),
        (499, 0.01, False, ()),
        (200, 0.05, True, (FEW_GROUPS,)),
        (50, 0.05, True, (FEW_GROUPS, EXTRAPOLATED)),
    ],
)
def test_limits_of_a_calibration_are_noted(n, rate, has_few_groups, notes):
    assert make_calibration(gaussian(n), rate, has_few_groups=has_few_groups).notes == notes


@pytest.mark.parametrize(
    "scores",
    [[], gaussian(MIN_CLIPS - 1), np.full(50, 3.0), [*gaussian(50), nan], [*gaussian(50), inf]],
    ids=["none", "too few", "all equal", "one not a number", "one infinite"],
)
def test_scores_that_show_nothing_are_refused(scores):
    with pytest.raises(NotCalibrated):
        make_calibration(scores)


@pytest.mark.parametrize(
    "invalid",
    [
        {"scores": np.arange(30.0)[::-1]},
        {"scores": np.arange(19.0)},
        {"scores": np.ones(30)},
        {"target_false_alarm_rate": 0.0},
        {"target_false_alarm_rate": 0.51},
        {"target_false_alarm_rate": nan},
        {"n_groups": 0},
        {"n_groups": 31},
        {"sessions": np.zeros(29, np.int32)},
        {"sessions": np.arange(30, dtype=np.int32) % 4},
        {"sessions": np.arange(30, dtype=np.int32) % 2},
        {"sessions": np.arange(30, dtype=np.int32) % 3 - 1},
    ],
    ids=str,
)
def test_an_invalid_calibration_cannot_be_made(invalid):
    valid: dict[str, Any] = {
        "scores": np.arange(30.0),
        "target_false_alarm_rate": 0.05,
        "n_groups": 3,
        "method": "made up",
    }
    Calibration(**valid)
    with pytest.raises(ValueError, match=r"that differ|target false-alarm rate|groups|sessions"):
        Calibration(**(valid | invalid))


@pytest.mark.parametrize("n", [20, 50, 200])
@pytest.mark.parametrize("rate", [0.05, 0.2])
@pytest.mark.parametrize("draw", [gaussian, gamma])
def test_fresh_normal_clips_alarm_about_as_often_as_promised(draw, n, rate):
    fresh = draw(2000, seed=1)
    alarms = [
        np.mean(fresh >= make_calibration(draw(n, seed=seed), rate).warning)
        for seed in range(100, 400)
    ]
    # Conformal: floor(rate * (n + 1)) / (n + 1) on average over calibrations.
    assert 0.7 * rate < np.mean(alarms) < 1.1 * rate


# With twenty clips it is 2 %, not 1 %: the calibration says that it is extrapolated.
@pytest.mark.parametrize("n", [50, 99, 200])
def test_fresh_normal_clips_are_hardly_ever_critical(n):
    fresh = gaussian(2000, seed=1)
    rate = np.mean(
        [
            np.mean(fresh >= make_calibration(gaussian(n, seed=seed)).critical)
            for seed in range(100, 400)
        ]
    )
    assert rate < 0.015
