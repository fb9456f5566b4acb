"""Bring samples that have no full scale, as floating point has none, to one level.

A sensor's unit is arbitrary, and an offset is no sound: only the shape counts.
"""

import numpy as np
import numpy.typing as npt

from analysis.errors import NotFinite
from analysis.sound.decoding.blocks import Samples

# The level of every recording without a full scale, so that its gain changes nothing.
REFERENCE_RMS = 0.1


class Leveller:
    """Takes the offset off blocks of samples and brings them near full scale, as they arrive."""

    def __init__(self) -> None:
        self._offset: npt.NDArray[np.float64] | None = None
        self._factor: float | None = None

    @property
    def gain_db(self) -> float:
        """By how much the samples were raised."""
        return 20 * float(np.log10(self._factor or 1.0))

    def apply(self, samples: npt.NDArray[np.floating]) -> Samples:
        """Return (n, channels) samples, of which only those of later blocks may pass 1."""
        # A signalling NaN warns as it is cast, and is refused just below.
        with np.errstate(invalid="ignore"):
            exact = samples.astype(np.float64)
        if not np.isfinite(exact).all():
            raise NotFinite(
                "The recording contains samples that are not numbers (NaN or infinite)."
            )
        if self._offset is None:
            self._offset = exact.mean(axis=0)
        exact -= self._offset
        if self._factor is None:
            self._factor = find_factor(exact)
        return (exact * (self._factor or 1.0)).astype(np.float32)


def find_factor(centered: npt.NDArray[np.float64]) -> float | None:
    """Return the power of two that brings the peak below 1; None where nothing varies."""
    peak = float(np.abs(centered).max())
    return 2.0 ** -np.ceil(np.log2(peak)) if peak > 0 else None


def measure_offset(samples: Samples) -> Samples:
    """Return the offset of each channel, (channels,), where it is larger than the sound; else 0."""
    mean = samples.mean(axis=0)
    # The mean square of the whole is that of the sound and that of the offset.
    is_larger = 2 * np.square(mean) > np.square(samples).mean(axis=0)
    offset: Samples = np.where(is_larger, mean, np.float32(0)).astype(np.float32)
    return offset


def level_waveform(waveform: Samples) -> tuple[Samples, float]:
    """Return (n_samples,) at the reference level, around zero, and by how many dB it was raised."""
    centered = waveform - np.float32(waveform.mean(dtype=np.float64))
    rms = float(np.sqrt(np.square(centered, dtype=np.float64).mean()))
    if rms == 0:
        return centered, 0.0
    raised: Samples = centered * np.float32(REFERENCE_RMS / rms)
    return raised, 20 * float(np.log10(REFERENCE_RMS / rms))
