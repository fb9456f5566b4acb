"""/metrics: what is counted, over all workers, and who may read it."""

import json
import os
import subprocess
import sys

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from prometheus_client.parser import text_string_to_metric_families

from registry.cache import model_cache
from tests.support.pump_sounds import pump

pytestmark = pytest.mark.django_db
ANALYSES = "/api/v1/analyses"


def sample(client, name, **labels):
    """The present value of one sample; 0 while there is none."""
    text = client.get("/metrics").content.decode()
    samples = [
        sample for family in text_string_to_metric_families(text) for sample in family.samples
    ]
    return next(
        (
            each.value
            for each in samples
            if each.name == name and each.labels.items() >= labels.items()
        ),
        0,
    )


@pytest.fixture
def growth(client):
    """How much a sample has grown: counts of one process go on from test to test."""

    def begin(name, **labels):
        before = sample(client, name, **labels)
        return lambda: sample(client, name, **labels) - before

    return begin


def analyse(api, model_id="pump_forest"):
    file = SimpleUploadedFile("pump.wav", pump())
    return api.post(ANALYSES, {"file": file, "model_id": model_id}, format="multipart")


# What is counted


def test_requests_are_counted_by_route_and_status(api, growth):
    route = "api/v1/models/<slug:model_id>"
    unknown = growth("signalcraft_requests_total", method="GET", route=route, status="404")
    timed = growth("signalcraft_request_seconds_count", route=route)
    api.get("/api/v1/models/one")
    api.get("/api/v1/models/another")
    assert (unknown(), timed()) == (2, 2)


def test_whatever_is_asked_the_labels_stay_few(client, growth):
    elsewhere = growth("signalcraft_requests_total", method="other", route="other", status="404")
    for n in range(3):
        client.generic(f"METHOD{n}", f"/nowhere/{n}")
    assert elsewhere() == 3


def test_an_analysis_counts_its_verdict_and_the_time_of_every_stage(api, pump_version, growth):
    verdicts = {
        label: growth("signalcraft_verdicts_total", model="pump_forest", label=label)
        for label in LABELS
    }
    stages = {stage: growth("signalcraft_stage_seconds_count", stage=stage) for stage in STAGES}
    seconds = growth("signalcraft_stage_seconds_sum", stage="decode")
    said = analyse(api).json()
    assert {label: grown() for label, grown in verdicts.items()} == {
        label: label == said["label"] for label in LABELS
    }
    assert {grown() for grown in stages.values()} == {1}
    assert seconds() == pytest.approx(said["timing_ms"]["decode"] / 1000)


LABELS = ("NORMAL", "WARNING", "CRITICAL")
STAGES = ("decode", "evidence", "load", "features", "score", "explain")


def test_what_was_refused_is_no_verdict(api, pump_version, growth):
    stage = growth("signalcraft_stage_seconds_count", stage="score")
    normal = growth("signalcraft_verdicts_total")
    file = SimpleUploadedFile("noise.wav", b"not audio")
    api.post(ANALYSES, {"file": file, "model_id": "pump_forest"}, format="multipart")
    assert (stage(), normal()) == (0, 0)


def test_the_cache_of_models_is_told(api, client, pump_version, growth):
    events = {name: growth("signalcraft_model_cache_events_total", event=name) for name in EVENTS}
    for _ in range(3):
        analyse(api)
    assert {name: grown() for name, grown in events.items()} == {
        "hits": 2,
        "misses": 1,
        "loads": 1,
        "evictions": 0,
    }
    held = model_cache.get_statistics()
    assert sample(client, "signalcraft_model_cache_entries") == held.entries == 1
    assert sample(client, "signalcraft_model_cache_bytes") == held.bytes > 0


EVENTS = ("hits", "misses", "loads", "evictions")

# Several workers answer requests; the last one also prints what all of them counted.

WORKER = """
import json, os, sys, django
django.setup()
from django.test import Client
from registry.cache import model_cache

class Held:
    nbytes = 1000

model_cache.get_or_load(1, Held)
client = Client(headers={"host": "localhost"})
answers = [client.get("/healthz").status_code for _ in range(int(sys.argv[1]))]
print(json.dumps([answers, client.get("/metrics").content.decode()]), flush=True)
sys.stdin.read()
"""


def worker(folder, requests):
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
    command = [sys.executable, "-c", WORKER, str(requests)]
    return subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def told_by(process):
    answers, text = json.loads(process.stdout.readline())
    assert set(answers) == {200}
    return {
        (sample.name, sample.labels.get("route")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.slow
def test_one_worker_tells_what_all_of_them_counted(tmp_path):
    with worker(tmp_path / "counts", 3) as first:
        told_by(first)
        with worker(tmp_path / "counts", 4) as second:
            told = told_by(second)
            assert told["signalcraft_requests_total", "healthz"] == 7
            assert told["signalcraft_request_seconds_count", "healthz"] == 7
            assert told["signalcraft_model_cache_entries", None] == 2
            assert told["signalcraft_model_cache_bytes", None] == 2000


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="nobody can ask there whether a process lives")
def test_what_a_worker_counted_outlives_it_and_what_it_held_does_not(tmp_path):
    with worker(tmp_path / "counts", 3) as first:
        told_by(first)
        first.kill()
    with worker(tmp_path / "counts", 4) as second:
        told = told_by(second)
    assert told["signalcraft_requests_total", "healthz"] == 7
    assert told["signalcraft_model_cache_entries", None] == 1


# Who may read


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_the_machine_itself_may_read(client, address):
    response = client.get("/metrics", REMOTE_ADDR=address)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain; version=")


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("10.0.0.1", {}),
        ("", {}),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}),
        ("127.0.0.1", {"Via": "1.1 proxy"}),
    ],
)
def test_nobody_else_may(client, address, headers):
    response = client.get("/metrics", REMOTE_ADDR=address, headers=headers)
    assert (response.status_code, response.json()["code"]) == (403, "permission_denied")


def test_a_token_opens_them_from_anywhere_and_closes_them_without_it(client, settings):
    settings.METRICS_TOKEN = "a token of the plant"

    def status(**headers):
        return client.get("/metrics", REMOTE_ADDR="10.0.0.1", headers=headers).status_code

    assert status(Authorization="Bearer a token of the plant") == 200
    assert status(Authorization="Bearer another") == 403
    assert status(Authorization="Bearer ä") == 403
    assert status() == 403
    assert client.get("/metrics").status_code == 403
