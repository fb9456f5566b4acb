"""What holds at the border of the API holds for the older one too."""

from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from analysis.models import Analysis
from tests.support.pump_sounds import pump

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
NOBODYS = "00000000-0000-4000-8000-000000000000"
ADDRESSES = [
    ("get", "auth/me"),
    ("post", "mobile/upload"),
    ("get", f"mobile/result/{NOBODYS}"),
    ("post", f"mobile/feedback/{NOBODYS}"),
    ("get", "mobile/report/pump-07"),
    ("get", "mobile/devices"),
    ("post", "mobile/devices"),
    ("delete", "mobile/devices/pump-07"),
    ("patch", "mobile/devices/pump-07/config"),
    ("post", "v1/devices/pump-07/calibrate"),
    ("get", "v1/devices/pump-07/calibration"),
]


def upload(api, **fields):
    file = SimpleUploadedFile("pump.wav", pump())
    form = {"file": file, "device_id": "pump-07"} | fields
    return api.post("/api/mobile/upload", form, format="multipart")


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_a_stranger_gets_nothing(client, pump_7, method, path):
    assert getattr(client, method)(f"/api/{path}").status_code == 401


def test_results_of_others_are_not_there(api, sign_in, make_user, pump_7):
    task_id = upload(api).json()["task_id"]
    colleague = sign_in(make_user("field engineer", username="colleague"))
    feedback = {"feedback_status": "IGNORE"}
    assert colleague.get(f"/api/mobile/result/{task_id}").status_code == 404
    assert colleague.post(f"/api/mobile/feedback/{task_id}", feedback).status_code == 404
    assert colleague.get("/api/mobile/report/pump-07").status_code == 404
    assert api.get("/api/mobile/report/pump-07").status_code == 200
    assert colleague.get("/api/mobile/devices/pump-07").json()["status"] == "UNKNOWN"


def test_one_upload_is_one_analysis(api, pump_7):
    key = {"HTTP_IDEMPOTENCY_KEY": "once"}
    file = SimpleUploadedFile("pump.wav", pump())
    first = api.post(
        "/api/mobile/upload", {"file": file, "device_id": "pump-07"}, format="multipart", **key
    )
    file.seek(0)
    again = api.post(
        "/api/mobile/upload", {"file": file, "device_id": "pump-07"}, format="multipart", **key
    )
    assert first.json() == again.json()
    assert Analysis.objects.count() == 1


def test_uploads_count_as_analyses(api, pump_7, settings):
    settings.LIMITS = {"analyses_per_user": (1, 3600)}
    assert upload(api).status_code == 200
    refused = upload(api)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0


def test_wrong_passwords_lock_an_account(client, field_engineer, settings):
    settings.LIMITS = {"failed_sign_ins": (1, 3600)}
    form = urlencode({"username": field_engineer.email, "password": "wrong"})
    assert client.post("/api/auth/login", form, content_type=FORM).status_code == 401
    assert client.post("/api/auth/login", form, content_type=FORM).status_code == 429


def test_a_login_is_a_form_of_limited_size(client, db):
    odd = client.generic("POST", "/api/auth/login", b"username=a", f"{FORM}; charset=rot13")
    assert odd.status_code == 400
    large = client.post("/api/auth/login", "username=" + 3_000_000 * "a", content_type=FORM)
    assert large.status_code == 413


@pytest.mark.parametrize(
    "samples", [[], [{"rms": 2}], [{"rms": 0}], [{"rms": -20}, {"rms": 0.1}], [{}]]
)
def test_an_invalid_level_is_refused(sign_in, make_user, pump_7, samples):
    engineer = sign_in(make_user("engineer"))
    answer = engineer.post("/api/v1/devices/pump-07/calibrate", {"samples": samples})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "config",
    [{"threshold_multiplier": 0}, {"threshold_multiplier": 99}, {"sensitivity_level": "X"}],
)
def test_an_invalid_setting_is_refused(sign_in, make_user, pump_7, config):
    engineer = sign_in(make_user("engineer"))
    assert engineer.patch("/api/mobile/devices/pump-07/config", config).status_code == 400


def test_a_field_engineer_changes_no_settings(api, pump_7):
    assert api.patch("/api/mobile/devices/pump-07/config", {}).status_code == 403


def test_a_wish_to_train_on_a_recording_is_kept_for_an_engineer(api, pump_7, desk):
    task_id = upload(api).json()["task_id"]
    feedback = {"feedback_status": "FALSE_POSITIVE", "is_retraining_candidate": True}
    for _ in range(2):
        assert api.post(f"/api/mobile/feedback/{task_id}", feedback).status_code == 200
    page = desk.get("/admin/older_app/retrainingcandidate/")
    assert page.content.decode().count(f"/admin/analysis/analysis/{task_id}/change/") == 1

    feedback["is_retraining_candidate"] = False
    api.post(f"/api/mobile/feedback/{task_id}", feedback)
    page = desk.get("/admin/older_app/retrainingcandidate/")
    assert task_id not in page.content.decode()


def test_the_fault_code_of_the_newer_app_stays(api, pump_7):
    task_id = upload(api).json()["task_id"]
    newer = {"verdict": "TRUE_POSITIVE", "fault_code": "bearing"}
    api.put(f"/api/v1/analyses/{task_id}/feedback", newer)
    api.post(f"/api/mobile/feedback/{task_id}", {"feedback_status": "TRUE_POSITIVE"})
    assert Analysis.objects.get().feedbacks.get().fault_code == "bearing"


def test_an_engineer_who_may_open_the_admin_removes_no_device(sign_in, make_user, pump_7):
    engineer = sign_in(make_user("engineer", is_staff=True))
    assert engineer.get("/api/auth/me").json()["role"] == "engineer"
    assert engineer.delete("/api/mobile/devices/pump-07").status_code == 403


def test_a_name_that_is_no_address_is_nobodys(client, db):
    form = urlencode({"username": "kim", "password": "wrong"})
    assert client.post("/api/auth/login", form, content_type=FORM).status_code == 401


def test_a_retired_machine_is_gone_from_the_newer_app_too(api, pump_7):
    pump_7.retire()
    file = SimpleUploadedFile("pump.wav", pump())
    form = {"file": file, "device_id": "pump-07"}
    assert api.get("/api/v1/devices").json()["devices"] == []
    assert api.get("/api/v1/devices/pump-07").status_code == 404
    assert api.post("/api/v1/analyses", form, format="multipart").status_code == 404
