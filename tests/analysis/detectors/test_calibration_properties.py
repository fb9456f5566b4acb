"""Whatever normal clips score: p-value, label, score and health never contradict each other."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.detectors.calibration import (
    CRITICAL,
    MAX_FALSE_ALARM_RATE,
    MIN_CLIPS,
    MIN_FALSE_ALARM_RATE,
    NORMAL,
    WARNING,
    LengthScale,
    calibrate,
    compute_critical_p_value,
)
from analysis.detectors.score_distribution import MIN_P_VALUE

SEVERITY = {NORMAL: 0, WARNING: 1, CRITICAL: 2}
HEALTH_OF = {NORMAL: (100, 60), WARNING: (60, 30), CRITICAL: (30, 0)}
# A threshold is found and looked up by different sums.
ROUNDING = 1e-6
# Each detector scores in a unit of its own, in steps of it: many clips alike, or hardly any.
UNITS = st.floats(1e-6, 1e6)
STEPS = (st.integers(-5, 5), st.integers(-1_000_000, 1_000_000))
ANYWHERE = st.floats(-1e12, 1e12)


@st.composite
def calibrations(draw):
    """A calibration on clips of any machine."""
    n_clips = draw(st.integers(MIN_CLIPS, 40))
    steps = draw(st.lists(draw(st.sampled_from(STEPS)), min_size=n_clips, max_size=n_clips))
    assume(len(set(steps)) > 1)

    n_sessions = draw(st.integers(1, n_clips))
    names = [f"take{i % n_sessions}" for i in draw(st.permutations(range(n_clips)))]
    return calibrate(
        draw(UNITS) * np.array(steps, dtype=np.float64),
        target_false_alarm_rate=draw(st.floats(MIN_FALSE_ALARM_RATE, MAX_FALSE_ALARM_RATE)),
        n_groups=n_sessions,
        method="made up",
        has_few_groups=draw(st.booleans()),
        groups=draw(st.sampled_from([None, names])),
    )


@st.composite
def cases(draw):
    """A calibration and two scores in ascending order: anywhere, or where something changes."""
    calibration = draw(calibrations())
    corners = [calibration.expected.tail_start, calibration.warning, calibration.critical]
    corners += calibration.scores.tolist() + calibration.expected.scores.tolist()
    at_a_corner = st.sampled_from(corners)
    towards = st.sampled_from([-np.inf, np.inf])
    beside_a_corner = st.builds(np.nextafter, at_a_corner, towards).map(float)
    among_the_clips = st.floats(float(calibration.scores[0]), calibration.critical)

    score = st.one_of(at_a_corner, beside_a_corner, among_the_clips, ANYWHERE)
    lower, higher = sorted([draw(score), draw(score)])
    return calibration, lower, higher


def calibrate_again(calibration, scores, sessions):
    """Calibrate on other scores as before."""
    return calibrate(
        np.asarray(scores),
        target_false_alarm_rate=calibration.target_false_alarm_rate,
        n_groups=calibration.n_groups,
        method=calibration.method,
        has_few_groups=False,
        groups=sessions,
    )


# The p-value


@given(calibrations(), st.data())
def test_up_to_the_tail_a_p_value_counts_the_clips_at_or_above(calibration, data):
    score = data.draw(st.sampled_from(calibration.expected.scores.tolist()))
    assume(score <= calibration.expected.tail_start)
    n_at_or_above = int((calibration.expected.scores >= score).sum())
    assert calibration.compute_p_value(score) == (1 + n_at_or_above) / (calibration.n + 1)


@given(cases())
def test_a_higher_score_never_has_a_higher_p_value(case):
    calibration, lower, higher = case
    assert (
        MIN_P_VALUE
        <= calibration.compute_p_value(higher)
        <= calibration.compute_p_value(lower)
        <= 1
    )


@given(cases())
def test_nothing_is_more_typical_than_the_p_value_allows(case):
    calibration, score, _ = case
    assert (
        0 < calibration.compute_typicality(score) <= min(1, 2 * calibration.compute_p_value(score))
    )


# The label


@given(cases())
def test_labels_change_at_the_thresholds_and_nowhere_else(case):
    calibration, lower, higher = case
    assert calibration.warning <= calibration.critical
    for score in (lower, higher):
        is_critical = score >= calibration.critical
        expected = CRITICAL if is_critical else WARNING if score >= calibration.warning else NORMAL
        assert calibration.label(score) == expected


@given(cases())
def test_a_higher_score_is_never_a_milder_label(case):
    calibration, lower, higher = case
    assert SEVERITY[calibration.label(lower)] <= SEVERITY[calibration.label(higher)]


@given(cases())
def test_a_label_is_as_rare_as_it_was_asked_to_be(case):
    calibration, score, _ = case
    rate = calibration.target_false_alarm_rate
    p_value = calibration.compute_p_value(score)
    label = calibration.label(score)
    if label == NORMAL:
        assert p_value > rate * (1 - ROUNDING)
    else:
        assert p_value <= rate * (1 + ROUNDING)
    if label == CRITICAL:
        assert p_value <= compute_critical_p_value(rate) * (1 + ROUNDING)


@given(calibrations())
def test_at_the_warning_threshold_the_p_value_is_the_target_rate(calibration):
    rate = calibration.target_false_alarm_rate
    below = float(np.nextafter(calibration.warning, -np.inf))
    assert calibration.compute_p_value(calibration.warning) <= rate * (1 + ROUNDING)
    assert calibration.compute_p_value(below) >= rate * (1 - ROUNDING)
    if rate < calibration.expected.tail_p_value:
        assert calibration.compute_p_value(calibration.warning) == pytest.approx(rate)


@given(calibrations())
def test_no_clip_that_calibrated_is_critical(calibration):
    assert CRITICAL not in {calibration.label(score) for score in calibration.scores}


# Score and health


@given(cases())
def test_a_higher_anomaly_score_is_never_a_lower_score(case):
    calibration, lower, higher = case
    assert 0 <= calibration.score(lower) <= calibration.score(higher) <= 1


@given(cases())
def test_a_higher_anomaly_score_is_never_better_health(case):
    calibration, lower, higher = case
    assert (
        100
        >= calibration.compute_health_score(lower)
        >= calibration.compute_health_score(higher)
        >= 0
    )


@given(cases())
def test_health_is_in_the_range_of_the_label(case):
    calibration, score, _ = case
    best, worst = HEALTH_OF[calibration.label(score)]
    assert worst - ROUNDING <= calibration.compute_health_score(score) <= best + ROUNDING


# What it does not depend on


@given(calibrations(), st.randoms(use_true_random=False))
def test_the_order_of_the_clips_changes_nothing(calibration, random):
    order = list(range(calibration.n))
    random.shuffle(order)
    sessions = None if calibration.sessions is None else calibration.sessions[order]
    again = calibrate_again(calibration, calibration.scores[order], sessions)
    assert (again.warning, again.critical) == (calibration.warning, calibration.critical)


@given(cases(), st.integers(0, 40))
def test_the_units_of_the_detector_change_no_verdict(case, exponent):
    calibration, score, _ = case
    # By a power of two, so that nothing is rounded.
    unit = 2.0**exponent
    in_other_units = calibrate_again(calibration, calibration.scores * unit, calibration.sessions)
    assert in_other_units.compute_p_value(score * unit) == pytest.approx(
        calibration.compute_p_value(score)
    )
    assert in_other_units.score(score * unit) == calibration.score(score)


# Shorter clips


@given(st.floats(0.01, 1), st.floats(-1e6, 1e6), st.floats(0, 2), ANYWHERE, ANYWHERE)
def test_shorter_clips_keep_their_order(factor, offset, share, one, other):
    lower, higher = sorted((one, other))
    scale = LengthScale(factor, offset)
    assert scale.adjust(lower, share) <= scale.adjust(higher, share)


@given(st.floats(0.01, 1), st.floats(-1e6, 1e6), st.floats(1, 10), ANYWHERE)
def test_a_whole_clip_keeps_its_score(factor, offset, share, score):
    assert LengthScale(factor, offset).adjust(score, share) == score
