"""Level 3 goes by the kinds of features that its artifact names: fewer now than releases before chose."""

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest

from analysis import detectors
from analysis.detectors.mahalanobis import FEATURE_GROUPS, MahalanobisDetector
from analysis.errors import InvalidArtifact
from tests.support.trained_detectors import MAHALANOBIS, artifact, faulty, trained

ADDED_STRENGTH = 50.0


def of_all_kinds(detector):
    """As releases before chose, with the kind that was left out far out of what is usual in every recording."""
    learnt = detector.precisions
    missing = [kind for kind in FEATURE_GROUPS if kind not in learnt]
    n_mels, n_measures = detector.spec.n_mels, detector.group_center.shape[1]
    precisions = {
        kind: learnt.get(kind, np.eye(n_mels, dtype=np.float32)) for kind in FEATURE_GROUPS
    }
    places = [list(learnt).index(kind) if kind in learnt else -1 for kind in FEATURE_GROUPS]
    usual = np.concatenate(
        [detector.group_center, np.full((len(missing), n_measures), -ADDED_STRENGTH)]
    )[places]
    deviation = np.concatenate([detector.group_scale, np.ones((len(missing), n_measures))])[places]
    return replace(detector, precisions=precisions, group_center=usual, group_scale=deviation)


def test_training_chooses_all_kinds_but_the_spread():
    assert [
        kind for kind in FEATURE_GROUPS if kind not in artifact(MAHALANOBIS).detector.precisions
    ] == ["spread"]


def test_a_kind_that_is_not_gone_by_is_not_heard():
    judge, spec = artifact(MAHALANOBIS).detector, artifact(MAHALANOBIS).front_end.spec
    golden = artifact(MAHALANOBIS).golden_features
    unsteady = golden.copy()
    unsteady[spec.n_mels : 2 * spec.n_mels] += 20
    assert judge.score_window(unsteady) == judge.score_window(golden)
    assert "spread" not in judge.score_window(golden).contributions


def test_a_version_that_goes_by_all_kinds_is_read_and_scores_by_them():
    judge = artifact(MAHALANOBIS)
    detector = of_all_kinds(judge.detector)
    golden_score = detector.compute_anomaly_score(judge.golden_features)
    older = detectors.read(
        detectors.write(replace(judge, detector=detector, golden_score=golden_score))
    )
    assert older.detector.compute_anomaly_score(judge.golden_features) == pytest.approx(
        golden_score
    )
    assert golden_score > judge.golden_score + ADDED_STRENGTH / 2
    assert "spread" in dict(older.predict(faulty()[0]).contributions)


@pytest.mark.parametrize(
    "again",
    [copy.copy, copy.deepcopy, replace, lambda detector: pickle.loads(pickle.dumps(detector))],
)
def test_what_it_has_learnt_stays_as_it_is_and_can_be_copied(again):
    judge, golden = artifact(MAHALANOBIS).detector, artifact(MAHALANOBIS).golden_features
    copied = again(judge)
    with pytest.raises(TypeError):
        copied.precisions["level"] = None
    assert copied.score_window(golden) == judge.score_window(golden)
    for name, array in judge.arrays().items():
        np.testing.assert_array_equal(copied.arrays()[name], array)


def test_a_version_that_goes_by_no_kind_is_refused():
    arrays = {
        name: array
        for name, array in trained(MAHALANOBIS).artifact.detector.arrays().items()
        if not name.startswith("precision_")
    }
    with pytest.raises(InvalidArtifact, match="no kind"):
        MahalanobisDetector.from_arrays(arrays, artifact(MAHALANOBIS).front_end.spec)
