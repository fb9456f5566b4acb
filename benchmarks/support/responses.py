"""Microphones with another frequency response than the one of the training recordings."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import numpy.typing as npt

from analysis.sound.audio import SAMPLE_RATE_HZ, Waveform

Decibels = npt.NDArray[np.float64]
Octaves = npt.NDArray[np.float64]  # above 1 kHz
Response = Callable[[Octaves], Decibels]

LOWEST_HZ = 20
MIDDLE_HZ = 1000
MAX_TILT_DB = 24
PEAK_OCTAVES = 0.5
MAX_AMPLITUDE = 0.9


def compute_tilt(octaves: Octaves, *, db_per_octave: float) -> Decibels:
    """Return the response of a duller or sharper microphone."""
    return np.clip(db_per_octave * octaves, -MAX_TILT_DB, MAX_TILT_DB)


def compute_peak(octaves: Octaves, *, db: float, hz: float) -> Decibels:
    """Return the response of a resonance, or of a dip."""
    return db * np.exp(-0.5 * ((octaves - np.log2(hz / MIDDLE_HZ)) / PEAK_OCTAVES) ** 2)


def add_responses(octaves: Octaves, *, responses: tuple[Response, ...]) -> Decibels:
    """Return the response of several, one after the other."""
    return sum((response(octaves) for response in responses), np.zeros_like(octaves))


TILTS = {f"tilt {db:+d} dB": partial(compute_tilt, db_per_octave=db) for db in (-4, -2, 2, 4)}
PEAKS = {
    f"{db:+d} dB at {hz} Hz": partial(compute_peak, db=db, hz=hz)
    for db, hz in ((6, 400), (10, 1500), (8, 4000), (-10, 800), (-8, 3000))
}
MIXED = {
    "tilt +2 dB, +8 dB at 1000 Hz": (
        partial(compute_tilt, db_per_octave=2),
        partial(compute_peak, db=8, hz=1000),
    ),
    "tilt -3 dB, +8 dB at 2500 Hz": (
        partial(compute_tilt, db_per_octave=-3),
        partial(compute_peak, db=8, hz=2500),
    ),
    "+9 dB at 600 Hz, -9 dB at 2500 Hz": (
        partial(compute_peak, db=9, hz=600),
        partial(compute_peak, db=-9, hz=2500),
    ),
}
SUMS = {name: partial(add_responses, responses=responses) for name, responses in MIXED.items()}
RESPONSES: Mapping[str, Response] = TILTS | PEAKS | SUMS


def filter_waveform(waveform: Waveform, response: Response) -> Waveform:
    """Return the waveform as that microphone records it, quieter where it would clip."""
    frequencies_hz = np.fft.rfftfreq(len(waveform), 1 / SAMPLE_RATE_HZ)
    octaves = np.log2(np.maximum(frequencies_hz, LOWEST_HZ) / MIDDLE_HZ)

    spectrum = np.fft.rfft(waveform) * 10 ** (response(octaves) / 20)
    recorded = np.fft.irfft(spectrum, len(waveform))
    return (recorded / max(1.0, np.abs(recorded).max() / MAX_AMPLITUDE)).astype(np.float32)
