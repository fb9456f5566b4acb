"""Lines: steady tones that the mel bands are too broad for, heard in a spectrum of 1 Hz."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.sound.features import (
    MIN_POWER,
    FeatureSpec,
    FloatArray,
    Waveform,
    compute_power_spectrum,
    evenly,
    spread_starts,
    to_decibels,
)

TonalPeaks: TypeAlias = FloatArray  # (n_lines,), dB, from low_hz to high_hz of the spec
Starts: TypeAlias = npt.NDArray[np.intp]  # (n_mels,), the first line of each band

# About a second: a line of a machine whose speed is not quite steady is broader than that, a whine is not.
LINE_N_FFT = 16384
# More would cost more, and of four the strongest line of noise is already weaker than what is pointed at.
MAX_STRETCHES = 4
# Of the length of a training clip: of less, noise alone has stronger lines.
MIN_SHARE = 0.94
# A line is held against so many neighbours on either side.
NEIGHBOURS = 8
# Of the mean of the spectrum, or of the loudest stretch: what 16 bits leave of silence is nothing to go by.
RELATIVE_FLOOR = np.float32(1e-9)
MIN_LIMIT = 1e-6


@dataclass(frozen=True, slots=True)
class TonalProfile:
    """How far the lines of normal clips stand out.

    reference: (n_lines,), dB, the most that a line so near stands out in a normal clip; usual, deviation: (n_mels,),
    dB, by how much the strongest line of a held-out normal clip exceeds that, in the group of bands that a band belongs
    to; limit: in standard deviations, what most held-out normal clips stay below everywhere.
    """

    reference: TonalPeaks
    usual: FloatArray
    deviation: FloatArray
    limit: float

    def __post_init__(self) -> None:
        if not (self.deviation > 0).all():
            raise ValueError("A deviation is positive.")

    def excess(self, prominence: TonalPeaks, band_hz: FloatArray, spec: FeatureSpec) -> FloatArray:
        """By how much the strongest line of each band exceeds what normal clips have there: (n_mels,), dB."""
        return find_strongest_by_band(prominence - self.reference, band_hz, spec)

    def strength(self, excess: FloatArray) -> FloatArray:
        """The same as shares of the limit: (n_mels,), above 1 where a line is not normal."""
        strength: FloatArray = (excess - self.usual) / self.deviation / max(self.limit, MIN_LIMIT)
        # What is usual may lie far below what normal clips have; up to that much, a line is normal all the same.
        return np.where(excess > 0, strength, np.float32(0))


def extract_tonal_peaks(samples: Waveform, spec: FeatureSpec) -> TonalPeaks | None:
    """How far each line of a trimmed waveform stands above the mean of its neighbours: (n_lines,), dB.

    None of a waveform in which noise alone has stronger lines than in the training clips: one that is shorter than
    they are, or silent for a stretch.
    """
    if not is_long_enough(len(samples), spec):
        return None
    padded = (
        samples if len(samples) >= LINE_N_FFT else np.pad(samples, (0, LINE_N_FFT - len(samples)))
    )
    starts = stretches(len(padded))
    spectra = compute_power_spectrum(
        np.stack([padded[start : start + LINE_N_FFT] for start in starts])
    )
    level = spectra.mean(axis=1)
    if level.min() <= max(RELATIVE_FLOOR * level.max(), MIN_POWER):
        return None
    # Each counts as much as any other: the mean of a loud and a quiet one is that of the loud one alone.
    power = (1 / (len(level) * level)) @ spectra
    first, n_lines = first_line(spec), n_lines_of(spec)
    decibels = to_decibels(power[first : first + n_lines] + RELATIVE_FLOOR)
    return decibels - mean_of_neighbours(decibels)


def is_long_enough(n_samples: int, spec: FeatureSpec) -> bool:
    """Whether the stretches of a trimmed waveform span nearly as much of it as those of a training clip do."""
    least = round((MIN_SHARE * spec.clip_seconds - 2 * spec.trim_seconds) * spec.sample_rate_hz)
    return n_samples >= min(least, MAX_STRETCHES * LINE_N_FFT)


def stretches(n_samples: int) -> list[int]:
    """Where the stretches begin that the spectrum is the mean of, half overlapping if they are few."""
    overlapping = spread_starts(n_samples, LINE_N_FFT, step=LINE_N_FFT // 2)
    return evenly(n_samples, LINE_N_FFT, count=min(len(overlapping), MAX_STRETCHES))


def mean_of_neighbours(decibels: TonalPeaks) -> TonalPeaks:
    """The mean from NEIGHBOURS before to NEIGHBOURS after, those beyond an end being as the last: (n_lines,)."""
    width = 2 * NEIGHBOURS + 1
    # In double: the sums of thousands of lines are subtracted from each other.
    sums = np.cumsum(np.pad(decibels, (NEIGHBOURS + 1, NEIGHBOURS), mode="edge"), dtype=np.float64)
    mean: TonalPeaks = ((sums[width:] - sums[:-width]) / width).astype(np.float32)
    return mean


def find_strongest_by_band(
    values: TonalPeaks, band_hz: FloatArray, spec: FeatureSpec
) -> FloatArray:
    """The highest value among the lines nearest to the centre of each band: (n_mels,)."""
    strongest: FloatArray = np.maximum.reduceat(values, starts_of(band_hz, spec))
    return strongest


def starts_of(band_hz: FloatArray, spec: FeatureSpec) -> Starts:
    """The line from which on each band's centre is the nearest; the first band has all that lies below, too."""
    borders_hz = (band_hz[1:-2].astype(np.float64) + band_hz[2:-1]) / 2
    borders = np.clip(
        np.ceil(borders_hz / compute_resolution_hz(spec)) - first_line(spec),
        0,
        n_lines_of(spec) - 1,
    )
    return np.concatenate([[0], borders]).astype(np.intp)


def first_line(spec: FeatureSpec) -> int:
    """Which bin of the spectrum is the first line."""
    return int(np.ceil(spec.low_hz / compute_resolution_hz(spec)))


def n_lines_of(spec: FeatureSpec) -> int:
    """How many lines are listened to."""
    return int(spec.high_hz / compute_resolution_hz(spec)) + 1 - first_line(spec)


def compute_resolution_hz(spec: FeatureSpec) -> float:
    """From one line to the next."""
    return spec.sample_rate_hz / LINE_N_FFT
