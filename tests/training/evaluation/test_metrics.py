"""Metrics on scores whose answer can be worked out by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from analysis.detectors.calibration import calibrate
from analysis.errors import InvalidArtifact
from analysis.sound.audio import LOSSLESS
from training.evaluation.metrics import Metrics, compute_metrics, score_clips

# WARNING from just above 95 on.
CALIBRATION = calibrate(
    np.arange(1.0, 101),
    target_false_alarm_rate=0.05,
    n_groups=4,
    method="made up",
    has_few_groups=False,
)


class Reader:
    """Stands for an artifact: a recording's only sample is its anomaly score."""

    calibration = CALIBRATION

    def compute_anomaly_score(self, waveform, codec, gaps):
        assert codec == LOSSLESS
        return float(waveform[0])


def clip(score):
    return SimpleNamespace(waveform=np.array([score]), codec=LOSSLESS, gaps=())


def evaluated(normal, abnormal):
    scores = [score_clips(Reader(), [clip(score) for score in part]) for part in (normal, abnormal)]
    return compute_metrics(Reader(), *scores)


@pytest.mark.parametrize(
    ("normal", "abnormal", "auc", "pauc"),
    [
        ([1, 2, 3, 4], [5, 6], 1.0, 1.0),
        ([5, 6], [1, 2], 0.0, 0.473684),
        ([1, 1, 1], [1, 1], 0.5, 0.5),
        ([1, 2, 3, 5], [4, 6], 7 / 8, None),
        # Ten normals, one of which is above half of the abnormals: up to a rate of 0.1 half are
        # found, 0.05 in all; McClish: (1 + (0.05 - 0.005) / (0.1 - 0.005)) / 2.
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 50], [40, 60], 0.95, 0.736842),
    ],
)
def test_auc_and_partial_auc(normal, abnormal, auc, pauc):
    metrics = evaluated(normal, abnormal)
    assert metrics.auc == pytest.approx(auc)
    if pauc is not None:
        assert metrics.pauc == pytest.approx(pauc, abs=1e-6)


def test_rates_count_what_is_not_normal():
    metrics = evaluated([1, 2, 97, 200], [1, 96.5, 1000])
    assert metrics.false_alarm_rate == 2 / 4
    assert metrics.detection_rate == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("normal", "abnormal", "expected"),
    [
        ([1, 200], [], Metrics(false_alarm_rate=0.5)),
        ([], [1, 200], Metrics(detection_rate=0.5)),
        ([], [], Metrics()),
    ],
)
def test_what_cannot_be_known_is_null(normal, abnormal, expected):
    assert evaluated(normal, abnormal) == expected
    assert set(expected.to_json()) == {"auc", "pauc", "false_alarm_rate", "detection_rate"}


def test_each_clip_is_reported_when_it_is_done():
    counter = SimpleNamespace(n=0)

    def count():
        counter.n += 1

    score_clips(Reader(), [clip(1.0)] * 3, on_clip=count)
    assert counter.n == 3


def test_an_answer_that_is_no_number_is_no_normal_clip():
    with pytest.raises(InvalidArtifact, match="not a number"):
        evaluated([1, np.nan], [3, 4])
