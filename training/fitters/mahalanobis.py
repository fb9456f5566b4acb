"""Fits level 3: a Ledoit-Wolf covariance for each feature group, and the usual distances."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.covariance import LedoitWolf

from analysis.detectors.mahalanobis import (
    N_LARGEST,
    WHOLE,
    MahalanobisDetector,
    Measures,
    feature_slices,
    fuse,
    measure_groups,
    measure_whole,
)
from analysis.detectors.score_distribution import Scores
from analysis.sound.features import FeatureSpec, FloatArray
from training.datasets.grouping import Grouping
from training.errors import InvalidOption
from training.fitters.base import FileBytes, Fit, Fitter, median_by_clip
from training.fitters.clips import ClipFeatures, get_all_features, get_all_frames

# In the features' own dB: no microphone is steadier from day to day, and a feature that never
# moves must not decide alone.
MIN_DEVIATION = 1.0
# What tells faults best on real machines counts for more (docs/decisions/feature-groups.md).
USUAL_WEIGHT = 0.8
GROUP_WEIGHTS = {"change": 1.2, "jump": 1.0, WHOLE: 1.2}
# In standard deviations of held-out clips, the unit of the score.
SHIFT_COST = 0.5


class MahalanobisFitter(Fitter):
    """Fits Gaussians; has no parameters of its own."""

    detector_type = "level3_mahalanobis"
    max_folds = 12
    learns_codecs = True
    # docs/decisions/domain-shifts.md
    shift_relief = 0.25

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if self.accelerator == "cuda":
            raise InvalidOption("Level 3 trains on the CPU: leave --accelerator cuda out.")
        self.accelerator = "cpu"

    def prepare(self, clips: Sequence[ClipFeatures], grouping: Grouping) -> None:
        """Measure on held-out clips how large each measure is for a normal clip."""
        spec = self.front_end.spec
        by_fold: list[Measures] = []
        for fold in range(grouping.n_folds):
            training_clips = [clips[i] for i in grouping.training_indices(fold)]
            held_out_clips = [clips[i] for i in grouping.held_out_indices(fold)]
            gaussians = Gaussians(stack_features(training_clips), feature_slices(spec))
            held_out = gaussians.standardize(stack_features(held_out_clips))
            by_fold.append(measure(held_out, gaussians.precisions, spec))
            self.on_step()

        measures = np.concatenate(by_fold)
        self.group_center = np.median(measures, axis=0)
        self.group_scale = np.maximum(measures.std(axis=0), np.finfo(np.float32).eps)
        groups = (*feature_slices(spec), WHOLE)
        self.group_weights = np.array([GROUP_WEIGHTS.get(group, USUAL_WEIGHT) for group in groups])

    def fit(self, clips: Sequence[ClipFeatures], *, phase: str) -> Fit:
        """Fit a Gaussian to each feature group; the serving form is the exchange form."""
        self.gaussians = Gaussians(stack_features(clips), feature_slices(self.front_end.spec))
        frames = np.concatenate(get_all_frames(clips))
        detector = MahalanobisDetector(
            spec=self.front_end.spec,
            domain_shifts=self.domain_shifts,
            shift_cost=SHIFT_COST,
            shift_relief=self.shift_relief,
            mean=self.gaussians.mean,
            scale=self.gaussians.scale,
            precisions=self.gaussians.precisions,
            group_center=self.group_center,
            group_scale=self.group_scale,
            group_weights=self.group_weights,
            frame_mean=frames.mean(axis=0),
            frame_std=np.maximum(frames.std(axis=0), np.finfo(np.float32).eps),
        )

        scores = [detector.score_unshifted(features) for features in get_all_features(clips)]
        return Fit(detector, median_by_clip(np.array(scores), clips), {})

    def rescale(self, scores: Scores, here: float, there: float) -> Scores:
        """Return the scores: every fold scores in standard deviations of held-out clips already."""
        return scores

    def reference_scores(
        self, exchange: Mapping[str, FileBytes], clips: Sequence[ClipFeatures]
    ) -> Scores:
        """Score with scikit-learn's covariances of the last fit, as there is no exchange form."""
        standardized = self.gaussians.standardize(stack_features(clips)).astype(np.float64)
        measures = [
            measure_by_library(standardized[:, part], covariance)
            for part, covariance in self.gaussians.covariances.values()
        ]
        whole = measure_whole(standardized, self.gaussians.precisions, self.front_end.spec)
        all_measures = np.concatenate([np.stack(measures, axis=1), whole], axis=1)
        contributions = (all_measures - self.group_center) / self.group_scale
        return median_by_clip(fuse(contributions, self.group_weights), clips)


class Gaussians:
    """Standardises features, and fits the Ledoit-Wolf covariance of each feature group."""

    def __init__(self, features: FloatArray, slices: Mapping[str, slice]) -> None:
        deviation = features.std(axis=0, dtype=np.float64)
        self.mean: FloatArray = features.mean(axis=0, dtype=np.float64).astype(np.float32)
        self.scale: FloatArray = np.hypot(deviation, MIN_DEVIATION).astype(np.float32)

        standardized = self.standardize(features).astype(np.float64)
        self.covariances: dict[str, tuple[slice, LedoitWolf]] = {}
        self.precisions: dict[str, FloatArray] = {}
        for group, part in slices.items():
            covariance = LedoitWolf(assume_centered=True).fit(standardized[:, part])
            self.covariances[group] = (part, covariance)
            self.precisions[group] = covariance.precision_.astype(np.float32)

    def standardize(self, features: FloatArray) -> FloatArray:
        """Express features in standard deviations of the clips that were learnt from."""
        standardized: FloatArray = (features - self.mean) / self.scale
        return standardized


def measure(
    standardized: FloatArray, precisions: Mapping[str, FloatArray], spec: FeatureSpec
) -> Measures:
    """Measure each group, and all features together: (n, n_groups + 1, N_MEASURES)."""
    by_group = measure_groups(standardized, precisions, spec)
    return np.concatenate([by_group, measure_whole(standardized, precisions, spec)], axis=1)


def measure_by_library(standardized: Any, covariance: LedoitWolf) -> Any:
    """Measure distance and the few largest residuals with scikit-learn: (n, MEASURES), float64."""
    precision = covariance.precision_
    squares = (standardized @ precision) ** 2 / np.diagonal(precision)
    largest = np.sort(squares, axis=1)[:, -N_LARGEST:]
    distance = np.sqrt(covariance.mahalanobis(standardized))
    return np.stack([distance, np.sqrt(largest.mean(axis=1))], axis=1)


def stack_features(clips: Sequence[ClipFeatures]) -> FloatArray:
    """Stack the features of every window of every clip: (n_windows, n_features)."""
    return np.stack(get_all_features(clips))
