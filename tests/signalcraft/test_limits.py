"""Limits: how often a user and an address may ask, in whatever worker they are counted."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import yaml
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from rest_framework.test import APIClient

from accounts import limits
from signalcraft import shared_cache
from signalcraft.environment import Environment
from signalcraft.shared_cache import SqliteCache
from tests import MEDIA

pytestmark = pytest.mark.django_db
ME = "/api/v1/auth/me"
MODELS = "/api/v1/models"


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """The time at which limits are counted, in seconds; tests move it."""
    now = [60.0 * 30_000_000]
    monkeypatch.setattr(limits, "time", lambda: now[0])
    return now


def allow(settings, **limit_by_name):
    settings.LIMITS = limit_by_name


def statuses(client, url, times, **environ):
    return [client.get(url, **environ).status_code for _ in range(times)]


# Requests


def test_one_too_many_is_told_when_to_come_again(api, settings, clock):
    allow(settings, requests_per_user=(2, 60))
    assert statuses(api, ME, 2) == [200, 200]
    clock[0] += 15
    response = api.get(ME)
    assert (response.status_code, response.headers["Retry-After"]) == (429, "45")
    assert response.json() == {
        "code": "throttled",
        "detail": "Request was throttled. Expected available in 45 seconds.",
    }


def test_after_that_time_requests_are_answered_again(api, settings, clock):
    allow(settings, requests_per_user=(1, 60))
    assert statuses(api, ME, 2) == [200, 429]
    clock[0] += int(api.get(ME).headers["Retry-After"])
    assert statuses(api, ME, 2) == [200, 429]


def test_a_user_is_counted_wherever_the_requests_come_from(api, settings):
    allow(settings, requests_per_user=(1, 60))
    assert api.get(ME, REMOTE_ADDR="10.0.0.1").status_code == 200
    assert api.get(ME, REMOTE_ADDR="10.0.0.2").status_code == 429


def test_an_address_is_counted_whoever_asks(api, make_user, sign_in, settings):
    allow(settings, requests_per_address=(1, 60))
    assert api.get(ME).status_code == 200
    assert sign_in(make_user("viewer")).get(ME).status_code == 429
    assert sign_in(make_user("engineer")).get(ME, REMOTE_ADDR="10.0.0.2").status_code == 200


def test_addresses_of_one_ipv6_network_are_counted_as_one(api, settings):
    allow(settings, requests_per_address=(1, 60))
    assert api.get(ME, REMOTE_ADDR="2001:db8::1").status_code == 200
    assert api.get(ME, REMOTE_ADDR="2001:db8::ffff:2").status_code == 429
    assert api.get(ME, REMOTE_ADDR="2001:db8:0:1::1").status_code == 200


def test_who_comes_by_ipv4_to_a_server_of_both_is_counted_alone(api, settings):
    allow(settings, requests_per_address=(1, 60))
    assert api.get(ME, REMOTE_ADDR="::ffff:10.0.0.1").status_code == 200
    assert api.get(ME, REMOTE_ADDR="::ffff:10.0.0.2").status_code == 200
    assert api.get(ME, REMOTE_ADDR="10.0.0.1").status_code == 429


def test_who_is_not_signed_in_is_counted_by_address(settings):
    allow(settings, requests_per_user=(1, 60), requests_per_address=(2, 60))
    assert statuses(APIClient(), "/api/schema", 3) == [200, 200, 429]


def test_one_user_does_not_use_up_the_limit_of_another(api, make_user, sign_in, settings):
    allow(settings, requests_per_user=(1, 60))
    assert statuses(api, ME, 2) == [200, 429]
    assert sign_in(make_user("viewer")).get(ME).status_code == 200


def test_the_schema_tells_that_every_operation_may_say_so(client):
    paths = yaml.safe_load(client.get("/api/schema").content)["paths"]
    answers = [
        operation["responses"]["429"] for path in paths.values() for operation in path.values()
    ]
    assert {answer["headers"]["Retry-After"]["schema"]["type"] for answer in answers} == {"integer"}


def test_health_is_always_told(client, settings):
    allow(settings, requests_per_address=(1, 60))
    assert statuses(client, "/healthz", 3) == [200, 200, 200]


# Analyses


def test_analyses_have_a_limit_of_their_own(api, settings):
    allow(settings, analyses_per_user=(2, 60), requests_per_user=(1, 60))
    asked = [api.post("/api/v1/analyses", {}, format="multipart").status_code for _ in range(3)]
    assert asked == [400, 400, 429]
    assert statuses(api, "/api/v1/analyses", 2) == [200, 429]


def test_analyses_are_counted_for_the_address_too(api, make_user, sign_in, settings):
    allow(settings, analyses_per_address=(1, 60))
    assert api.post("/api/v1/analyses", {}, format="multipart").status_code == 400
    other = sign_in(make_user("engineer"))
    assert other.post("/api/v1/analyses", {}, format="multipart").status_code == 429


# Behind proxies


@pytest.mark.parametrize(
    ("proxies", "forwarded", "remembered"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        (2, "1.1.1.1, 203.0.113.9, 10.0.0.7", "203.0.113.9"),
        (2, "203.0.113.9", "203.0.113.9"),
        (1, "nonsense", "127.0.0.1"),
        (1, "", "127.0.0.1"),
        (-1, "203.0.113.9", "127.0.0.1"),
    ],
)
def test_only_trusted_proxies_say_where_a_request_comes_from(
    api, settings, proxies, forwarded, remembered
):
    settings.NUM_PROXIES = proxies
    allow(settings, requests_per_address=(1, 60))
    assert api.get(ME, headers={"X-Forwarded-For": forwarded}).status_code == 200
    settings.NUM_PROXIES = 0
    assert api.get(ME, REMOTE_ADDR=remembered).status_code == 429


# Counting


COUNT = """
import django
django.setup()
from accounts.limits import count_attempt
print(sum(count_attempt("requests_per_user", "7") == 0 for _ in range(300)))
"""


@pytest.mark.slow
def test_processes_that_count_at_once_share_every_count():
    environment = {"MEDIA_ROOT": MEDIA.name, "LIMIT_REQUESTS_PER_USER": "500/1000h"}
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", COUNT],
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    allowed = [int(worker.communicate(timeout=60)[0]) for worker in workers]
    assert sum(allowed) == 500


@pytest.mark.parametrize("attempt", range(30))
def test_all_who_open_a_new_cache_at_once_can_count(tmp_path, attempt):
    path = tmp_path / "cache"
    together = Barrier(8)

    def count(_):
        together.wait()
        opened = SqliteCache(str(path), {})
        opened.add("key", 0)
        return opened.incr("key")

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(count, range(8))) == list(range(1, 9))


def test_counts_of_past_windows_are_swept_out(settings, monkeypatch):
    monkeypatch.setattr(shared_cache, "SWEEP_SHARE", 1.0)
    cache.add("past", 1, timeout=-1)
    cache.add("present", 1, timeout=60)
    assert cache._execute("SELECT count(*) FROM entries").fetchone() == (1,)


def test_the_cache_keeps_its_word():
    assert cache.get("key", "nothing") == "nothing"
    assert cache.add("key", 5, timeout=60)
    assert not cache.add("key", 6, timeout=60)
    assert cache.incr("key", 2) == 7
    cache.set("key", {"a": [1, True, None]}, timeout=None)
    assert cache.get("key") == {"a": [1, True, None]}
    assert cache.touch("key", -1)
    assert cache.get("key") is None
    assert cache.add("key", "text")
    assert cache.delete("key")
    assert not cache.delete("key")
    with pytest.raises(ValueError, match="not found"):
        cache.incr("key")


def test_a_count_that_has_expired_begins_anew():
    cache.set("key", 5, timeout=-1)
    assert cache.add("key", 1)
    assert cache.incr("key") == 2


@pytest.fixture
def no_counts(settings, tmp_path):
    """The store of counts is away."""
    settings.CACHES = {
        "default": settings.CACHES["default"] | {"LOCATION": str(tmp_path / "missing" / "cache")}
    }


def test_what_is_limited_is_refused_by_name_while_nothing_can_be_counted(api, settings, no_counts):
    allow(settings, analyses_per_user=(2, 60))
    response = api.post("/api/v1/analyses", {}, format="multipart")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert response.json() == {
        "code": "limits_unavailable",
        "detail": "The server cannot count requests right now. Try again in a moment.",
    }


def test_who_is_signed_in_reads_on_while_nothing_can_be_counted(api, settings, no_counts, caplog):
    allow(settings, requests_per_user=(2, 60), requests_per_address=(2, 60))
    assert statuses(api, ME, 3) == [200, 200, 200]
    assert "not counted" in caplog.text


def test_nobody_signs_in_uncounted(client, settings, no_counts, field_engineer):
    allow(settings, failed_sign_ins=(10, 300))
    form = {"email": field_engineer.email, "password": "correct horse battery"}
    assert (
        client.post("/api/v1/auth/token", form, content_type="application/json").json()["code"]
        == "limits_unavailable"
    )
    page = client.post("/admin/login/", {"username": form["email"], "password": form["password"]})
    assert (page.status_code, "cannot count requests right now" in page.content.decode()) == (
        200,
        True,
    )


def test_what_has_no_limit_needs_no_counts(api, no_counts):
    assert api.get(ME).status_code == 200


def test_a_server_whose_cache_is_away_is_not_ready(client, no_counts):
    assert client.get("/readyz").json()["failed"] == {"cache": "unreachable"}


# Settings


def read_limit(monkeypatch, text):
    monkeypatch.setenv("LIMIT_SIGN_INS_PER_ADDRESS", text)
    return Environment().rate_limit("LIMIT_SIGN_INS_PER_ADDRESS", default="1/s")


@pytest.mark.parametrize(
    ("text", "limit"),
    [("120/min", (120, 60)), ("10/5min", (10, 300)), ("5/s", (5, 1)), ("1/2h", (1, 7200))],
)
def test_limits_are_written_as_people_say_them(monkeypatch, text, limit):
    assert read_limit(monkeypatch, text) == limit


def test_off_is_no_limit(api, settings, monkeypatch):
    allow(settings, requests_per_user=read_limit(monkeypatch, "off"))
    assert statuses(api, ME, 3) == [200, 200, 200]


@pytest.mark.parametrize("text", ["", "0/min", "120", "120/day", "-1/min", "many"])
def test_anything_else_stops_the_start(monkeypatch, text):
    with pytest.raises(
        ImproperlyConfigured, match=r"^LIMIT_SIGN_INS_PER_ADDRESS is .*Write a limit such as"
    ):
        read_limit(monkeypatch, text)
