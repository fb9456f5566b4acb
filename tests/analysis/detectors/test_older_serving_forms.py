"""Versions of older releases are read and score as before, without what they lack."""

import io
import json
from dataclasses import replace

import numpy as np
import pytest

from analysis import detectors
from analysis.detectors.mahalanobis import FEATURE_GROUPS
from tests.analysis.detectors.test_mahalanobis import with_all_groups
from tests.analysis.sound.test_explanation import with_tone
from tests.support.serving_forms import (
    REMOVED,
    arrays_of,
    is_refused,
    pack,
    with_arrays,
    with_header,
)
from tests.support.trained_detectors import (
    DETECTOR_TYPES,
    FOREST,
    MAHALANOBIS,
    get_artifact,
    healthy,
)
from tests.support.trained_pump import to_format_3


@pytest.fixture(params=DETECTOR_TYPES)
def detector_type(request):
    return request.param


def write_format_3(detector_type):
    """Return an artifact as that release trained it, and its serving form."""
    artifact = get_artifact(detector_type)
    if detector_type == MAHALANOBIS:
        detector = with_all_groups(artifact.detector)
        golden_score = detector.compute_anomaly_score(artifact.golden_features)
        artifact = replace(artifact, detector=detector, golden_score=golden_score)
    return artifact, to_format_3(detectors.write(artifact))


def test_a_version_of_format_3_is_read_and_scores_as_before(detector_type):
    artifact, content = write_format_3(detector_type)
    older = detectors.read(content)
    for waveform in healthy():
        assert older.compute_anomaly_score(waveform) == artifact.compute_anomaly_score(waveform)
    assert older.calibration.warning == artifact.calibration.warning
    assert older.front_end.spec == artifact.front_end.spec


def test_a_version_of_format_3_reports_no_tonal_peaks(detector_type):
    artifact, content = write_format_3(detector_type)
    older = detectors.read(content)
    faint = with_tone(healthy()[0], db=-26)
    by_bands = replace(artifact, profile=replace(artifact.profile, tonal_profile=None))
    assert older.profile.tonal_profile is None
    assert older.predict(faint).explanation.bands == by_bands.predict(faint).explanation.bands
    assert older.predict(faint).explanation.bands != artifact.predict(faint).explanation.bands


def test_level_3_of_format_3_uses_all_nine_feature_groups():
    older = detectors.read(write_format_3(MAHALANOBIS)[1])
    assert tuple(older.detector.precisions) == FEATURE_GROUPS
    assert len(FEATURE_GROUPS) == 9


@pytest.mark.parametrize("name", ["warning", "critical"])
def test_a_threshold_of_format_3_is_checked(detector_type, name):
    content = write_format_3(detector_type)[1]
    with np.load(io.BytesIO(content)) as archive:
        arrays = dict(archive)
    header = json.loads(arrays["header"].tobytes())
    header["calibration"][name] += 1
    assert is_refused(
        pack(arrays | {"header": np.frombuffer(json.dumps(header).encode(), np.uint8)})
    )


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
