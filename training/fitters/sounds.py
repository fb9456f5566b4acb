"""A training recording as it was recorded, before it is brought to 16 kHz."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import soxr

from analysis.sound.audio import read_at_own_rate
from analysis.sound.features import FloatArray


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording at its own sample rate, on which a codec depends: (n_samples,), mono."""

    samples: FloatArray
    sample_rate_hz: int

    @classmethod
    def read(cls, source: Path | bytes) -> Self:
        """Read a recording that has been decoded once before, and so needs no checks."""
        return cls(*read_at_own_rate(source))

    def at(self, sample_rate_hz: int) -> FloatArray:
        """Resample."""
        if sample_rate_hz == self.sample_rate_hz:
            return self.samples
        resampled: FloatArray = soxr.resample(
            self.samples, self.sample_rate_hz, sample_rate_hz, quality="HQ"
        )
        return resampled
