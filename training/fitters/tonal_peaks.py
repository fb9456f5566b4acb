"""Fits how strong the tonal peaks of normal clips are, and where that is too strong."""

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

# The tones of a machine move with its speed and its load.
WANDERS_HZ = 5.0
# A few dozen clips tell no smaller spread than this, in dB.
MIN_DEVIATION = 4.0
# Fewer clips do not tell how much tonal peaks vary.
MIN_CLIPS = 10

# (n_clips, BAND_GROUPS), dB, NaN for clips without tonal peaks or a reference
GroupPeaks = npt.NDArray[np.float64]


def compute_reference(clips: Sequence[ClipFeatures], front_end: FrontEnd) -> TonalPeaks | None:
    """Return the strongest peak of any clip within WANDERS_HZ of each frequency.

    (n_frequencies,), dB; None if no clip has tonal peaks.
    """
    peaks = [clip.tonal_peaks for clip in clips if clip.tonal_peaks is not None]
    if not peaks:
        return None
    reach = round(WANDERS_HZ / compute_resolution_hz(front_end.spec))
    reference: TonalPeaks = maximum_filter1d(np.max(peaks, axis=0), 2 * reach + 1)
    return reference


def compute_group_peaks(
    peaks: TonalPeaks | None, reference: TonalPeaks | None, front_end: FrontEnd
) -> FloatArray:
    """Return by how much the strongest peak of each group of bands exceeds the reference.

    (BAND_GROUPS,), dB, NaN where peaks or reference are missing.
    """
    if peaks is None or reference is None:
        return np.full(BAND_GROUPS, np.nan, np.float32)
    by_band = find_strongest_by_band(peaks - reference, front_end.band_hz, front_end.spec)
    by_group: FloatArray = by_band.reshape(BAND_GROUPS, -1).max(axis=1)
    return by_group


def fit_tonal_profile(
    clips: Sequence[ClipFeatures], group_peaks: GroupPeaks, share: float, front_end: FrontEnd
) -> TonalProfile | None:
    """Fit the reference of all clips, and a limit that this share of held-out clips stays below.

    group_peaks: of each clip, against the clips that its fold learnt from. None if fewer than
    MIN_CLIPS have any.
    """
    reference = compute_reference(clips, front_end)
    complete = group_peaks[~np.isnan(group_peaks).any(axis=1)]
    if reference is None or len(complete) < MIN_CLIPS:
        return None

    center = complete.mean(axis=0)
    scale = np.hypot(complete.std(axis=0), MIN_DEVIATION)
    highest = ((complete - center) / scale).max(axis=1)
    bands = front_end.spec.n_mels // BAND_GROUPS
    return TonalProfile(
        reference,
        np.repeat(center, bands).astype(np.float32),
        np.repeat(scale, bands).astype(np.float32),
        float(np.quantile(highest, share)),
    )
