"""Fits level 3: Ledoit-Wolf covariances of each kind of clip feature, and what is usual for held-out clips."""

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
from training.fitters.base import FileBytes, Fit, Fitter, all_window_features, median_by_clip
from training.fitters.clips import ClipFeatures

# No microphone is steadier than this from day to day, in the features' own dB; keeps what never moves from deciding.
MIN_DEVIATION = 1.0
# How far each band strays follows from its quiet and loud percentiles and its modulation, and varies more on its own.
UNUSED_GROUP = "spread"


class MahalanobisFitter(Fitter):
    """Has no parameters of its own."""

    detector_type = "level3_mahalanobis"
    max_folds = 12

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if self.accelerator == "cuda":
            raise InvalidOption("Level 3 trains on the CPU: leave --accelerator cuda out.")
        self.accelerator = "cpu"

    def prepare(self, clips: Sequence[ClipFeatures], grouping: Grouping) -> None:
        """Learn from held-out clips how large each measure is for a normal clip."""
        spec = self.front_end.spec
        measures: list[Measures] = []
        for fold in range(grouping.n_folds):
            gaussian = Gaussians(
                stack([clips[i] for i in grouping.training_indices(fold)]), kinds_of(spec)
            )
            held_out = gaussian.standardised(
                stack([clips[i] for i in grouping.held_out_indices(fold)])
            )
            measures.append(measure_groups(held_out, gaussian.precisions, spec))
            self.on_step()
        of_every_clip = np.concatenate(measures)
        self.usual = np.median(of_every_clip, axis=0)
        self.deviation = np.maximum(of_every_clip.std(axis=0), np.finfo(np.float32).eps)

    def fit(self, clips: Sequence[ClipFeatures], *, phase: str) -> Fit:
        """Fit a Gaussian to each kind of feature; the serving form is the exchange form."""
        gaussians = self.gaussians = Gaussians(stack(clips), kinds_of(self.front_end.spec))
        frames = np.concatenate([window.frames for clip in clips for window in clip.windows])
        detector = MahalanobisDetector(
            spec=self.front_end.spec,
            domain_shifts=self.channels,
            mean=gaussians.mean,
            scale=gaussians.scale,
            precisions=gaussians.precisions,
            group_center=self.usual,
            group_scale=self.deviation,
            frame_mean=frames.mean(axis=0),
            frame_std=np.maximum(frames.std(axis=0), np.finfo(np.float32).eps),
        )
        scores = np.array(
            [detector.score_unshifted(description) for description in all_window_features(clips)]
        )
        return Fit(detector, median_by_clip(scores, clips), {})

    def rescale(self, scores: Scores, here: float, there: float) -> Scores:
        """Every fold scores in standard deviations of held-out clips already."""
        return scores

    def reference_scores(
        self, exchange: Mapping[str, FileBytes], clips: Sequence[ClipFeatures]
    ) -> Scores:
        """Score with scikit-learn's covariances of the last fit; the serving form is the only one that is kept."""
        standardised = self.gaussians.standardised(stack(clips)).astype(np.float64)
        measures = np.stack(
            [
                reference_measures(standardised[:, part], fitted)
                for part, fitted in self.gaussians.fitted.values()
            ],
            axis=1,
        )
        return median_by_clip(
            MahalanobisDetector.fuse((measures - self.usual) / self.deviation), clips
        )


class Gaussians:
    """Standardised features and, for each kind of them, the Ledoit-Wolf covariance about the mean."""

    def __init__(self, features: FloatArray, kinds: Mapping[str, slice]) -> None:
        self.mean: FloatArray = features.mean(axis=0, dtype=np.float64).astype(np.float32)
        deviation = features.std(axis=0, dtype=np.float64)
        self.scale: FloatArray = np.hypot(deviation, MIN_DEVIATION).astype(np.float32)
        standardised = self.standardised(features).astype(np.float64)
        self.fitted = {
            kind: (part, LedoitWolf(assume_centered=True).fit(standardised[:, part]))
            for kind, part in kinds.items()
        }
        self.precisions: dict[str, FloatArray] = {
            kind: fitted.precision_.astype(np.float32) for kind, (_, fitted) in self.fitted.items()
        }

    def standardised(self, features: FloatArray) -> FloatArray:
        """In standard deviations of the clips that were learnt from."""
        standardised: FloatArray = (features - self.mean) / self.scale
        return standardised


def kinds_of(spec: FeatureSpec) -> dict[str, slice]:
    """Where each kind of feature that is learnt stands in a description."""
    place = feature_slices(spec)
    return {kind: place[kind] for kind in FEATURE_GROUPS if kind != UNUSED_GROUP}


def reference_measures(standardised: Any, fitted: LedoitWolf) -> Any:
    """Distance by scikit-learn, and the few largest residuals from its precision, in double: (n, MEASURES)."""
    precision = fitted.precision_
    residuals = np.sort((standardised @ precision) ** 2 / np.diagonal(precision), axis=1)
    return np.stack(
        [
            np.sqrt(fitted.mahalanobis(standardised)),
            np.sqrt(residuals[:, -N_LARGEST:].mean(axis=1)),
        ],
        axis=1,
    )


def stack(clips: Sequence[ClipFeatures]) -> FloatArray:
    """The description of every window of every clip: (n_windows, n_features)."""
    return np.stack(list(all_window_features(clips)))
