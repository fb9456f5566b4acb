"""Summarise the log-mel frames of a clip of any length in one vector of statistics."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import fft

from analysis.sound.features import BAND_GROUPS, FeatureSpec, Frames, spread_starts

FeatureVector: TypeAlias = npt.NDArray[np.float32]  # (n_features,)
Windows: TypeAlias = npt.NDArray[np.float32]  # (n_windows, n_frames, n_mels), dB
Statistic: TypeAlias = npt.NDArray[np.float64]  # (n_windows, n), one or more of each band

# Statistics depend on the duration they are taken over. So they are taken over windows of one
# length, which fits into half a training clip, and averaged: half a clip has the same statistics.
WINDOW_SECONDS = 1.8
MIN_WINDOW_SECONDS = 1.0
LOW_PERCENTILE = 20.0
HIGH_PERCENTILE = 99.5
# Rhythms of machines: from one turn in three seconds to half the frame rate.
MODULATION_BANDS_HZ = ((0.3, 1.0), (1.0, 2.0), (2.0, 4.0), (4.0, 8.0), (8.0, 15.0))
# Of each band, in the order in which they stand in the features.
BAND_STATISTICS = ("level", "spread", "quiet", "loud", "change", "jump")
# Keeps the logarithm finite where a group of bands does not change at all.
MIN_MODULATION = 1e-3


def extract_clip_features(frames: Frames, spec: FeatureSpec) -> FeatureVector:
    """Return six statistics of each band and the modulation of each group of bands, in dB.

    Of each band: mean, standard deviation, a low and a high percentile, and the mean and a high
    percentile of the change from frame to frame.
    """
    length = min(count_window_frames(spec), len(frames))
    starts = spread_starts(len(frames), length, step=max(1, length // 2))
    windows = np.stack([frames[start : start + length] for start in starts])

    statistics = compute_band_statistics(windows)
    modulation = compute_modulation(windows, spec.step_seconds)
    by_window = np.concatenate([statistics, modulation], axis=1)
    features: FeatureVector = by_window.mean(axis=0, dtype=np.float64).astype(np.float32)
    return features


def count_window_frames(spec: FeatureSpec) -> int:
    """Return how many frames the statistics are taken over."""
    half_a_clip = spec.count_frames(max(MIN_WINDOW_SECONDS, spec.clip_seconds / 2))
    return min(round(WINDOW_SECONDS / spec.step_seconds), half_a_clip)


def count_clip_features(spec: FeatureSpec) -> int:
    """Return the number of clip features."""
    return len(BAND_STATISTICS) * spec.n_mels + BAND_GROUPS * len(MODULATION_BANDS_HZ)


def compute_band_statistics(windows: Windows) -> Statistic:
    """Return BAND_STATISTICS of each band: (n_windows, len(BAND_STATISTICS) * n_mels)."""
    change = np.abs(np.diff(windows, axis=1))
    quiet, loud = compute_percentiles(windows, LOW_PERCENTILE, HIGH_PERCENTILE)
    (jump,) = compute_percentiles(change, HIGH_PERCENTILE)
    statistics = [
        windows.mean(axis=1),
        windows.std(axis=1),
        quiet,
        loud,
        change.mean(axis=1),
        jump,
    ]
    return np.concatenate(statistics, axis=1, dtype=np.float64)


def compute_percentiles(values: Windows, *percents: float) -> list[Statistic]:
    """Return percentiles over the frames as np.percentile does, but faster: by one sort."""
    ordered = np.sort(values, axis=1)
    percentiles = []
    for percent in percents:
        place = np.float64(percent / 100 * (values.shape[1] - 1))
        low = ordered[:, int(place)]
        high = ordered[:, int(np.ceil(place))]
        percentiles.append(low + (high - low) * (place % 1))
    return percentiles


def compute_modulation(windows: Windows, step_seconds: float) -> Statistic:
    """Return the energy of each modulation band in each group of mel bands, in dB.

    (n_windows, n_modulation_bands * BAND_GROUPS), modulation band by modulation band.
    """
    n_windows, length, n_mels = windows.shape
    by_group = windows.reshape(n_windows, length, BAND_GROUPS, n_mels // BAND_GROUPS)
    level = by_group.mean(axis=3, dtype=np.float64)
    taper = np.hanning(length)[:, np.newaxis]
    modulation = (level - level.mean(axis=1, keepdims=True)) * taper

    power = np.abs(fft.rfft(modulation, axis=1)) ** 2 / length
    rate_hz = fft.rfftfreq(length, step_seconds)
    energies = [
        power[:, (rate_hz >= low) & (rate_hz < high)].sum(axis=1)
        for low, high in MODULATION_BANDS_HZ
    ]
    decibels: Statistic = 10 * np.log10(np.concatenate(energies, axis=1) + MIN_MODULATION)
    return decibels
