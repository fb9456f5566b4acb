"""Isolation trees flattened to arrays, and their score, whatever the features are."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.detectors.plain_arrays import Arrays, take_array
from analysis.errors import InvalidArtifact
from analysis.sound.features import FloatArray

LEAF = -1
# scikit-learn's trees have at most log2(max_samples) levels; a chain of nodes would take hours.
MAX_DEPTH = 64
IntArray = npt.NDArray[np.int32]
DoubleArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """StandardScaler and isolation forest (Liu, Ting, Zhou, Isolation Forest, ICDM 2008).

    The nodes of all trees form one list, every child after its parent; at a leaf, feature is LEAF
    and path_length counts.

    mean, scale: (n_features,); roots: (n_trees,); feature, left, right, threshold, path_length:
    (n_nodes,); expected_path_length: (1,).
    """

    mean: DoubleArray
    scale: DoubleArray
    roots: IntArray
    feature: IntArray
    threshold: DoubleArray
    left: IntArray
    right: IntArray
    path_length: DoubleArray
    expected_path_length: DoubleArray

    def compute_isolation(self, features: npt.NDArray[np.floating[Any]]) -> DoubleArray:
        """Return minus scikit-learn's score_samples: (n, n_features) -> (n,), in (0, 1).

        2 ** (-mean path length / its expectation): how quickly random cuts isolate the features.
        """
        lengths = self.compute_path_lengths(self.standardise(features)).mean(axis=1)
        isolation: DoubleArray = 2 ** (-lengths / self.expected_path_length)
        return isolation

    def standardise(self, features: npt.NDArray[np.floating[Any]]) -> FloatArray:
        """Scale features to those of the training clips, in float32 as scikit-learn's trees do."""
        standardised: FloatArray = ((features - self.mean) / self.scale).astype(np.float32)
        return standardised

    def compute_path_lengths(self, standardised: FloatArray) -> DoubleArray:
        """Return the path length in every tree: (n, n_features) -> (n, n_trees).

        All trees are walked together, step by step.
        """
        rows = np.arange(len(standardised))[:, np.newaxis]
        node = np.broadcast_to(self.roots, (len(standardised), len(self.roots)))
        while (is_inner := self.feature[node] != LEAF).any():
            goes_left = standardised[rows, self.feature[node]] <= self.threshold[node]
            child = np.where(goes_left, self.left[node], self.right[node])
            node = np.where(is_inner, child, node)
        lengths: DoubleArray = self.path_length[node]
        return lengths

    def check(self, n_features: int) -> None:
        """Raise InvalidArtifact for trees that cannot be walked and scales that cannot divide."""
        n_nodes = len(self.feature)
        inner = np.flatnonzero(self.feature != LEAF)
        leads_on = all(
            is_within(child[inner], 0, n_nodes) and (child[inner] > inner).all()
            for child in (self.left, self.right)
        )
        has_features = is_within(self.feature[inner], 0, n_features)
        has_roots = is_within(self.roots, 0, n_nodes)
        if not (has_features and has_roots and leads_on) or self.is_deeper_than(MAX_DEPTH):
            raise InvalidArtifact(
                "The artifact's trees refer to nodes or features that do not exist, or never end."
            )
        if not all((divisor > 0).all() for divisor in (self.scale, self.expected_path_length)):
            raise InvalidArtifact("The artifact's scales must be positive.")

    def is_deeper_than(self, n_steps: int) -> bool:
        """Return whether some walk from a root takes more steps than this."""
        is_inner = self.feature != LEAF
        # A mark for each node, so that nodes on which many walks meet are followed once.
        is_reached = np.zeros(len(self.feature), bool)
        is_reached[self.roots] = True
        for _ in range(n_steps + 1):
            node = np.flatnonzero(is_reached & is_inner)
            if not node.size:
                return False
            is_reached = np.zeros_like(is_reached)
            is_reached[self.left[node]] = True
            is_reached[self.right[node]] = True
        return True


def take_trees(arrays: Arrays, n_features: int) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of the trees, each of the right dtype and length."""
    n_nodes = len(take_array(arrays, "feature", np.int32, (None,)))
    expected: dict[str, tuple[type[np.generic], int | None]] = {
        "mean": (np.float64, n_features),
        "scale": (np.float64, n_features),
        "roots": (np.int32, None),
        "feature": (np.int32, n_nodes),
        "threshold": (np.float64, n_nodes),
        "left": (np.int32, n_nodes),
        "right": (np.int32, n_nodes),
        "path_length": (np.float64, n_nodes),
        "expected_path_length": (np.float64, 1),
    }
    return {
        name: take_array(arrays, name, dtype, (length,))
        for name, (dtype, length) in expected.items()
    }


def is_within(index: IntArray, low: int, high: int) -> bool:
    """Return whether every index is in [low, high)."""
    return bool(((index >= low) & (index < high)).all())
