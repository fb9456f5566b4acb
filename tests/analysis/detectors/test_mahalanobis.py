"""Level 3 uses the feature groups of its artifact: older releases trained with one more."""

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest

from analysis import detectors
from analysis.detectors.mahalanobis import FEATURE_GROUPS, MahalanobisDetector
from analysis.errors import InvalidArtifact
from tests.support.trained_detectors import MAHALANOBIS, faulty, get_artifact, train

ADDED_STRENGTH = 50.0


def with_all_groups(detector):
    """Add the feature group that is left out now, abnormal in every recording."""
    learnt = detector.precisions
    missing = [group for group in FEATURE_GROUPS if group not in learnt]
    n_mels = detector.spec.n_mels
    n_measures = detector.group_center.shape[1]
    precisions = {
        group: learnt.get(group, np.eye(n_mels, dtype=np.float32)) for group in FEATURE_GROUPS
    }
    places = [list(learnt).index(group) if group in learnt else -1 for group in FEATURE_GROUPS]
    center = np.concatenate(
        [detector.group_center, np.full((len(missing), n_measures), -ADDED_STRENGTH)]
    )[places]
    scale = np.concatenate([detector.group_scale, np.ones((len(missing), n_measures))])[places]
    return replace(detector, precisions=precisions, group_center=center, group_scale=scale)


def test_training_uses_all_feature_groups_but_the_spread():
    assert [
        group
        for group in FEATURE_GROUPS
        if group not in get_artifact(MAHALANOBIS).detector.precisions
    ] == ["spread"]


def test_an_unused_feature_group_does_not_change_the_score():
    artifact = get_artifact(MAHALANOBIS).detector
    spec = get_artifact(MAHALANOBIS).front_end.spec
    golden = get_artifact(MAHALANOBIS).golden_features
    unsteady = golden.copy()
    unsteady[spec.n_mels : 2 * spec.n_mels] += 20
    assert artifact.score_window(unsteady) == artifact.score_window(golden)
    assert "spread" not in artifact.score_window(golden).contributions


def test_a_version_with_all_feature_groups_is_read_and_uses_them():
    artifact = get_artifact(MAHALANOBIS)
    detector = with_all_groups(artifact.detector)
    golden_score = detector.compute_anomaly_score(artifact.golden_features)
    older = detectors.read(
        detectors.write(replace(artifact, detector=detector, golden_score=golden_score))
    )
    assert older.detector.compute_anomaly_score(artifact.golden_features) == pytest.approx(
        golden_score
    )
    assert golden_score > artifact.golden_score + ADDED_STRENGTH / 2
    assert "spread" in dict(older.predict(faulty()[0]).contributions)


@pytest.mark.parametrize(
    "again",
    [copy.copy, copy.deepcopy, replace, lambda detector: pickle.loads(pickle.dumps(detector))],
)
def test_a_detector_is_immutable_and_can_be_copied(again):
    artifact = get_artifact(MAHALANOBIS).detector
    golden = get_artifact(MAHALANOBIS).golden_features
    copied = again(artifact)
    with pytest.raises(TypeError):
        copied.precisions["level"] = None
    assert copied.score_window(golden) == artifact.score_window(golden)
    for name, array in artifact.to_arrays().items():
        np.testing.assert_array_equal(copied.to_arrays()[name], array)


def test_a_version_without_feature_groups_is_refused():
    arrays = {
        name: array
        for name, array in train(MAHALANOBIS).artifact.detector.to_arrays().items()
        if not name.startswith("precision_")
    }
    with pytest.raises(InvalidArtifact, match="no feature group"):
        MahalanobisDetector.from_arrays(arrays, get_artifact(MAHALANOBIS).front_end.spec)
