"""Fits the profile by which explanations tell what is unusual about a clip, band by band."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt
from sklearn.covariance import LedoitWolf

from analysis.detectors import Detector
from analysis.sound.explanation import Profile, align, smooth_curve
from analysis.sound.features import BAND_GROUPS, FrontEnd
from training.fitters.clips import ClipFeatures, get_all_frames
from training.fitters.tonal_peaks import GroupPeaks, fit_tonal_profile

PerClip = npt.NDArray[np.float64]  # (n_clips,)

# Segments are shown beyond what this share of held-out normal clips stays below.
QUIET_SHARE = 0.95
# Bands are shown for a residual or for a tonal peak: together no more often than segments.
QUIET_BAND_SHARE = 0.975


@dataclass(frozen=True, slots=True)
class HeldOutPeaks:
    """How unusual held-out normal clips look to explanations; filled in clip by clip.

    curve, curve_mean: highest value and mean of each clip's anomaly curve. residual: highest band
    residual. tonal: (n_clips, BAND_GROUPS), dB, strongest tonal peaks, NaN where there are none.
    """

    curve: PerClip
    curve_mean: PerClip
    residual: PerClip
    tonal: GroupPeaks

    @classmethod
    def allocate(cls, n_clips: int) -> Self:
        """Make room for so many clips."""
        return cls(
            curve=np.zeros(n_clips),
            curve_mean=np.zeros(n_clips),
            residual=np.zeros(n_clips),
            tonal=np.zeros((n_clips, BAND_GROUPS)),
        )

    def measure(self, index: int, clip: ClipFeatures, detector: Detector, profile: Profile) -> None:
        """Fill in curve and residual of a clip that detector and profile have not learnt from."""
        aligned = [align(window.frames, profile.clip_mean) for window in clip.windows]
        curves = [smooth_curve(detector.compute_anomaly_map(frames)) for frames in aligned]
        curve = np.concatenate(curves)
        self.curve[index] = curve.max()
        self.curve_mean[index] = curve.mean()
        self.residual[index] = max(
            np.abs(profile.compute_residual(frames)).max() for frames in aligned
        )


def fit_profile(clips: Sequence[ClipFeatures]) -> Profile:
    """Fit mean and precision of the clips' mean log-mel spectra; the limits are 0.

    The precision is that of Ledoit and Wolf (J. Multivariate Anal. 2004).
    """
    windows = get_all_frames(clips)
    usual = np.mean([frames.mean(axis=0) for frames in windows], axis=0)
    means = np.stack([align(frames, usual).mean(axis=0) for frames in windows])
    covariance = LedoitWolf().fit(means.astype(np.float64))
    return Profile(
        clip_mean=covariance.location_.astype(np.float32),
        precision=covariance.precision_.astype(np.float32),
        curve_limit=0.0,
        level_limit=0.0,
        residual_limit=0.0,
    )


def set_profile_limits(
    profile: Profile, clips: Sequence[ClipFeatures], peaks: HeldOutPeaks, front_end: FrontEnd
) -> Profile:
    """Return the profile of all clips with limits from held-out clips."""
    return replace(
        profile,
        curve_limit=float(np.quantile(peaks.curve, QUIET_SHARE)),
        level_limit=float(np.quantile(peaks.curve_mean, QUIET_SHARE)),
        residual_limit=float(np.quantile(peaks.residual, QUIET_BAND_SHARE)),
        tonal_profile=fit_tonal_profile(clips, peaks.tonal, QUIET_BAND_SHARE, front_end),
    )
