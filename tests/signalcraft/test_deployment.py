"""A server that others can reach: nothing is left open, and nothing starts half configured."""

import json
import os
import subprocess
import sys

import pytest

from tests.support.places import PROJECT

pytestmark = pytest.mark.slow
BEHIND_A_PROXY = {
    "SECRET_KEY": "kH3v-vQxw0Zs7cN1mB9uY5tR2eW8qA4dF6gJ0hK3lP7oI1uT5r",
    "ALLOWED_HOSTS": "plant.example",
    "HTTPS": "true",
    "NUM_PROXIES": "1",
    "DEBUG": "false",
}


def run(*command, **environment):
    return subprocess.run(
        [sys.executable, *command],
        cwd=PROJECT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )


def check(**environment):
    return run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **environment)


def test_behind_a_proxy_that_speaks_https_there_is_nothing_to_warn_of():
    checked = check(**BEHIND_A_PROXY)
    assert checked.returncode == 0, checked.stderr
    assert "no issues" in checked.stdout


@pytest.mark.parametrize(
    ("changed", "warning"),
    [({"HTTPS": "false"}, "W008"), ({"DEBUG": "true"}, "W018"), ({"SECRET_KEY": "x" * 40}, "W009")],
)
def test_what_is_not_safe_is_still_warned_of(changed, warning):
    checked = check(**BEHIND_A_PROXY | changed)
    assert checked.returncode == 1
    assert f"security.{warning}" in checked.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("HTTPS", "perhaps"),
        ("NUM_PROXIES", "one"),
        ("LIMIT_ANALYSES_PER_USER", "many"),
        ("RECORDING_RETENTION_DAYS", "-1"),
        ("RECORDING_RETENTION_DAYS", "a month"),
        ("RECORDING_RETENTION_DAYS", "999999999"),
    ],
)
def test_a_bad_value_stops_the_start(name, value):
    assert run("manage.py", "check", **{name: value}).returncode == 1


@pytest.mark.parametrize("days", ["0.001", "-1", "a month", "36501", ""])
def test_how_long_recordings_are_kept_is_refused_in_a_sentence(days):
    checked = run("manage.py", "check", RECORDING_RETENTION_DAYS=days)
    assert checked.stderr == (
        f'SignalCraft cannot start: RECORDING_RETENTION_DAYS is "{days}". '
        "Write a whole number of days from 0 to 36500, and 0 to keep recordings forever.\n"
    )


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (
            "NUM_PROXIES",
            "one",
            'NUM_PROXIES is "one". Write a whole number of proxies from 0 to 100.',
        ),
        (
            "MAX_UPLOAD_BYTES",
            "0",
            'MAX_UPLOAD_BYTES is "0". Write a whole number of bytes from 1 to 1000000000000.',
        ),
        (
            "ACCESS_TOKEN_MINUTES",
            "1.5",
            'ACCESS_TOKEN_MINUTES is "1.5". Write a whole number of minutes from 1 to 525600.',
        ),
        (
            "REFRESH_TOKEN_DAYS",
            "9" * 9000,
            f'REFRESH_TOKEN_DAYS is "{"9" * 9000}". Write a whole number of days',
        ),
        (
            "MODEL_CACHE_ENTRIES",
            "many",
            'MODEL_CACHE_ENTRIES is "many". Write a whole number of detectors',
        ),
        ("MODEL_CACHE_BYTES", "512M", 'MODEL_CACHE_BYTES is "512M". Write a whole number of bytes'),
        (
            "MAX_RECORDING_SECONDS",
            "long",
            'MAX_RECORDING_SECONDS is "long". Write a number of seconds above 0.',
        ),
        (
            "MAX_RECORDING_SECONDS",
            "nan",
            'MAX_RECORDING_SECONDS is "nan". Write a number of seconds above 0.',
        ),
        ("HTTPS", "perhaps", 'HTTPS is "perhaps". Write true or false.'),
        ("DEBUG", "perhaps", 'DEBUG is "perhaps". Write true or false.'),
        ("LIMIT_FAILED_SIGN_INS", "few", 'LIMIT_FAILED_SIGN_INS is "few". Write a limit such as'),
    ],
)
def test_a_bad_value_is_told_in_one_sentence_that_names_it(name, value, sentence):
    checked = run("manage.py", "check", **{name: value})
    assert checked.stderr.startswith(f"SignalCraft cannot start: {sentence}")
    assert checked.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "command", ["check", "migrate", "runserver", "train_if", "registry_doctor"]
)
def test_every_command_tells_of_a_bad_value_in_one_sentence(command):
    ran = run("manage.py", command, NUM_PROXIES="one")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert (
        ran.stderr == 'SignalCraft cannot start: NUM_PROXIES is "one". '
        "Write a whole number of proxies from 0 to 100.\n"
    )


