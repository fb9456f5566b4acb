"""Extract how steady a sound is from one moment to another, at three scales of time."""

from functools import lru_cache
from math import log

import numpy as np
import numpy.typing as npt

from analysis.sound.features import (
    MIN_POWER,
    FeatureSpec,
    FloatArray,
    Frames,
    Waveform,
    Window,
    compute_power_spectrum,
    to_decibels,
)

DoubleArray = npt.NDArray[np.float64]

# A quarter of a second from one frame of the front end to the other; where there are hardly more
# frames, neighbours are compared.
LAG_FRAMES = 8
MIN_LAGGED_FRAMES = 13
# Frames of 16 ms, one every 8: crackling.
CRACKLE_N_FFT = 256
CRACKLE_BANDS = 32
# Frames of a quarter of a second, one every eighth: tones that come and go.
DRIFT_N_FFT = 4096
DRIFT_BANDS = 64
# Relative to the mean of all frames and bands.
RELATIVE_FLOOR = np.float32(1e-6)
# New samples of the frames that are transformed together: they fit into the processor's cache.
BLOCK_SAMPLES = 1 << 15
# Slaney's mel scale: 15 mels up to 1000 Hz, then 27 for each factor of 6.4.
LINEAR_UP_TO_HZ = 1000.0
LINEAR_MELS = 15.0
LOG_STEP = log(6.4) / 27


def extract_steadiness(window: Window, spec: FeatureSpec) -> list[FloatArray]:
    """Return sway, crackle and drift of a window."""
    return [
        extract_sway(window.frames),
        extract_crackle(window.samples, spec),
        extract_drift(window.samples, spec),
    ]


def count_steadiness(spec: FeatureSpec) -> list[int]:
    """Return how many numbers each of them has."""
    return [spec.n_mels, CRACKLE_BANDS, DRIFT_BANDS]


def extract_sway(frames: Frames) -> FloatArray:
    """Return how far each band moves within LAG_FRAMES on average: (n_mels,), dB."""
    lag = LAG_FRAMES if len(frames) >= MIN_LAGGED_FRAMES else 1
    sway: FloatArray = np.abs(frames[lag:] - frames[:-lag]).mean(axis=0)
    return sway


def extract_crackle(samples: Waveform, spec: FeatureSpec) -> FloatArray:
    """Return how far each band moves from one short frame to the next: (CRACKLE_BANDS,), dB."""
    return measure_changes(samples, get_filterbank(spec, CRACKLE_N_FFT, CRACKLE_BANDS))


def extract_drift(samples: Waveform, spec: FeatureSpec) -> FloatArray:
    """Return how far each band moves from one long frame to the next: (DRIFT_BANDS,), dB."""
    return measure_changes(samples, get_filterbank(spec, DRIFT_N_FFT, DRIFT_BANDS))


def measure_changes(samples: Waveform, filterbank: FloatArray) -> FloatArray:
    """Return the mean change of each band between half-overlapping frames: (n_bands,), dB.

    filterbank: (n_bands, 1 + n_fft // 2). A waveform that is shorter than two frames is padded with
    zeros.
    """
    hop = filterbank.shape[1] - 1
    missing = max(0, 3 * hop - len(samples))
    padded = np.pad(samples, (0, missing)) if missing else samples
    frames = np.lib.stride_tricks.sliding_window_view(padded, 2 * hop)[::hop]
    power = np.empty((len(frames), len(filterbank)), np.float32)
    block = BLOCK_SAMPLES // hop
    for start in range(0, len(frames), block):
        spectra = compute_power_spectrum(frames[start : start + block])
        np.matmul(spectra, filterbank.T, out=power[start : start + block])
    relative = power / max(power.mean(), MIN_POWER)
    decibels = to_decibels(np.maximum(relative, RELATIVE_FLOOR))
    changes: FloatArray = np.abs(np.diff(decibels, axis=0)).mean(axis=0)
    return changes


@lru_cache(maxsize=8)
def get_filterbank(spec: FeatureSpec, n_fft: int, n_bands: int) -> FloatArray:
    """Return triangles that are evenly spaced in mel, each of area 1: (n_bands, 1 + n_fft // 2).

    The mel scale of Slaney's Auditory Toolbox (1998), as in the front end. The lowest bands of
    short frames may lie between two bins, and are 0.
    """
    low, high = to_mel(np.array([spec.low_hz, spec.high_hz]))
    edges_hz = to_hz(np.linspace(low, high, n_bands + 2))[:, np.newaxis]
    bins_hz = np.arange(1 + n_fft // 2) * spec.sample_rate_hz / n_fft
    widths_hz = np.diff(edges_hz, axis=0)
    rising = (bins_hz - edges_hz[:-2]) / widths_hz[:-1]
    falling = (edges_hz[2:] - bins_hz) / widths_hz[1:]
    triangles = np.maximum(np.minimum(rising, falling), 0) * 2 / (edges_hz[2:] - edges_hz[:-2])
    filterbank: FloatArray = triangles.astype(np.float32)
    filterbank.flags.writeable = False
    return filterbank


def to_mel(hz: DoubleArray) -> DoubleArray:
    """Return mel: linear up to 1000 Hz, logarithmic above."""
    above = LINEAR_MELS + np.log(np.maximum(hz, LINEAR_UP_TO_HZ) / LINEAR_UP_TO_HZ) / LOG_STEP
    return np.where(hz < LINEAR_UP_TO_HZ, hz * LINEAR_MELS / LINEAR_UP_TO_HZ, above)


def to_hz(mel: DoubleArray) -> DoubleArray:
    """Return the frequency of mel."""
    above = LINEAR_UP_TO_HZ * np.exp(LOG_STEP * (np.maximum(mel, LINEAR_MELS) - LINEAR_MELS))
    return np.where(mel < LINEAR_MELS, mel * LINEAR_UP_TO_HZ / LINEAR_MELS, above)
