"""Scores of clips by detectors that did not hear them, nor anything of their take: what calibration rests on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from sklearn.covariance import LedoitWolf

from analysis.detectors.artifact import score_clip
from analysis.detectors.calibration import Calibration, LengthScale, calibrate
from analysis.sound.explanation import Profile, align, smooth_curve
from analysis.sound.features import BAND_GROUPS, FrontEnd
from training.datasets.grouping import Grouping
from training.fitters.base import Fit, Fitter, median_score
from training.fitters.clips import ClipFeatures, descriptions
from training.fitters.tonal_peaks import (
    GroupPeaks,
    compute_group_peaks,
    compute_reference,
    fit_tonal_profile,
)

# Segments are shown beyond what this share of held-out normal clips stays below.
QUIET_SHARE = 0.95
# So are bands, either by what lies in all of a band or by a line in it: together no more often than segments.
QUIET_BAND_SHARE = 0.975
METHOD = "grouped out-of-fold, Pareto tail"


@dataclass(frozen=True, slots=True)
class HeldOutScores:
    """What cross-validation found, on the scale of the final detector.

    scores, curve_peaks, curve_levels, residual_peaks: (n_clips,); highest value and mean of each clip's curve, and
    highest band residual. line_peaks: (n_clips, BAND_GROUPS), dB, of the strongest lines, NaN where there are
    none. half_scores: (n_clips, 2), of the halves of each clip. lengths: (n_clips,), as shares of what a clip is long.
    """

    scores: npt.NDArray[np.float64]
    half_scores: npt.NDArray[np.float64]
    curve_peaks: npt.NDArray[np.float64]
    curve_levels: npt.NDArray[np.float64]
    residual_peaks: npt.NDArray[np.float64]
    line_peaks: GroupPeaks
    lengths: npt.NDArray[np.float64]


def fit_folds(fitter: Fitter, clips: Sequence[ClipFeatures], grouping: Grouping) -> list[Fit]:
    """One fit a fold, on the clips that the fold does not hold out."""
    return [
        fitter.fit(
            [clips[i] for i in grouping.training_indices(fold)],
            phase=f"fold {fold + 1} of {grouping.n_folds}",
        )
        for fold in range(grouping.n_folds)
    ]


def score_held_out(
    fitter: Fitter,
    folds: Sequence[Fit],
    final: Fit,
    clips: Sequence[ClipFeatures],
    grouping: Grouping,
) -> HeldOutScores:
    """Score each clip with the fit that did not hear it, and put that on the final detector's scale.

    Both scales are told by how the two fits score the clips that both learnt from.
    """
    n_clips = len(clips)
    held_out = empty(n_clips)
    front_end = fitter.front_end
    for fold, fit in enumerate(folds):
        inside, outside = grouping.training_indices(fold), grouping.held_out_indices(fold)
        here, there = median_score(fit.scores), median_score(final.scores[inside])
        learnt = [clips[i] for i in inside]
        profile, reference = fit_profile(learnt), compute_reference(learnt, front_end)
        for i in outside:
            fitter.on_step()
            held_out.lengths[i] = len(clips[i].windows[0].frames) / front_end.spec.clip_frames
            held_out.scores[i] = score_clip(fit.detector, clips[i].descriptions)
            held_out.half_scores[i] = [
                score_clip(fit.detector, descriptions(half)) for half in clips[i].halves
            ]
            aligned = [align(window.frames, profile.clip_mean) for window in clips[i].windows]
            curve = np.concatenate(
                [smooth_curve(fit.detector.compute_anomaly_map(frames)) for frames in aligned]
            )
            held_out.curve_peaks[i], held_out.curve_levels[i] = curve.max(), curve.mean()
            held_out.residual_peaks[i] = max(
                np.abs(profile.compute_residual(frames)).max() for frames in aligned
            )
            held_out.line_peaks[i] = compute_group_peaks(clips[i].lines, reference, front_end)
        for scores in (held_out.scores, held_out.half_scores):
            scores[outside] = fitter.rescale(scores[outside], here, there)
    return held_out


def empty(n_clips: int) -> HeldOutScores:
    """What is to be filled in clip by clip."""
    return HeldOutScores(
        scores=np.zeros(n_clips),
        half_scores=np.zeros((n_clips, 2)),
        curve_peaks=np.zeros(n_clips),
        curve_levels=np.zeros(n_clips),
        residual_peaks=np.zeros(n_clips),
        line_peaks=np.zeros((n_clips, BAND_GROUPS)),
        lengths=np.zeros(n_clips),
    )


def calibrate_held_out(
    held_out: HeldOutScores, scale: LengthScale, grouping: Grouping, target_false_alarm_rate: float
) -> Calibration:
    """The version's own calibration, of scores as they would be served."""
    each = zip(held_out.scores, held_out.lengths, strict=True)
    return calibrate(
        np.array([scale.adjust(score, length) for score, length in each]),
        target_false_alarm_rate=target_false_alarm_rate,
        n_groups=grouping.n_groups,
        method=METHOD,
        has_few_groups=grouping.has_few_groups,
    )


def length_scale(held_out: HeldOutScores) -> LengthScale:
    """How the scores of half a clip differ from those of a whole one."""
    return LengthScale.fit(held_out.scores, held_out.half_scores.ravel())


def fit_profile(clips: Sequence[ClipFeatures]) -> Profile:
    """Mean and Ledoit-Wolf precision of the clips' mean log-mel spectra (Ledoit, Wolf, J. Multivariate Anal. 2004)."""
    every_window = [window.frames for clip in clips for window in clip.windows]
    usual = np.mean([frames.mean(axis=0) for frames in every_window], axis=0)
    means = np.stack([align(frames, usual).mean(axis=0) for frames in every_window])
    covariance = LedoitWolf().fit(means.astype(np.float64))
    return Profile(
        covariance.location_.astype(np.float32),
        covariance.precision_.astype(np.float32),
        0.0,
        0.0,
        0.0,
    )


def set_profile_limits(
    profile: Profile, clips: Sequence[ClipFeatures], held_out: HeldOutScores, front_end: FrontEnd
) -> Profile:
    """The profile of all clips with the limits that held-out ones tell."""
    return replace(
        profile,
        curve_limit=float(np.quantile(held_out.curve_peaks, QUIET_SHARE)),
        level_limit=float(np.quantile(held_out.curve_levels, QUIET_SHARE)),
        residual_limit=float(np.quantile(held_out.residual_peaks, QUIET_BAND_SHARE)),
        tonal_profile=fit_tonal_profile(clips, held_out.line_peaks, QUIET_BAND_SHARE, front_end),
    )