def test_the_settings_that_are_named_are_those_that_are_read(tmp_path):
    (tmp_path / "hall_3.py").write_text(
        "from signalcraft.settings import *\nSECURE_HSTS_SECONDS = 7"
    )
    settings = ["--settings", "hall_3", "--pythonpath", str(tmp_path)]
    told = run("manage.py", "diffsettings", *settings)
    assert "SECURE_HSTS_SECONDS = 7" in told.stdout, told.stderr
    (tmp_path / "hall_3.py").write_text("DEBUG = True\nSECRET_KEY = 40 * 'x'")
    assert run("manage.py", "diffsettings", *settings, NUM_PROXIES="one").returncode == 0


def test_one_bucket_is_not_for_artifacts_and_recordings_alike():
    buckets = {"ARTIFACTS_S3_BUCKET": "plant", "RECORDINGS_S3_BUCKET": "plant"}
    assert "the same bucket" in run("manage.py", "check", **buckets).stderr
    assert (
        run(
            "manage.py", "check", **buckets | {"RECORDINGS_S3_BUCKET": "plant-recordings"}
        ).returncode
        == 0
    )


# Answers, as a browser behind the proxy gets them

ASK = """
import json, django
django.setup()
from django.test import Client

def ask(url, **headers):
    answer = Client(headers={"host": "plant.example"} | headers).get(url)
    cookies = {name: dict(cookie) for name, cookie in answer.cookies.items()}
    return {"status": answer.status_code, "headers": dict(answer.headers), "cookies": cookies}

https = {"x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.9"}
print(json.dumps({
    "http": ask("/admin/login/"),
    "page": ask("/admin/login/", **https),
    "api": ask("/api/v1/auth/me", **https),
    "probe": ask("/healthz"),
}))
"""


@pytest.fixture(scope="module")
def answers():
    asked = run("-c", ASK, **BEHIND_A_PROXY)
    assert asked.returncode == 0, asked.stderr
    return json.loads(asked.stdout)


def test_plain_http_is_sent_to_https(answers):
    assert answers["http"]["status"] == 301
    assert answers["http"]["headers"]["Location"] == "https://plant.example/admin/login/"


def test_health_is_told_without_https(answers):
    assert answers["probe"]["status"] == 200


@pytest.mark.parametrize("what", ["page", "api"])
def test_every_answer_tells_browsers_to_be_careful(answers, what):
    headers = answers[what]["headers"]
    assert headers["Strict-Transport-Security"] == "max-age=2592000"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_cookies_travel_by_https_alone(answers):
    assert answers["page"]["status"] == 200
    assert answers["page"]["cookies"]["csrftoken"]["secure"] is True


def test_a_plant_may_serve_plain_http():
    answers = run("-c", ASK, **BEHIND_A_PROXY | {"HTTPS": "false"})
    page = json.loads(answers.stdout)["http"]
    assert page["status"] == 200
    assert page["cookies"]["csrftoken"]["secure"] == ""
    assert "Strict-Transport-Security" not in page["headers"]


@pytest.mark.django_db
def test_the_session_cookie_is_out_of_reach_of_scripts(client, curator):
    form = {"username": curator.email, "password": "correct horse battery"}
    cookie = client.post("/admin/login/?next=/admin/", form).cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
