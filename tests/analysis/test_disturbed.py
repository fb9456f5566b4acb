"""An alarm in which something beside the machine is heard asks for another recording first."""

from datetime import timedelta
from itertools import count
from types import SimpleNamespace

import pytest
from django.utils import timezone

from analysis import pipeline
from analysis.api.summary import summarize
from analysis.detectors import Artifact
from analysis.detectors.base import Hearing
from analysis.disturbed import DISTURBED, judge_undisturbed
from analysis.models import Analysis
from analysis.sound.explanation import Segment
from tests.analysis.sound.test_disturbances import with_voice
from tests.support.pump_sounds import BROKEN_BEARING, pump
from tests.support.trained_detectors import (
    DETECTOR_TYPES,
    MAHALANOBIS,
    OTHER_SESSIONS,
    faulty,
    get_artifact,
    recordings,
)

BARK = Segment(1.0, 1.4)


@pytest.fixture
def artifact():
    return get_artifact(MAHALANOBIS)


def judge(artifact, waveform, *, is_repeated=False, hearing=None):
    """Judge a waveform; with a hearing, as if that had been heard."""
    if hearing is not None:
        artifact = SimpleNamespace(
            predict=artifact.predict, hear_machine_alone=lambda waveform, codec, gaps: hearing
        )
    clip = SimpleNamespace(waveform=waveform, codec="lossless", gaps=())
    calibration = get_artifact(MAHALANOBIS).calibration
    return judge_undisturbed(artifact, clip, calibration, lambda: is_repeated)


def label(artifact, judgement):
    return artifact.calibration.label(judgement.prediction.anomaly_score)


@pytest.mark.parametrize("detector_type", DETECTOR_TYPES)
@pytest.mark.parametrize("session", OTHER_SESSIONS)
def test_a_voice_beside_a_healthy_machine_is_never_critical(detector_type, session):
    artifact = get_artifact(detector_type)
    (waveform,) = recordings(session, n_clips=1)
    heard = with_voice(waveform, 0.9)
    clip = SimpleNamespace(waveform=heard, codec="lossless", gaps=())
    judgement = judge_undisturbed(artifact, clip, artifact.calibration, lambda: False)
    assert label(artifact, judgement) != "CRITICAL"
    if label(artifact, judgement) == "WARNING":
        assert DISTURBED in judgement.prediction.warnings
        assert judgement.disturbances


def test_a_fault_that_lasts_counts_in_full_the_second_time_at_the_latest(artifact):
    waveforms = [
        w
        for w in faulty()
        if artifact.calibration.label(artifact.compute_anomaly_score(w)) == "CRITICAL"
    ]
    judged = [judge(artifact, waveform, is_repeated=True) for waveform in waveforms]
    disturbed = [each for each in judged if DISTURBED in each.prediction.warnings]
    assert len(disturbed) <= 0.1 * len(waveforms)


@pytest.mark.parametrize(
    ("rest_score", "is_repeated", "expected"),
    [
        (None, False, "WARNING"),
        (None, True, "WARNING"),
        (-100.0, False, "WARNING"),
        (-100.0, True, "WARNING"),
        (100.0, False, "WARNING"),
        (100.0, True, "CRITICAL"),
    ],
)
def test_what_stands_without_the_disturbance_counts_in_full_the_second_time(
    artifact, rest_score, is_repeated, expected
):
    waveform = max(faulty(), key=artifact.compute_anomaly_score)
    assert artifact.calibration.label(artifact.compute_anomaly_score(waveform)) == "CRITICAL"
    hearing = Hearing((BARK,), rest_score)
    judgement = judge(artifact, waveform, is_repeated=is_repeated, hearing=hearing)
    assert label(artifact, judgement) == expected
    is_marked = DISTURBED in judgement.prediction.warnings
    assert is_marked == bool(judgement.disturbances) == (expected == "WARNING")
    highest = max(judgement.prediction.segment_scores, default=0.0)
    assert highest <= judgement.prediction.anomaly_score


def test_without_an_alarm_nothing_is_heard_again(artifact):
    (waveform,) = recordings(OTHER_SESSIONS[0], n_clips=1)
    assert artifact.calibration.label(artifact.compute_anomaly_score(waveform)) == "NORMAL"
    judgement = judge(artifact, waveform, hearing=Hearing((BARK,), None))
    assert judgement.disturbances == ()


# Stored and told


@pytest.fixture
def analyze(pump_version, field_engineer, monkeypatch):
    """Analyse a faulty recording in which a dog barks."""

    def analyze_disturbed(rest_score):
        hearing = Hearing((BARK,), rest_score)
        monkeypatch.setattr(Artifact, "hear_machine_alone", lambda *arguments: hearing)
        content = pump(next(seeds), fault=BROKEN_BEARING)
        model_id = pump_version.registered_model_id
        return pipeline.analyze(content, user=field_engineer, model_id=model_id)

    seeds = count(1)
    return analyze_disturbed


def test_a_disturbed_alarm_is_told_with_its_seconds_and_asks_for_another(analyze, api):
    analysis = analyze(None)
    assert analysis.label == "WARNING"
    answer = api.get(f"/api/v1/analyses/{analysis.pk}").json()
    assert DISTURBED in answer["quality"]["warnings"]
    assert answer["explanation"]["disturbances"] == [{"start_s": 1.0, "end_s": 1.4}]
    assert "record again without it" in summarize(analysis, "en")
    assert "다시 녹음해" in summarize(analysis, "ko")


def test_the_second_in_a_row_counts_in_full_and_a_later_one_does_not(analyze):
    first = analyze(100.0)
    assert (first.label, DISTURBED in first.quality["warnings"]) == ("WARNING", True)
    second = analyze(100.0)
    assert (second.label, DISTURBED in second.quality["warnings"]) == ("CRITICAL", False)
    third = analyze(100.0)
    assert third.label == "WARNING"
    Analysis.objects.update(created_at=timezone.now() - timedelta(hours=2))
    assert analyze(100.0).label == "WARNING"


def test_an_alarm_of_the_disturbance_alone_never_counts_in_full(analyze):
    assert {analyze(None).label for _ in range(3)} == {"WARNING"}
