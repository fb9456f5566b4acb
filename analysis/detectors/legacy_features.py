"""The two feature vectors of the older system, as librosa computes them, in numpy and scipy.fft.

Only for models that were trained on them, with librosa's defaults: the first 10 s of the waveform,
n_fft 2048, hop 512, zeros around, periodic Hann window. What librosa computes in float32 is float32
here, too.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import fft

from analysis.sound.features import SAMPLE_RATE_HZ, FloatArray, Waveform, to_decibels

LegacyFeatures: TypeAlias = npt.NDArray[np.float64]  # (34,) or (64,)
Series: TypeAlias = npt.NDArray[np.float64]  # (n_frames,)

MAX_SECONDS = 10.0
N_FFT = 2048
HOP = 512
N_BINS = 1 + N_FFT // 2
N_MFCC = 13
MFCC_MELS = 128
MEAN_MELS = 64
N_STATISTICS = 2 * N_MFCC + 8
ROLL_OFF_FRACTION = 0.85
MIN_POWER = 1e-10
RANGE_DB = 80.0
MIN_SAMPLE = 1e-10  # librosa takes a sample nearer to zero as zero
# librosa does not divide by less.
TINY = np.finfo(np.float32).tiny


def extract_statistics(waveform: Waveform, mel_filterbank: FloatArray) -> LegacyFeatures:
    """Return mean and standard deviation over time of MFCC and spectral features: (34,).

    The spectral features: centroid, bandwidth, zero crossings and roll-off. mel_filterbank:
    (128, 1025).
    """
    clip = take_first_seconds(waveform)
    magnitude = np.abs(compute_stft(clip))
    power = np.maximum(MIN_POWER, mel_filterbank @ magnitude**2)
    decibels = limit_range(to_decibels(power))
    mfcc = fft.dct(decibels, axis=0, type=2, norm="ortho")[:N_MFCC]

    centroid, bandwidth = compute_spectral_moments(magnitude)
    zero_crossings = compute_zero_crossing_rate(clip)
    roll_off = compute_roll_off(magnitude)
    series = (centroid, bandwidth, zero_crossings, roll_off)
    moments = [moment for each in series for moment in (each.mean(), each.std())]
    return np.concatenate([mfcc.mean(axis=1), mfcc.std(axis=1), moments]).astype(np.float64)


def extract_mel_means(waveform: Waveform, mel_filterbank: FloatArray) -> LegacyFeatures:
    """Return the mean over time of each mel band, decibels scaled to [0, 1] over the clip: (64,).

    mel_filterbank: (64, 1025).
    """
    spectrum = compute_stft(take_first_seconds(waveform))
    power = mel_filterbank @ np.abs(spectrum) ** 2
    highest = to_decibels(np.maximum(MIN_POWER, power.max()))
    decibels = limit_range(to_decibels(np.maximum(MIN_POWER, power)) - highest)
    low = decibels.min()
    high = decibels.max()
    means: LegacyFeatures = ((decibels - low) / (high - low + 1e-6)).mean(axis=1).astype(np.float64)
    return means


def take_first_seconds(waveform: Waveform) -> Waveform:
    """Return the part of a recording that the older system used."""
    return waveform[: round(MAX_SECONDS * SAMPLE_RATE_HZ)]


def compute_stft(waveform: Waveform) -> npt.NDArray[np.complex64]:
    """Return the short-time Fourier transform: (1025, n_frames)."""
    frames = cut_frames(np.pad(waveform, N_FFT // 2))
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)
    # The window is float64 as librosa's: the leakage of a pure tone is below float32's precision.
    spectrum: npt.NDArray[np.complex64] = fft.rfft(frames * window, axis=1).T.astype(np.complex64)
    return spectrum


def cut_frames(samples: FloatArray) -> FloatArray:
    """Return overlapping frames: (n_frames, 2048)."""
    return np.lib.stride_tricks.sliding_window_view(samples, N_FFT)[::HOP]


def limit_range(decibels: FloatArray) -> FloatArray:
    """Raise what is more than RANGE_DB below the loudest."""
    limited: FloatArray = np.maximum(decibels, decibels.max() - RANGE_DB)
    return limited


def compute_spectral_moments(magnitude: FloatArray) -> tuple[Series, Series]:
    """Return centroid and bandwidth of each frame, Hz."""
    total = magnitude.sum(axis=0, keepdims=True)
    weights = magnitude / np.where(total < TINY, 1, total)
    centroid = (get_bin_hz() * weights).sum(axis=0)
    distance = np.abs(get_bin_hz() - centroid)
    return centroid, np.sqrt((weights * distance**2).sum(axis=0))


def compute_roll_off(magnitude: FloatArray) -> Series:
    """Return the frequency of each frame below which ROLL_OFF_FRACTION of it lies, Hz."""
    cumulative = np.cumsum(magnitude, axis=0)
    first_bin = np.argmax(cumulative >= ROLL_OFF_FRACTION * cumulative[-1], axis=0)
    roll_off: Series = get_bin_hz()[first_bin, 0]
    return roll_off


def compute_zero_crossing_rate(waveform: Waveform) -> Series:
    """Return the fraction of samples of each frame whose sign differs from the one before."""
    frames = cut_frames(np.pad(waveform, N_FFT // 2, mode="edge"))
    is_negative = frames < -MIN_SAMPLE
    rate: Series = (is_negative[:, 1:] != is_negative[:, :-1]).sum(axis=1) / N_FFT
    return rate


def get_bin_hz() -> npt.NDArray[np.float64]:
    """Return the frequency of each bin, Hz: (1025, 1)."""
    bin_hz: npt.NDArray[np.float64] = fft.rfftfreq(N_FFT, 1 / SAMPLE_RATE_HZ)
    return bin_hz[:, np.newaxis]
