"""Level 1: an isolation forest on clip features, its trees flattened to arrays."""

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from analysis.detectors.base import (
    Arrays,
    Detector,
    Features,
    WindowScore,
    take,
    take_domain_shifts,
)
from analysis.detectors.trees import Trees, take_trees
from analysis.errors import InvalidArtifact
from analysis.sound.clip_features import clip_features, n_clip_features
from analysis.sound.explanation import AnomalyMap, above_usual
from analysis.sound.features import FeatureSpec, FloatArray, Frames, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolationForestDetector(Trees, Detector):
    """Isolation forest on clip features.

    channels: (n_channels, n_features); frame_mean, frame_std: (n_mels,), dB, of the normal frames.
    """

    type = "level1_isolation_forest"

    spec: FeatureSpec
    domain_shifts: FloatArray
    frame_mean: FloatArray
    frame_std: FloatArray

    @classmethod
    def extract_features(cls, window: Window, spec: FeatureSpec) -> Features:
        """Clip features."""
        return clip_features(window.frames, spec)

    @classmethod
    def feature_shape(cls, spec: FeatureSpec) -> tuple[int | None, ...]:
        """(n_features,)"""
        return (n_clip_features(spec),)

    def score_unshifted(self, description: Features) -> float:
        """Score a clip by how quickly random cuts set it apart."""
        return float(self.isolation(description[np.newaxis])[0])

    def score_window(self, description: Features) -> WindowScore:
        """Walk the trees for all channels together."""
        return WindowScore(float(self.isolation(description - self.shifts).min()), {})

    def compute_anomaly_map(self, frames: Frames) -> AnomalyMap:
        """How far above its usual level each band is at each moment, in squared standard deviations."""
        return above_usual(frames, self.frame_mean, self.frame_std)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything it has learnt."""
        learnt = {
            field.name: getattr(self, field.name) for field in fields(self) if field.name != "spec"
        }
        return learnt | {"channels": learnt.pop("domain_shifts")}

    @classmethod
    def from_arrays(cls, arrays: Arrays, spec: FeatureSpec) -> Self:
        """Check that every index leads forward to a node or a feature that is there, so that no walk is endless."""
        n_features = n_clip_features(spec)
        detector = cls(
            spec=spec,
            domain_shifts=take_domain_shifts(arrays, n_features),
            **take_trees(arrays, n_features),
            frame_mean=take(arrays, "frame_mean", np.float32, (spec.n_mels,)),
            frame_std=take(arrays, "frame_std", np.float32, (spec.n_mels,)),
        )
        detector.check(n_features)
        if not (detector.frame_std > 0).all():
            raise InvalidArtifact("The artifact's scales must be positive.")
        return detector
