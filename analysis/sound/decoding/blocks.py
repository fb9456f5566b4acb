"""What every decoder makes of a file: blocks of samples, and what the header declares."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.sound.decoding.gaps import Gap

Samples = npt.NDArray[np.float32]  # (n, channels), full scale = 1

BLOCK_SAMPLES = 65_536
# Whatever stores the samples as they were, perhaps in fewer bits.
LOSSLESS = "lossless"
# Of every waveform, whatever the recording has.
SAMPLE_RATE_HZ = 16_000
# The smallest difference of 16 bits, full scale = 1.
STEP_OF_16_BITS = 2.0**-15


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive samples of the recording, possibly none."""

    samples: Samples
    sample_rate_hz: int


EMPTY_BLOCK = Block(np.empty((0, 1), np.float32), 0)


@dataclass(frozen=True, slots=True)
class Sound:
    """An opened recording: what its header declares, and its samples, decoded as they are read.

    `codec` is how the samples are stored, by FFmpeg's name, or LOSSLESS. `seconds` is None where
    the header has no length. `gaps` are where its container tells that something is missing.
    `step` is the smallest difference that is stored, full scale = 1; 0: of floating point, which
    has no full scale; None: of lossy codecs.
    """

    codec: str
    channels: int
    seconds: float | None
    blocks: Iterator[Block]
    gaps: tuple[Gap, ...] = ()
    step: float | None = None
