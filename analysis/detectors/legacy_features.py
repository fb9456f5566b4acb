"""The two feature vectors of the older system, computed as librosa does with its defaults, in numpy and scipy.fft.

Only for models that were trained on them. Everything is of the first 10 s of the waveform, n_fft 2048, hop 512, centred
with zeros around, periodic Hann window. What librosa computes in float32 is float32 here too.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import fft

from analysis.sound.features import SAMPLE_RATE_HZ, FloatArray, Waveform, to_decibels

LegacyFeatures: TypeAlias = npt.NDArray[np.float64]  # (34,) or (64,)

MAX_SECONDS = 10.0
N_FFT, HOP = 2048, 512
N_BINS = 1 + N_FFT // 2
N_MFCC, MFCC_MELS, MEAN_MELS = 13, 128, 64
N_STATISTICS = 2 * N_MFCC + 8
ROLL_OFF = 0.85
MIN_POWER, RANGE_DB = 1e-10, 80.0
MIN_SAMPLE = 1e-10  # nearer to zero than this has no sign
# Dividing by less than this, librosa does not divide.
TINY = np.finfo(np.float32).tiny


def statistics_34(waveform: Waveform, mel_filterbank: FloatArray) -> LegacyFeatures:
    """Mean and deviation over time of MFCC, centroid, bandwidth, zero crossings and roll-off: (34,).

    mel_filterbank: (128, 1025).
    """
    heard = first_seconds(waveform)
    magnitude = np.abs(spectrum(heard))
    decibels = floored(to_decibels(np.maximum(MIN_POWER, mel_filterbank @ magnitude**2)))
    mfcc = fft.dct(decibels, axis=0, type=2, norm="ortho")[:N_MFCC]
    centroid, bandwidth = spectral_moments(magnitude)
    courses = [centroid, bandwidth, zero_crossing_rate(heard), roll_off(magnitude)]
    moments = [moment for course in courses for moment in (course.mean(), course.std())]
    return np.concatenate([mfcc.mean(axis=1), mfcc.std(axis=1), moments]).astype(np.float64)


def mel_mean_64(waveform: Waveform, mel_filterbank: FloatArray) -> LegacyFeatures:
    """Mean over time of each mel band, decibels scaled to [0, 1] over the clip: (64,). mel_filterbank: (64, 1025)."""
    power = mel_filterbank @ np.abs(spectrum(first_seconds(waveform))) ** 2
    decibels = floored(
        to_decibels(np.maximum(MIN_POWER, power)) - to_decibels(np.maximum(MIN_POWER, power.max()))
    )
    low, high = decibels.min(), decibels.max()
    means: LegacyFeatures = ((decibels - low) / (high - low + 1e-6)).mean(axis=1).astype(np.float64)
    return means


def first_seconds(waveform: Waveform) -> Waveform:
    """What the older system heard of a recording."""
    return waveform[: round(MAX_SECONDS * SAMPLE_RATE_HZ)]


def spectrum(waveform: Waveform) -> npt.NDArray[np.complex64]:
    """Short-time Fourier transform: (1025, n_frames)."""
    frames = cut(np.pad(waveform, N_FFT // 2))
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)
    # In float64 up to here: what leaks from a pure tone lies below what float32 could tell from it.
    spectra: npt.NDArray[np.complex64] = fft.rfft(frames * window, axis=1).T.astype(np.complex64)
    return spectra


def cut(samples: FloatArray) -> FloatArray:
    """Overlapping frames: (n_frames, 2048)."""
    return np.lib.stride_tricks.sliding_window_view(samples, N_FFT)[::HOP]


def floored(decibels: FloatArray) -> FloatArray:
    """Lift what lies more than RANGE_DB below the loudest."""
    lifted: FloatArray = np.maximum(decibels, decibels.max() - RANGE_DB)
    return lifted


def spectral_moments(magnitude: FloatArray) -> tuple[LegacyFeatures, LegacyFeatures]:
    """Centroid and bandwidth of each frame, Hz."""
    total = magnitude.sum(axis=0, keepdims=True)
    share = magnitude / np.where(total < TINY, 1, total)
    centroid = (frequencies() * share).sum(axis=0)
    deviation = np.abs(frequencies() - centroid)
    return centroid, np.sqrt((share * deviation**2).sum(axis=0))


def roll_off(magnitude: FloatArray) -> LegacyFeatures:
    """The frequency of each frame below which ROLL_OFF of its magnitude lies, Hz."""
    energy = np.cumsum(magnitude, axis=0)
    reached: LegacyFeatures = frequencies()[np.argmax(energy >= ROLL_OFF * energy[-1], axis=0), 0]
    return reached


def zero_crossing_rate(waveform: Waveform) -> LegacyFeatures:
    """The share of samples of each frame that lie on the other side of zero than the one before."""
    frames = cut(np.pad(waveform, N_FFT // 2, mode="edge"))
    is_negative = frames < -MIN_SAMPLE
    rate: LegacyFeatures = (is_negative[:, 1:] != is_negative[:, :-1]).sum(axis=1) / N_FFT
    return rate


def frequencies() -> LegacyFeatures:
    """Of the bins, Hz: (1025, 1)."""
    hertz: LegacyFeatures = fft.rfftfreq(N_FFT, 1 / SAMPLE_RATE_HZ)[:, np.newaxis]
    return hertz
