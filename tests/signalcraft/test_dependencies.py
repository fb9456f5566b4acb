"""Databases, stores and caches that are away, locked, slow or hostile: a name, soon, no thread."""

import json
import os
import pickle
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager

import pytest
from botocore.config import Config
from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from django.db import OperationalError, connection

from core.errors import ServerBusy
from registry import remote_storage
from registry.remote_storage import BoundedS3Storage
from signalcraft.shared_cache import JsonSerializer
from tests.support.needs import need_redis
from tests.support.places import PROJECT
from tests.support.postgresql import free_port

ANALYSES = "/api/v1/analyses"


def run(code, **environment):
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env=os.environ | {"LOG_LEVEL": "CRITICAL"} | environment,
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


# The cache


@pytest.fixture(scope="module")
def redis():
    """The address of a server of one's own, and its process."""
    port = free_port()
    command = [need_redis(), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}/0", process
        process.kill()


@pytest.fixture
def redis_cache(redis, settings):
    url, _ = redis
    configured = run(CONFIGURED_CACHE, REDIS_URL=url)
    assert configured["serializer"] == "signalcraft.shared_cache.JsonSerializer"
    options = {"serializer": configured["serializer"], "socket_timeout": 0.5}
    settings.CACHES = {
        "default": {"BACKEND": configured["backend"], "LOCATION": url, "OPTIONS": options}
    }
    cache = caches["default"]
    cache.clear()
    return cache


CONFIGURED_CACHE = """
import json, django
from django.conf import settings
cache = settings.CACHES["default"]
options = cache.get("OPTIONS", {})
print(json.dumps({
    "backend": cache["BACKEND"],
    "serializer": options.get("serializer"),
    "waits_s": options.get("socket_timeout", 0) + options.get("socket_connect_timeout", 0),
}))
"""
ENVIRONMENT = {"DJANGO_SETTINGS_MODULE": "signalcraft.settings"}


@pytest.fixture(autouse=True)
def settings_module(monkeypatch):
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "signalcraft.settings")


@pytest.mark.slow
@pytest.mark.parametrize("url", ["", "redis://127.0.0.1:1/0"])
def test_no_cache_of_any_configuration_unpickles(url):
    configured = run(CONFIGURED_CACHE, REDIS_URL=url)
    json_backends = ("signalcraft.shared_cache.SqliteCache",)
    is_json = configured["serializer"] == "signalcraft.shared_cache.JsonSerializer"
    assert configured["backend"] in json_backends or is_json


def test_no_request_waits_long_for_redis():
    # Connecting, asking, and once more.
    assert 0 < 2 * run(CONFIGURED_CACHE, REDIS_URL="redis://127.0.0.1:1/0")["waits_s"] < 10


class Bomb:
    def __reduce__(self):
        return exec, ("raise SystemExit('it was run')",)


def test_a_pickle_is_no_json():
    with pytest.raises(ValueError, match=r".+"):
        JsonSerializer().loads(pickle.dumps(Bomb()))


@pytest.mark.slow
def test_who_writes_to_redis_runs_nothing(redis_cache):
    client = redis_cache._cache.get_client(write=True)
    client.set(redis_cache.make_key("readiness"), pickle.dumps(Bomb()))
    with pytest.raises(ValueError, match=r".+"):
        redis_cache.get("readiness")


@pytest.mark.slow
def test_redis_keeps_what_json_can_say_and_counts(redis_cache):
    assert isinstance(redis_cache, RedisCache)
    redis_cache.set("a", {"b": [1, None, "ü"]})
    assert redis_cache.get("a") == {"b": [1, None, "ü"]}
    redis_cache.add("n", 1)
    assert redis_cache.incr("n") == 2


@pytest.mark.slow
@pytest.mark.django_db
def test_a_redis_that_hangs_costs_seconds_and_has_a_name(redis_cache, redis, api, settings):
    settings.LIMITS = {"analyses_per_user": (5, 60)}
    _, process = redis
    process.send_signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        response = api.post(ANALYSES, {}, format="multipart")
        assert (response.status_code, response.json()["code"]) == (503, "limits_unavailable")
        assert time.monotonic() - began < 8
    finally:
        process.send_signal(signal.SIGCONT)


