"""Refuse recordings of which too little was recorded: silent ones, and interrupted ones."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from analysis.errors import Interrupted, Silent
from analysis.sound.decoding.blocks import SAMPLE_RATE_HZ, STEP_OF_16_BITS
from analysis.sound.gaps import Gap, measure_intact_s

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


def check_not_interrupted(n_samples: int, gaps: Sequence[Gap], min_seconds: float) -> None:
    intact_s = measure_intact_s(n_samples, gaps)
    # Only one end of a piece is one at which the record button may be heard.
    if gaps and intact_s < min_seconds - EDGE_SECONDS:
        raise Interrupted(
            f"The recorder lost the sound {len(gaps)} times: at most"
            f" {intact_s:.1f} s of it are in one piece. Close other apps,"
            " and record again with the phone's own microphone."
        )
