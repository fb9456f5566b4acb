"""The analyses API: what comes back, to whom, in which language, and at what cost in queries."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from analysis.models import Analysis, Device
from core.triggers import drop_triggers
from registry.models import VersionFile
from tests.support.pump_sounds import BROKEN_BEARING, pump
from tests.support.stored_analyses import create_analysis

pytestmark = pytest.mark.django_db
URL = "/api/v1/analyses"


@pytest.fixture
def colleague(make_user):
    return make_user("field engineer", username="park")


@pytest.fixture
def version(publish):
    return publish("pump_forest")


@pytest.fixture
def device():
    return Device.objects.create(device_id="pump-07", name="Pump 7", machine_type_id="pump")


def send(api, content=None, **params):
    file = SimpleUploadedFile("pump.wav", pump() if content is None else content)
    headers = params.pop("headers", None)
    return api.post(URL, {"file": file, **params}, format="multipart", headers=headers)


def list_ids(api, **query):
    response = api.get(URL, query)
    assert response.status_code == 200, response.json()
    return [each["id"] for each in response.json()["analyses"]]


# One analysis


def test_an_analysis_is_answered_at_once_and_in_full(api, pump_version, device):
    response = send(
        api, model_id="pump_forest", device_id="pump-07", recorded_at="2026-08-01T09:30:00+09:00"
    )
    assert response.status_code == 201
    body = response.json()
    assert " ".join(body) == (
        "id status label score anomaly_score thresholds p_value health_score summary finding "
        "model device_id calibration quality explanation timing_ms recorded_at recorded_by is_own "
        "created_at feedback"
    )
    assert body["status"] == "completed"
    assert body["model"] == {
        "id": "pump_forest",
        "version": 1,
        "sha256": pump_version.find_file("serving").sha256,
    }
    assert body["device_id"] == "pump-07"
    assert body["recorded_at"] == "2026-08-01T00:30:00Z"
    assert body["feedback"] is None
    assert body["thresholds"]["warning"] < body["thresholds"]["critical"]
    assert list(body["calibration"]) == ["id", "method", "n", "n_groups", "notes"]
    assert body["calibration"]["id"] is None
    assert body["quality"]["duration_s"] == pytest.approx(2.0)
    assert body["quality"]["sample_rate_hz"] == 16000
    parts = ["curve", "segments", "bands", "traits", "disturbances", "evidence"]
    assert list(body["explanation"]) == parts
    assert len(body["explanation"]["curve"]["values"]) > 50
    assert list(body["explanation"]["evidence"]) == ["level_dbfs", "bands", "envelope_peaks"]
    assert sum(
        band["fraction"] for band in body["explanation"]["evidence"]["bands"]
    ) == pytest.approx(1)
    stages = {"decode", "wait", "evidence", "load", "features", "score", "explain"}
    assert set(body["timing_ms"]) >= stages


def test_what_was_answered_is_what_is_read_later(api, pump_version):
    first = send(api, model_id="pump_forest")
    assert first["Location"] == f"{URL}/{first.json()['id']}"
    assert api.get(first["Location"]).json() == first.json()


def test_an_analysis_of_the_first_release_has_no_traits(api, field_engineer, version):
    row = create_analysis(field_engineer, version)
    assert "traits" not in row.explanation
    explanation = api.get(f"{URL}/{row.pk}").json()["explanation"]
    assert explanation["traits"] == explanation["disturbances"] == []
    assert all(segment["p_value"] is None for segment in explanation["segments"])


def test_the_score_survives_json_to_the_last_bit(api, pump_version):
    body = send(api, model_id="pump_forest", content=pump(fault=BROKEN_BEARING))
    assert json.loads(body.content)["anomaly_score"] == Analysis.objects.get().anomaly_score


def test_a_fault_is_detected_and_located(api, pump_version):
    body = send(api, content=pump(fault=BROKEN_BEARING), model_id="pump_forest").json()
    assert body["label"] in {"WARNING", "CRITICAL"}
    assert body["anomaly_score"] > body["thresholds"]["warning"]
    assert body["explanation"]["bands"] or body["explanation"]["segments"]


def test_the_summary_is_in_the_readers_language(api, pump_version):
    url = send(api, model_id="pump_forest")["Location"]
    assert api.get(url).json()["summary"].startswith("Normal: ")
    assert api.get(url, headers={"Accept-Language": "ko"}).json()["finding"].startswith("정상: ")
    assert (
        api.get(url, headers={"Accept-Language": "ko-KR,ko;q=0.9,en;q=0.8"})
        .json()["summary"]
        .startswith("정상: ")
    )
    assert api.get(url, headers={"Accept-Language": "fr"}).json()["summary"].startswith("Normal: ")
    assert (
        send(api, model_id="pump_forest", headers={"Accept-Language": "ko"})
        .json()["summary"]
        .startswith("정상: ")
    )


@pytest.mark.parametrize(
    ("requested", "language"), [("ko-KR,ko;q=0.9", "ko"), ("en", "en"), ("fr", "en")]
)
def test_an_answer_declares_the_language_of_its_summary(api, pump_version, requested, language):
    reader = {"Accept-Language": requested}
    sent = send(api, model_id="pump_forest", headers=reader)
    for response in [sent, api.get(sent["Location"], headers=reader), api.get(URL, headers=reader)]:
        assert response["Content-Language"] == language
        assert "Accept-Language" in response["Vary"]


def test_a_refusal_is_in_english_for_programs(api):
    response = send(api, headers={"Accept-Language": "ko"}, model_preference="level9")
    assert response["Content-Language"] == "en"
    assert "level9" in response.json()["detail"]
    assert response.content.isascii()


def test_an_analysis_keeps_the_digest_of_a_file_that_is_gone(api, field_engineer, version):
    analysis = create_analysis(field_engineer, version)
    drop_triggers()
    VersionFile._base_manager.filter(version=version, role="serving").delete()
    body = api.get(f"{URL}/{analysis.pk}").json()
    assert body["model"]["sha256"] == analysis.serving_sha256


def test_empty_fields_are_fields_left_out(api, pump_version):
    response = send(api, model_id="pump_forest", device_id="", model_preference="")
    assert response.status_code == 201
    assert response.json()["device_id"] is None
    assert response.json()["recorded_at"] is None


def test_a_device_and_a_level_choose_the_model(api, pump_version, device):
    pump_version.registered_model.make_default(by=None)
    assert (
        send(api, device_id="pump-07", model_preference="level1").json()["model"]["id"]
        == "pump_forest"
    )
    refused = send(api, device_id="pump-07", model_preference="level2")
    assert (refused.status_code, refused.json()["code"]) == (422, "model_required")


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({"model_id": "nobody"}, 404, "unknown_model"),
        ({"model_id": "resting"}, 409, "model_inactive"),
        ({"model_id": "unserved"}, 409, "no_serving_version"),
        ({"device_id": "nowhere"}, 404, "not_found"),
        ({}, 422, "model_required"),
    ],
)
def test_a_model_that_cannot_answer_is_named(api, publish, params, status, code):
    publish("resting").registered_model.deactivate(by=None)
    publish("unserved", serve=False)
    response = send(api, **params)
    assert (response.status_code, response.json()["code"]) == (status, code)


# Who


def test_a_stranger_may_neither_send_nor_read(field_engineer, version):
    row = create_analysis(field_engineer, version)
    for response in (send(APIClient()), APIClient().get(URL), APIClient().get(f"{URL}/{row.pk}")):
        assert response.status_code == 401


def test_a_viewer_may_read_and_not_send(sign_in, make_user, version):
    viewer = sign_in(make_user("viewer"))
    assert viewer.get(URL).status_code == 200
    assert send(viewer).status_code == 403


def test_only_the_owner_and_staff_read_an_analysis(
    sign_in, field_engineer, colleague, curator, version
):
    url = f"{URL}/{create_analysis(field_engineer, version).pk}"
    assert sign_in(field_engineer).get(url).status_code == 200
    assert sign_in(curator).get(url).status_code == 200
    refused = sign_in(colleague).get(url)
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "odd", ["0", "not-a-uuid", "00000000-0000-0000-0000-000000000000", "%00", "../models"]
)
def test_an_analysis_that_is_not_there_is_not_found(api, odd):
    assert api.get(f"{URL}/{odd}").status_code == 404


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_an_analysis_is_never_changed(api, field_engineer, version, method):
    assert (
        getattr(api, method)(f"{URL}/{create_analysis(field_engineer, version).pk}").status_code
        == 405
    )


# Lists


def test_a_list_holds_ones_own_newest_first(api, field_engineer, colleague, version):
    old = create_analysis(field_engineer, version, age=60)
    new = create_analysis(field_engineer, version)
    create_analysis(colleague, version)
    assert list_ids(api) == [str(new.pk), str(old.pk)]


def test_staff_list_everybodys(sign_in, curator, field_engineer, version):
    create_analysis(field_engineer, version)
    assert len(list_ids(sign_in(curator))) == 1


def test_staff_can_list_their_own_only_and_see_who_sent_the_others(
    sign_in, curator, field_engineer, version
):
    create_analysis(field_engineer, version)
    own = create_analysis(curator, version)
    desk = sign_in(curator)
    assert list_ids(desk, mine="true") == [str(own.pk)]
    senders = [(each["recorded_by"], each["is_own"]) for each in desk.get(URL).json()["analyses"]]
    assert sorted(senders) == [("curator", True), ("field engineer", False)]


def test_a_list_is_narrowed_by_device_model_and_label(
    api, field_engineer, publish, version, device
):
    critical = create_analysis(field_engineer, version, label="CRITICAL")
    at_pump = create_analysis(field_engineer, version, device=device)
    other = create_analysis(field_engineer, publish("other"))
    assert list_ids(api, label="CRITICAL") == [str(critical.pk)]
    assert list_ids(api, device_id="pump-07") == [str(at_pump.pk)]
    assert list_ids(api, model_id="other") == [str(other.pk)]
    assert list_ids(api, model_id="nobody") == []


def test_pages_follow_each_other_without_gap_or_repeat(api, field_engineer, version):
    # Three of them in the same microsecond.
    rows = [
        create_analysis(field_engineer, version, age=age, label="WARNING")
        for age in (0, 5, 5, 5, 9)
    ]
    create_analysis(field_engineer, version, label="NORMAL")
    url = f"{URL}?label=WARNING&limit=2"
    seen = []
    while url:
        page = api.get(url).json()
        seen += [each["id"] for each in page["analyses"]]
        url = page["next"]
    assert len(seen) == 5
    assert set(seen) == {str(row.pk) for row in rows}
    assert seen[0] == str(rows[0].pk)


def test_an_analysis_that_arrives_between_pages_moves_nothing(api, field_engineer, version):
    older = create_analysis(field_engineer, version, age=60)
    create_analysis(field_engineer, version, age=30)
    following = api.get(URL, {"limit": 1}).json()["next"]
    create_analysis(field_engineer, version)
    assert [each["id"] for each in api.get(following).json()["analyses"]] == [str(older.pk)]


@pytest.mark.parametrize(
    "query",
    [
        "cursor=-1",
        "cursor=cD0w",
        "cursor=%00",
        "cursor=00000000-0000-0000-0000-000000000000",
        "label=FINE",
        "label=%00",
        "device_id=%00",
        "model_id=a%00b",
        "device_id=" + "x" * 5000,
    ],
)
def test_an_odd_query_is_invalid(api, query):
    response = api.get(f"{URL}?{query}")
    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    assert query.split("=")[0] in response.json()["fields"]


def test_somebody_elses_analysis_is_no_cursor(api, colleague, version):
    assert api.get(URL, {"cursor": str(create_analysis(colleague, version).pk)}).status_code == 400


@pytest.mark.parametrize(
    "query", ["label=%ff%fe", "model_id=%ff", "unknown=1", "label=", "&&&===", "device_id[]=1"]
)
def test_no_query_is_a_mistake_of_the_server(api, query):
    assert api.get(f"{URL}?{query}").status_code in {200, 400}


# Cost


def test_a_list_costs_the_same_queries_however_long(
    api, field_engineer, publish, device, django_assert_num_queries
):
    def count_for(n):
        for age in range(n):
            create_analysis(field_engineer, publish(f"model{age}"), device=device, age=age)
        # The user, the permissions, the analyses, feedback.
        with django_assert_num_queries(4):
            api.get(URL)
        Analysis.objects.all().delete()

    count_for(1)
    count_for(5)


def test_one_analysis_costs_as_much(api, field_engineer, version, django_assert_num_queries):
    row = create_analysis(field_engineer, version)
    with django_assert_num_queries(4):
        api.get(f"{URL}/{row.pk}")


def test_a_second_recording_costs_few_queries(
    api, pump_version, device, django_assert_max_num_queries
):
    send(api, model_id="pump_forest", device_id="pump-07")
    # The user, the permissions, device, model, calibration; savepoint, two rows, release.
    with django_assert_max_num_queries(9):
        send(api, model_id="pump_forest", device_id="pump-07")
