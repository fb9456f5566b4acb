"""Level 1: an isolation forest on clip features, its trees flattened to arrays."""

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from analysis.clip_features import ClipFeatures, clip_features, n_clip_features
from analysis.detectors.base import Arrays, Detector, take
from analysis.errors import InvalidArtifact
from analysis.explanation import Excess
from analysis.features import FeatureSpec, FloatArray, Frames

LEAF = -1
# scikit-learn grows trees of at most log2(max_samples) steps; a chain of nodes would be walked for hours.
MAX_DEPTH = 64
IntArray = npt.NDArray[np.int32]
DoubleArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolationForestDetector(Detector):
    """StandardScaler and isolation forest (Liu, Ting, Zhou, Isolation Forest, ICDM 2008).

    anomaly_score is 2 ** (-mean path length / its expectation), in (0, 1), as minus scikit-learn's score_samples.
    Nodes of all trees lie in one row, every child after its parent; at a leaf, feature is LEAF and path_length counts.

    mean, scale: (n_features,); roots: (n_trees,); feature, left, right, threshold, path_length: (n_nodes,);
    expected_path_length: (1,); frame_mean, frame_std: (n_mels,), dB, of the normal frames.
    """

    type = "level1_isolation_forest"

    spec: FeatureSpec
    mean: DoubleArray
    scale: DoubleArray
    roots: IntArray
    feature: IntArray
    threshold: DoubleArray
    left: IntArray
    right: IntArray
    path_length: DoubleArray
    expected_path_length: DoubleArray
    frame_mean: FloatArray
    frame_std: FloatArray

    def anomaly_score(self, frames: Frames) -> float:
        """Score a clip by how quickly random cuts set it apart."""
        scaled = self.scaled(clip_features(frames, self.spec))
        return float(2 ** (-self.path_lengths(scaled).mean() / self.expected_path_length[0]))

    def scaled(self, features: ClipFeatures) -> FloatArray:
        """Standardise; scikit-learn's trees compare in float32, so do these."""
        scaled: FloatArray = ((features - self.mean) / self.scale).astype(np.float32)
        return scaled

    def path_lengths(self, scaled: FloatArray) -> DoubleArray:
        """Path length in every tree: (n_trees,); all trees take each step together."""
        node = self.roots
        while (inner := self.feature[node] != LEAF).any():
            goes_left = scaled[self.feature[node]] <= self.threshold[node]
            node = np.where(inner, np.where(goes_left, self.left[node], self.right[node]), node)
        lengths: DoubleArray = self.path_length[node]
        return lengths

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
        feature = take(arrays, "feature", np.int32, (None,))
        n_nodes = len(feature)
        detector = cls(
            spec=spec,
            mean=take(arrays, "mean", np.float64, (n_features,)),
            scale=take(arrays, "scale", np.float64, (n_features,)),
            roots=take(arrays, "roots", np.int32, (None,)),
            feature=feature,
            threshold=take(arrays, "threshold", np.float64, (n_nodes,)),
            left=take(arrays, "left", np.int32, (n_nodes,)),
            right=take(arrays, "right", np.int32, (n_nodes,)),
            path_length=take(arrays, "path_length", np.float64, (n_nodes,)),
            expected_path_length=take(arrays, "expected_path_length", np.float64, (1,)),
            frame_mean=take(arrays, "frame_mean", np.float32, (spec.n_mels,)),
            frame_std=take(arrays, "frame_std", np.float32, (spec.n_mels,)),
        )
        detector.check(n_features)
        return detector

    def check(self, n_features: int) -> None:
        """Refuse trees that could not be walked, and divisors that could not divide."""
        inner = np.flatnonzero(self.feature != LEAF)
        n_nodes = len(self.feature)
        walkable = (
            within(self.feature[inner], 0, n_features)
            and within(self.roots, 0, n_nodes)
            and all(
                within(child[inner], 0, n_nodes) and (child[inner] > inner).all() for child in (self.left, self.right)
            )
        )
        if not walkable or self.is_deeper_than(MAX_DEPTH):
            raise InvalidArtifact("The artifact's trees point at nodes or features that are not there, or never end.")
        if not all((divisor > 0).all() for divisor in (self.scale, self.expected_path_length, self.frame_std)):
            raise InvalidArtifact("The artifact's scales must be positive.")

    def is_deeper_than(self, n_steps: int) -> bool:
        """Whether some walk from a root takes more steps than this."""
        node = np.unique(self.roots)
        for _ in range(n_steps + 1):
            node = node[self.feature[node] != LEAF]
            node = np.unique([self.left[node], self.right[node]])
        return len(node) > 0


def within(index: IntArray, low: int, high: int) -> bool:
    """Whether every index is in [low, high)."""
    return bool(((index >= low) & (index < high)).all())
