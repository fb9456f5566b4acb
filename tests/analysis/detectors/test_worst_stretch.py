"""A long recording is as bad as its worst stretch, and no healthy one worse for being long."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import detectors
from analysis.detectors.artifact import STRICT_STRETCHES
from analysis.detectors.calibration import NORMAL, Calibration, calibrate
from analysis.detectors.score_distribution import ScoreDistribution
from analysis.detectors.session_scores import measure_crossings
from analysis.disturbed import Judgement
from analysis.pipeline import explanation_to_json
from analysis.sound.audio import SAMPLE_RATE_HZ
from analysis.sound.disturbances import cross_fade
from tests.support.serving_forms import read_format_4
from tests.support.trained_detectors import (
    DETECTOR_TYPES,
    MAHALANOBIS,
    OTHER_SESSIONS,
    SECONDS,
    get_artifact,
    recordings,
)
from training.demo_sounds import PUMP

FADE = round(0.02 * SAMPLE_RATE_HZ)


def long_recording(session, *, fault=None, at=0, n_faulty=0, n_clips=6):
    """Record one session, with a fault in some of its stretches."""
    waveforms = recordings(session, n_clips=n_clips)
    if fault:
        waveforms[at : at + n_faulty] = recordings(session, fault=fault, n_clips=n_faulty)
    return cross_fade(waveforms, FADE)


def is_alarm(artifact, waveform):
    return artifact.calibration.label(artifact.compute_anomaly_score(waveform)) != NORMAL


@pytest.mark.parametrize("at", [0, 2, 5])
def test_a_fault_in_a_short_stretch_raises_an_alarm(at):
    artifact = get_artifact(MAHALANOBIS)
    heard = []
    for session in OTHER_SESSIONS:
        for fault in PUMP.faults:
            alone = recordings(session, fault=fault, n_clips=1)[0]
            if is_alarm(artifact, alone):
                waveform = long_recording(session, fault=fault, at=at, n_faulty=1)
                heard.append(is_alarm(artifact, waveform))
    assert len(heard) >= 6
    assert np.mean(heard) >= 0.9


@pytest.mark.parametrize("detector_type", DETECTOR_TYPES)
def test_long_healthy_recordings_raise_no_more_alarms_than_short_ones(detector_type):
    artifact = get_artifact(detector_type)
    sessions = range(100, 110)
    short = [is_alarm(artifact, each) for s in sessions for each in recordings(s, n_clips=6)]
    long = [is_alarm(artifact, long_recording(s)) for s in sessions]
    assert np.mean(long) <= np.mean(short) + 0.2


@given(
    session=st.sampled_from(OTHER_SESSIONS),
    fault=st.sampled_from([None, *PUMP.faults]),
    at=st.integers(0, 4),
    n_clips=st.integers(1, 6),
)
def test_no_segment_contradicts_its_recording(session, fault, at, n_clips):
    artifact = get_artifact(MAHALANOBIS)
    waveform = long_recording(session, fault=fault, at=at, n_faulty=2, n_clips=n_clips)
    prediction = artifact.predict(waveform)
    calibration = artifact.calibration
    segments = explanation_to_json(Judgement(prediction), calibration)["segments"]
    p_value = calibration.compute_p_value(prediction.anomaly_score)
    assert len(segments) == len(prediction.segment_scores)
    assert all(segment["p_value"] >= p_value for segment in segments)
    if len(waveform) <= SECONDS * SAMPLE_RATE_HZ:
        assert all(segment["p_value"] == p_value for segment in segments)


def test_a_stretch_that_alarms_is_told_by_its_own_contributions():
    artifact = get_artifact(MAHALANOBIS)
    fault = PUMP.faults[0]
    waveform = long_recording(OTHER_SESSIONS[0], fault=fault, at=2, n_faulty=2)
    assert artifact.predict(waveform).contributions


# The allowance for the worst of several windows

SESSIONS = ("a", "b", "c")


def make_calibration(groups=SESSIONS):
    """Calibrate on eleven scores a session: 0 to 1, 1 to 2 and 3 to 4."""
    starts = dict(zip(SESSIONS, (0.0, 1.0, 3.0), strict=True))
    scores = [start + step / 10 for start in starts.values() for step in range(11)]
    return calibrate(
        np.array(scores),
        target_false_alarm_rate=0.05,
        n_groups=3 if groups else 1,
        method="made up",
        has_few_groups=False,
        groups=np.repeat(groups, 11).tolist() if groups else None,
    )


def test_sessions_that_differ_only_in_level_allow_what_varies_within_them():
    """The quantile of one session at 0.95^(1/n), less the one at 0.95."""
    calibration = make_calibration()
    assert calibration.compute_worst_allowance(1) == 0
    for n_windows in (2, 10):
        expected = 0.95 ** (1 / n_windows) - 0.95
        assert calibration.compute_worst_allowance(n_windows) == pytest.approx(expected)


def test_of_more_windows_than_clips_the_worst_is_expected_higher():
    """By the logarithm of how many times more, as in an exponential tail."""
    calibration = make_calibration()
    spread = np.linspace(-0.5, 0.5, 11).std()
    expected = 0.95 ** (1 / 33) - 0.95 + np.log(3) * spread
    assert calibration.compute_worst_allowance(33) == pytest.approx(expected)


def cross(calibration, *, above, wider=1.0):
    """Score windows across clips: the clips' scores, higher or spread about their medians."""
    medians = np.repeat([0.5, 1.5, 3.5], 11)
    scores = medians + wider * (calibration.scores - medians) + above
    rate = calibration.target_false_alarm_rate
    sessions = calibration.sessions
    return measure_crossings(calibration.scores, sessions, scores, sessions, rate)


