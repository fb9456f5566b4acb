"""Serving forms of trained detectors, and the same with something changed."""

import io
import json
import time
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from analysis import detectors
from analysis.errors import InvalidArtifact
from tests.support.trained_detectors import train

# What the release before format 5 trained on short noise with a hum, three sessions of eight clips
# in 16 bands, and how it scored a few clips: the files are its own.
FORMAT_4 = Path(__file__).with_name("format_4")
MAX_SECONDS = 1.0
REMOVED = object()


def serving_form(detector_type):
    """Return the serving form of a trained detector."""
    return train(detector_type).serving_form


@cache
def arrays_of(detector_type):
    """Return the arrays of its serving form, the header among them."""
    with np.load(io.BytesIO(serving_form(detector_type))) as archive:
        return dict(archive)


def pack(arrays):
    """Return an .npz of these arrays."""
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def with_arrays(detector_type, **changed):
    """Return the serving form with some arrays replaced or removed."""
    arrays = arrays_of(detector_type) | changed
    return pack({name: array for name, array in arrays.items() if array is not REMOVED})


def with_header(detector_type, text):
    """Return the serving form with these bytes as its header."""
    return with_arrays(detector_type, header=np.frombuffer(text, np.uint8))


def with_field(detector_type, path, text):
    """Return the serving form with one field of its header replaced by JSON text, valid or not."""
    header = json.loads(arrays_of(detector_type)["header"].tobytes())
    *parents, last = path.split(".")
    part = header
    for parent in parents:
        part = part[parent]
    part[last] = "HERE"
    return with_header(detector_type, json.dumps(header).replace('"HERE"', text).encode())


def is_refused(content):
    """Return whether it is refused by name and in time; anything else fails the test."""
    started = time.process_time()
    with pytest.raises(InvalidArtifact) as refusal:
        detectors.read(content)
    assert time.process_time() - started < MAX_SECONDS
    assert (refusal.value.status_code, refusal.value.code) == (503, "artifact_corrupt")
    return True


def read_format_4(detector_type):
    return (FORMAT_4 / f"{detector_type}.npz").read_bytes()


def to_older_format(content, version):
    """Return the serving form as an older release would have written it: without tonal peaks."""
    with np.load(io.BytesIO(content)) as archive:
        arrays = {name: archive[name] for name in archive if not name.startswith("line_")}
    header = json.loads(arrays["header"].tobytes()) | {"format_version": version}
    del header["profile"]["line_limit"]
    if version == 2:
        del header["calibration"]["warning"], header["calibration"]["critical"]
        del header["feature_spec"]["bandwidth_hz"]
    for name in ("has_steadiness", "has_overlap", "has_channel_choice"):
        header["feature_spec"].pop(name, None)
    return pack(arrays | {"header": np.frombuffer(json.dumps(header).encode(), np.uint8)})


def write_older(detector_type, version):
    content = read_format_4(detector_type)
    return content if version == 4 else to_older_format(content, version)
