"""Versions of older releases are read and score as before, without what they lack."""

import io
import json

import numpy as np
import pytest

from analysis import detectors
from analysis.sound.audio import SAMPLE_RATE_HZ
from tests.support.serving_forms import (
    FORMAT_4,
    REMOVED,
    arrays_of,
    is_refused,
    pack,
    read_format_4,
    with_arrays,
    with_header,
    write_older,
)
from tests.support.trained_detectors import DETECTOR_TYPES, FOREST, MAHALANOBIS

EXPECTED = json.loads((FORMAT_4 / "expected.json").read_text())


@pytest.fixture(params=DETECTOR_TYPES)
def detector_type(request):
    return request.param


def hum(seed, *, tone=0.0, seconds=1.5):
    """Record noise with a hum of 200 Hz, and perhaps a tone of 1500 Hz."""
    rng = np.random.default_rng(seed)
    times = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    level = np.random.default_rng([seed // 8]).uniform(0.9, 1.1)
    samples = rng.normal(size=len(times)) + 4 * level * np.sin(2 * np.pi * 200 * times)
    return (0.02 * (samples + tone * np.sin(2 * np.pi * 1500 * times))).astype(np.float32)


def make_clips():
    return {
        "healthy": hum(100),
        "faulty": hum(101, tone=2.0),
        "brief": hum(102, seconds=1.0),
        "long": hum(103, seconds=4.0),
    }


@pytest.mark.parametrize("version", [2, 3, 4])
def test_an_older_version_scores_as_the_release_that_trained_it(detector_type, version):
    older = detectors.read(write_older(detector_type, version))
    expected = EXPECTED[detector_type]
    calibration = older.calibration
    for name in ("warning", "critical", "median"):
        assert getattr(calibration, name) == pytest.approx(expected[name], rel=1e-9)
    for name, waveform in make_clips().items():
        anomaly_score = older.compute_anomaly_score(waveform)
        as_before = expected["clips"][name]
        assert calibration.label(anomaly_score) == as_before["label"]
        if name == "long":
            # Its worst stretch counts as well now.
            assert anomaly_score >= as_before["anomaly_score"] - 1e-5
            continue
        assert anomaly_score == pytest.approx(as_before["anomaly_score"], rel=1e-5, abs=1e-5)
        assert calibration.compute_p_value(anomaly_score) == pytest.approx(
            as_before["p_value"], rel=1e-3
        )
        assert calibration.score(anomaly_score) == as_before["score"]


def test_level_3_of_format_4_is_told_by_the_groups_that_it_learnt():
    older = detectors.read(read_format_4(MAHALANOBIS))
    faulty = older.predict(make_clips()["faulty"])
    assert faulty.contributions
    assert {name for name, _deviations in faulty.contributions} <= set(older.detector.precisions)
    assert "spread" not in older.detector.precisions
    assert older.detector.feature_shape(older.front_end.spec) == older.golden_features.shape


def test_a_version_of_format_3_reports_no_tonal_peaks(detector_type):
    older = detectors.read(write_older(detector_type, 3))
    assert older.profile.tonal_profile is None
    assert detectors.read(read_format_4(detector_type)).profile.tonal_profile is not None


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("name", ["warning", "critical"])
def test_a_threshold_of_an_older_format_is_checked(detector_type, name, version):
    with np.load(io.BytesIO(write_older(detector_type, version))) as archive:
        arrays = dict(archive)
    header = json.loads(arrays["header"].tobytes())
    header["calibration"][name] += 1
    assert is_refused(
        pack(arrays | {"header": np.frombuffer(json.dumps(header).encode(), np.uint8)})
    )


def test_format_5_needs_what_it_adds(detector_type):
    assert is_refused(with_arrays(detector_type, detector_shift_cost=REMOVED))
    assert is_refused(with_arrays(detector_type, detector_shift_cost=np.array([-0.1])))
    if detector_type == MAHALANOBIS:
        assert is_refused(with_arrays(detector_type, detector_group_weights=REMOVED))


def test_format_6_needs_what_a_shift_explains(detector_type):
    assert is_refused(with_arrays(detector_type, detector_shift_relief=REMOVED))
    assert is_refused(with_arrays(detector_type, detector_shift_relief=np.array([-0.1])))


@pytest.mark.parametrize(
    "sessions",
    [np.zeros(30, np.int64), np.zeros(3, np.int32), np.full(30, -1, np.int32)],
    ids=["another dtype", "too few", "below zero"],
)
def test_sessions_of_a_calibration_are_checked(detector_type, sessions):
    assert is_refused(with_arrays(detector_type, calibration_sessions=sessions))


# Without a tonal profile


def without(detector_type, *names):
    """Return the serving form without the arrays of the tonal profile, its limit, or both."""
    header = json.loads(arrays_of(detector_type)["header"].tobytes())
    header["profile"] |= {"line_limit": None} if "limit" in names else {}
    gone = {
        name: REMOVED
        for name in arrays_of(detector_type)
        if name.startswith("line_") and "arrays" in names
    }
    return with_arrays(
        detector_type, header=np.frombuffer(json.dumps(header).encode(), np.uint8), **gone
    )


def test_an_artifact_may_have_no_tonal_profile(detector_type):
    artifact = detectors.read(without(detector_type, "arrays", "limit"))
    assert artifact.profile.tonal_profile is None
    assert detectors.read(detectors.write(artifact)).profile.tonal_profile is None


@pytest.mark.parametrize("name", ["arrays", "limit"])
def test_an_incomplete_tonal_profile_is_refused(detector_type, name):
    assert is_refused(without(detector_type, name))


def test_a_header_without_the_limit_of_tonal_peaks_is_refused():
    header = json.loads(arrays_of(FOREST)["header"].tobytes())
    del header["profile"]["line_limit"]
    assert is_refused(with_header(FOREST, json.dumps(header).encode()))
