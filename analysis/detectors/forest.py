"""Level 1: an isolation forest on clip features, its trees flattened to arrays."""

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from analysis.detectors.base import (
    Detector,
    Features,
    WindowScore,
    take_cost,
    take_domain_shifts,
)
from analysis.detectors.plain_arrays import Arrays, take_array
from analysis.detectors.trees import Trees, take_trees
from analysis.errors import InvalidArtifact
from analysis.sound.clip_features import count_clip_features, extract_clip_features
from analysis.sound.explanation import AnomalyMap, compute_level_anomaly
from analysis.sound.features import FeatureSpec, FloatArray, Frames, Window

# Where the name in the serving form is another one.
STORED_NAMES = {"domain_shifts": "channels"}


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolationForestDetector(Trees, Detector):
    """Isolation forest on clip features.

    domain_shifts: (n_shifts, n_features); frame_mean, frame_std: (n_mels,), dB, of the normal
    frames.
    """

    type = "level1_isolation_forest"

    spec: FeatureSpec
    domain_shifts: FloatArray
    shift_cost: float
    shift_relief: float
    frame_mean: FloatArray
    frame_std: FloatArray

    @classmethod
    def extract_features(cls, window: Window, spec: FeatureSpec) -> Features:
        """Return the clip features."""
        return extract_clip_features(window.frames, spec)

    @classmethod
    def feature_shape(cls, spec: FeatureSpec) -> tuple[int | None, ...]:
        """Return (n_features,)."""
        return (count_clip_features(spec),)

    def score_unshifted(self, features: Features) -> float:
        """Return how quickly random cuts isolate the features."""
        return float(self.compute_isolation(features[np.newaxis])[0])

    def score_window(self, features: Features) -> WindowScore:
        """Score all shifts together, and keep the lowest score."""
        isolation = self.compute_isolation(features - self.candidate_shifts)
        return WindowScore(float(self.charge_shifts(isolation).min()), {})

    def compute_anomaly_map(self, frames: Frames) -> AnomalyMap:
        """Return how far each band is above its normal level at each moment."""
        return compute_level_anomaly(frames, self.frame_mean, self.frame_std)

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return everything that it learnt."""
        costs = {
            "shift_cost": np.array([self.shift_cost]),
            "shift_relief": np.array([self.shift_relief]),
        }
        names = [field.name for field in fields(self) if field.name not in ("spec", *costs)]
        return {STORED_NAMES.get(name, name): getattr(self, name) for name in names} | costs

    @classmethod
    def from_arrays(cls, arrays: Arrays, spec: FeatureSpec) -> Self:
        """Make a detector whose trees lead to nodes and features that exist, so all walks end."""
        n_features = count_clip_features(spec)
        detector = cls(
            spec=spec,
            domain_shifts=take_domain_shifts(arrays, n_features),
            shift_cost=take_cost(arrays, "shift_cost"),
            shift_relief=take_cost(arrays, "shift_relief"),
            **take_trees(arrays, n_features),
            frame_mean=take_array(arrays, "frame_mean", np.float32, (spec.n_mels,)),
            frame_std=take_array(arrays, "frame_std", np.float32, (spec.n_mels,)),
        )
        detector.check(n_features)
        if not (detector.frame_std > 0).all():
            raise InvalidArtifact("The artifact's scales must be positive.")
        return detector
