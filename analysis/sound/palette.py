"""The colours of pictures: a map that every eye can read, and the shades of what is written around it."""

from functools import cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Pixels: TypeAlias = npt.NDArray[np.uint8]  # (height, width), indices into the palette

# Magma by S. van der Walt and N. Smith (CC0), in equal steps: its lightness rises evenly, so that it can be read in
# print without colours, and throughout to eyes that do not tell red from green.
MAGMA = (
    "000004",
    "180f3d",
    "440f76",
    "721f81",
    "9e2f7f",
    "cd4071",
    "f1605d",
    "fd9668",
    "feca8d",
    "fcfdbf",
)
PAPER, INK, MARK = "14151c", "e6e8f0", "4fd8ff"
# A palette has 256 places: first the map, then what lies between paper and ink, then between paper and mark.
N_COLOURS, N_SHADES = 128, 64
INK_BEGINS, MARK_BEGINS = N_COLOURS, N_COLOURS + N_SHADES
FULL_MARK = MARK_BEGINS + N_SHADES - 1
# A little lighter than paper: where a plot has nothing to show.
UNHEARD = INK_BEGINS + 4


@cache
def palette() -> bytes:
    """Red, green and blue of every place, one after the other."""
    ramps = [ramp(MAGMA, N_COLOURS), ramp((PAPER, INK), N_SHADES), ramp((PAPER, MARK), N_SHADES)]
    return np.concatenate(ramps).tobytes()


def ramp(stops: tuple[str, ...], count: int) -> Pixels:
    """Lead evenly from the first colour through all to the last: (count, 3)."""
    colours = np.array([list(bytes.fromhex(stop)) for stop in stops], dtype=float)
    position = np.linspace(0, len(stops) - 1, count)
    channels = [np.interp(position, np.arange(len(stops)), channel) for channel in colours.T]
    return np.stack(channels, axis=1).round().astype(np.uint8)


def colours(share: npt.NDArray[np.float32]) -> Pixels:
    """Places in the map of what is given as a share of its range; beyond its ends is at its ends."""
    return (np.clip(share, 0, 1) * (N_COLOURS - 1) + 0.5).astype(np.uint8)


def shades(coverage: Pixels, begins: int) -> Pixels:
    """Places in the ramp that begins here of what covers the paper by 0 to 255."""
    return coverage // np.uint8(256 // N_SHADES) + np.uint8(begins)
