"""Bodies that cannot be read, lists that are asked for by wrong names: each its own sentence."""

import gzip
import json

import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import DateField
from django.urls import reverse
from openapi_spec_validator import OpenAPIV30SpecValidator
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import RefreshToken

from analysis.detectors import calibration
from analysis.detectors.calibration import CRITICAL, NOT_THIS_MACHINE
from analysis.loading import detector_for
from tests.support.pump_sounds import URL, pump, send
from tests.support.recordings import machine, wav

pytestmark = pytest.mark.django_db
TOKEN = "/api/v1/auth/token"


def refused(response, status, words):
    assert response.status_code == status
    assert words in response.json()["detail"]


def test_a_wrong_name_of_the_field_is_named(api, pump_version):
    file = SimpleUploadedFile("pump.wav", pump())
    form = {"audio": file, "model_id": "pump_forest"}
    refused(api.post(URL, form, format="multipart"), 400, "in the field “audio”")


def test_a_recording_as_the_body_itself_is_told_how_to_come(api):
    refused(api.generic("POST", URL, pump(), "audio/wav"), 415, "as the field file")


@pytest.mark.parametrize("kind", ["application/octet-stream", "application/x-www-form-urlencoded"])
def test_a_recording_that_a_program_calls_bytes_or_a_form_is_told_so_too(api, kind):
    response = api.generic("POST", URL, pump(), kind)
    refused(
        response, 415, f"The body is {kind}. Send the recording in a form (multipart/form-data)"
    )
    refused(response, 415, "as the field file.")
    refused(api.generic("POST", TOKEN, b"email=a", kind), 415, "Send it as application/json.")


def test_a_compressed_body_is_named(api):
    body = gzip.compress(json.dumps({"email": "a@b.example", "password": "x"}).encode())
    response = api.generic("POST", TOKEN, body, "application/json", HTTP_CONTENT_ENCODING="gzip")
    refused(response, 415, "compressed (gzip)")


def test_a_chunked_body_is_named(rf, client):
    response = client.generic(
        "POST", TOKEN, b"", "application/json", HTTP_TRANSFER_ENCODING="chunked"
    )
    refused(response, 400, "chunked")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_may_be_written_in_any_letters(field_engineer, scheme):
    token = RefreshToken.for_user(field_engineer).access_token
    answer = APIClient().get("/api/v1/auth/me", HTTP_AUTHORIZATION=f"{scheme} {token}")
    assert answer.status_code == 200


def test_a_new_password_ends_the_refresh_token_too(field_engineer):
    refresh = str(RefreshToken.for_user(field_engineer))
    address = "/api/v1/auth/refresh"
    post = APIClient().post
    assert post(address, {"refresh": refresh}).status_code == 200
    field_engineer.set_password("another horse battery")
    field_engineer.save()
    refused(post(address, {"refresh": refresh}), 401, "sign in again")


@pytest.mark.parametrize(
    "address",
    [URL, "/api/v1/models", "/api/v1/devices"],
)
def test_a_list_refuses_what_it_does_not_know(api, pump_version, address):
    response = api.get(f"{address}?colour=red")
    refused(response, 400, "no such parameter")
    assert "colour" in response.json()["fields"]


def test_a_list_of_analyses_is_limited_and_bounded_in_time(api, pump_version):
    made = [api.get(send(api, pump(seed))).json() for seed in range(3)]
    page = api.get(URL, {"limit": 2}).json()
    assert [each["id"] for each in page["analyses"]] == [made[2]["id"], made[1]["id"]]
    assert [each["id"] for each in api.get(page["next"]).json()["analyses"]] == [made[0]["id"]]

    later = api.get(URL, {"created_after": made[0]["created_at"]}).json()["analyses"]
    earlier = api.get(URL, {"created_before": made[2]["created_at"]}).json()["analyses"]
    assert [each["id"] for each in later] == [made[2]["id"], made[1]["id"]]
    assert [each["id"] for each in earlier] == [made[1]["id"], made[0]["id"]]
    refused(api.get(URL, {"created_after": "2026-08-01T09:30:00"}), 400, "UTC offset")
    assert api.get(URL, {"limit": 501}).status_code == 400


def test_a_row_leaves_out_curve_and_evidence(api, pump_version):
    whole = api.get(send(api)).json()["explanation"]
    row = api.get(URL).json()["analyses"][0]["explanation"]
    assert set(whole) - set(row) == {"curve", "evidence"}
    assert {name: whole[name] for name in row} == row


def test_the_schema_is_valid_openapi(api):
    schema = api.get("/api/schema", HTTP_ACCEPT="application/json").json()
    assert [error.message for error in OpenAPIV30SpecValidator(schema).iter_errors()] == []


def test_a_year_that_no_calendar_has_shows_the_list_anew(client, make_user):
    client.force_login(make_user(is_staff=True, is_superuser=True))
    dates = [
        (reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"), field.name)
        for model in admin.site._registry
        for field in model._meta.get_fields()
        if isinstance(field, DateField)
    ]
    assert len(dates) > 10
    for address, name in dates:
        response = client.get(f"{address}?{name}__year=99999")
        assert response.status_code == 302, (address, name)
        assert response["Location"].endswith("?e=1")


def test_from_ten_times_the_distance_of_critical_on_it_is_another_machine(
    api, pump_version, monkeypatch
):
    known = detector_for(pump_version).calibration
    far = known.median + 10 * (known.critical - known.median)
    assert known.is_of_another_machine(far)
    assert not known.is_of_another_machine(0.999 * far)

    # A forest's scores end before that distance.
    monkeypatch.setattr(calibration, "FAR_OUT", 1.0)
    answer = api.get(send(api, wav(machine(16_000, 3.0)))).json()
    assert answer["label"] == CRITICAL
    assert NOT_THIS_MACHINE in answer["quality"]["warnings"]
    assert "not sound like this machine at all" in answer["summary"]
    assert "Record once more" not in answer["summary"]
    assert NOT_THIS_MACHINE not in api.get(send(api)).json()["quality"]["warnings"]
