"""Fits level 1: StandardScaler and isolation forest on clip features, flattened for serving."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import joblib
import numpy as np
import numpy.typing as npt
from sklearn.ensemble import IsolationForest
from sklearn.preprocessing import StandardScaler

from analysis.detectors.forest import IsolationForestDetector
from analysis.detectors.score_distribution import Scores
from analysis.detectors.trees import LEAF
from training.errors import InvalidOption
from training.fitters.base import FileBytes, Fit, Fitter, median_by_clip
from training.fitters.clips import ClipFeatures, get_all_features, get_all_frames

FeatureMatrix = npt.NDArray[np.float64]  # (n_windows, n_features)


class ForestFitter(Fitter):
    """Fits an isolation forest; parameters: n_estimators."""

    detector_type = "level1_isolation_forest"
    max_folds = 5

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if self.accelerator == "cuda":
            raise InvalidOption(
                "An isolation forest trains on the CPU: leave --accelerator cuda out."
            )
        self.accelerator = "cpu"

    def fit(self, clips: Sequence[ClipFeatures], *, phase: str) -> Fit:
        """Fit scaler and forest; the exchange form is both, each in a file of its own."""
        features = stack_features(clips)
        scaler = StandardScaler().fit(features)
        forest = IsolationForest(
            n_estimators=self.parameters["n_estimators"], random_state=self.seed
        )
        forest.fit(scaler.transform(features))

        scores = median_by_clip(-forest.score_samples(scaler.transform(features)), clips)
        frames = np.concatenate(get_all_frames(clips))
        detector = IsolationForestDetector(
            spec=self.front_end.spec,
            domain_shifts=self.domain_shifts,
            shift_cost=self.compute_shift_cost(scores),
            shift_relief=self.shift_relief,
            mean=scaler.mean_,
            scale=scaler.scale_,
            **flatten(forest),
            frame_mean=frames.mean(axis=0),
            frame_std=np.maximum(frames.std(axis=0), np.finfo(np.float32).eps),
        )
        return Fit(detector, scores, {"exchange": dump(forest), "scaler": dump(scaler)})

    def reference_scores(
        self, exchange: Mapping[str, FileBytes], clips: Sequence[ClipFeatures]
    ) -> Scores:
        """Score with scikit-learn."""
        forest = load(exchange["exchange"])
        scaler = load(exchange["scaler"])
        scaled = scaler.transform(stack_features(clips))
        return median_by_clip(-forest.score_samples(scaled), clips)


def stack_features(clips: Sequence[ClipFeatures]) -> FeatureMatrix:
    """Stack the features of every window of every clip."""
    return np.stack(get_all_features(clips)).astype(np.float64)


def flatten(forest: IsolationForest) -> dict[str, npt.NDArray[Any]]:
    """Flatten the trees into rows of nodes, children after parents, as the detector walks them.

    Path lengths are those of scikit-learn: the depth of the leaf, and the mean depth of a tree of
    the samples that are still together in the leaf.
    """
    trees = [estimator.tree_ for estimator in forest.estimators_]
    roots = np.cumsum([0] + [tree.node_count for tree in trees[:-1]])
    rooted = list(zip(trees, roots, strict=True))
    nodes: dict[str, list[npt.NDArray[Any]]] = {
        "feature": [np.where(tree.children_left == -1, LEAF, tree.feature) for tree in trees],
        "threshold": [np.where(tree.children_left == -1, 0, tree.threshold) for tree in trees],
        "left": [tree.children_left + root for tree, root in rooted],
        "right": [tree.children_right + root for tree, root in rooted],
        "path_length": [
            node_depths(tree) + mean_path_length(tree.n_node_samples) for tree in trees
        ],
    }
    dtypes = {"threshold": np.float64, "path_length": np.float64}
    flat = {
        name: np.concatenate(parts).astype(dtypes.get(name, np.int32))
        for name, parts in nodes.items()
    }
    expected = mean_path_length(np.array([forest.max_samples_]))
    return flat | {"roots": roots.astype(np.int32), "expected_path_length": expected}


def node_depths(tree: Any) -> npt.NDArray[np.float64]:
    """Count the edges from the root to each node; parents stand before their children."""
    depth = np.zeros(tree.node_count)
    for node in np.flatnonzero(tree.children_left != -1):
        depth[[tree.children_left[node], tree.children_right[node]]] = depth[node] + 1
    return depth


def mean_path_length(n_samples: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Compute the mean depth of an unsuccessful search in a binary search tree of n samples.

    Liu, Ting, Zhou (2008), equation 1.
    """
    n = np.maximum(n_samples, 3).astype(np.float64)
    many = 2 * (np.log(n - 1) + np.euler_gamma) - 2 * (n - 1) / n
    return np.where(n_samples <= 1, 0.0, np.where(n_samples == 2, 1.0, many))


def dump(estimator: Any) -> FileBytes:
    """Write the exchange form of a scikit-learn estimator."""
    file = io.BytesIO()
    joblib.dump(estimator, file)
    return file.getvalue()


def load(content: FileBytes) -> Any:
    """Read what this process has just written, and nothing else: a pickle runs code."""
    return joblib.load(io.BytesIO(content))
