"""What every decoder makes of a file: blocks of samples, and what the header declares."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.sound.gaps import Gap

Samples = npt.NDArray[np.float32]  # (n, channels), full scale = 1

BLOCK_SAMPLES = 65_536
# Whatever stores the samples as they were, perhaps in fewer bits.
LOSSLESS = "lossless"


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
    """

    codec: str
    channels: int
    seconds: float | None
    blocks: Iterator[Block]
    gaps: tuple[Gap, ...] = ()
