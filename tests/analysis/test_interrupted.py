"""Gaps of the recorder are left out wherever a recording is judged or learnt."""

import io
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from analysis.api.summary import summarize
from analysis.detectors.compatibility import check_intact_length
from analysis.disturbed import judge_undisturbed
from analysis.errors import Interrupted
from analysis.models import Analysis
from analysis.recalibration import score_clip
from analysis.sound.audio import SAMPLE_RATE_HZ, Limits, decode
from analysis.sound.decoding.gaps import Gap
from analysis.sound.quality import assess_quality
from tests.analysis.sound.test_gaps import lose, wav
from tests.support.pump_sounds import URL, pump
from tests.support.trained_detectors import DETECTOR_TYPES, OTHER_SESSIONS, get_artifact, recordings
from training.datasets.datasets import read_dataset
from training.datasets.listing import list_recordings
from training.evaluation.metrics import score_clips
from training.fitters.sounds import Sound

GAPS = {
    "first 0.3 s": (0.0, 0.3),
    "last 30 %": (1.4, 2.0),
    "50 ms early": (0.3, 0.35),
    "50 ms late": (1.6, 1.65),
}


def samples_of(content):
    return soundfile.read(io.BytesIO(content))[0]


def with_gap(content, start_s, end_s):
    return wav(lose(samples_of(content), start_s, end_s))


def label(artifact, clip):
    judged = judge_undisturbed(artifact, clip, artifact.calibration, lambda: False)
    return artifact.calibration.label(judged.prediction.anomaly_score)


@pytest.mark.parametrize("detector_type", DETECTOR_TYPES)
@pytest.mark.parametrize("gap", GAPS.values(), ids=GAPS)
def test_a_gap_is_no_fault(detector_type, gap):
    artifact = get_artifact(detector_type)
    heard = []
    for session in OTHER_SESSIONS:
        (whole,) = recordings(session, n_clips=1)
        if label(artifact, decode(wav(whole))) == "NORMAL":
            heard.append(label(artifact, decode(wav(lose(whole, *gap)))))
    assert heard
    assert set(heard) == {"NORMAL"}


@pytest.mark.parametrize("detector_type", DETECTOR_TYPES)
def test_a_recording_is_judged_as_the_stretches_that_are_left(detector_type):
    artifact = get_artifact(detector_type)
    (whole,) = recordings(OTHER_SESSIONS[0], n_clips=1, seconds=6.0)
    clip = decode(wav(lose(whole, 3.0, 3.1)))
    prediction = artifact.predict(clip.waveform, clip.codec, clip.gaps)
    assert prediction.anomaly_score == pytest.approx(
        artifact.compute_anomaly_score(clip.waveform, clip.codec, clip.gaps)
    )
    curve = prediction.explanation.curve
    in_gap = slice(*(round((s - 0.1) / artifact.front_end.spec.step_seconds) for s in (3.0, 3.1)))
    assert (curve[in_gap] == 0).all()
    assert len(curve) == len(artifact.predict(whole).explanation.curve)
    windows = artifact.front_end.cut_windows(
        clip.waveform,
        artifact.front_end.compute_mel_power(clip.waveform),
        artifact.front_end.spec.find_stretches(len(clip.waveform), clip.gaps),
    )
    step_s = artifact.front_end.spec.step_seconds
    for window in windows:
        start_s = 0.1 + window.first_frame * step_s
        end_s = start_s + (len(window.frames) - 1) * step_s + 1024 / SAMPLE_RATE_HZ
        assert end_s <= 3.0 or start_s >= 3.1


@pytest.mark.parametrize("detector_type", DETECTOR_TYPES)
def test_a_fault_is_marked_at_its_time_in_the_recording(detector_type):
    artifact = get_artifact(detector_type)
    (whole,) = recordings(OTHER_SESSIONS[0], n_clips=1, seconds=6.0)
    noise = np.random.default_rng(0).standard_normal(3_200) * 8 * whole.std()
    whole[80_000:83_200] += noise
    clip = decode(wav(np.clip(lose(0.5 * whole, 1.0, 1.5), -1, 1)))
    segments = artifact.predict(clip.waveform, clip.codec, clip.gaps).explanation.segments
    assert any(segment.start_s <= 5.1 <= segment.end_s for segment in segments)
    assert not any(segment.start_s < 1.6 and segment.end_s > 0.95 for segment in segments)


def test_gaps_that_touch_nothing_change_nothing():
    artifact = get_artifact(DETECTOR_TYPES[0])
    (whole,) = recordings(OTHER_SESSIONS[0], n_clips=1)
    score = artifact.compute_anomaly_score(whole)
    assert artifact.compute_anomaly_score(whole, "lossless", [Gap(0.0, 0.05)]) == score


