"""Hostile and broken recordings and artifacts are refused by name, quickly, over HTTP."""

import io
import json
import statistics
import struct
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile

from analysis.models import Analysis, Recording
from analysis.sound.decoding import pool
from analysis.sound.decoding.pool import replace_decoders
from registry.cache import model_cache
from tests.support.pump_sounds import pump
from tests.support.recordings import recording

pytestmark = pytest.mark.django_db
URL = "/api/v1/analyses"


def send(api, content, name="recording.wav"):
    return api.post(
        URL,
        {"file": SimpleUploadedFile(name, content), "model_id": "pump_forest"},
        format="multipart",
    )


def answer(response):
    return response.status_code, response.json()["code"]


def send_timed(api, content):
    """Send three times; return the answer and the median of the seconds."""
    seconds = []
    for _ in range(3):
        started = time.process_time()
        response = send(api, content)
        seconds.append(time.process_time() - started)
    return response, statistics.median(seconds)


# Recordings


@pytest.mark.slow
def test_a_file_that_breaks_its_decoder_breaks_nothing_else(api, pump_version, monkeypatch):
    dies = "print('{\"sandbox\": []}', flush=True); input(); import os; os.abort()"
    replace_decoders(size=2, max_wait_s=5.0)
    monkeypatch.setattr(pool, "COMMAND", (sys.executable, "-c", dies))
    assert answer(send(api, recording("m4a"), "a.m4a")) == (422, "undecodable_audio")
    assert send(api, pump()).status_code == 201
    monkeypatch.undo()
    assert send(api, recording("m4a", seconds=5.0), "a.m4a").status_code == 201


@pytest.mark.slow
def test_whoever_finds_no_decoder_is_told_when_to_come_again(api, pump_version, monkeypatch):
    replace_decoders(size=2, max_wait_s=5.0)
    monkeypatch.setattr(pool, "COMMAND", ("/no such program",))
    response = send(api, recording("m4a"), "a.m4a")
    assert answer(response) == (503, "server_busy")
    assert int(response.headers["Retry-After"]) > 0


def encoded(samples, sample_rate_hz=16_000, **form):
    file = io.BytesIO()
    soundfile.write(
        file, samples, sample_rate_hz, **({"format": "WAV", "subtype": "PCM_16"} | form)
    )
    return file.getvalue()


def eight_silent_hours():
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", 4_000, 1, "PCM_16", format="FLAC") as flac:
        for _ in range(8):
            flac.write(np.zeros(3600 * 4_000, np.int16))
    return file.getvalue()


def noise(seconds=2.0, channels=1):
    return 0.1 * np.random.default_rng(0).standard_normal((round(seconds * 16_000), channels))


SDP = b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n"

RECORDINGS = {
    "nothing at all": (lambda: b"", 422, "empty"),
    "random bytes": (lambda: np.random.default_rng(0).bytes(100_000), 415, "unsupported_format"),
    "a session description": (lambda: SDP, 415, "unsupported_format"),
    "a playlist": (lambda: b"#EXTM3U\nhttp://127.0.0.1/a.wav\n", 415, "unsupported_format"),
    "a text": (lambda: "소리가 아닙니다".encode(), 415, "unsupported_format"),
    "a wav header alone": (lambda: pump()[:44], 422, None),
    "half a wav": (lambda: pump()[:30_000], 422, "truncated"),
    "a riff of rubbish": (
        lambda: b"RIFF\xff\xff\xff\xffWAVE" + np.random.default_rng(1).bytes(5000),
        422,
        None,
    ),
    "half a second": (lambda: pump(seconds=0.5), 422, "recording_too_short"),
    "eight silent hours": (eight_silent_hours, 422, "recording_too_long"),
    "seventeen channels": (lambda: encoded(noise(channels=17)), 422, "too_many_channels"),
    "silence": (lambda: encoded(np.zeros(32_000)), 422, "silent"),
    "not a number": (lambda: encoded(np.full(32_000, np.nan), subtype="FLOAT"), 422, "not_finite"),
}


@pytest.mark.parametrize(("make", "status", "code"), RECORDINGS.values(), ids=RECORDINGS)
def test_a_recording_that_says_nothing_is_named_at_once(api, pump_version, make, status, code):
    response, seconds = send_timed(api, make())
    assert seconds < 1
    assert response.status_code == status, response.json()
    assert code in (None, response.json()["code"])
    assert not Recording.objects.exists()


