"""Health for load balancers, the schema for the app, pages for people: all without signing in."""

import pytest
import yaml
from django.db import DatabaseError
from django.db.migrations.recorder import MigrationRecorder

from registry.storage import WriteOnceStorage
from signalcraft import health


def test_a_process_that_answers_is_healthy_whatever_the_database_does(client):
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.fixture(autouse=True)
def fresh_look(monkeypatch):
    monkeypatch.setattr(health, "opened_database", {})


@pytest.mark.django_db
def test_a_server_that_could_analyse_is_ready(client):
    response = client.get("/readyz")
    assert (response.status_code, response.json()["status"]) == (200, "ok")


@pytest.mark.django_db
def test_migrations_that_wait_are_told(client):
    MigrationRecorder.Migration.objects.filter(app="registry").delete()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["failed"] == {"database": "migrations are not applied"}


@pytest.mark.django_db
def test_a_database_file_that_was_replaced_is_told(client, monkeypatch):
    monkeypatch.setattr(health, "opened_database", {"file": (1, 2)})
    response = client.get("/readyz")
    assert response.json()["failed"] == {"database": "another file lies at its path"}


@pytest.mark.django_db
def test_a_storage_that_forgets_is_told(client, monkeypatch):
    monkeypatch.setattr(WriteOnceStorage, "_save", lambda self, name, content: name)
    response = client.get("/readyz")
    assert set(response.json()["failed"]) == {"artifacts", "recordings"}


@pytest.mark.django_db
def test_a_look_leaves_no_file(client, media):
    assert client.get("/readyz").status_code == 200
    assert [path for path in (media / "recordings").rglob("*") if path.is_file()] == []


@pytest.mark.django_db
def test_a_storage_that_cannot_be_written_is_told(client, media):
    (media / "artifacts").write_text("a file where the folder should be")
    response = client.get("/readyz")
    assert (response.status_code, response.json()["failed"]) == (503, {"artifacts": "not writable"})


@pytest.mark.django_db
def test_a_full_disk_is_told(client, monkeypatch):
    monkeypatch.setattr(health, "MIN_FREE_BYTES", 2**80)
    assert client.get("/readyz").json()["failed"] == {"artifacts": "full", "recordings": "full"}


@pytest.mark.django_db
def test_a_database_that_is_away_is_told(client, monkeypatch):
    def away(_connection):
        raise DatabaseError("connection refused by 10.0.0.7")

    monkeypatch.setattr(health, "MigrationExecutor", away)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["failed"]) == (503, {"database": "unreachable"})


@pytest.fixture
def schema(client):
    response = client.get("/api/schema")
    assert response.status_code == 200
    return yaml.safe_load(response.content)


def operations(schema):
    return [operation for path in schema["paths"].values() for operation in path.values()]


def test_every_operation_tells_how_it_can_fail(schema):
    for operation in operations(schema):
        failures = {
            status: body for status, body in operation["responses"].items() if status >= "400"
        }
        assert "401" in failures
        for body in failures.values():
            assert body["content"]["application/json"]["schema"] == {
                "$ref": "#/components/schemas/Problem"
            }


def test_a_view_adds_its_own_problems(schema):
    responses = schema["paths"]["/api/v1/models/{model_id}"]["get"]["responses"]
    assert responses["404"]["description"] == "Not Found: not_found, unknown_model"
    assert responses["409"]["description"] == "Conflict: model_inactive, no_serving_version"


def test_a_picture_and_a_sound_are_described_as_what_they_are(schema):
    picture, sound = (
        schema["paths"][f"/api/v1/analyses/{{id}}/{part}"]["get"]
        for part in ("spectrogram.png", "audio")
    )
    assert list(picture["responses"]["200"]["content"]) == ["image/png"]
    assert {"width", "height"} < {parameter["name"] for parameter in picture["parameters"]}
    for status in ("200", "206"):
        assert {"audio/wav", "audio/mp4", "audio/webm"} < set(sound["responses"][status]["content"])
    assert sound["responses"]["416"]["description"].endswith(": range_not_satisfiable")
    for operation in (picture, sound):
        assert {"304", "404", "503"} < set(operation["responses"])


def test_the_codes_are_listed_for_the_app_to_translate(schema):
    codes = schema["components"]["schemas"]["CodeEnum"]["enum"]
    assert {"invalid", "unknown_model", "too_large", "token_not_valid", "throttled"} <= set(codes)


def test_the_pages_need_no_internet(client):
    page = client.get("/api/docs").content.decode()
    assert "/static/drf_spectacular_sidecar/" in page
    assert "cdn" not in page
