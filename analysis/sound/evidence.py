"""What can be heard in a clip whatever the model: how loud, in which bands, with which rhythm."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.fft

from analysis.sound.audio import SAMPLE_RATE_HZ, Waveform
from analysis.sound.features import evenly, get_hann_window, spread_starts

Spectrum = npt.NDArray[np.float64]  # (n_bins,), power
Envelopes = npt.NDArray[np.float32]  # (n_segments, n_samples), squared envelope, full scale = 1

BANDS_HZ = (
    ("hum", 30.0, 120.0),
    ("low", 120.0, 500.0),
    ("middle", 500.0, 2000.0),
    ("high", 2000.0, 5000.0),
    ("hiss", 5000.0, 7600.0),
)

# Knocks and rolling elements ring the housing here, above what the machine hums by itself.
CARRIER_LOW_HZ, CARRIER_HIGH_HZ = 1000.0, 7600.0
# Below either there is only the rounding of a deep tone, which repeats with it: 16 bits have a noise of -101 dBFS.
CARRIER_RANGE_DB, CARRIER_FLOOR_DBFS = 80.0, -98.0
ENVELOPE_LOW_HZ, ENVELOPE_HIGH_HZ = 2.0, 500.0
# Long enough to part two shaft speeds by a hertz, and at most twice as long: short enough that speed holds still.
SEGMENT_S = 2.0
# Up to so many segments' length they overlap by half; of a longer clip there are enough side by side.
FEW_SEGMENTS = 3
# So many transforms are done in the time of two, and a fifth by itself takes half as long as the four: from so many
# segments' length on, there are four or a multiple of it, as much longer as leaves nothing out.
SIDE_BY_SIDE = 4
FLOOR_BINS = 25
MAX_PEAKS = 5
MIN_AMPLITUDE = 0.05
# Standard score of one chance in ten million: a thousand bins of plain noise show a peak in one clip of ten thousand.
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
    """A rhythm: how often a second the sound swells, and how much.

    `amplitude` is that of the squared envelope relative to its mean: 0 is steady, 1 swells from nothing to the double.
    """

    frequency_hz: float
    amplitude: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a person can check by ear or with a spectrum analyser."""

    level_dbfs: float
    bands: tuple[BandPower, ...]
    envelope_peaks: tuple[EnvelopePeak, ...]


def measure_evidence(waveform: Waveform, level_dbfs: float) -> Evidence:
    """Measure the share of each band and the prominent rhythms up to 500 Hz, the strongest first, of a clip so loud."""
    length, starts = cut(len(waveform))
    # Short transforms side by side take a third of the time of a long one. A constant offset stays in their first bin.
    spectra = scipy.fft.rfft(np.stack([waveform[start : start + length] for start in starts]))
    bands = _band_powers((spectra.real**2 + spectra.imag**2).mean(axis=0), length)
    peaks = _envelope_peaks(_squared_envelopes(spectra, length), length, level_dbfs)
    return Evidence(level_dbfs, bands, peaks)


