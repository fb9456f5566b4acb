"""What decoding makes of a recording, within which bounds, and of which channel."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.sound.decoding.gaps import Gap, find_longest_stretch

Waveform = npt.NDArray[np.float32]  # (n_samples,), mono, 16 kHz, [-1, 1]

# Which channel is judged: one by number, from 1 on; the one chosen by its sound; or, for versions
# trained before channels were chosen, the mean of all.
CHOOSE: Literal["choose"] = "choose"
AVERAGE: Literal["average"] = "average"
Pick: TypeAlias = int | Literal["choose", "average"]


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds that one recording must stay within."""

    max_bytes: int = 32 * 1024 * 1024
    max_seconds: float = 120.0
    min_seconds: float = 1.0
    max_channels: int = 16
    max_decode_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Clip:
    """A decoded recording; what is not its waveform describes the source file.

    `codec` is FFmpeg's name of a lossy one, else LOSSLESS.
    `channel` is the number, from 1 on, of the one that the waveform is of; None: the mean of all.
    `has_different_channels` is whether one that was not chosen holds another sound.
    `clipped_fraction` is the fraction of that channel's source samples (of all, for the mean) that
    lie on flat tops, at full scale or below.
    `gaps` are what the recorder lost, in seconds.
    `is_header_damaged`: its header was wrong about where the sound is, and was mended.
    `step` is the smallest difference that is stored, in units of the waveform; None: of lossy
    codecs. `rounding` is the RMS of what rounding to steps left, spread evenly up to half the
    source's rate. `gain_db` is by how much the waveform was raised: where there is no full scale,
    only its shape counts.
    """

    waveform: Waveform
    container: str
    codec: str
    sample_rate_hz: int
    channels: int
    channel: int | None
    has_different_channels: bool
    duration_s: float
    clipped_fraction: float
    gaps: tuple[Gap, ...] = ()
    is_header_damaged: bool = False
    step: float | None = None
    rounding: float = 0.0
    gain_db: float = 0.0

    @property
    def intact(self) -> Waveform:
        """The longest stretch without a gap: all of the waveform where there is none."""
        return self.waveform[slice(*find_longest_stretch(len(self.waveform), self.gaps))]
