"""Serving forms of trained detectors, and the same with something changed."""

import io
import json
import time
from functools import cache

import numpy as np
import pytest

from analysis import detectors
from analysis.errors import InvalidArtifact
from tests.support.trained_detectors import train

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
