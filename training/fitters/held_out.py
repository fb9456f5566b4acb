"""Scores each clip by a fit that has learnt neither from it nor from its recording session."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from analysis.detectors.artifact import score_clip
from analysis.detectors.calibration import Calibration, LengthScale, calibrate
from training.datasets.grouping import Grouping
from training.fitters.base import Fit, Fitter, compare_scales
from training.fitters.clips import ClipFeatures, get_features
from training.fitters.profiles import HeldOutPeaks, fit_profile
from training.fitters.tonal_peaks import compute_group_peaks, compute_reference

METHOD = "grouped out-of-fold, Pareto tail"


@dataclass(frozen=True, slots=True)
class HeldOutScores:
    """What cross-validation found, on the scale of the final detector; filled in clip by clip.

    scores: (n_clips,). half_scores: (n_clips, 2), of the halves of each clip. lengths: (n_clips,),
    as shares of the usual length of a clip.
    """

    scores: npt.NDArray[np.float64]
    half_scores: npt.NDArray[np.float64]
    lengths: npt.NDArray[np.float64]
    peaks: HeldOutPeaks

    @classmethod
    def allocate(cls, n_clips: int) -> Self:
        """Make room for so many clips."""
        return cls(
            scores=np.zeros(n_clips),
            half_scores=np.zeros((n_clips, 2)),
            lengths=np.zeros(n_clips),
            peaks=HeldOutPeaks.allocate(n_clips),
        )


def fit_folds(fitter: Fitter, clips: Sequence[ClipFeatures], grouping: Grouping) -> list[Fit]:
    """Fit once a fold, on the clips that the fold does not hold out."""
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
    """Score each clip with the fit that held it out, on the final detector's scale."""
    held_out = HeldOutScores.allocate(len(clips))
    for fold, fit in enumerate(folds):
        here, there = compare_scales(fit, final, fold, grouping)
        score_fold(fitter, fit, fold, clips, grouping, held_out)

        indices = grouping.held_out_indices(fold)
        for scores in (held_out.scores, held_out.half_scores):
            scores[indices] = fitter.rescale(scores[indices], here, there)
    return held_out


def score_fold(
    fitter: Fitter,
    fit: Fit,
    fold: int,
    clips: Sequence[ClipFeatures],
    grouping: Grouping,
    held_out: HeldOutScores,
) -> None:
    """Fill in the clips that the fold held out, on the scale of its fit."""
    front_end = fitter.front_end
    training_clips = [clips[i] for i in grouping.training_indices(fold)]
    profile = fit_profile(training_clips)
    reference = compute_reference(training_clips, front_end)
    for i in grouping.held_out_indices(fold):
        fitter.on_step()
        clip = clips[i]
        held_out.lengths[i] = len(clip.windows[0].frames) / front_end.spec.clip_frames
        held_out.scores[i] = score_clip(fit.detector, get_features(clip.windows))
        held_out.half_scores[i] = [
            score_clip(fit.detector, get_features(half)) for half in clip.halves
        ]
        held_out.peaks.measure(i, clip, fit.detector, profile)
        held_out.peaks.tonal[i] = compute_group_peaks(clip.tonal_peaks, reference, front_end)


def fit_length_scale(held_out: HeldOutScores) -> LengthScale:
    """Fit how the scores of half a clip differ from those of a whole one."""
    return LengthScale.fit(held_out.scores, held_out.half_scores.ravel())


def calibrate_held_out(
    held_out: HeldOutScores, scale: LengthScale, grouping: Grouping, target_false_alarm_rate: float
) -> Calibration:
    """Calibrate the version on scores as they would be served."""
    pairs = zip(held_out.scores, held_out.lengths, strict=True)
    return calibrate(
        np.array([scale.adjust(score, length) for score, length in pairs]),
        target_false_alarm_rate=target_false_alarm_rate,
        n_groups=grouping.n_groups,
        method=METHOD,
        has_few_groups=grouping.has_few_groups,
        groups=grouping.groups,
    )
