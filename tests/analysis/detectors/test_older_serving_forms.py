"""What releases before wrote is read and judges as it did, without what they knew nothing of."""

import io
import json
from dataclasses import replace

import numpy as np
import pytest

from analysis import detectors
from analysis.detectors.mahalanobis import FEATURE_GROUPS
from tests.analysis.detectors.test_mahalanobis import of_all_kinds
from tests.analysis.detectors.test_serving_form import (
    REMOVED,
    arrays_of,
    is_refused,
    packed,
    with_arrays,
    with_header,
)
from tests.analysis.sound.test_explanation import with_tone
from tests.support.trained_detectors import DETECTOR_TYPES, FOREST, MAHALANOBIS, artifact, healthy
from tests.support.trained_pump import of_format_3


@pytest.fixture(params=DETECTOR_TYPES)
def detector_type(request):
    return request.param


def of_release_before(detector_type):
    """The artifact as that release would have trained it, and as it would have written it."""
    judge = artifact(detector_type)
    if detector_type == MAHALANOBIS:
        detector = of_all_kinds(judge.detector)
        golden_score = detector.compute_anomaly_score(judge.golden_features)
        judge = replace(judge, detector=detector, golden_score=golden_score)
    return judge, of_format_3(detectors.write(judge))


def test_a_version_of_format_3_is_read_and_scores_as_before(detector_type):
    judge, content = of_release_before(detector_type)
    older = detectors.read(content)
    for waveform in healthy():
        assert older.compute_anomaly_score(waveform) == judge.compute_anomaly_score(waveform)
    assert older.calibration.warning == judge.calibration.warning
    assert older.front_end.spec == judge.front_end.spec


def test_a_version_of_format_3_shows_no_lines(detector_type):
    judge, content = of_release_before(detector_type)
    older, faint = detectors.read(content), with_tone(healthy()[0], db=-26)
    by_bands = replace(judge, profile=replace(judge.profile, tonal_profile=None))
    assert older.profile.tonal_profile is None
    assert older.predict(faint).explanation.bands == by_bands.predict(faint).explanation.bands
    assert older.predict(faint).explanation.bands != judge.predict(faint).explanation.bands


def test_level_3_of_format_3_goes_by_all_nine_kinds():
    older = detectors.read(of_release_before(MAHALANOBIS)[1])
    assert tuple(older.detector.precisions) == FEATURE_GROUPS
    assert len(FEATURE_GROUPS) == 9


@pytest.mark.parametrize("name", ["warning", "critical"])
def test_a_threshold_of_format_3_is_checked(detector_type, name):
    content = of_release_before(detector_type)[1]
    with np.load(io.BytesIO(content)) as archive:
        arrays = dict(archive)
    header = json.loads(arrays["header"].tobytes())
    header["calibration"][name] += 1
    assert is_refused(
        packed(arrays | {"header": np.frombuffer(json.dumps(header).encode(), np.uint8)})
    )


# Without lines


def without(detector_type, *names):
    """The serving form without the arrays of the lines, the limit, or both."""
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


def test_an_artifact_that_says_so_has_no_lines(detector_type):
    judge = detectors.read(without(detector_type, "arrays", "limit"))
    assert judge.profile.tonal_profile is None
    assert detectors.read(detectors.write(judge)).profile.tonal_profile is None


@pytest.mark.parametrize("name", ["arrays", "limit"])
def test_an_artifact_with_a_part_of_the_lines_is_refused(detector_type, name):
    assert is_refused(without(detector_type, name))


def test_an_artifact_that_does_not_say_whether_it_has_lines_is_refused():
    header = json.loads(arrays_of(FOREST)["header"].tobytes())
    del header["profile"]["line_limit"]
    assert is_refused(with_header(FOREST, json.dumps(header).encode()))
