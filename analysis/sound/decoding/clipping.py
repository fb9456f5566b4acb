"""Count clipped samples, and limit samples to full scale."""

import numpy as np
import numpy.typing as npt

from analysis.errors import NotFinite
from analysis.sound.decoding.blocks import Samples

Counts = npt.NDArray[np.int_]  # (n_channels,)

# Within one 16-bit step of full scale.
FULL_SCALE = 32_766 / 2**15
# Three such samples in a row are a clipped peak; one or two are only a loud one.
MIN_CLIPPED_RUN = 3
# One in a thousand is enough to colour the spectrum, and more than a single knock leaves.
MIN_CLIPPED_FRACTION = 0.001


def count_clipped(samples: Samples) -> Counts:
    """Count the samples of each channel that lie at full scale in runs; raises NotFinite."""
    peak = measure_peak(samples)
    if not np.isfinite(peak):
        raise NotFinite("The recording contains samples that are not numbers (NaN or infinite).")
    if peak < FULL_SCALE:
        return np.zeros(samples.shape[1], int)
    return count_in_runs(np.abs(samples) >= FULL_SCALE)


def limit(samples: Samples) -> Samples:
    """Return the samples limited to full scale."""
    # A codec may overshoot, and a float file may have another scale whose squares overflow.
    return np.clip(samples, -1.0, 1.0) if measure_peak(samples) > 1.0 else samples


def measure_peak(samples: Samples) -> float:
    """Return the largest magnitude; NaN where one sample is none."""
    return max(float(samples.max()), -float(samples.min()))


def count_in_runs(is_full: npt.NDArray[np.bool_]) -> npt.NDArray[np.int_]:
    """Count the true values of each channel, along the first axis, in runs of three or more."""
    n = len(is_full) - MIN_CLIPPED_RUN + 1
    in_run = np.zeros_like(is_full)
    if n > 0:
        starts_run = np.all([is_full[k : k + n] for k in range(MIN_CLIPPED_RUN)], axis=0)
        for k in range(MIN_CLIPPED_RUN):
            in_run[k : k + n] |= starts_run
    counts: npt.NDArray[np.int_] = in_run.sum(axis=0)
    return counts
