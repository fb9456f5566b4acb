"""Two hundred broken files at a live worker: each is refused by name, and the worker goes on."""

import json
import os
import random

import pytest
from django.db import connection
from rest_framework_simplejwt.tokens import AccessToken

from analysis.api.analyses import ANALYSIS_ERRORS
from benchmarks.support.load import make_analysis_request, send_each
from benchmarks.support.processes import (
    find_descendants,
    find_free_port,
    measure_resident_mib,
    run_product,
)
from tests.support.recordings import FORMATS, damaged, recording

BROKEN_PER_FORMAT = 10
MAX_WORKER_MIB = 250
NAMES = {error.code for error in ANALYSIS_ERRORS}
pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not os.path.isdir("/proc/self/task"),
        reason="Memory of processes is read from Linux' /proc.",
    ),
    pytest.mark.skipif(
        connection.vendor != "sqlite", reason="The worker is pointed at a database file."
    ),
]


def broken(name, chance):
    """A recording with some bytes changed, cut off, or with a hole in it."""
    content = recording(name, seconds=1.5)
    at = chance.randrange(len(content))
    return chance.choice(
        [
            damaged(content, chance),
            damaged(content, chance),
            content[:at],
            content[: at // 2] + content[at:],
        ]
    )


@pytest.fixture
def worker(pump_version, media, monkeypatch):
    """One live worker on this test's database: its port and its process."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{connection.settings_dict['NAME']}")
    monkeypatch.setenv("MEDIA_ROOT", str(media))
    monkeypatch.setenv("LOG_LEVEL", "CRITICAL")
    port = find_free_port()
    with run_product(port, workers=1) as server:
        yield port, server


def test_broken_files_are_refused_by_name_and_the_worker_lives_on(worker, field_engineer):
    port, server = worker
    chance = random.Random(7)
    files = [broken(name, chance) for name in FORMATS for _ in range(BROKEN_PER_FORMAT)]
    request = make_analysis_request(str(AccessToken.for_user(field_engineer)), "pump_forest", files)
    workers = find_descendants(server.pid)
    answers = [(status, body) for _, status, body in send_each(port, request, request.bodies)]
    refused = [json.loads(body)["code"] for status, body in answers if status != 201]
    assert len(answers) >= 200
    assert {status for status, _ in answers} <= {201, 413, 415, 422}
    assert set(refused) <= NAMES
    assert len(refused) > len(files) / 3
    assert find_descendants(server.pid) == workers
    assert max(map(measure_resident_mib, workers)) < MAX_WORKER_MIB
