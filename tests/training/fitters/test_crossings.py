"""Windows across two clips of a session, which long recordings have and clips do not."""

import numpy as np
import pytest

from analysis.detectors.artifact import DETECTORS
from tests.support.trained_detectors import (
    FOREST,
    fitter,
    front_end,
    get_artifact,
    grouping,
    groups,
    training_clips,
    training_waveforms,
)
from training.fitters.crossings import (
    compare_crossings,
    extract_crossings,
    join_halves,
    pair_with_next,
    score_crossings,
)
from training.fitters.held_out import fit_folds


def test_each_clip_is_joined_to_the_next_of_its_session():
    assert pair_with_next(["a", "b", "a", "b", "c", "a"]) == [(0, 2), (1, 3), (2, 5)]


def test_a_crossing_is_the_end_of_one_clip_and_the_beginning_of_the_next():
    spec = front_end().spec
    length = round(spec.clip_seconds * spec.sample_rate_hz)
    first = np.linspace(0, 1, length, dtype=np.float32)
    second = first + 2
    joined = join_halves(first, second, front_end())
    assert len(joined) == pytest.approx(length, abs=2)
    assert joined[0] == pytest.approx(0.5, abs=0.02)
    assert joined[-1] == pytest.approx(2.5, abs=0.02)


def test_each_crossing_is_scored_by_the_fit_that_held_its_session_out():
    detector_class = DETECTORS[FOREST]
    crossings = extract_crossings(training_waveforms(), groups(), front_end(), detector_class)
    assert len(crossings) == len(groups()) - len(set(groups()))
    of_type = fitter(FOREST)
    clips = training_clips(FOREST)
    of_type.prepare(clips, grouping())
    folds = fit_folds(of_type, clips, grouping())
    final = of_type.fit(clips, phase="final")

    scores = score_crossings(of_type, folds, final, crossings, grouping())

    for crossing, score in zip(crossings, scores, strict=True):
        fit = folds[grouping().folds[crossing.clip]]
        indices = grouping().training_indices(grouping().folds[crossing.clip])
        raw = fit.detector.score_window(crossing.features[0]).anomaly_score
        here = np.median(fit.scores)
        there = np.median(final.scores[indices])
        assert score == pytest.approx(of_type.rescale(np.array([raw]), here, there)[0])


def test_without_crossings_nothing_is_compared():
    calibration = get_artifact(FOREST).calibration
    assert compare_crossings(calibration, np.zeros(0), [], grouping()) is None
