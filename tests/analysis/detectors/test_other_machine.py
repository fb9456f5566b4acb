"""A recording that may be of another machine is marked, and the verdict stays what it is."""

import json
from dataclasses import replace

import numpy as np
import pytest

from analysis import detectors
from analysis.detectors.artifact import MAYBE_OTHER_MACHINE, Artifact
from analysis.sound.audio import SAMPLE_RATE_HZ
from analysis.sound.line_fingerprint import N_LINES
from tests.support.serving_forms import (
    REMOVED,
    arrays_of,
    is_refused,
    serving_form,
    with_arrays,
    write_older,
)
from tests.support.trained_detectors import (
    DETECTOR_TYPES,
    FOREST,
    OTHER_SESSIONS,
    SECONDS,
    get_artifact,
    recordings,
)
from training.demo_sounds import FAN, RecordingSession, record


@pytest.fixture(params=DETECTOR_TYPES)
def artifact(request) -> Artifact:
    return get_artifact(request.param)


def record_fan(seed, *, seconds=SECONDS):
    rng = np.random.default_rng([8, seed])
    session = RecordingSession.sample(rng)
    return record(rng, FAN, session, seconds=seconds, fault=None).astype(np.float32)


def has_hint(artifact, waveform):
    return MAYBE_OTHER_MACHINE in artifact.predict(waveform).warnings


def test_another_machine_is_marked_and_the_own_is_not(artifact):
    assert np.mean([has_hint(artifact, record_fan(seed)) for seed in range(5)]) >= 0.8
    own = [each for session in OTHER_SESSIONS for each in recordings(session)]
    assert not any(has_hint(artifact, waveform) for waveform in own)


def test_the_mark_changes_no_number(artifact):
    without = replace(artifact, line_fingerprint=None)
    fan = record_fan(0)
    assert has_hint(artifact, fan)
    assert not has_hint(without, fan)
    marked = artifact.predict(fan)
    assert marked.anomaly_score == without.predict(fan).anomaly_score
    assert marked.anomaly_score == artifact.compute_anomaly_score(fan)


def test_of_a_recording_shorter_than_the_training_clips_nothing_is_said():
    artifact = get_artifact(FOREST)
    fan = record_fan(0)
    assert has_hint(artifact, fan)
    assert not has_hint(artifact, fan[: len(fan) * 3 // 4])
    assert has_hint(artifact, record_fan(0, seconds=20.0))


def test_a_version_is_read_with_its_fingerprint():
    as_trained = get_artifact(FOREST).line_fingerprint
    as_read = detectors.read(serving_form(FOREST)).line_fingerprint
    assert as_read.limit == as_trained.limit
    assert (as_read.mean == as_trained.mean).all()
    assert (as_read.mean.dtype, as_read.mean.nbytes) == (np.float16, 2 * N_LINES)


def test_a_version_without_one_says_nothing():
    older = detectors.read(write_older(FOREST, 4))
    hum = 0.02 * np.random.default_rng(0).normal(size=3 * SAMPLE_RATE_HZ).astype(np.float32)
    assert not has_hint(older, hum)
    header = json.loads(arrays_of(FOREST)["header"].tobytes())
    del header["fingerprint_limit"]
    without = {
        "fingerprint": REMOVED,
        "header": np.frombuffer(json.dumps(header).encode(), np.uint8),
    }
    assert not has_hint(detectors.read(with_arrays(FOREST, **without)), record_fan(0))


@pytest.mark.parametrize(
    "fingerprint",
    [
        REMOVED,
        np.zeros(N_LINES - 1, np.float16),
        np.zeros(N_LINES, np.float32),
        np.full(N_LINES, np.nan, np.float16),
    ],
    ids=["none", "short", "float32", "nan"],
)
def test_a_broken_fingerprint_is_refused(fingerprint):
    assert "fingerprint" in arrays_of(FOREST)
    assert is_refused(with_arrays(FOREST, fingerprint=fingerprint))
