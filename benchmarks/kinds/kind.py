"""A kind of damage that phones and recorders do, which must not pass for a fault."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt
import soundfile

Samples: TypeAlias = npt.NDArray[np.float64]  # (n_samples,) or (n_samples, channels)


@dataclass(frozen=True, slots=True)
class Source:
    """A healthy recording as it is: one channel, full scale = 1."""

    samples: Samples
    sample_rate_hz: int

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the first channel of a recording."""
        samples, sample_rate_hz = soundfile.read(path, always_2d=True)
        return cls(np.ascontiguousarray(samples[:, 0]), sample_rate_hz)

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.sample_rate_hz

    def count(self, seconds: float) -> int:
        """Return how many samples so many seconds are."""
        return round(seconds * self.sample_rate_hz)

    def write(self, samples: Samples, subtype: str = "PCM_16") -> bytes:
        """Return a wav file of these samples at the same rate."""
        file = io.BytesIO()
        soundfile.write(file, samples, self.sample_rate_hz, format="WAV", subtype=subtype)
        return file.getvalue()


# Returns the file that the server receives.
Change: TypeAlias = Callable[[Source, np.random.Generator], bytes]


@dataclass(frozen=True, slots=True)
class Kind:
    """What is done to a healthy recording, by name.

    refusals: the codes by which it may be refused instead of judged; none: it must be judged.
    """

    name: str
    change: Change
    refusals: frozenset[str] = frozenset()


def leave_as_it_is(source: Source, _rng: np.random.Generator) -> bytes:
    """Store in 16 bits."""
    return source.write(source.samples)
