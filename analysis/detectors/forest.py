"""Level 1: an isolation forest on clip features, its trees flattened to arrays."""

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from analysis.clip_features import clip_features, n_clip_features
from analysis.detectors.base import Arrays, Detector, take
from analysis.detectors.trees import Trees, take_trees
from analysis.errors import InvalidArtifact
from analysis.explanation import Excess
from analysis.features import FeatureSpec, FloatArray, Frames


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolationForestDetector(Trees, Detector):
    """Isolation forest on clip features.

    frame_mean, frame_std: (n_mels,), dB, of the normal frames.
    """

    type = "level1_isolation_forest"

    spec: FeatureSpec
    frame_mean: FloatArray
    frame_std: FloatArray

    def anomaly_score(self, frames: Frames) -> float:
        """Score a clip by how quickly random cuts set it apart."""
        return self.isolation(clip_features(frames, self.spec))

    def excess(self, frames: Frames) -> Excess:
        """How far above its usual level each band is at each moment, in standard deviations."""
        excess: Excess = np.maximum((frames - self.frame_mean) / self.frame_std, 0)
        return excess

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything it has learnt."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "spec"}

    @classmethod
    def from_arrays(cls, arrays: Arrays, spec: FeatureSpec) -> Self:
        """Check that every index leads forward to a node or a feature that is there, so that no walk is endless."""
        n_features = n_clip_features(spec)
        detector = cls(
            spec=spec,
            **take_trees(arrays, n_features),
            frame_mean=take(arrays, "frame_mean", np.float32, (spec.n_mels,)),
            frame_std=take(arrays, "frame_std", np.float32, (spec.n_mels,)),
        )
        detector.check(n_features)
        if not (detector.frame_std > 0).all():
            raise InvalidArtifact("The artifact's scales must be positive.")
        return detector
