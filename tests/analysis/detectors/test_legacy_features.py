"""The older system's two feature vectors equal librosa's, without librosa."""

import librosa
import numpy as np
import pytest

from analysis.detectors.legacy_features import extract_mel_means, extract_statistics
from benchmarks.peers import older_system

RATE = 16_000
TOLERANCE = 1e-5


def noise(seconds, seed=0):
    return (0.1 * np.random.default_rng(seed).standard_normal(int(seconds * RATE))).astype(
        np.float32
    )


def hum(seconds):
    time = np.arange(int(seconds * RATE)) / RATE
    return (0.3 * np.sin(2 * np.pi * 120 * time) + 0.01 * np.sin(2 * np.pi * 3100 * time)).astype(
        np.float32
    )


def half_silent(seconds):
    waveform = noise(seconds)
    waveform[: len(waveform) // 2] = 0
    return waveform


CLIPS = {
    "noise": noise(2),
    "a hum": hum(3),
    "half silent": half_silent(2),
    "a second": noise(1),
    "longer than is used": noise(11),
    "very quiet": noise(2) * np.float32(1e-4),
}


@pytest.mark.parametrize("name", CLIPS)
def test_the_statistics_are_librosas(name):
    ours = extract_statistics(CLIPS[name], librosa.filters.mel(sr=RATE, n_fft=2048, n_mels=128))
    np.testing.assert_allclose(
        ours, older_system.statistics_34(CLIPS[name]), rtol=TOLERANCE, atol=TOLERANCE
    )


@pytest.mark.parametrize("name", CLIPS)
def test_the_mel_means_are_librosas(name):
    ours = extract_mel_means(CLIPS[name], librosa.filters.mel(sr=RATE, n_fft=2048, n_mels=64))
    np.testing.assert_allclose(
        ours, older_system.mel_mean_64(CLIPS[name]), rtol=TOLERANCE, atol=TOLERANCE
    )
