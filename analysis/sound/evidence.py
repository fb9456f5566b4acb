"""Measure what can be heard in a clip without any model: its level, bands and rhythms."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.fft

from analysis.sound.audio import SAMPLE_RATE_HZ, Waveform
from analysis.sound.features import get_hann_window, space_starts, spread_starts

Spectrum = npt.NDArray[np.float64]  # (n_bins,), power
Spectra = npt.NDArray[np.complex64]  # (n_segments, n_bins)
Envelopes = npt.NDArray[np.float32]  # (n_segments, n_samples), squared envelope, full scale = 1

BANDS_HZ = (
    ("hum", 30.0, 120.0),
    ("low", 120.0, 500.0),
    ("middle", 500.0, 2000.0),
    ("high", 2000.0, 5000.0),
    ("hiss", 5000.0, 7600.0),
)

# Knocks and rolling elements make the housing ring here, above the machine's own hum.
CARRIER_LOW_HZ = 1000.0
CARRIER_HIGH_HZ = 7600.0
# A carrier below either is only the rounding of a deep tone, which repeats with that tone; the
# rounding noise of 16 bits is at -101 dBFS.
CARRIER_RANGE_DB = 80.0
CARRIER_FLOOR_DBFS = -98.0
ENVELOPE_LOW_HZ = 2.0
ENVELOPE_HIGH_HZ = 500.0

# Long enough to separate two shaft speeds 1 Hz apart, short enough for a steady speed.
SEGMENT_S = 2.0
# Clips of up to this many segments are cut into overlapping ones; longer clips have enough.
MAX_OVERLAPPING_SEGMENTS = 3
# Batch FFTs in multiples of four: four run in the time of two
# (docs/decisions/sound-fft-batches.md).
FFT_BATCH = 4

FLOOR_BINS = 25
MAX_PEAKS = 5
MIN_AMPLITUDE = 0.05
# The z-score of a chance of one in ten million: of a thousand bins of plain noise, a peak is
# reported in one clip of ten thousand.
CHANCE_Z = 5.2


@dataclass(frozen=True, slots=True)
class BandPower:
    """The fraction of a clip's power (30-7600 Hz) that lies in one band."""

    name: str
    low_hz: float
    high_hz: float
    fraction: float


@dataclass(frozen=True, slots=True)
class EnvelopePeak:
    """A rhythm: how often a second the sound swells, and by how much.

    `amplitude` is that of the squared envelope relative to its mean: 0 is steady, 1 swells from
    nothing to twice the mean.
    """

    frequency_hz: float
    amplitude: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """Measurements that a person can check by ear or with a spectrum analyser."""

    level_dbfs: float
    bands: tuple[BandPower, ...]
    envelope_peaks: tuple[EnvelopePeak, ...]


def measure_evidence(waveform: Waveform, level_dbfs: float, gain_db: float = 0.0) -> Evidence:
    """Measure the power of each band and the rhythms up to 500 Hz, strongest first.

    level_dbfs: of the recording; gain_db: by how much the waveform is louder.
    """
    length, starts = place_segments(len(waveform))
    # A constant offset stays in the first bin, which no band includes.
    spectra = scipy.fft.rfft(np.stack([waveform[start : start + length] for start in starts]))
    power = (spectra.real**2 + spectra.imag**2).mean(axis=0)
    envelopes = _compute_squared_envelopes(spectra, length)
    return Evidence(
        level_dbfs,
        _measure_bands(power, length),
        _find_envelope_peaks(envelopes, length, level_dbfs + gain_db),
    )


