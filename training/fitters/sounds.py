"""A training recording as it was recorded, before it is brought to 16 kHz."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import soxr

from analysis.sound.audio import SAMPLE_RATE_HZ, Pick, read_at_own_rate
from analysis.sound.decoding.gaps import Gap, find_longest_stretch
from analysis.sound.features import FloatArray


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording at its own sample rate, on which a codec depends: (n_samples,), mono."""

    samples: FloatArray
    sample_rate_hz: int

    @classmethod
    def read(cls, source: Path | bytes, pick: Pick, gaps: Sequence[Gap] = ()) -> Self:
        """Read the longest stretch without a gap of a recording that was decoded once before."""
        samples, sample_rate_hz = read_at_own_rate(source, pick=pick)
        if not gaps:
            return cls(samples, sample_rate_hz)
        n_samples = round(len(samples) * SAMPLE_RATE_HZ / sample_rate_hz)
        first, end = find_longest_stretch(n_samples, gaps)
        scale = sample_rate_hz / SAMPLE_RATE_HZ
        return cls(samples[round(first * scale) : round(end * scale)], sample_rate_hz)

    def at(self, sample_rate_hz: int) -> FloatArray:
        """Resample."""
        if sample_rate_hz == self.sample_rate_hz:
            return self.samples
        resampled: FloatArray = soxr.resample(
            self.samples, self.sample_rate_hz, sample_rate_hz, quality="HQ"
        )
        return resampled