def test_too_many_bytes_are_named(api, pump_version, settings):
    settings.MAX_UPLOAD_BYTES = 1000
    assert answer(send(api, pump())) == (413, "too_large")


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "a" * 5000 + ".wav", "소리\u202e.wav", "x.sdp", ".wav", "con"]
)
def test_a_file_name_decides_nothing(api, pump_version, name):
    assert send(api, pump(), name).status_code == 201
    recording = Recording.objects.get()
    assert Path(recording.path).name == f"{recording.id}.wav"


# Artifacts


def on_disk(version):
    return Path(storages["artifacts"].path(version.find_file("serving").path))


def repacked(artifact, **changed):
    """The same artifact with some arrays replaced, or left out where None."""
    with np.load(io.BytesIO(artifact)) as archive:
        arrays = {name: archive[name] for name in archive.files} | changed
    file = io.BytesIO()
    np.savez(file, **{name: array for name, array in arrays.items() if array is not None})
    return file.getvalue()


def with_header(artifact, **changed):
    with np.load(io.BytesIO(artifact)) as archive:
        header = json.loads(archive["header"].tobytes()) | changed
    return repacked(artifact, header=np.frombuffer(json.dumps(header).encode(), np.uint8))


def bomb():
    """One MiB that says it is 600."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.npy", bytes(1 << 20))
    return file.getvalue().replace(struct.pack("<I", 1 << 20), struct.pack("<I", 600 << 20))


def test_a_changed_byte_is_found_before_it_is_believed(api, pump_version):
    path = on_disk(pump_version)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert answer(send(api, pump())) == (503, "artifact_corrupt")
    assert not Analysis.objects.exists()


def test_a_missing_artifact_is_unavailable(api, pump_version):
    on_disk(pump_version).unlink()
    assert answer(send(api, pump())) == (503, "artifact_unavailable")


def test_an_artifact_that_is_put_back_serves_again(api, pump_version):
    path = on_disk(pump_version)
    content = path.read_bytes()
    path.unlink()
    assert send(api, pump()).status_code == 503
    path.write_bytes(content)
    assert send(api, pump()).status_code == 201


def test_a_loaded_model_needs_its_artifact_no_more(api, pump_version):
    assert send(api, pump()).status_code == 201
    on_disk(pump_version).unlink()
    assert send(api, pump()).status_code == 201


ARTIFACTS = {
    "nothing": lambda artifact: b"",
    "no zip": lambda artifact: b"not an artifact",
    "a zip bomb": lambda artifact: bomb(),
    "half of it": lambda artifact: artifact[: len(artifact) // 2],
    "objects": lambda artifact: repacked(
        artifact, detector_feature=np.array([{"a": 1}], dtype=object)
    ),
    "no header": lambda artifact: repacked(artifact, header=None),
    "an odd header": lambda artifact: repacked(artifact, header=np.frombuffer(b"[[[", np.uint8)),
    "another format": lambda artifact: with_header(artifact, format_version=99),
    "another type": lambda artifact: with_header(artifact, type="level9_oracle"),
    "no feature spec": lambda artifact: with_header(artifact, feature_spec=None),
    "an odd feature spec": lambda artifact: with_header(artifact, feature_spec={"n_mels": -1}),
    "no trees": lambda artifact: repacked(artifact, detector_feature=None),
    "another shape": lambda artifact: repacked(artifact, detector_threshold=np.zeros(3)),
    "features out of range": lambda artifact: shifted(artifact, "detector_feature"),
    "children out of range": lambda artifact: shifted(artifact, "detector_left"),
    "roots out of range": lambda artifact: shifted(artifact, "detector_roots"),
    "thresholds that are no numbers": lambda artifact: shifted(
        artifact, "detector_threshold", by=np.nan
    ),
    "another detector's golden clip": lambda artifact: with_header(artifact, golden_score=0.123),
    "no calibration": lambda artifact: repacked(artifact, calibration_scores=None),
}


def shifted(artifact, name, by=10**6):
    with np.load(io.BytesIO(artifact)) as archive:
        array = archive[name]
    return repacked(artifact, **{name: (array + by).astype(array.dtype)})


@pytest.mark.parametrize("spoil", ARTIFACTS.values(), ids=ARTIFACTS)
def test_an_artifact_that_was_published_hostile_answers_no_question(
    api, publish, pump_artifact, spoil
):
    model_cache.clear()
    publish("pump_forest", type="level1_isolation_forest", content=spoil(pump_artifact))
    response, seconds = send_timed(api, pump())
    assert seconds < 1
    assert answer(response) == (503, "artifact_corrupt")
    assert not Analysis.objects.exists()
