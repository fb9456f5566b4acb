"""The older system, built anew as a peer, says what the real one said."""

import json

import numpy as np
import pytest

from benchmarks.peers.older_system import (
    OlderAutoencoder,
    OlderForest,
    mel_mean_64,
    statistics_34,
)
from tests.support.places import REAL

LEFT = REAL / "old_registry"
# What librosa.load looks for, and does not use, are parts of the standard library that will go.
pytestmark = pytest.mark.filterwarnings(
    "ignore:'(aifc|audioop|sunau)' is deprecated:DeprecationWarning"
)
needs_real = pytest.mark.skipif(
    not LEFT.is_dir(), reason=f"The older system's files are not in {LEFT}."
)


@pytest.fixture(scope="module")
def clips():
    """By path: what the older system took of five recordings, and said."""
    return {
        REAL / name: clip
        for name, clip in json.loads((LEFT / "oracle.json").read_text())["clips"].items()
    }


@pytest.fixture(scope="module")
def left_detectors():
    """By name: the detectors that it left, opened."""
    return {
        "valve_if_v1": OlderForest.load(LEFT / "valve_scaler_v1.pkl", LEFT / "valve_if_v1.pkl"),
        "pump_isolation_forest_default": OlderForest.load(
            LEFT / "scaler.pkl", LEFT / "isolation_forest_model.pkl"
        ),
        "valve_autoencoder_v1": OlderAutoencoder.load(LEFT / "valve_autoencoder_v1.pth"),
        "pump_autoencoder_default": OlderAutoencoder.load(LEFT / "autoencoder.pth"),
    }


@needs_real
def test_features_are_the_older_system_s(clips):
    for path, clip in clips.items():
        np.testing.assert_allclose(statistics_34(path), clip["statistics_34"], rtol=1e-5, atol=1e-4)
        np.testing.assert_allclose(mel_mean_64(path), clip["mel_mean_64"], rtol=1e-5, atol=1e-5)


@needs_real
def test_detectors_that_it_left_score_as_they_did(clips, left_detectors):
    for path, clip in clips.items():
        for name, older_score in clip["older_scores"].items():
            detector = left_detectors[name]
            expected = 0.5 - older_score if isinstance(detector, OlderForest) else older_score
            assert detector.score(path) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("kind", [OlderForest, OlderAutoencoder])
def test_fitting_with_a_seed_gives_the_same_scores_again(kind):
    rng = np.random.default_rng(0)
    waveforms = [rng.standard_normal(16_000).astype(np.float32) / 10 for _ in range(8)]
    tone = np.sin(np.arange(16_000) * 0.3).astype(np.float32)
    one, again = (kind.fit(waveforms, seed=1) for _ in range(2))
    assert one.score(tone) == again.score(tone)
    assert one.score(tone) > max(one.score(waveform) for waveform in waveforms)