def cut(total: int) -> tuple[int, list[int]]:
    """How long the segments of a clip of so many samples are, and where they begin; no sample is left out."""
    usual = int(SEGMENT_S * SAMPLE_RATE_HZ)
    if n := total // (SIDE_BY_SIDE * usual) * SIDE_BY_SIDE:
        length = scipy.fft.next_fast_len(-(-total // n), real=True)
        return length, evenly(total, length, count=n)
    length = min(usual, total)
    return length, spread_starts(
        total, length, step=length // 2 if total <= FEW_SEGMENTS * length else length
    )


def _band_powers(power: npt.NDArray[np.float32], n: int) -> tuple[BandPower, ...]:
    edges = [
        round(hz * n / SAMPLE_RATE_HZ)
        for hz in (BANDS_HZ[0][1], *(high for _, _, high in BANDS_HZ))
    ]
    powers = np.add.reduceat(power[: edges[-1]], edges[:-1], dtype=np.float64)
    fractions = powers / max(powers.sum(), 1e-20)
    return tuple(
        BandPower(*band, float(fraction))
        for band, fraction in zip(BANDS_HZ, fractions, strict=True)
    )


def _squared_envelopes(spectra: npt.NDArray[np.complex64], length: int) -> Envelopes:
    """Squared envelopes of the carrier, segment by segment, at as few samples as keep its rhythms apart.

    Shifted down to zero, the carrier's half of the spectrum is that of its complex envelope (Randall & Antoni, "Rolling
    element bearing diagnostics - a tutorial", Mechanical Systems and Signal Processing 25, 2011).
    """
    low, high = (round(hz * length / SAMPLE_RATE_HZ) for hz in (CARRIER_LOW_HZ, CARRIER_HIGH_HZ))
    # The square is twice as wide: what folds back must not reach the rhythms that are looked for.
    n = scipy.fft.next_fast_len(
        high - low + round(ENVELOPE_HIGH_HZ * length / SAMPLE_RATE_HZ), real=True
    )
    shifted = np.zeros((len(spectra), n), np.complex64)
    shifted[:, : high - low] = spectra[:, low:high] * np.float32(2 * n / length)
    envelopes = scipy.fft.ifft(shifted, overwrite_x=True)
    squared: Envelopes = envelopes.real**2 + envelopes.imag**2
    return squared


def _envelope_peaks(squared: Envelopes, length: int, level: float) -> tuple[EnvelopePeak, ...]:
    """Find the lines of the squared envelope spectrum, averaged as Welch does, that chance does not explain."""
    window = get_hann_window(squared.shape[1])
    # Under the window, because cutting a deep tone into segments clicks at their ends.
    mean = float((squared @ window).mean() / window.sum())
    carrier_level = 10 * np.log10(mean / 2 + 1e-20)
    if carrier_level <= max(level - CARRIER_RANGE_DB, CARRIER_FLOOR_DBFS):
        return ()
    step_hz = SAMPLE_RATE_HZ / length
    first, last = int(np.ceil(ENVELOPE_LOW_HZ / step_hz)), int(ENVELOPE_HIGH_HZ / step_hz) + 1
    spectra = np.abs(scipy.fft.rfft((squared - np.float32(mean)) * window)[:, :last])
    power: Spectrum = np.square(spectra, dtype=np.float64).mean(axis=0)
    amplitude = np.sqrt(power) * (2 / (mean * window.sum()))
    is_peak = (
        (power > _chance_level(power, len(squared)))
        & (amplitude >= MIN_AMPLITUDE)
        & _is_local_maximum(power)
    )
    is_peak[:first] = False
    strongest = sorted(np.flatnonzero(is_peak), key=lambda k: -amplitude[k])[:MAX_PEAKS]
    return tuple(EnvelopePeak(float(k * step_hz), float(amplitude[k])) for k in strongest)


def _is_local_maximum(power: Spectrum) -> npt.NDArray[np.bool_]:
    """True where a bin is the highest of itself and two to either side, the width of a line through the window."""
    padded = np.pad(power, 2)
    is_highest: npt.NDArray[np.bool_] = power >= np.lib.stride_tricks.sliding_window_view(
        padded, 5
    ).max(axis=1)
    return is_highest


def _chance_level(power: Spectrum, n_averages: int) -> Spectrum:
    """Return the power that noise exceeds in a bin by one chance in ten million, from the medians of the neighbourhood.

    Averages of n periodograms of noise are gamma distributed; Wilson and Hilferty's cube gives its quantiles.
    """
    width = min(FLOOR_BINS, len(power))
    n_blocks = len(power) // width
    blocks = power[: n_blocks * width].reshape(n_blocks, width)
    centres = width * (np.arange(n_blocks) + 0.5)
    median = np.interp(np.arange(len(power)), centres, np.median(blocks, axis=1))
    spread = 1 / (9 * n_averages)
    ratio = ((1 - spread + CHANCE_Z * spread**0.5) / (1 - spread)) ** 3
    chance_level: Spectrum = median * ratio
    return chance_level
