"""The older system, rebuilt as a peer, gives the scores that the real one gave."""

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

OLD_REGISTRY = REAL / "old_registry"
# librosa.load looks for deprecated parts of the standard library.
pytestmark = pytest.mark.filterwarnings(
    "ignore:'(aifc|audioop|sunau)' is deprecated:DeprecationWarning"
)
needs_real = pytest.mark.skipif(
    not OLD_REGISTRY.is_dir(), reason=f"The older system's files are not in {OLD_REGISTRY}."
)


@pytest.fixture(scope="module")
def clips():
    """By path: the features and scores of five recordings in the older system."""
    return {
        REAL / name: clip
        for name, clip in json.loads((OLD_REGISTRY / "oracle.json").read_text())["clips"].items()
    }


@pytest.fixture(scope="module")
def older_detectors():
    """By name: the detectors that it left."""
    return {
        "valve_if_v1": OlderForest.load(
            OLD_REGISTRY / "valve_scaler_v1.pkl", OLD_REGISTRY / "valve_if_v1.pkl"
        ),
        "pump_isolation_forest_default": OlderForest.load(
            OLD_REGISTRY / "scaler.pkl", OLD_REGISTRY / "isolation_forest_model.pkl"
        ),
        "valve_autoencoder_v1": OlderAutoencoder.load(OLD_REGISTRY / "valve_autoencoder_v1.pth"),
        "pump_autoencoder_default": OlderAutoencoder.load(OLD_REGISTRY / "autoencoder.pth"),
    }


@needs_real
def test_features_are_the_older_system_s(clips):
    for path, clip in clips.items():
        np.testing.assert_allclose(statistics_34(path), clip["statistics_34"], rtol=1e-5, atol=1e-4)
        np.testing.assert_allclose(mel_mean_64(path), clip["mel_mean_64"], rtol=1e-5, atol=1e-5)


@needs_real
def test_its_own_detectors_score_as_they_did(clips, older_detectors):
    for path, clip in clips.items():
        for name, older_score in clip["older_scores"].items():
            detector = older_detectors[name]
            expected = 0.5 - older_score if isinstance(detector, OlderForest) else older_score
            assert detector.score(path) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("detector_class", [OlderForest, OlderAutoencoder])
def test_fitting_with_a_seed_gives_the_same_scores_again(detector_class):
    rng = np.random.default_rng(0)
    waveforms = [rng.standard_normal(16_000).astype(np.float32) / 10 for _ in range(8)]
    tone = np.sin(np.arange(16_000) * 0.3).astype(np.float32)
    one, again = (detector_class.fit(waveforms, seed=1) for _ in range(2))
    assert one.score(tone) == again.score(tone)
    assert one.score(tone) > max(one.score(waveform) for waveform in waveforms)
