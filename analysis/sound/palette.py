"""The colours of spectrograms: a map that is readable without colour vision, and shades of ink."""

from functools import cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Pixels: TypeAlias = npt.NDArray[np.uint8]  # (height, width), indices into the palette

# Magma by S. van der Walt and N. Smith (CC0), in equal steps. Its lightness rises evenly: it is
# readable in greyscale and with any colour blindness.
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
PAPER = "14151c"
INK = "e6e8f0"
MARK = "4fd8ff"
# The 256 entries: the map, then shades from paper to ink, then shades from paper to mark.
N_COLOURS = 128
N_SHADES = 64
INK_BEGINS = N_COLOURS
MARK_BEGINS = N_COLOURS + N_SHADES
FULL_MARK = MARK_BEGINS + N_SHADES - 1
# The background of the plot, a little lighter than paper.
BACKGROUND = INK_BEGINS + 4


@cache
def build_palette() -> bytes:
    """Return red, green and blue of each entry, one after the other."""
    ramps = [
        interpolate_colours(MAGMA, N_COLOURS),
        interpolate_colours((PAPER, INK), N_SHADES),
        interpolate_colours((PAPER, MARK), N_SHADES),
    ]
    return np.concatenate(ramps).tobytes()


def interpolate_colours(stops: tuple[str, ...], count: int) -> Pixels:
    """Return evenly spaced colours from the first stop through all to the last: (count, 3)."""
    colours = np.array([list(bytes.fromhex(stop)) for stop in stops], dtype=float)
    position = np.linspace(0, len(stops) - 1, count)
    components = [np.interp(position, np.arange(len(stops)), values) for values in colours.T]
    return np.stack(components, axis=1).round().astype(np.uint8)


def map_colours(fraction: npt.NDArray[np.float32]) -> Pixels:
    """Return the entries of the map for fractions of its range; others are clipped to [0, 1]."""
    return (np.clip(fraction, 0, 1) * (N_COLOURS - 1) + 0.5).astype(np.uint8)


def map_shades(coverage: Pixels, begins: int) -> Pixels:
    """Return the entries of the shades that begin there, for a coverage of 0 to 255."""
    return coverage // np.uint8(256 // N_SHADES) + np.uint8(begins)
