"""The log: one line a request, found again by its id, and nothing in it that should stay secret."""

import json
import logging
import os
import subprocess
import sys
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from signalcraft import health
from signalcraft.logs import JsonFormatter, NoTraceOfStrangers, RequestIdFilter
from tests.support.places import PROJECT
from tests.support.pump_sounds import pump

pytestmark = pytest.mark.django_db
ME = "/api/v1/auth/me"


class Lines(logging.Handler):
    """Keeps what would be written."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.addFilter(RequestIdFilter())
        self.setFormatter(JsonFormatter())
        self.written = []

    def emit(self, record):
        self.written.append(self.format(record))


@pytest.fixture
def lines():
    """The JSON lines that are written while the test runs, of everything that is logged at all."""
    handler = Lines()
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler.written
    root.removeHandler(handler)
    root.setLevel(level)


def of_requests(lines):
    return [line for line in map(json.loads, lines) if line["logger"] == "signalcraft.request_log"]


def test_a_stranger_leaves_a_line_and_no_trace(client, monkeypatch):
    handler = next(
        each
        for each in logging.getLogger().handlers
        if any(isinstance(wanted, NoTraceOfStrangers) for wanted in each.filters)
    )
    written = StringIO()
    monkeypatch.setattr(handler, "stream", written)
    answer = client.get("/api/v1/models", headers={"host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    lines = written.getvalue().splitlines()
    assert ["DisallowedHost" in line for line in lines] == [True, False]


# The id


def test_every_answer_carries_an_id_of_its_own(client):
    ids = {
        client.get(url).headers["X-Request-ID"]
        for url in ["/healthz", "/healthz", ME, "/nothing", "/static/x"]
    }
    assert len(ids) == 5
    assert all(len(each) == 32 for each in ids)


def test_an_id_that_comes_with_the_request_is_kept(client):
    answer = client.get(ME, headers={"X-Request-ID": "phone-7.a_B"})
    assert answer.headers["X-Request-ID"] == "phone-7.a_B"


@pytest.mark.parametrize("unsafe", ["", "a b", "x" * 65, 'a","level":"x', "a\tb", "ä"])
def test_an_unsafe_one_is_not(client, unsafe):
    assert len(client.get(ME, headers={"X-Request-ID": unsafe}).headers["X-Request-ID"]) == 32


def test_what_is_logged_on_the_way_has_the_id_of_its_request(client, monkeypatch, lines):
    monkeypatch.setattr(
        health, "check_database", lambda: logging.getLogger("registry").warning("Slow.")
    )
    answer = client.get("/readyz")
    (line,) = [line for line in map(json.loads, lines) if line["logger"] == "registry"]
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert (line["level"], line["message"]) == ("WARNING", "Slow.")


# The line


def test_a_request_is_one_line_that_machines_can_read(api, field_engineer, lines):
    answer = api.get(f"{ME}?secret=in+the+query")
    (line,) = of_requests(lines)
    assert line.pop("time").endswith("+00:00")
    assert line.pop("milliseconds") > 0
    assert line.pop("message").startswith(f"GET {ME} 200 in ")
    assert line == {
        "level": "INFO",
        "logger": "signalcraft.request_log",
        "request_id": answer.headers["X-Request-ID"],
        "method": "GET",
        "path": ME,
        "status": 200,
        "address": "127.0.0.1",
        "user": field_engineer.pk,
    }


def test_a_refusal_is_one_line_too(client, lines):
    client.get(ME)
    client.get("/nothing")
    assert [line["status"] for line in of_requests(lines)] == [401, 404]
    assert len([line for line in lines if "django.request" in line]) == 0


def test_a_mistake_of_the_server_is_logged_with_its_trace(client, monkeypatch, lines):
    def mistake():
        raise RuntimeError("a bug")

    monkeypatch.setattr(health, "check_database", mistake)
    client.raise_request_exception = False
    answer = client.get("/readyz")
    (trace,) = [line for line in map(json.loads, lines) if line["logger"] == "django.request"]
    assert answer.status_code == 500
    assert "RuntimeError: a bug" in trace["exception"]
    assert trace["request_id"] == answer.headers["X-Request-ID"]
    assert of_requests(lines)[0]["status"] == 500


def test_who_watches_the_server_does_not_fill_the_log(client, lines):
    client.get("/healthz")
    client.get("/readyz")
    assert [line["level"] for line in of_requests(lines)] == ["DEBUG", "DEBUG"]


def test_a_path_cannot_write_a_line_of_its_own(client, lines):
    client.get("/api/%0a2026-08-01 ERROR forged")
    assert [line["path"] for line in of_requests(lines)] == ["/api/%0A2026-08-01%20ERROR%20forged"]
    assert "\n" not in of_requests(lines)[0]["message"]


def test_the_log_alone_asks_the_database_nothing(client, curator, django_assert_num_queries, lines):
    client.force_login(curator)
    with django_assert_num_queries(0):
        client.get("/healthz")


def test_neither_passwords_nor_tokens_nor_recordings_are_logged(
    field_engineer, pump_version, lines
):
    password = "correct horse battery"
    client = APIClient()
    client.post(
        "/api/v1/auth/token", {"email": field_engineer.email, "password": f"{password} staple"}
    )
    tokens = client.post(
        "/api/v1/auth/token", {"email": field_engineer.email, "password": password}
    ).json()
    client.post("/api/v1/auth/refresh", {"refresh": tokens["refresh"]})
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['access']}")
    file = SimpleUploadedFile("private name.wav", pump())
    assert client.post(
        "/api/v1/analyses", {"file": file, "model_id": "pump_forest"}, format="multipart"
    ).json()["id"]
    written = "".join(lines)
    assert len(of_requests(lines)) == 4
    for secret in [
        password,
        tokens["refresh"],
        tokens["access"],
        "private name",
        "RIFF",
        field_engineer.email,
    ]:
        assert secret not in written


# The formats


def logged_by_a_process(log_format):
    code = (
        "import django, logging; django.setup(); "
        "logging.getLogger('registry').warning('한 줄 %s', 7)"
    )
    environment = os.environ | {"LOG_FORMAT": log_format}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60
    )


@pytest.mark.slow
def test_json_is_for_machines_and_plain_for_people():
    line = json.loads(logged_by_a_process("json").stderr)
    assert (line["logger"], line["message"], line["request_id"]) == ("registry", "한 줄 7", "-")
    assert logged_by_a_process("plain").stderr.endswith("WARNING - registry: 한 줄 7\n")


def test_another_format_stops_the_start():
    assert 'LOG_FORMAT is "xml". Write plain or json.' in logged_by_a_process("xml").stderr


WRITE_MUCH = """
import logging, sys
from signalcraft.logs import SharedRotatingHandler
logger = logging.getLogger("x")
logger.propagate = False
logger.addHandler(SharedRotatingHandler(sys.argv[1], maxBytes=20_000, backupCount=5))
for n in range(900):
    logger.error("%s %03d %s", sys.argv[2], n, "x" * 90)
"""


@pytest.mark.slow
def test_several_processes_share_a_log_that_rotates(tmp_path):
    path = tmp_path / "logs" / "requests.log"
    path.parent.mkdir()
    command = [sys.executable, "-c", WRITE_MUCH, str(path)]
    writers = [subprocess.Popen([*command, str(n)], cwd=PROJECT) for n in range(2)]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    files = sorted(path.parent.iterdir())
    assert [file.name for file in files] == [
        "requests.log",
        *(f"requests.log.{n}" for n in range(1, 6)),
    ]
    assert all(file.stat().st_size < 25_000 for file in files)
    lines = "".join(file.read_text() for file in files).splitlines()
    assert all(line.endswith("x" * 90) for line in lines)
    assert len(set(lines)) == len(lines)
    # The newest of both are there.
    assert {"0 899", "1 899"} <= {line[:5] for line in lines}
