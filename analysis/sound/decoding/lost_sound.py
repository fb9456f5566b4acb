"""Refuse recordings in which there is nothing: silent ones."""

import numpy as np
import numpy.typing as npt

from analysis.errors import Silent
from analysis.sound.decoding.blocks import SAMPLE_RATE_HZ, STEP_OF_16_BITS

Waveform = npt.NDArray[np.float32]  # (n_samples,), 16 kHz

# So many steps of the format are no sound.
SILENT_STEPS = 2
# Tapping the record button may be heard this long at both ends.
EDGE_SECONDS = 0.1


def measure_silent_peak(step: float | None) -> float:
    """Return up to which amplitude a format holds nothing; of floating point, no variation.

    The steps of 8 bits are coarse: what moves at all is sound.
    """
    finest = STEP_OF_16_BITS if step is None else min(step, STEP_OF_16_BITS)
    return SILENT_STEPS * finest


def check_not_silent(waveform: Waveform, silent_peak: float) -> None:
    edge = min(round(EDGE_SECONDS * SAMPLE_RATE_HZ), len(waveform) // 4)
    middle = waveform[edge : len(waveform) - edge]
    # Half the range, so that a constant offset counts as silence.
    if np.ptp(middle) / 2 <= silent_peak:
        raise Silent(
            "The recording is silent: the microphone is muted, in use by another app, or broken."
        )
