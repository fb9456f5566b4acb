"""The threshold of few sessions lies half-way between the median session and the worst."""

import numpy as np
import pytest

from analysis.detectors.calibration import calibrate
from analysis.detectors.session_scores import MANY_SESSIONS, MARGIN, place_between_sessions

N_CLIPS = 40


def score_sessions(levels, *, seed=0, spread=1.0):
    """Score N_CLIPS of each session, about the level of the session."""
    rng = np.random.default_rng(seed)
    scores = [level + spread * rng.normal(size=N_CLIPS) for level in levels]
    groups = [f"take{i:02}" for i in range(len(levels)) for _ in range(N_CLIPS)]
    return np.concatenate(scores), groups


def place_threshold(levels, rate):
    """Return where the rule says that WARNING begins, given the scores of these sessions."""
    scores = score_sessions(levels)[0].reshape(len(levels), N_CLIPS)
    quantiles = np.quantile(scores, 1 - rate, axis=1)
    within = (scores - np.median(scores, axis=1, keepdims=True)).std()
    return (np.median(quantiles) + quantiles.max()) / 2 + MARGIN * within


def calibrate_sessions(levels, *, rate=0.05, with_sessions=True, **options):
    scores, groups = score_sessions(levels, **options)
    return calibrate(
        scores,
        target_false_alarm_rate=rate,
        n_groups=len(levels),
        method="made up",
        has_few_groups=False,
        groups=groups if with_sessions else None,
    )


@pytest.mark.parametrize("rate", [0.001, 0.02, 0.05, 0.1, 0.3, 0.5])
def test_warning_is_half_way_between_the_median_and_the_worst_session(rate):
    levels = (0.0, 1.0, 8.0)
    calibration = calibrate_sessions(levels, rate=rate)
    assert calibration.warning == pytest.approx(place_threshold(levels, rate), abs=1e-9)
    if rate < calibration.expected.tail_p_value:
        assert calibration.compute_p_value(calibration.warning) == pytest.approx(rate)


def test_one_odd_session_of_three_hides_less():
    odd = (0.0, 0.5, 8.0)
    assert (
        calibrate_sessions(odd).warning < calibrate_sessions(odd, with_sessions=False).warning - 2
    )


def test_two_sessions_lie_half_way_between_their_mean_and_the_worse():
    levels = (0.0, 4.0)
    assert calibrate_sessions(levels).warning == pytest.approx(place_threshold(levels, 0.05))


@pytest.mark.parametrize("levels", [(3.0,), tuple(np.linspace(0, 3, MANY_SESSIONS))])
def test_one_session_and_many_are_counted_as_one_lot(levels):
    with_sessions, as_one_lot = (
        calibrate_sessions(levels, with_sessions=has_sessions) for has_sessions in (True, False)
    )
    assert with_sessions.warning == as_one_lot.warning
    assert with_sessions.critical == as_one_lot.critical


def test_no_clip_of_the_worst_session_is_critical():
    calibration = calibrate_sessions((0.0, 0.5, 8.0))
    scores, _groups = score_sessions((0.0, 0.5, 8.0))
    assert "CRITICAL" not in {calibration.label(score) for score in scores}


def test_another_rate_places_the_sessions_anew():
    lower = calibrate_sessions((0.0, 1.0, 8.0), rate=0.01)
    higher = calibrate_sessions((0.0, 1.0, 8.0), rate=0.2)
    assert higher.warning < lower.warning
    assert higher.compute_p_value(higher.warning) == pytest.approx(0.2)
    assert lower.compute_p_value(lower.warning) == pytest.approx(0.01)


def test_sessions_in_which_nothing_varies_are_counted_as_one_lot():
    scores = np.repeat([1.0, 2.0, 3.0], 10)
    sessions = np.repeat([0, 1, 2], 10).astype(np.int32)
    assert place_between_sessions(scores, sessions, 0.05) is scores


def test_one_session_fewer_moves_the_threshold_between_these():
    levels = (0.0, 0.5, 1.0, 6.0)
    calibration = calibrate_sessions(levels)
    scores = score_sessions(levels)[0].reshape(len(levels), N_CLIPS)
    without_each = []
    for left_out in range(len(levels)):
        others = np.delete(scores, left_out, axis=0)
        of_others = calibrate(
            others.ravel(),
            target_false_alarm_rate=0.05,
            n_groups=3,
            method="made up",
            has_few_groups=False,
            groups=np.repeat(["a", "b", "c"], N_CLIPS).tolist(),
        )
        without_each.append(of_others.warning)
    low, high = calibration.compute_warning_range()
    assert (low, high) == pytest.approx((min(without_each), max(without_each)))
    assert low < calibration.warning <= high + 1
    steady = calibrate_sessions((0.0, 0.1, 0.2, 0.1))
    assert np.ptp(steady.compute_warning_range()) < np.ptp((low, high)) / 2


@pytest.mark.parametrize("options", [{"levels": (0.0, 1.0)}, {"with_sessions": False}])
def test_two_sessions_or_unknown_ones_are_no_measure_of_one_fewer(options):
    calibration = calibrate_sessions(**({"levels": (0.0, 1.0, 2.0)} | options))
    assert calibration.compute_warning_range() is None
