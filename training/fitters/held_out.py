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
from training.fitters.clips import HeardClip, descriptions
from training.fitters.fitting import Fit, Fitter, typical
from training.fitters.lines import GroupPeaks, fit_lines, peaks_by_group, reference_of

# Segments are shown beyond what this share of held-out normal clips stays below.
QUIET_SHARE = 0.95
# So are bands, either by what lies in all of a band or by a line in it: together no more often than segments.
QUIET_BAND_SHARE = 0.975
METHOD = "grouped out-of-fold, Pareto tail"


@dataclass(frozen=True, slots=True)
class HeldOut:
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


def fit_folds(fitter: Fitter, clips: Sequence[HeardClip], grouping: Grouping) -> list[Fit]:
    """One fit a fold, on the clips that the fold does not hold out."""
    return [
        fitter.fit([clips[i] for i in grouping.inside(fold)], phase=f"fold {fold + 1} of {grouping.n_folds}")
        for fold in range(grouping.n_folds)
    ]


def score_held_out(
    fitter: Fitter, folds: Sequence[Fit], final: Fit, clips: Sequence[HeardClip], grouping: Grouping
) -> HeldOut:
    """Score each clip with the fit that did not hear it, and put that on the final detector's scale.

    Both scales are told by how the two fits score the clips that both learnt from.
    """
    n_clips = len(clips)
    held_out = empty(n_clips)
    front_end = fitter.front_end
    for fold, fit in enumerate(folds):
        inside, outside = grouping.inside(fold), grouping.outside(fold)
        here, there = typical(fit.scores), typical(final.scores[inside])
        learnt = [clips[i] for i in inside]
        profile, reference = fit_profile(learnt), reference_of(learnt, front_end)
        for i in outside:
            fitter.on_step()
            held_out.lengths[i] = len(clips[i].windows[0].frames) / front_end.spec.clip_frames
            held_out.scores[i] = score_clip(fit.detector, clips[i].descriptions)
            held_out.half_scores[i] = [score_clip(fit.detector, descriptions(half)) for half in clips[i].halves]
            aligned = [align(window.frames, profile.clip_mean) for window in clips[i].windows]
            curve = np.concatenate([smooth_curve(fit.detector.excess(frames)) for frames in aligned])
            held_out.curve_peaks[i], held_out.curve_levels[i] = curve.max(), curve.mean()
            held_out.residual_peaks[i] = max(np.abs(profile.residual(frames)).max() for frames in aligned)
            held_out.line_peaks[i] = peaks_by_group(clips[i].lines, reference, front_end)
        for scores in (held_out.scores, held_out.half_scores):
            scores[outside] = fitter.rescale(scores[outside], here, there)
    return held_out


def empty(n_clips: int) -> HeldOut:
    """What is to be filled in clip by clip."""
    return HeldOut(
        scores=np.zeros(n_clips),
        half_scores=np.zeros((n_clips, 2)),
        curve_peaks=np.zeros(n_clips),
        curve_levels=np.zeros(n_clips),
        residual_peaks=np.zeros(n_clips),
        line_peaks=np.zeros((n_clips, BAND_GROUPS)),
        lengths=np.zeros(n_clips),
    )


def calibrate_held_out(
    held_out: HeldOut, scale: LengthScale, grouping: Grouping, target_false_alarm_rate: float
) -> Calibration:
    """The version's own calibration, of scores as they would be served."""
    each = zip(held_out.scores, held_out.lengths, strict=True)
    return calibrate(
        np.array([scale.adjust(score, length) for score, length in each]),
        target_false_alarm_rate=target_false_alarm_rate,
        n_groups=grouping.n_groups,
        method=METHOD,
        few_takes=grouping.few_takes,
    )


def length_scale(held_out: HeldOut) -> LengthScale:
    """How the scores of half a clip differ from those of a whole one."""
    return LengthScale.of(held_out.scores, held_out.half_scores.ravel())


def fit_profile(clips: Sequence[HeardClip]) -> Profile:
    """Mean and Ledoit-Wolf precision of the clips' mean log-mel spectra (Ledoit, Wolf, J. Multivariate Anal. 2004)."""
    every_window = [window.frames for clip in clips for window in clip.windows]
    usual = np.mean([frames.mean(axis=0) for frames in every_window], axis=0)
    means = np.stack([align(frames, usual).mean(axis=0) for frames in every_window])
    covariance = LedoitWolf().fit(means.astype(np.float64))
    return Profile(covariance.location_.astype(np.float32), covariance.precision_.astype(np.float32), 0.0, 0.0, 0.0)


def limit_profile(profile: Profile, clips: Sequence[HeardClip], held_out: HeldOut, front_end: FrontEnd) -> Profile:
    """The profile of all clips with the limits that held-out ones tell."""
    return replace(
        profile,
        curve_limit=float(np.quantile(held_out.curve_peaks, QUIET_SHARE)),
        level_limit=float(np.quantile(held_out.curve_levels, QUIET_SHARE)),
        residual_limit=float(np.quantile(held_out.residual_peaks, QUIET_BAND_SHARE)),
        lines=fit_lines(clips, held_out.line_peaks, QUIET_BAND_SHARE, front_end),
    )
