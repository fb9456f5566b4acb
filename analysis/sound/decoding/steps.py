"""What the steps of a format hide: sound below them, and what rounding to them adds.

A file may be finer than its samples: 16 bits are copied to 24, telephony's to floating point.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from analysis.errors import Silent
from analysis.sound.decoding.blocks import SAMPLE_RATE_HZ, STEP_OF_16_BITS

Waveform = npt.NDArray[np.float32]  # (n_samples,)
Counts = npt.NDArray[np.int_]

# So many steps of the format are no sound.
SILENT_STEPS = 2
# Tapping the record button may be heard this long at both ends.
EDGE_SECONDS = 0.1
# Enough to see each step of a sound of 300 steps.
MAX_LOOKED_AT = 8192
# A quick look: where so many of a few samples differ, steps are too fine to matter.
N_FEW = 512
FINE = 0.9
# With fewer values nothing moves yet.
FEWEST = 3
# A value that occurs so often has its neighbours among the others.
OFTEN = 8
# Of the samples; fewer are of no steps, or of too many to matter.
MOST = 0.5


@dataclass(frozen=True, slots=True)
class Steps:
    """The smallest difference between samples, None where none is known, and what rounding adds.

    rounding: the RMS of the differences to what was there before, as of an even distribution.
    """

    finest: float | None
    rounding: float


class StepMeter:
    """Looks at the samples of one channel until some vary, as they arrive."""

    def __init__(self) -> None:
        self._found: tuple[float, float] | None = None

    def add(self, samples: Waveform) -> None:
        """Add the next samples."""
        if self._found is None:
            self._found = measure_steps(thin(samples, MAX_LOOKED_AT))

    def finish(self, format_step: float | None, raised_db: float) -> Steps:
        """Return the steps; format_step: the least it can be, None of lossy codecs.

        raised_db: by how much the waveform was raised since.
        """
        if format_step is None:
            return Steps(None, 0.0)
        gain = 10 ** (raised_db / 20)
        finest, usual = self._found or (0.0, 0.0)
        return Steps(
            finest=max(format_step, finest * gain),
            rounding=max(format_step, usual * gain) / sqrt(12),
        )


def measure_steps(samples: Waveform) -> tuple[float, float] | None:
    """Return the finest step and the RMS of all, as often as each is used; 0 without any.

    None where too few values occur to tell. Steps of telephony grow with the sound.
    """
    if len(count_values(thin(samples, N_FEW))[0]) > FINE * N_FEW:
        return 0.0, 0.0
    values, counts = count_values(samples)
    if len(values) < FEWEST:
        return None
    is_often = counts[1:-1] >= OFTEN
    often = counts[1:-1][is_often]
    if often.sum() < MOST * len(samples):
        return 0.0, 0.0
    steps = (values[2:] - values[:-2])[is_often].astype(np.float64) / 2
    return float(steps.min()), sqrt(float(often @ np.square(steps)) / float(often.sum()))


def count_values(samples: Waveform) -> tuple[Waveform, Counts]:
    """Return the values, in order, and how often each occurs, (n_values,).

    numpy's own opens a file at first, which a sandbox does not allow.
    """
    ordered = np.sort(samples)
    is_next = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    starts = np.flatnonzero(is_next)
    return ordered[starts], np.diff(starts, append=len(ordered))


def thin(samples: Waveform, n_samples: int) -> Waveform:
    """Return about so many samples, evenly spaced."""
    return samples[:: max(1, len(samples) // n_samples)]


def measure_silent_peak(step: float | None) -> float:
    """Return up to which amplitude a format holds nothing; of floating point, no variation.

    The steps of 8 bits are coarse: what moves at all is sound.
    """
    finest = STEP_OF_16_BITS if step is None else min(step, STEP_OF_16_BITS)
    return SILENT_STEPS * finest


def check_not_silent(waveform: Waveform, silent_peak: float) -> None:
    """Raise Silent where the waveform at 16 kHz stays within a peak, but for its ends."""
    edge = min(round(EDGE_SECONDS * SAMPLE_RATE_HZ), len(waveform) // 4)
    middle = waveform[edge : len(waveform) - edge]
    # Half the range, so that a constant offset counts as silence.
    if np.ptp(middle) / 2 <= silent_peak:
        raise Silent(
            "The recording is silent: the microphone is muted, in use by another app, or broken."
        )
