"""Level 3: its feature groups, what all of them show together, and what a domain shift costs."""

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest

from analysis.detectors.mahalanobis import (
    FEATURE_GROUPS,
    WHOLE,
    MahalanobisDetector,
    feature_slices,
    fuse,
)
from analysis.errors import InvalidArtifact
from tests.support.trained_detectors import DETECTOR_TYPES, MAHALANOBIS, get_artifact, train


def get_detector():
    return get_artifact(MAHALANOBIS).detector


def move_group(group, *, by):
    """Return the golden clip's features with one group moved."""
    features = get_artifact(MAHALANOBIS).golden_features.copy()
    features[feature_slices(get_detector().spec)[group]] += by
    return features


def test_training_uses_all_feature_groups_and_the_whole():
    assert get_detector().groups == (*FEATURE_GROUPS, WHOLE)


@pytest.mark.parametrize("group", FEATURE_GROUPS)
def test_every_group_contributes_to_the_score(group):
    golden = get_artifact(MAHALANOBIS)
    moved = get_detector().score_window(move_group(group, by=20.0))
    assert moved.anomaly_score > golden.golden_score + 1
    assert max(moved.contributions, key=moved.contributions.__getitem__) in (group, WHOLE)


def test_a_little_everywhere_shows_in_the_whole():
    detector = get_detector()
    rng = np.random.default_rng(0)
    golden = get_artifact(MAHALANOBIS).golden_features
    noise = (detector.scale * rng.normal(size=len(golden))).astype(np.float32)
    contributions = detector.score_window(golden + 2 * noise).contributions
    assert contributions[WHOLE] > detector.score_window(golden).contributions[WHOLE] + 3


def test_a_domain_shift_is_taken_off_at_its_cost():
    detector = replace(get_detector(), shift_relief=0.0)
    golden = get_artifact(MAHALANOBIS).golden_features
    shifted = golden + detector.domain_shifts[0]
    free = replace(detector, shift_cost=0.0).compute_anomaly_score(shifted)
    assert free < detector.score_unshifted(shifted) - detector.shift_cost
    assert detector.compute_anomaly_score(shifted) == pytest.approx(free + detector.shift_cost)


def test_what_a_domain_shift_explains_makes_it_cheaper():
    detector = replace(get_detector(), shift_cost=1.0, shift_relief=0.25)
    scores = np.array([5.0, 4.5, 3.0, 1.0, 0.0, 6.0])
    charged = detector.charge_shifts(scores)
    np.testing.assert_allclose(charged, [5.0, 5.375, 3.5, 1.0, 0.0, 7.25])


@pytest.mark.parametrize("detector_type", DETECTOR_TYPES)
def test_a_shift_that_explains_all_costs_nothing(detector_type):
    artifact = get_artifact(detector_type)
    detector = replace(artifact.detector, shift_relief=1e6)
    shifted = artifact.golden_features + detector.domain_shifts[0]
    free = replace(detector, shift_cost=0.0)
    assert detector.score_unshifted(shifted) > free.compute_anomaly_score(shifted)
    assert detector.compute_anomaly_score(shifted) == free.compute_anomaly_score(shifted)


def test_a_shift_that_gains_less_than_it_costs_is_not_taken_off():
    detector = replace(get_detector(), shift_cost=1e6)
    shifted = get_artifact(MAHALANOBIS).golden_features + detector.domain_shifts[0]
    assert detector.compute_anomaly_score(shifted) == pytest.approx(
        detector.score_unshifted(shifted)
    )


def test_a_group_of_more_weight_counts_for_more():
    contributions = np.array([[[4.0, 4.0], [0.0, 0.0]]])
    equal = fuse(contributions, np.ones(2))
    assert fuse(contributions, np.array([2.0, 1.0])) > equal
    assert fuse(contributions, np.array([0.5, 1.0])) < equal
    assert equal == pytest.approx(2 * np.log((2 * np.exp(2) + 2) / 4))


@pytest.mark.parametrize(
    "again",
    [copy.copy, copy.deepcopy, replace, lambda detector: pickle.loads(pickle.dumps(detector))],
)
def test_a_detector_is_immutable_and_can_be_copied(again):
    artifact = get_detector()
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
