"""Microphones that hear another balance of frequencies than the one that was trained with."""

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from analysis.sound.audio import SAMPLE_RATE_HZ, Waveform

Decibels = npt.NDArray[np.float64]
Octaves = npt.NDArray[np.float64]  # above 1 kHz
Response = Callable[[Octaves], Decibels]

LOWEST_HZ, MIDDLE_HZ = 20, 1000
MOST_TILT_DB = 24
PEAK_OCTAVES = 0.5
PEAK_OF_16_BIT = 0.9


def tilt(octaves: Octaves, *, db_per_octave: float) -> Decibels:
    """Duller or sharper."""
    return np.clip(db_per_octave * octaves, -MOST_TILT_DB, MOST_TILT_DB)


def peak(octaves: Octaves, *, db: float, hz: float) -> Decibels:
    """A resonance, or a hole."""
    return db * np.exp(-0.5 * ((octaves - np.log2(hz / MIDDLE_HZ)) / PEAK_OCTAVES) ** 2)


def both(octaves: Octaves, *, responses: tuple[Response, ...]) -> Decibels:
    """One after the other."""
    return sum((response(octaves) for response in responses), np.zeros_like(octaves))


TILTS = {f"tilt {db:+d} dB": partial(tilt, db_per_octave=db) for db in (-4, -2, 2, 4)}
PEAKS = {
    f"{db:+d} dB at {hz} Hz": partial(peak, db=db, hz=hz)
    for db, hz in ((6, 400), (10, 1500), (8, 4000), (-10, 800), (-8, 3000))
}
MIXED = {
    "tilt +2 dB, +8 dB at 1000 Hz": (partial(tilt, db_per_octave=2), partial(peak, db=8, hz=1000)),
    "tilt -3 dB, +8 dB at 2500 Hz": (partial(tilt, db_per_octave=-3), partial(peak, db=8, hz=2500)),
    "+9 dB at 600 Hz, -9 dB at 2500 Hz": (
        partial(peak, db=9, hz=600),
        partial(peak, db=-9, hz=2500),
    ),
}
RESPONSES: dict[str, Response] = {
    **TILTS,
    **PEAKS,
    **{name: partial(both, responses=responses) for name, responses in MIXED.items()},
}


def hear(waveform: Waveform, response: Response) -> Waveform:
    """The waveform as that microphone would have recorded it, quieter where it would have clipped."""
    octaves = np.log2(
        np.maximum(np.fft.rfftfreq(len(waveform), 1 / SAMPLE_RATE_HZ), LOWEST_HZ) / MIDDLE_HZ
    )
    heard = np.fft.irfft(np.fft.rfft(waveform) * 10 ** (response(octaves) / 20), len(waveform))
    return (heard / max(1.0, np.abs(heard).max() / PEAK_OF_16_BIT)).astype(np.float32)