def test_what_windows_across_clips_are_higher_is_allowed_for_in_long_recordings_only():
    calibration = make_calibration()
    crossings = cross(calibration, above=0.25)
    assert crossings.rise == pytest.approx(0.25)
    assert calibration.compute_worst_allowance(1, crossings) == 0
    for n_windows in (2, 10, 33):
        without = calibration.compute_worst_allowance(n_windows)
        allowance = calibration.compute_worst_allowance(n_windows, crossings)
        assert allowance == pytest.approx(without + 0.25)


def test_windows_across_clips_that_score_no_higher_change_nothing():
    calibration = make_calibration()
    crossings = cross(calibration, above=-0.25, wider=0.5)
    assert crossings.rise == 0
    expected = calibration.compute_worst_allowance(33)
    assert calibration.compute_worst_allowance(33, crossings) == expected


def test_of_more_windows_than_clips_the_worst_is_as_much_higher_as_windows_across_clips_vary():
    calibration = make_calibration()
    crossings = cross(calibration, above=0, wider=2.0)
    spread = 2 * np.linspace(-0.5, 0.5, 11).std()
    expected = 0.95 ** (1 / 33) - 0.95 + np.log(3) * spread + crossings.rise
    assert calibration.compute_worst_allowance(33, crossings) == pytest.approx(expected)


def test_sessions_of_a_single_clip_have_no_windows_across_clips():
    """The others are compared with theirs: sessions 0 and 2, which lie 3 apart."""
    calibration = make_calibration()
    sessions = np.array([0, 0, 2, 2], np.int32)
    scores = np.array([0.95, 0.95, 3.95, 3.95]) + 0.1
    crossings = measure_crossings(calibration.scores, calibration.sessions, scores, sessions, 0.05)
    assert crossings.rise == pytest.approx(0.1)
    assert crossings.spread == pytest.approx(0)


def test_a_trained_version_knows_windows_across_clips():
    crossings = get_artifact(MAHALANOBIS).crossings
    assert crossings is not None
    assert crossings.spread > 0


def test_where_sessions_are_unknown_each_window_counts_as_a_recording():
    calibration = make_calibration(groups=None)
    distribution = ScoreDistribution(calibration.scores)
    expected = distribution.compute_threshold(0.05 / 4) - distribution.compute_threshold(0.05)
    assert calibration.compute_worst_allowance(4) == expected
    assert expected > make_calibration().compute_worst_allowance(4)


def test_a_version_of_an_older_format_counts_its_worst_stretch_strictly():
    older = detectors.read(read_format_4(MAHALANOBIS))
    assert older.calibration.sessions is None
    assert not older.front_end.spec.has_overlap
    assert older.calibration.compute_worst_allowance(3) > 0


@pytest.mark.parametrize(("seconds", "is_long"), [(1.5, False), (6.0, True)])
def test_an_answer_of_an_older_format_says_that_long_recordings_are_judged_strictly(
    seconds, is_long
):
    noise = np.random.default_rng(0).normal(0, 0.02, round(seconds * SAMPLE_RATE_HZ))
    waveform = noise.astype(np.float32)
    older = detectors.read(read_format_4(MAHALANOBIS))
    assert (STRICT_STRETCHES in older.predict(waveform).warnings) == is_long
    assert STRICT_STRETCHES not in get_artifact(MAHALANOBIS).predict(waveform).warnings


def test_what_windows_may_be_above_a_single_one_is_derived_once(monkeypatch):
    artifact = get_artifact(MAHALANOBIS)
    derived = []
    derive = Calibration.compute_worst_allowance
    monkeypatch.setattr(
        Calibration,
        "compute_worst_allowance",
        lambda self, n_windows, *more: derived.append(n_windows) or derive(self, n_windows, *more),
    )
    fault = PUMP.faults[0]
    waveform = long_recording(OTHER_SESSIONS[0], fault=fault, at=2, n_faulty=2)
    assert artifact.predict(waveform).segment_scores
    assert len(derived) == 1
