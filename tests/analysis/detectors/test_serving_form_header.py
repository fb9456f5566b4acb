"""A serving form whose header is invalid is refused by name, field by field."""

import json

import pytest

from analysis import detectors
from analysis.detectors.serving_form import FORMAT_VERSION
from tests.support.serving_forms import (
    arrays_of,
    is_refused,
    with_field,
    with_header,
)
from tests.support.trained_detectors import AUTOENCODER, FOREST


@pytest.mark.parametrize(
    "text",
    [
        b"{",
        b"\xff\xfe\xff",
        b"null",
        b"[]",
        b"1",
        b'"pump"',
        b"{}",
        b"[" * 100_000,
        b"9" * 100_000,
        b'{"a":' * 100_000,
    ],
    ids=lambda text: text[:5].decode(errors="replace"),
)
def test_a_header_that_is_no_json_object_is_refused(text):
    assert is_refused(with_header(FOREST, text))


WRONG_KINDS = ("null", "[]", "{}", '"four"', "[1]", '{"a": 1}')
NOT_NUMBERS = (*WRONG_KINDS, "NaN", "Infinity", "-Infinity", "1e999", "9" * 400)
NOT_COUNTS = (*NOT_NUMBERS, "0", "-8", "2.5", "128.0")

INVALID_FIELDS = {
    "format_version": (*NOT_NUMBERS, str(FORMAT_VERSION + 1), "0"),
    "type": (*WRONG_KINDS, '"level9_oracle"', "2"),
    "feature_spec": (*WRONG_KINDS, "4"),
    "feature_spec.clip_seconds": (*NOT_NUMBERS, "0", "-1", "1e7"),
    "feature_spec.n_mels": (*NOT_COUNTS, "65536", "127"),
    "feature_spec.n_fft": (*NOT_COUNTS, "1", "1000000000"),
    "feature_spec.hop_length": (*NOT_COUNTS, "1", "1000000000"),
    "feature_spec.sample_rate_hz": (*NOT_COUNTS, "1000000000", "8000"),
    "feature_spec.low_hz": (*NOT_NUMBERS, "0", "-30", "7600"),
    "feature_spec.high_hz": (*NOT_NUMBERS, "0", "30", "9000"),
    "feature_spec.trim_seconds": (*NOT_NUMBERS, "-0.1", "0.5"),
    "feature_spec.relative_floor": (*NOT_NUMBERS, "0", "-1", "1", "1e-300"),
    "feature_spec.bandwidth_hz": (*NOT_NUMBERS, "-1", "8000"),
    "feature_spec.has_steadiness": ("null", "1", '"true"', "[]"),
    "feature_spec.has_overlap": ("null", "1", '"true"', "[]"),
    "feature_spec.has_channel_choice": ("null", "1", '"true"', "[]"),
    "steady_limit": NOT_NUMBERS,
    "fingerprint_limit": NOT_NUMBERS,
    "calibration": (*WRONG_KINDS, "4"),
    "calibration.target_false_alarm_rate": (*NOT_NUMBERS, "0", "-0.1", "0.6"),
    "calibration.n_groups": (*NOT_COUNTS, "1000000"),
    "calibration.notes": ("null", "4"),
    "calibration.warning": (*NOT_NUMBERS, "0", "0.500001"),
    "calibration.critical": (*NOT_NUMBERS, "0", "0.500001"),
    "profile": (*WRONG_KINDS, "4"),
    "profile.curve_limit": NOT_NUMBERS,
    "profile.level_limit": NOT_NUMBERS,
    "profile.residual_limit": NOT_NUMBERS,
    "profile.line_limit": NOT_NUMBERS,
    "length_scale": (*WRONG_KINDS, "4"),
    "length_scale.factor": (*NOT_NUMBERS, "0", "-1"),
    "length_scale.offset": NOT_NUMBERS,
    "crossings": ("4", '"four"', "[1]"),
    "crossings.rise": (*NOT_NUMBERS, "-1"),
    "crossings.spread": (*NOT_NUMBERS, "-1"),
    "golden_score": (*NOT_NUMBERS, "0"),
}


@pytest.mark.parametrize("path", INVALID_FIELDS)
def test_an_invalid_header_field_is_refused(path):
    for text in INVALID_FIELDS[path]:
        assert is_refused(with_field(AUTOENCODER, path, text)), text[:20]


@pytest.mark.parametrize("name", ["warning", "critical"])
def test_a_threshold_that_is_missing_is_refused(name):
    header = json.loads(arrays_of(FOREST)["header"].tobytes())
    del header["calibration"][name]
    assert is_refused(with_header(FOREST, json.dumps(header).encode()))


def test_every_field_of_the_header_is_tested():
    header = json.loads(arrays_of(FOREST)["header"].tobytes())
    parts = {key: part for key, part in header.items() if isinstance(part, dict)}
    paths = {*header, *(f"{key}.{name}" for key, part in parts.items() for name in part)}
    assert paths - INVALID_FIELDS.keys() <= {"calibration.method"}


def test_a_detector_of_one_type_is_not_read_as_another():
    assert is_refused(with_field(FOREST, "type", f'"{AUTOENCODER}"'))
    assert is_refused(with_field(AUTOENCODER, "type", f'"{FOREST}"'))


def test_windows_across_clips_may_not_have_been_measured():
    """As in the first versions of this format: what is judged in one window stays as it was."""
    header = json.loads(arrays_of(FOREST)["header"].tobytes())
    del header["crossings"]
    artifact = detectors.read(with_header(FOREST, json.dumps(header).encode()))
    assert artifact.crossings is None
    assert artifact.compute_allowance(1) == 0
    assert artifact.compute_allowance(8) > 0
