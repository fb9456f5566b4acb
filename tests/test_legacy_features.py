"""The older system's two feature vectors are librosa's, without librosa."""

import librosa
import numpy as np
import pytest

from analysis.legacy_features import mel_mean_64, statistics_34

RATE = 16_000
TOLERANCE = 1e-5


def noise(seconds, seed=0):
    return (0.1 * np.random.default_rng(seed).standard_normal(int(seconds * RATE))).astype(np.float32)


def hum(seconds):
    time = np.arange(int(seconds * RATE)) / RATE
    return (0.3 * np.sin(2 * np.pi * 120 * time) + 0.01 * np.sin(2 * np.pi * 3100 * time)).astype(np.float32)


def half_silent(seconds):
    waveform = noise(seconds)
    waveform[: len(waveform) // 2] = 0
    return waveform


CLIPS = {
    "noise": noise(2),
    "a hum": hum(3),
    "half silent": half_silent(2),
    "a second": noise(1),
    "longer than is heard": noise(11),
    "very quiet": noise(2) * np.float32(1e-4),
}


def by_librosa(y):
    y = y[: 10 * RATE]
    mfcc = librosa.feature.mfcc(y=y, sr=RATE, n_mfcc=13)
    courses = [
        librosa.feature.spectral_centroid(y=y, sr=RATE),
        librosa.feature.spectral_bandwidth(y=y, sr=RATE),
        librosa.feature.zero_crossing_rate(y),
        librosa.feature.spectral_rolloff(y=y, sr=RATE),
    ]
    return np.concatenate(
        [mfcc.mean(axis=1), mfcc.std(axis=1), [f(course) for course in courses for f in (np.mean, np.std)]]
    )


def mel_mean_by_librosa(y):
    mel = librosa.feature.melspectrogram(y=y[: 10 * RATE], sr=RATE, n_mels=64)
    decibels = librosa.power_to_db(mel, ref=np.max)
    return ((decibels - decibels.min()) / (decibels.max() - decibels.min() + 1e-6)).mean(axis=1)


@pytest.mark.parametrize("name", CLIPS)
def test_the_statistics_are_librosas(name):
    ours = statistics_34(CLIPS[name], librosa.filters.mel(sr=RATE, n_fft=2048, n_mels=128))
    np.testing.assert_allclose(ours, by_librosa(CLIPS[name]), rtol=TOLERANCE, atol=TOLERANCE)


@pytest.mark.parametrize("name", CLIPS)
def test_the_mel_means_are_librosas(name):
    ours = mel_mean_64(CLIPS[name], librosa.filters.mel(sr=RATE, n_fft=2048, n_mels=64))
    np.testing.assert_allclose(ours, mel_mean_by_librosa(CLIPS[name]), rtol=TOLERANCE, atol=TOLERANCE)