# The database


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite has one lock for all")
def test_a_locked_database_is_named(api, pump_version):
    from django.core.files.uploadedfile import SimpleUploadedFile

    from tests.support.pump_sounds import pump

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout=100")
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other:
        other.execute("BEGIN IMMEDIATE")
        form = {
            "file": SimpleUploadedFile("a.wav", pump()),
            "model_id": pump_version.registered_model_id,
        }
        response = api.post(ANALYSES, form, format="multipart")
        other.rollback()
    connection.close()
    assert (response.status_code, response.json()["code"]) == (503, "database_unavailable")
    assert response.headers["Retry-After"]


def raise_away(*arguments, **options):
    raise OperationalError("the server closed the connection")


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="It asks SQLite how long it waits.")
def test_no_request_waits_long_for_a_locked_database():
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        (milliseconds,) = cursor.fetchone()
    assert 0 < milliseconds < 10_000


@pytest.mark.django_db
def test_a_page_says_so_too(desk, monkeypatch):
    monkeypatch.setattr("django.contrib.admin.views.main.ChangeList.__init__", raise_away)
    response = desk.get("/admin/registry/promotion/")
    assert response.status_code == 503
    assert response.headers["Retry-After"]


ASK = """
import json, time, django
django.setup()
from django.test import Client
from rest_framework_simplejwt.tokens import AccessToken
token = AccessToken()
token["user_id"] = "1"
began = time.monotonic()
headers = {"authorization": f"Bearer {token}", "host": "localhost"}
answer = Client().get("/api/v1/models", headers=headers)
print(json.dumps([answer.status_code, answer.json()["code"], time.monotonic() - began]))
"""


@contextmanager
def nobody_answers():
    """A port that accepts and then says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield server.getsockname()[1]


@pytest.mark.slow
def test_a_postgresql_that_is_away_or_hangs_is_named_within_ten_seconds():
    with nobody_answers() as silent:
        for port in (1, silent):
            url = f"postgres://u:p@127.0.0.1:{port}/x"
            status, code, seconds = run(ASK, DATABASE_URL=url, **ENVIRONMENT)
            assert (status, code) == (503, "database_unavailable")
            assert seconds < 10


MANY_THREADS = """
import json, threading, django
django.setup()
from django.db import connection
largest = []
def work():
    for _ in range(5):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pool'")
            largest.append(cursor.fetchone()[0])
        connection.close()
threads = [threading.Thread(target=work) for _ in range(12)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(json.dumps([len(largest), max(largest)]))
"""


@pytest.mark.slow
def test_many_threads_share_few_connections(postgresql):
    environment = {"DATABASE_POOL_SIZE": "2", "PGAPPNAME": "pool", **ENVIRONMENT}
    n_queries, n_connections = run(MANY_THREADS, DATABASE_URL=postgresql, **environment)
    assert n_queries == 60
    assert 1 <= n_connections <= 2


# The storage


@pytest.fixture
def hanging_storage():
    with nobody_answers() as port:
        yield BoundedS3Storage(
            bucket_name="plant",
            endpoint_url=f"http://127.0.0.1:{port}",
            access_key="a",
            secret_key="b",
            client_config=Config(
                connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 1}
            ),
        )


def test_every_bucket_has_time_limits():
    config = BoundedS3Storage(bucket_name="plant").client_config
    attempts = config.retries["total_max_attempts"]
    assert attempts * (config.connect_timeout + config.read_timeout) < 15


def test_a_storage_that_hangs_cannot_take_every_thread(hanging_storage, monkeypatch):
    monkeypatch.setattr(remote_storage, "_places", threading.BoundedSemaphore(2))
    monkeypatch.setattr(remote_storage, "WAIT_SECONDS", 0.1)
    outcomes = []

    def ask():
        try:
            hanging_storage.exists("a")
        except Exception as exc:  # noqa: BLE001  # each says that it waited
            outcomes.append(type(exc))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - began < 5
    assert outcomes.count(ServerBusy) == 4
    assert len(set(outcomes)) == 2
