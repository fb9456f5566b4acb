"""Find tonal peaks: steady tones that mel bands are too broad for, in a spectrum of 1 Hz."""

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
    space_starts,
    spread_starts,
    to_decibels,
)

# (n_bins,), dB above the neighbouring bins, from low_hz to high_hz of the spec.
TonalPeaks: TypeAlias = FloatArray
Bins: TypeAlias = npt.NDArray[np.intp]  # (n_mels,), the first bin of each band

# About a second, bins of 1 Hz: narrow enough for a whine, and broad enough for the tones of a
# machine whose speed varies a little.
PEAK_N_FFT = 16384
# More segments would take longer. With four, the strongest peak of noise is already below what is
# reported.
MAX_SEGMENTS = 4
# Of the length of the training clips: in a shorter clip, noise alone has stronger peaks
# (docs/decisions/tonal-peaks.md).
MIN_LENGTH_FRACTION = 0.94
# The bins on either side that a bin is compared with.
NEIGHBOURS = 8
# Relative to the mean of the spectrum, or to the loudest segment: the rounding of silence to 16
# bits is no sound.
RELATIVE_FLOOR = np.float32(1e-9)
MIN_LIMIT = 1e-6


@dataclass(frozen=True, slots=True)
class TonalProfile:
    """How far the tonal peaks of normal clips rise above their neighbours.

    reference: (n_bins,), dB, the highest peak of a normal clip at or near each bin. center, scale:
    (n_mels,), dB, mean and standard deviation of how far the strongest peak of a held-out normal
    clip exceeds the reference, in the group of bands that a band belongs to. limit: in standard
    deviations, what most held-out normal clips stay below everywhere.
    """

    reference: TonalPeaks
    center: FloatArray
    scale: FloatArray
    limit: float

    def __post_init__(self) -> None:
        if not (self.scale > 0).all():
            raise ValueError("The scale of a tonal profile must be positive.")

    def compute_excess(
        self, peaks: TonalPeaks, band_hz: FloatArray, spec: FeatureSpec
    ) -> FloatArray:
        """Return how far each band's strongest peak exceeds the reference: (n_mels,), dB."""
        return find_strongest_by_band(peaks - self.reference, band_hz, spec)

    def compute_strength(self, excess: FloatArray) -> FloatArray:
        """Return the excess as a fraction of the limit: (n_mels,), above 1 where abnormal."""
        strength: FloatArray = (excess - self.center) / self.scale / max(self.limit, MIN_LIMIT)
        # The center may be far below the reference; up to the reference a peak is normal anyway.
        return np.where(excess > 0, strength, np.float32(0))


def extract_tonal_peaks(samples: Waveform, spec: FeatureSpec) -> TonalPeaks | None:
    """Return how far each bin of a trimmed waveform is above the mean of its neighbours, dB.

    None for a waveform in which noise alone has stronger peaks than in the training clips: one
    that is shorter than they are, or silent for a while.
    """
    if not is_long_enough(len(samples), spec):
        return None
    missing = max(0, PEAK_N_FFT - len(samples))
    padded = np.pad(samples, (0, missing)) if missing else samples
    starts = place_segments(len(padded))
    spectra = compute_power_spectrum(
        np.stack([padded[start : start + PEAK_N_FFT] for start in starts])
    )
    level = spectra.mean(axis=1)
    if level.min() <= max(RELATIVE_FLOOR * level.max(), MIN_POWER):
        return None

    # Each segment is normalised: otherwise the loudest would hide the others.
    power = (1 / (len(level) * level)) @ spectra
    first = find_first_bin(spec)
    decibels = to_decibels(power[first : first + count_bins(spec)] + RELATIVE_FLOOR)
    return decibels - average_neighbours(decibels)


def is_long_enough(n_samples: int, spec: FeatureSpec) -> bool:
    """Return whether the segments span nearly as much as those of a training clip."""
    min_seconds = MIN_LENGTH_FRACTION * spec.clip_seconds - 2 * spec.trim_seconds
    min_samples = round(min_seconds * spec.sample_rate_hz)
    return n_samples >= min(min_samples, MAX_SEGMENTS * PEAK_N_FFT)


def place_segments(n_samples: int) -> list[int]:
    """Return the starts of the segments of the mean spectrum, half overlapping if they are few."""
    overlapping = spread_starts(n_samples, PEAK_N_FFT, step=PEAK_N_FFT // 2)
    return space_starts(n_samples, PEAK_N_FFT, count=min(len(overlapping), MAX_SEGMENTS))


def average_neighbours(decibels: TonalPeaks) -> TonalPeaks:
    """Return the mean of each bin and NEIGHBOURS on either side: (n_bins,).

    Beyond either end the last bin is repeated.
    """
    width = 2 * NEIGHBOURS + 1
    padded = np.pad(decibels, (NEIGHBOURS + 1, NEIGHBOURS), mode="edge")
    # In double precision, because sums over thousands of bins are subtracted from each other.
    sums = np.cumsum(padded, dtype=np.float64)
    mean: TonalPeaks = ((sums[width:] - sums[:-width]) / width).astype(np.float32)
    return mean


def find_strongest_by_band(
    values: TonalPeaks, band_hz: FloatArray, spec: FeatureSpec
) -> FloatArray:
    """Return the highest value among the bins nearest to the centre of each band: (n_mels,)."""
    strongest: FloatArray = np.maximum.reduceat(values, find_first_bins(band_hz, spec))
    return strongest


def find_first_bins(band_hz: FloatArray, spec: FeatureSpec) -> Bins:
    """Return the first bin nearest to the centre of each band: (n_mels,), beginning with bin 0."""
    borders_hz = (band_hz[1:-2].astype(np.float64) + band_hz[2:-1]) / 2
    borders = np.ceil(borders_hz / compute_resolution_hz(spec)) - find_first_bin(spec)
    return np.concatenate([[0], np.clip(borders, 0, count_bins(spec) - 1)]).astype(np.intp)


def find_first_bin(spec: FeatureSpec) -> int:
    """Return the first bin of the spectrum at or above low_hz."""
    return int(np.ceil(spec.low_hz / compute_resolution_hz(spec)))


def count_bins(spec: FeatureSpec) -> int:
    """Return the number of bins from low_hz to high_hz."""
    return int(spec.high_hz / compute_resolution_hz(spec)) + 1 - find_first_bin(spec)


def compute_resolution_hz(spec: FeatureSpec) -> float:
    """Return the distance from one bin to the next."""
    return spec.sample_rate_hz / PEAK_N_FFT
