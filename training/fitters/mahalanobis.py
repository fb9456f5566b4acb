"""Fits level 3: a Ledoit-Wolf covariance for each feature group, and the usual distances."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.covariance import LedoitWolf

from analysis.detectors.calibration import Scores
from analysis.detectors.mahalanobis import (
    FEATURE_GROUPS,
    N_LARGEST,
    MahalanobisDetector,
    Measures,
    feature_slices,
    measure_groups,
)
from analysis.sound.features import FeatureSpec, FloatArray
from training.datasets.grouping import Grouping
from training.errors import InvalidOption
from training.fitters.base import FileBytes, Fit, Fitter, median_by_clip
from training.fitters.clips import ClipFeatures, get_all_features, get_all_frames

# In the features' own dB: no microphone is steadier from day to day, and a feature that never
# moves must not decide alone.
MIN_DEVIATION = 1.0
# Follows from the quiet and loud percentiles and the modulation of each band, and varies more.
UNUSED_GROUP = "spread"


class MahalanobisFitter(Fitter):
    """Fits Gaussians; has no parameters of its own."""

    detector_type = "level3_mahalanobis"
    max_folds = 12

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
            gaussians = Gaussians(stack_features(training_clips), used_slices(spec))
            held_out = gaussians.standardize(stack_features(held_out_clips))
            by_fold.append(measure_groups(held_out, gaussians.precisions, spec))
            self.on_step()

        measures = np.concatenate(by_fold)
        self.group_center = np.median(measures, axis=0)
        self.group_scale = np.maximum(measures.std(axis=0), np.finfo(np.float32).eps)

    def fit(self, clips: Sequence[ClipFeatures], *, phase: str) -> Fit:
        """Fit a Gaussian to each feature group; the serving form is the exchange form."""
        self.gaussians = Gaussians(stack_features(clips), used_slices(self.front_end.spec))
        frames = np.concatenate(get_all_frames(clips))
        detector = MahalanobisDetector(
            spec=self.front_end.spec,
            domain_shifts=self.domain_shifts,
            mean=self.gaussians.mean,
            scale=self.gaussians.scale,
            precisions=self.gaussians.precisions,
            group_center=self.group_center,
            group_scale=self.group_scale,
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
        measures = np.stack(
            [
                measure_by_library(standardized[:, part], covariance)
                for part, covariance in self.gaussians.covariances.values()
            ],
            axis=1,
        )
        fused = MahalanobisDetector.fuse((measures - self.group_center) / self.group_scale)
        return median_by_clip(fused, clips)


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


def used_slices(spec: FeatureSpec) -> dict[str, slice]:
    """Return where each feature group that is learnt stands among the features."""
    slices = feature_slices(spec)
    return {group: slices[group] for group in FEATURE_GROUPS if group != UNUSED_GROUP}


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
