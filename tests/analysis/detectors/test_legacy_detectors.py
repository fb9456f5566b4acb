"""The serving form of the older system's detectors is read, scored, and refused where damaged."""

import io
from dataclasses import replace
from itertools import pairwise

import librosa
import numpy as np
import pytest

from analysis.detectors import LegacyArtifact, read, write
from analysis.detectors.legacy import (
    LEGACY_DETECTORS,
    WIDTHS,
    LegacyAutoencoder,
    LegacyIsolationForest,
)
from analysis.errors import InvalidArtifact
from analysis.sound.features import FeatureSpec
from analysis.sound.spectrogram import render_spectrogram
from training.fitters.front_end import make_front_end

RATE = 16_000


def forest():
    """Return three stumps, each on another feature."""
    return LegacyIsolationForest(
        mean=np.zeros(34),
        scale=np.ones(34),
        roots=np.array([0, 3, 6], np.int32),
        feature=np.array([0, -1, -1, 1, -1, -1, 2, -1, -1], np.int32),
        threshold=np.zeros(9),
        left=np.array([1, 0, 0, 4, 0, 0, 7, 0, 0], np.int32),
        right=np.array([2, 0, 0, 5, 0, 0, 8, 0, 0], np.int32),
        path_length=np.array([0, 1, 3, 0, 1, 3, 0, 1, 3], np.float64),
        expected_path_length=np.array([2.0]),
        offset=np.array([-0.5]),
    )


def autoencoder():
    random = np.random.default_rng(0)
    pairs = list(pairwise(WIDTHS))
    return LegacyAutoencoder(
        weights=tuple(random.normal(size=pair).astype(np.float32) / 10 for pair in pairs),
        biases=tuple(random.normal(size=pair[1]).astype(np.float32) / 10 for pair in pairs),
    )


@pytest.fixture(params=[forest, autoencoder])
def artifact(request):
    detector = request.param()
    golden = np.random.default_rng(1).random(detector.n_features)
    return LegacyArtifact(
        front_end=make_front_end(FeatureSpec(clip_seconds=10.0)),
        detector=detector,
        mel_filterbank=librosa.filters.mel(sr=RATE, n_fft=2048, n_mels=detector.n_mels),
        golden_features=golden,
        golden_score=detector.compute_anomaly_score(golden),
    )


def noise(seconds):
    return (0.1 * np.random.default_rng(2).standard_normal(int(seconds * RATE))).astype(np.float32)


def with_arrays(artifact, **arrays):
    """Return the serving form with other arrays; None removes one."""
    with np.load(io.BytesIO(write(artifact))) as archive:
        kept = dict(archive) | arrays
    content = io.BytesIO()
    np.savez(content, **{name: array for name, array in kept.items() if array is not None})
    return content.getvalue()


def test_what_is_written_is_read_back(artifact):
    again = read(write(artifact))
    waveform = noise(2)
    assert again.detector.type == artifact.detector.type
    assert again.compute_anomaly_score(waveform) == artifact.compute_anomaly_score(waveform)
    assert again.calibration is None
    assert again.nbytes == artifact.nbytes > 100_000


def test_types_begin_with_their_level():
    assert set(LEGACY_DETECTORS) == {"level1_legacy_isolation_forest", "level2_legacy_autoencoder"}


def test_a_prediction_has_a_score_and_no_explanation(artifact):
    prediction = artifact.predict(noise(2))
    assert prediction.anomaly_score == artifact.compute_anomaly_score(noise(2))
    assert prediction.warnings == ("unexplained",)
    assert set(prediction.timing_ms) == {"features", "score"}
    assert (
        prediction.explanation.segments,
        prediction.explanation.bands,
        len(prediction.explanation.curve),
    ) == ((), (), 0)


def test_a_long_recording_is_scored_by_its_beginning_with_a_warning(artifact):
    long = noise(12)
    assert artifact.predict(long).warnings == ("unexplained", "first_seconds_only")
    assert artifact.compute_anomaly_score(long) == artifact.compute_anomaly_score(long[: 10 * RATE])


def test_a_spectrogram_can_be_rendered_anyway(artifact):
    picture = render_spectrogram(
        noise(2), artifact.front_end, segments=[], bands=[], width=600, height=300
    )
    assert picture.startswith(b"\x89PNG")


def test_the_forest_scores_as_its_trees_say():
    detector = forest()
    apart = np.full(34, -1.0)
    together = np.full(34, 1.0)
    assert detector.compute_anomaly_score(apart) == pytest.approx(2 ** (-1 / 2))
    assert detector.compute_anomaly_score(together) == pytest.approx(2 ** (-3 / 2))


def test_an_array_that_is_missing_is_refused(artifact):
    with np.load(io.BytesIO(write(artifact))) as archive:
        names = archive.files
    for name in names:
        with pytest.raises(InvalidArtifact):
            read(with_arrays(artifact, **{name: None}))


def test_an_array_of_another_shape_or_with_nan_is_refused(artifact):
    for array in [
        np.zeros((64, 3), np.float32),
        np.full((artifact.detector.n_mels, 1025), np.nan, np.float32),
    ]:
        with pytest.raises(InvalidArtifact):
            read(with_arrays(artifact, mel_filterbank=array))


def test_a_detector_with_another_golden_score_is_refused(artifact):
    with pytest.raises(InvalidArtifact, match="golden features"):
        read(write(replace(artifact, golden_score=artifact.golden_score * 1.01)))


def test_trees_that_never_end_are_refused():
    detector = replace(forest(), left=np.zeros(9, np.int32))
    with pytest.raises(InvalidArtifact, match="never end"):
        LegacyIsolationForest.from_arrays(detector.to_arrays())
