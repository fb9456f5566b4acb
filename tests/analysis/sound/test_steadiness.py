"""How steady a sound is: features at three scales of time."""

import librosa
import numpy as np
import pytest

from analysis.sound.features import SAMPLE_RATE_HZ, FeatureSpec
from analysis.sound.steadiness import (
    CRACKLE_BANDS,
    CRACKLE_N_FFT,
    DRIFT_BANDS,
    DRIFT_N_FFT,
    extract_crackle,
    extract_drift,
    extract_sway,
    get_filterbank,
)

SPEC = FeatureSpec(clip_seconds=2.0)


def noise(seconds=2.0, seed=0):
    samples = np.random.default_rng(seed).normal(size=round(seconds * SAMPLE_RATE_HZ))
    return samples.astype(np.float32)


def test_sway_is_how_far_a_band_moves_in_eight_frames():
    rising = np.arange(40, dtype=np.float32)[:, np.newaxis] * np.array([0.0, 0.5], np.float32)
    np.testing.assert_allclose(extract_sway(rising), [0, 4])
    alternating = np.tile([0.0, 6.0], 20).astype(np.float32)[:, np.newaxis]
    np.testing.assert_allclose(extract_sway(alternating), [0])


def test_in_few_frames_neighbours_are_compared():
    alternating = np.tile([0.0, 6.0], 6).astype(np.float32)[:, np.newaxis]
    np.testing.assert_allclose(extract_sway(alternating), [6])


@pytest.mark.parametrize(
    ("extract", "n_bands"), [(extract_crackle, CRACKLE_BANDS), (extract_drift, DRIFT_BANDS)]
)
def test_level_does_not_matter(extract, n_bands):
    features = extract(noise(), SPEC)
    assert features.shape == (n_bands,)
    assert features.dtype == np.float32
    np.testing.assert_allclose(extract(0.01 * noise(), SPEC), features, atol=1e-3)


def test_short_clicks_crackle_and_slow_swells_do_not():
    clicking = noise()
    clicking[:: SAMPLE_RATE_HZ // 20] += 100
    times = np.arange(len(clicking)) / SAMPLE_RATE_HZ
    swelling = noise() * (1 + 0.9 * np.sin(2 * np.pi * times)).astype(np.float32)
    steady = extract_crackle(noise(), SPEC)
    assert (extract_crackle(clicking, SPEC) > steady + 1).all()
    assert np.abs(extract_crackle(swelling, SPEC) - steady).mean() < 0.5


def test_a_tone_that_comes_and_goes_drifts_at_its_frequency():
    times = np.arange(2 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    is_on = np.sin(2 * np.pi * 3 * times) > 0
    tone = noise() + (20 * is_on * np.sin(2 * np.pi * 1000 * times)).astype(np.float32)
    rise = extract_drift(tone, SPEC) - extract_drift(noise(), SPEC)
    filterbank = get_filterbank(SPEC, DRIFT_N_FFT, DRIFT_BANDS)
    band = int(np.argmax(filterbank[:, 1000 * DRIFT_N_FFT // SAMPLE_RATE_HZ]))
    assert rise[band] > 3
    assert rise[band] > np.median(rise) + 3


@pytest.mark.parametrize("extract", [extract_crackle, extract_drift])
@pytest.mark.parametrize("n_samples", [100, 4096, 5000])
def test_the_shortest_sounds_have_features(extract, n_samples):
    assert np.isfinite(extract(noise()[:n_samples], SPEC)).all()


@pytest.mark.parametrize("extract", [extract_crackle, extract_drift])
def test_silence_changes_nothing(extract):
    assert not extract(np.zeros(SAMPLE_RATE_HZ, np.float32), SPEC).any()


@pytest.mark.parametrize(
    ("n_fft", "n_bands"), [(CRACKLE_N_FFT, CRACKLE_BANDS), (DRIFT_N_FFT, DRIFT_BANDS)]
)
@pytest.mark.filterwarnings("ignore:Empty filters")
def test_the_filterbanks_are_those_of_librosa(n_fft, n_bands):
    as_in_librosa = librosa.filters.mel(
        sr=SAMPLE_RATE_HZ, n_fft=n_fft, n_mels=n_bands, fmin=SPEC.low_hz, fmax=SPEC.high_hz
    )
    np.testing.assert_allclose(get_filterbank(SPEC, n_fft, n_bands), as_in_librosa, atol=1e-7)
