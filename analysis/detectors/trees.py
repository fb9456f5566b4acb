"""Isolation trees flattened to arrays, and how they score: what every forest has in common, whatever its features."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.detectors.base import Arrays, take
from analysis.errors import InvalidArtifact
from analysis.sound.features import FloatArray

LEAF = -1
# scikit-learn grows trees of at most log2(max_samples) steps; a chain of nodes would be walked for hours.
MAX_DEPTH = 64
IntArray = npt.NDArray[np.int32]
DoubleArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """StandardScaler and isolation forest (Liu, Ting, Zhou, Isolation Forest, ICDM 2008).

    Nodes of all trees lie in one row, every child after its parent; at a leaf, feature is LEAF and path_length counts.

    mean, scale: (n_features,); roots: (n_trees,); feature, left, right, threshold, path_length: (n_nodes,);
    expected_path_length: (1,).
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

    def isolation(self, features: npt.NDArray[np.floating[Any]]) -> DoubleArray:
        """How quickly random cuts set features apart: 2 ** (-mean path length / its expectation), in (0, 1).

        As minus scikit-learn's score_samples: (n, n_features) -> (n,).
        """
        lengths = self.path_lengths(self.scaled(features)).mean(axis=1)
        isolation: DoubleArray = 2 ** (-lengths / self.expected_path_length)
        return isolation

    def scaled(self, features: npt.NDArray[np.floating[Any]]) -> FloatArray:
        """Standardise; scikit-learn's trees compare in float32, so do these."""
        scaled: FloatArray = ((features - self.mean) / self.scale).astype(np.float32)
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

    def check(self, n_features: int) -> None:
        """Refuse trees that could not be walked, and divisors that could not divide."""
        inner = np.flatnonzero(self.feature != LEAF)
        n_nodes = len(self.feature)
        walkable = (
            within(self.feature[inner], 0, n_features)
            and within(self.roots, 0, n_nodes)
            and all(
                within(child[inner], 0, n_nodes) and (child[inner] > inner).all()
                for child in (self.left, self.right)
            )
        )
        if not walkable or self.is_deeper_than(MAX_DEPTH):
            raise InvalidArtifact(
                "The artifact's trees point at nodes or features that are not there, or never end."
            )
        if not all((divisor > 0).all() for divisor in (self.scale, self.expected_path_length)):
            raise InvalidArtifact("The artifact's scales must be positive.")

    def is_deeper_than(self, n_steps: int) -> bool:
        """Whether some walk from a root takes more steps than this."""
        is_inner, reached = self.feature != LEAF, np.zeros(len(self.feature), bool)
        reached[self.roots] = True
        for _ in range(n_steps + 1):
            node = np.flatnonzero(reached & is_inner)
            if not node.size:
                return False
            # As marks, so that nodes on which walks meet again and again are followed once.
            reached = np.zeros_like(reached)
            reached[self.left[node]] = reached[self.right[node]] = True
        return True


def take_trees(arrays: Arrays, n_features: int) -> dict[str, npt.NDArray[Any]]:
    """The arrays of the trees, each of its own kind and length."""
    n_nodes = len(take(arrays, "feature", np.int32, (None,)))
    kinds: dict[str, tuple[type[np.generic], int | None]] = {
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
    return {name: take(arrays, name, dtype, (length,)) for name, (dtype, length) in kinds.items()}


def within(index: IntArray, low: int, high: int) -> bool:
    """Whether every index is in [low, high)."""
    return bool(((index >= low) & (index < high)).all())