def test_half_the_training_length_must_be_in_one_piece():
    (whole,) = recordings(OTHER_SESSIONS[0], n_clips=1, seconds=3.0)
    clip = decode(wav(lose(lose(whole, 1.0, 1.02), 2.0, 2.02)))
    quality = assess_quality(clip)
    check_intact_length(quality, 1.9)
    with pytest.raises(Interrupted, match="2 times"):
        check_intact_length(quality, 2.2)


@pytest.mark.django_db
class TestAnswers:
    """Over HTTP."""

    def test_an_analysis_tells_its_gaps(self, api, pump_version):
        body = self.send(api, with_gap(pump(), 0.4, 0.45)).json()
        assert body["label"] == "NORMAL"
        assert body["quality"]["warnings"] == ["dropouts"]
        assert body["quality"]["dropouts"] == 1
        assert body["quality"]["dropout_s"] == pytest.approx(0.05, abs=0.005)
        analysis = Analysis.objects.get(pk=body["id"])
        assert "missing or doubled in the recording (places: 1, 0.05 s or more)" in summarize(
            analysis, "en"
        )
        assert "녹음이 1곳, 모두 0.05초 이상 끊기거나 겹쳐" in summarize(analysis, "ko")

    def test_too_many_gaps_are_refused_by_name(self, api, pump_version):
        content = pump()
        for start_s in (0.4, 0.8, 1.2, 1.6):
            content = with_gap(content, start_s, start_s + 0.02)
        response = self.send(api, content)
        assert (response.status_code, response.json()["code"]) == (422, "interrupted")

    def test_match_leaves_gaps_out(self, api, pump_version):
        file = io.BytesIO(with_gap(pump(), 0.4, 0.45))
        response = api.post("/api/v1/models/match", {"file": file}, format="multipart")
        assert response.json()["matches"][0]["label"] == "NORMAL"

    def test_an_analysis_of_before_has_no_gaps(self, api, pump_version):
        body = self.send(api, pump()).json()
        analysis = Analysis.objects.get(pk=body["id"])
        for name in ("dropouts", "dropout_s", "intact_s"):
            del analysis.quality[name]
        Analysis.objects.filter(pk=analysis.pk).update(quality=analysis.quality)
        quality = api.get(f"{URL}/{analysis.pk}").json()["quality"]
        assert (quality["dropouts"], quality["intact_s"]) == (0, 2.0)

    def send(self, api, content):
        file = io.BytesIO(content)
        fields = {"file": file, "model_id": "pump_forest"}
        return api.post(URL, fields, format="multipart")


def test_training_learns_the_longest_stretch(tmp_path):
    (tmp_path / "gap.wav").write_bytes(with_gap(pump(), 0.4, 0.5))
    (tmp_path / "whole.wav").write_bytes(pump(2))
    clip, whole = read_dataset(list_recordings(tmp_path), limits=Limits()).clips
    assert len(clip.intact) == pytest.approx(1.5 * SAMPLE_RATE_HZ, abs=200)
    assert len(clip.waveform) == 2 * SAMPLE_RATE_HZ
    assert clip.intact.tobytes() in clip.waveform.tobytes()
    assert whole.intact is not None
    assert len(whole.intact) == len(whole.waveform)
    read = Sound.read(clip.source, 1, clip.gaps)
    assert read.samples == pytest.approx(clip.intact, abs=1e-6)

    artifact = get_artifact(DETECTOR_TYPES[0])
    (score,) = score_clips(artifact, [clip])
    assert score == artifact.compute_anomaly_score(clip.waveform, clip.codec, clip.gaps)


def test_training_learns_joints(tmp_path):
    """A recorder makes them again, and not all are found."""
    (tmp_path / "joint.wav").write_bytes(pump())
    (clip,) = read_dataset(list_recordings(tmp_path), limits=Limits()).clips
    joined = replace(clip, gaps=(Gap(0.5, 0.5, has_sound=True),))
    assert len(joined.intact) == len(joined.waveform)
    assert len(replace(clip, gaps=(Gap(0.5, 0.6),)).intact) < len(clip.waveform)


@pytest.mark.django_db
def test_a_device_is_calibrated_on_what_is_whole(pump_version):
    artifact = get_artifact(DETECTOR_TYPES[0])
    content = with_gap(pump(3), 0.4, 0.45)
    score, _digest = score_clip(artifact, content, 1)
    clip = decode(content)
    assert score == artifact.compute_anomaly_score(clip.waveform, clip.codec, clip.gaps)
    assert score != artifact.compute_anomaly_score(clip.waveform, clip.codec)
