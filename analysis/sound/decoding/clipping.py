"""Find flat tops: a sound that some stage before the file cut off stays at its extreme."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.errors import NotFinite
from analysis.sound.decoding.blocks import Samples

Counts: TypeAlias = npt.NDArray[np.int_]  # (n_channels,)
Channel: TypeAlias = npt.NDArray[np.float32]  # (n_samples,)

# As many samples in a row are a flat top; one is only a loud peak.
MIN_FLAT_RUN = 2
# One in a thousand is enough to colour the spectrum, and more than a single knock leaves.
MIN_CLIPPED_FRACTION = 0.001
# Of the range between both extremes: 1.5 steps of 16 bits at full scale are the same height.
SAME_HEIGHT = 1.5 * 2.0**-16
# What lies just below the extreme; a waveform that was not cut off is there nearly as often.
NEAR = 0.005
PILED_UP = 3
# At least so far from the mean: where pulses rest is no flat top.
MIN_HEIGHT = 0.1


class ClippingMeter:
    """Counts the samples of each channel that lie on flat tops, block by block."""

    def __init__(self, n_channels: int) -> None:
        self._sides = [(_FlatTops(), _FlatTops()) for _ in range(n_channels)]

    def add(self, samples: Samples) -> None:
        """Add the next (n_samples, n_channels)."""
        for (upper, lower), channel in zip(self._sides, samples.T, strict=True):
            highest = float(channel.max())
            lowest = float(channel.min())
            upper.add(channel, highest, highest - lowest)
            lower.add(-channel, -lowest, highest - lowest)

    def count(self) -> Counts:
        """Return how many samples of each channel lie on flat tops, (n_channels,)."""
        return np.array([upper.count() + lower.count() for upper, lower in self._sides])


class _FlatTops:
    """Counts the samples at the highest value of one channel."""

    def __init__(self) -> None:
        self._peak = -np.inf
        self._n_top = 0
        self._n_near = 0
        self._has_flat_run = False

    def add(self, channel: Channel, highest: float, height: float) -> None:
        """Add the next samples, whose highest value this is; height: of both extremes' distance."""
        if highest - self._peak > SAME_HEIGHT * height:
            # What was flat below a new extreme was none.
            self._n_top = 0
            self._n_near = 0
            self._has_flat_run = False
            self._peak = highest
        if self._peak - highest > SAME_HEIGHT * height:
            return
        is_top = channel >= np.float32(highest - SAME_HEIGHT * height)
        n_top = int(np.count_nonzero(is_top))
        if n_top < MIN_FLAT_RUN:
            self._n_top += n_top
        elif highest - float(channel.mean(dtype=np.float64)) > MIN_HEIGHT * height:
            self._n_top += n_top
            self._n_near += count_near(channel, is_top, highest - NEAR * height)
            self._has_flat_run |= bool((is_top[1:] & is_top[:-1]).any())

    def count(self) -> int:
        """Return how many samples were cut off; 0 where the waveform explains as many.

        Most flat tops of a sound of high frequencies have one sample.
        """
        return self._n_top if self._has_flat_run and self._n_top > PILED_UP * self._n_near else 0


def count_near(channel: Channel, is_top: npt.NDArray[np.bool_], limit: float) -> int:
    """Count the samples just below the top: down to a limit, or to the next value there is."""
    below = channel[~is_top]
    next_value = float(below.max()) if below.size else limit
    return int(np.count_nonzero(below >= min(limit, next_value)))


def limit(samples: Samples) -> Samples:
    """Return the samples limited to full scale; raises NotFinite where one is no number."""
    peak = measure_peak(samples)
    if not np.isfinite(peak):
        raise NotFinite("The recording contains samples that are not numbers (NaN or infinite).")
    # A codec may overshoot.
    return np.clip(samples, -1.0, 1.0) if peak > 1.0 else samples


def measure_peak(samples: Samples) -> float:
    """Return the largest magnitude; NaN where one sample is none."""
    return max(float(samples.max()), -float(samples.min()))