def place_segments(total: int) -> tuple[int, list[int]]:
    """Return the length and the starts of the segments of a clip; they cover every sample."""
    nominal = int(SEGMENT_S * SAMPLE_RATE_HZ)
    n_segments = total // (FFT_BATCH * nominal) * FFT_BATCH
    if n_segments:
        length = scipy.fft.next_fast_len(-(-total // n_segments), real=True)
        return length, space_starts(total, length, count=n_segments)

    length = min(nominal, total)
    is_short = total <= MAX_OVERLAPPING_SEGMENTS * length
    return length, spread_starts(total, length, step=length // 2 if is_short else length)


def _measure_bands(power: npt.NDArray[np.float32], n_fft: int) -> tuple[BandPower, ...]:
    edges_hz = [BANDS_HZ[0][1]] + [high for _, _, high in BANDS_HZ]
    edges = [round(hz * n_fft / SAMPLE_RATE_HZ) for hz in edges_hz]
    powers = np.add.reduceat(power[: edges[-1]], edges[:-1], dtype=np.float64)
    fractions = powers / max(powers.sum(), 1e-20)
    return tuple(
        BandPower(name, low_hz, high_hz, float(fraction))
        for (name, low_hz, high_hz), fraction in zip(BANDS_HZ, fractions, strict=True)
    )


def _compute_squared_envelopes(spectra: Spectra, length: int) -> Envelopes:
    """Return the squared envelope of the carrier in each segment, at a reduced sample rate.

    The carrier's part of the spectrum, shifted down to zero, is the spectrum of its complex
    envelope (Randall & Antoni, "Rolling element bearing diagnostics - a tutorial", Mechanical
    Systems and Signal Processing 25, 2011).
    """
    low = round(CARRIER_LOW_HZ * length / SAMPLE_RATE_HZ)
    high = round(CARRIER_HIGH_HZ * length / SAMPLE_RATE_HZ)
    # Squaring doubles the bandwidth: what is aliased must not reach the rhythms of interest.
    guard = round(ENVELOPE_HIGH_HZ * length / SAMPLE_RATE_HZ)
    n = scipy.fft.next_fast_len(high - low + guard, real=True)
    shifted = np.zeros((len(spectra), n), np.complex64)
    shifted[:, : high - low] = spectra[:, low:high] * np.float32(2 * n / length)
    envelopes = scipy.fft.ifft(shifted, overwrite_x=True)
    squared: Envelopes = envelopes.real**2 + envelopes.imag**2
    return squared


def _find_envelope_peaks(
    squared: Envelopes, length: int, level_dbfs: float
) -> tuple[EnvelopePeak, ...]:
    """Find peaks of the squared envelope spectrum, averaged as Welch does, above chance level."""
    window = get_hann_window(squared.shape[1])
    # Under the window, because cutting a deep tone into segments adds clicks at their ends.
    mean = float((squared @ window).mean() / window.sum())
    carrier_dbfs = 10 * np.log10(mean / 2 + 1e-20)
    if carrier_dbfs <= max(level_dbfs - CARRIER_RANGE_DB, CARRIER_FLOOR_DBFS):
        return ()

    step_hz = SAMPLE_RATE_HZ / length
    first = int(np.ceil(ENVELOPE_LOW_HZ / step_hz))
    end = int(ENVELOPE_HIGH_HZ / step_hz) + 1
    spectra = np.abs(scipy.fft.rfft((squared - np.float32(mean)) * window)[:, :end])
    power: Spectrum = np.square(spectra, dtype=np.float64).mean(axis=0)
    amplitude = np.sqrt(power) * (2 / (mean * window.sum()))

    is_above_chance = power > _compute_chance_level(power, len(squared))
    is_peak = is_above_chance & (amplitude >= MIN_AMPLITUDE) & _is_local_maximum(power)
    is_peak[:first] = False
    strongest = sorted(np.flatnonzero(is_peak), key=lambda k: -amplitude[k])[:MAX_PEAKS]
    return tuple(EnvelopePeak(float(k * step_hz), float(amplitude[k])) for k in strongest)


def _is_local_maximum(power: Spectrum) -> npt.NDArray[np.bool_]:
    """Return where a bin is the highest within two on either side, a peak's width in the window."""
    padded = np.pad(power, 2)
    neighbourhood = np.lib.stride_tricks.sliding_window_view(padded, 5)
    is_highest: npt.NDArray[np.bool_] = power >= neighbourhood.max(axis=1)
    return is_highest


def _compute_chance_level(power: Spectrum, n_averages: int) -> Spectrum:
    """Return the power that noise exceeds in a bin with a chance of one in ten million.

    The noise is estimated by the medians of the neighbourhood. Averages of n periodograms of noise
    are gamma distributed; Wilson and Hilferty's cube gives the quantiles.
    """
    width = min(FLOOR_BINS, len(power))
    n_blocks = len(power) // width
    blocks = power[: n_blocks * width].reshape(n_blocks, width)
    centers = width * (np.arange(n_blocks) + 0.5)
    median = np.interp(np.arange(len(power)), centers, np.median(blocks, axis=1))

    variance = 1 / (9 * n_averages)
    ratio = ((1 - variance + CHANCE_Z * variance**0.5) / (1 - variance)) ** 3
    chance_level: Spectrum = median * ratio
    return chance_level
