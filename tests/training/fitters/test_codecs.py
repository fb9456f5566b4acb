"""Level 3 learns what codecs make of the training recordings, and judges by what was recorded."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from analysis import detectors
from analysis.detectors.conditions import CONDITIONS, UNKNOWN_CODEC_COST, choose_conditions
from analysis.errors import InvalidArtifact
from analysis.sound.audio import LOSSLESS, SAMPLE_RATE_HZ
from tests.support.serving_forms import REMOVED, arrays_of, pack, with_arrays
from tests.support.trained_detectors import (
    AUTOENCODER,
    FOREST,
    MAHALANOBIS,
    OTHER_SESSIONS,
    front_end,
    get_artifact,
    recordings,
    training_sounds,
)
from training.fitters import codecs
from training.fitters.codecs import CODECS, extract_through_codecs
from training.fitters.mahalanobis import MahalanobisFitter
from training.fitters.sounds import Sound


@cache
def stored(condition):
    """Record sessions that nothing was trained on, as a codec stores them."""
    waveforms = [waveform for session in OTHER_SESSIONS for waveform in recordings(session)]
    return [CODECS[condition](Sound(waveform, SAMPLE_RATE_HZ)) for waveform in waveforms]


@pytest.mark.parametrize(
    ("codec", "expected"),
    [
        (LOSSLESS, {}),
        ("aac", {"aac_64k": 0.0, "aac_32k": 0.0}),
        ("opus", {"opus_16k": 0.0}),
        ("mp3", dict.fromkeys(CONDITIONS, UNKNOWN_CODEC_COST)),
    ],
)
def test_the_codec_of_a_recording_tells_by_what_it_is_judged(codec, expected):
    assert choose_conditions(codec, CONDITIONS) == expected


def test_a_condition_that_was_not_learnt_is_not_chosen():
    assert choose_conditions("aac", ["aac_32k"]) == {"aac_32k": 0.0}
    assert choose_conditions("mp3", []) == {}


@pytest.mark.parametrize("detector_type", [FOREST, AUTOENCODER])
def test_levels_1_and_2_allow_for_codecs_by_domain_shifts(detector_type):
    artifact = get_artifact(detector_type)
    assert artifact.codec_detectors == {}
    assert len(artifact.detector.domain_shifts) == 8


def test_level_3_learns_every_condition():
    artifact = get_artifact(MAHALANOBIS)
    assert tuple(artifact.codec_detectors) == CONDITIONS
    assert len(artifact.detector.domain_shifts) == 12


@pytest.mark.parametrize(("condition", "codec"), [("aac_32k", "aac"), ("opus_16k", "opus")])
def test_what_a_codec_does_to_healthy_clips_is_no_fault(condition, codec):
    artifact = get_artifact(MAHALANOBIS)
    as_told = [artifact.compute_anomaly_score(each, codec) for each in stored(condition)]
    as_lossless = [artifact.compute_anomaly_score(each) for each in stored(condition)]
    assert np.median(as_told) < np.median(as_lossless) - 0.2
    assert all(told <= lossless for told, lossless in zip(as_told, as_lossless, strict=True))


def test_the_score_is_that_of_the_condition_that_fits_best():
    artifact = get_artifact(MAHALANOBIS)
    waveform = stored("aac_32k")[0]
    features = artifact.extract_features(artifact.front_end.extract_windows(waveform))
    known = [artifact.detector, *artifact.codec_detectors.values()]
    scores = [np.median([d.compute_anomaly_score(f) for f in features]) for d in known]
    free = {"aac": scores[:3], "opus": [scores[0], scores[3]], LOSSLESS: scores[:1]}
    for codec, candidates in free.items():
        assert artifact.compute_anomaly_score(waveform, codec) == min(candidates)
        assert artifact.predict(waveform, codec).anomaly_score == min(candidates)
    costly = [scores[0], *(score + UNKNOWN_CODEC_COST for score in scores[1:])]
    assert artifact.compute_anomaly_score(waveform, "mp3") == min(costly)


def test_conditions_are_written_and_read():
    artifact = get_artifact(MAHALANOBIS)
    again = detectors.read(detectors.write(artifact))
    for codec in ("aac", "opus", "mp3"):
        for waveform in stored("aac_32k"):
            assert again.compute_anomaly_score(waveform, codec) == artifact.compute_anomaly_score(
                waveform, codec
            )


@pytest.mark.parametrize("value", [REMOVED, np.zeros(3, np.float32)], ids=["gone", "another size"])
def test_a_condition_is_read_whole_or_not_at_all(value):
    with pytest.raises(InvalidArtifact):
        detectors.read(with_arrays(MAHALANOBIS, aac_32k_mean=value))


def test_a_version_without_conditions_judges_what_any_codec_stored():
    """As versions of format 5 do."""
    arrays = {
        name: array
        for name, array in arrays_of(MAHALANOBIS).items()
        if not name.startswith(CONDITIONS)
    }
    header = json.loads(arrays["header"].tobytes()) | {"format_version": 5}
    for name in ("has_overlap", "has_channel_choice"):
        del header["feature_spec"][name]
    arrays["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
    older = detectors.read(pack(arrays))
    waveform = stored("aac_32k")[0]
    artifact = get_artifact(MAHALANOBIS)
    as_then = replace(artifact, detector=replace(artifact.detector, shift_relief=0.0))
    expected = as_then.compute_anomaly_score(waveform)
    assert older.compute_anomaly_score(waveform, "aac") == expected


def test_only_so_many_clips_from_all_over_the_folder_go_through_codecs(monkeypatch):
    sounds = training_sounds()
    groups = [f"take{i // 3}" for i in range(len(sounds))]
    monkeypatch.setattr(codecs, "MAX_CODEC_CLIPS", 20)
    through = extract_through_codecs(front_end(), MahalanobisFitter, sounds, groups)
    assert {name: len(each.clips) for name, each in through.items()} == dict.fromkeys(CODECS, 20)
    assert set(through["aac_64k"].groups) == set(groups)


def test_a_codec_that_silences_the_machine_is_left_out(monkeypatch):
    sounds = training_sounds()
    groups = [f"take{i // 3}" for i in range(len(sounds))]
    monkeypatch.setitem(codecs.CODECS, "opus_16k", lambda sound: np.zeros_like(sound.samples))
    through = extract_through_codecs(front_end(), MahalanobisFitter, sounds, groups)
    assert set(through) == {"aac_64k", "aac_32k"}
