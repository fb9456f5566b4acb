"""Learns how far the lines of normal clips stand out, and where that is too far."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.ndimage import maximum_filter1d

from analysis.sound.features import BAND_GROUPS, FloatArray, FrontEnd
from analysis.sound.tonal_peaks import (
    TonalPeaks,
    TonalProfile,
    compute_resolution_hz,
    find_strongest_by_band,
)
from training.fitters.clips import ClipFeatures

# The lines of a machine move with its speed and its load.
WANDERS_HZ = 5.0
# What a few dozen clips tell of how much a group of bands varies is not to be taken for more exact than this, in dB.
MIN_DEVIATION = 4.0
# Of fewer clips nobody knows how much their lines vary.
MIN_CLIPS = 10

GroupPeaks = npt.NDArray[
    np.float64
]  # (n_clips, BAND_GROUPS), dB, NaN for clips that lines tell nothing of


def compute_reference(clips: Sequence[ClipFeatures], front_end: FrontEnd) -> TonalPeaks | None:
    """The most that a line so near stands out in any of the clips: (n_lines,), dB; None if none of them has lines."""
    listened_to = [clip.lines for clip in clips if clip.lines is not None]
    if not listened_to:
        return None
    reach = round(WANDERS_HZ / compute_resolution_hz(front_end.spec))
    reference: TonalPeaks = maximum_filter1d(np.max(listened_to, axis=0), 2 * reach + 1)
    return reference


def compute_group_peaks(
    lines: TonalPeaks | None, reference: TonalPeaks | None, front_end: FrontEnd
) -> FloatArray:
    """By how much the strongest line of each group of bands exceeds the reference: (BAND_GROUPS,), dB, or NaN."""
    if lines is None or reference is None:
        return np.full(BAND_GROUPS, np.nan, np.float32)
    by_band = find_strongest_by_band(lines - reference, front_end.band_hz, front_end.spec)
    peaks: FloatArray = by_band.reshape(BAND_GROUPS, -1).max(axis=1)
    return peaks


def fit_tonal_profile(
    clips: Sequence[ClipFeatures], peaks: GroupPeaks, share: float, front_end: FrontEnd
) -> TonalProfile | None:
    """The reference of all clips, and a limit that this share of held-out clips stays below in every group of bands.

    peaks: of each clip against the reference of those that the fold did not hold out. None if they are of fewer than
    LEAST_CLIPS.
    """
    reference, peaks = compute_reference(clips, front_end), peaks[~np.isnan(peaks).any(axis=1)]
    if reference is None or len(peaks) < MIN_CLIPS:
        return None
    usual, deviation = peaks.mean(axis=0), np.hypot(peaks.std(axis=0), MIN_DEVIATION)
    limit = float(np.quantile(((peaks - usual) / deviation).max(axis=1), share))
    bands = front_end.spec.n_mels // BAND_GROUPS
    return TonalProfile(
        reference,
        np.repeat(usual, bands).astype(np.float32),
        np.repeat(deviation, bands).astype(np.float32),
        limit,
    )
