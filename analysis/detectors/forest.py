"""Level 1: an isolation forest on clip features, its trees flattened to arrays."""

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from analysis.clip_features import clip_features, n_clip_features
from analysis.detectors.base import Arrays, Assessment, Description, Detector, take, take_channels
from analysis.errors import InvalidArtifact
from analysis.explanation import Excess, above_usual
from analysis.features import FeatureSpec, FloatArray, Frames, Window

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

    channels: (n_channels, n_features); mean, scale: (n_features,); roots: (n_trees,); feature, left, right, threshold,
    path_length: (n_nodes,); expected_path_length: (1,); frame_mean, frame_std: (n_mels,), dB, of the normal frames.
    """

    type = "level1_isolation_forest"

    spec: FeatureSpec
    channels: FloatArray
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

    @classmethod
    def describe(cls, window: Window, spec: FeatureSpec) -> Description:
        """Clip features."""
        return clip_features(window.frames, spec)

    @classmethod
    def described_shape(cls, spec: FeatureSpec) -> tuple[int | None, ...]:
        """(n_features,)"""
        return (n_clip_features(spec),)

    def plain_score(self, description: Description) -> float:
        """Score a clip by how quickly random cuts set it apart."""
        return float(self.scores(description[np.newaxis])[0])

    def assess(self, description: Description) -> Assessment:
        """Walk the trees for all channels together."""
        return Assessment(float(self.scores(description - self.shifts).min()), {})

    def scores(self, descriptions: Description) -> DoubleArray:
        """(n, n_features) -> (n,)"""
        scores: DoubleArray = 2 ** (
            -self.path_lengths(self.scaled(descriptions)).mean(axis=1) / self.expected_path_length
        )
        return scores

    def scaled(self, descriptions: Description) -> FloatArray:
        """Standardise; scikit-learn's trees compare in float32, so do these."""
        scaled: FloatArray = ((descriptions - self.mean) / self.scale).astype(np.float32)
        return scaled

    def path_lengths(self, scaled: FloatArray) -> DoubleArray:
        """Path length in every tree, (n, n_features) -> (n, n_trees); all trees take each step together."""
        rows = np.arange(len(scaled))[:, np.newaxis]
        node = np.broadcast_to(self.roots, (len(scaled), len(self.roots)))
        while (inner := self.feature[node] != LEAF).any():
            goes_left = scaled[rows, self.feature[node]] <= self.threshold[node]
            node = np.where(inner, np.where(goes_left, self.left[node], self.right[node]), node)
        lengths: DoubleArray = self.path_length[node]
        return lengths

    def excess(self, frames: Frames) -> Excess:
        """How far above its usual level each band is at each moment, in standard deviations."""
        return above_usual(frames, self.frame_mean, self.frame_std)

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
            channels=take_channels(arrays, n_features),
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
