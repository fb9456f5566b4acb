"""An app of before walks its whole path over real HTTP, with nothing changed but the address."""

import base64
import json
import time
from datetime import timedelta
from io import BytesIO

import av
import numpy as np
import pytest
import requests
import soundfile
from django.contrib.admin.models import LogEntry
from rest_framework_simplejwt.tokens import AccessToken

from accounts.models import User
from analysis.models import Analysis, Device
from registry.models.promotions import Action
from tests.support.pump_sounds import pump

PASSWORD = "correct horse battery"


class OlderApp:
    """Speaks the older API as that app does: a form to sign in, a bearer, multipart uploads."""

    def __init__(self, address):
        self.address = address
        self.session = requests.Session()

    def login(self, user, password=PASSWORD):
        answer = self.session.post(
            f"{self.address}/api/auth/login", data={"username": user.email, "password": password}
        )
        if answer.ok:
            token = answer.json()["access_token"]
            self.session.headers["Authorization"] = f"Bearer {token}"
        return answer

    def ask(self, method, path, **options):
        return self.session.request(method, f"{self.address}/api{path}", timeout=30, **options)

    def upload(self, content, name, **fields):
        return self.ask("post", "/mobile/upload", files={"file": (name, content)}, data=fields)


@pytest.fixture
def app(live_server):
    with OlderApp(live_server.url).session as session:
        app = OlderApp(live_server.url)
        app.session = session
        yield app


@pytest.fixture
def engineer(transactional_db, make_user):
    return make_user("engineer")


@pytest.fixture
def admin(transactional_db, make_user):
    return make_user("curator", is_staff=True)


def to_m4a(wav):
    """Encode a recording as an Android phone does."""
    samples, rate = soundfile.read(BytesIO(wav), dtype="float32")
    m4a = BytesIO()
    with av.open(m4a, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=rate, layout="mono", bit_rate=128_000)
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis], format="fltp", layout="mono")
        frame.sample_rate = rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return m4a.getvalue()


def read_claims(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def send_all(app, model_id):
    """Upload what phones of both kinds send, with each way to name the model."""
    for content, name, fields in (
        (pump(), "recording.wav", {"model_id": model_id}),
        (to_m4a(pump(2)), "녹음 1.m4a", {"target_model_id": model_id, "audio_format": "m4a"}),
        (pump(3), "any name", {"model_preference": "level1", "sample_rate": "44100"}),
    ):
        answer = app.upload(content, name, device_id="pump-07", channels="1", **fields)
        assert answer.status_code == 200, answer.text
        uploaded = answer.json()
        assert uploaded["success"] is True
        assert uploaded["conversion_applied"] == (uploaded["file_type"] != "wav")


def test_a_field_engineer_listens_to_a_machine(app, engineer, pump_7):
    token = app.login(engineer).json()["access_token"]
    assert read_claims(token)["exp"] > time.time() + 11 * 3600
    me = app.ask("get", "/auth/me").json()
    assert (me["email"], me["role"]) == (engineer.email, "engineer")

    (model,) = app.ask("get", "/v1/models?device_type=pump").json()["models"]
    assert model["type"].startswith("level1")

    send_all(app, model["id"])
    stored = Analysis.objects.order_by("-created_at").first()
    result = app.ask("get", f"/mobile/result/{stored.pk}").json()
    assert result["status"] == "COMPLETED"
    assert result["result"]["label"] == stored.label
    assert result["result"]["score"] == stored.score
    assert result["result"]["details"]["noise_level"] == stored.quality["level_dbfs"]

    report = app.ask("get", "/mobile/report/pump-07").json()["data_package"]
    assert report["status"]["current_state"] == stored.label
    assert report["original_analysis_result"]["id"] == str(stored.pk)
    assert len(report["predictive_insight"]["anomaly_score_history"]) == 3

    feedback = {"feedback_status": "FALSE_POSITIVE", "feedback_comment": "Sounds fine."}
    answer = app.ask("post", f"/mobile/feedback/{stored.pk}", json=feedback)
    assert answer.json()["feedback_status"] == "FALSE_POSITIVE"
    assert stored.feedbacks.get().comment == "Sounds fine."


def test_an_engineer_stores_how_loud_a_machine_is(app, engineer, pump_7):
    app.login(engineer)
    samples = {"samples": [{"rms": 0.1}, {"rms": 0.1}]}
    assert app.ask("post", "/v1/devices/pump-07/calibrate", json=samples).status_code == 200
    shown = app.ask("get", "/v1/devices/pump-07/calibration").json()
    assert shown["reference_dbfs"] == pytest.approx(-20.0)
    later = app.upload(pump(), "later.wav", device_id="pump-07").json()
    details = app.ask("get", f"/mobile/result/{later['task_id']}").json()["result"]["details"]
    assert "reference level" in details["level_note"]


def test_an_administrator_keeps_the_devices(app, admin, pump_7):
    app.login(admin)
    new = {"device_id": "pump-08", "name": "Feed pump 8", "device_type": "pump", "location": "2"}
    assert app.ask("post", "/mobile/devices/", json=new).status_code == 201
    assert app.ask("post", "/mobile/devices/", json=new).status_code == 409
    with_slash = app.ask("get", "/mobile/devices/").json()
    assert [device["device_id"] for device in with_slash] == ["pump-07", "pump-08"]
    assert app.ask("get", "/mobile/devices").json() == with_slash
    assert with_slash[1]["status"] == "UNKNOWN"

    config = {"threshold_multiplier": 2.0, "sensitivity_level": "LOW"}
    answer = app.ask("patch", "/mobile/devices/pump-08/config", json=config)
    assert answer.json()["threshold_multiplier"] == 2.0

    (entry,) = LogEntry.objects.filter(object_id=str(with_slash[1]["id"]))
    assert (entry.user, "threshold_multiplier: 2.0" in entry.change_message) == (admin, True)

    assert app.ask("delete", "/mobile/devices/pump-08").status_code == 200
    assert app.ask("get", "/mobile/devices/pump-08").status_code == 404
    as_a_fan = new | {"device_type": "fan"}
    assert app.ask("post", "/mobile/devices/", json=as_a_fan).status_code == 409
    assert app.ask("post", "/mobile/devices/", json=new).status_code == 201
    assert Device.objects.get(device_id="pump-08").threshold_multiplier == 1
    unsorted = {"device_id": "nk-1", "model": "NK 80"}
    assert app.ask("post", "/mobile/devices/", json=unsorted).status_code == 201
    assert Device.objects.get(device_id="nk-1").machine_type_id == "unspecified"


def test_what_is_refused_is_a_sentence(app, engineer, pump_7):
    refused = app.login(engineer, "wrong")
    assert (refused.status_code, refused.json()["detail"]) == (401, "E-mail or password is wrong.")

    app.login(engineer)
    for answer, status in (
        (app.upload(pump(), "a.wav", device_id="pump-99"), 404),
        (app.upload(b"no sound", "a.wav", device_id="pump-07"), 415),
        (app.upload(pump(), "a.wav"), 422),
        (app.upload(pump(), "a.wav", device_id="pump-07", model_preference="level2"), 422),
        (app.upload(pump(), "a.wav", device_id="pump-07", model_preference="loud"), 400),
        (app.upload(pump(), "a.wav", device_id="pump-07", model_id="none"), 404),
        (app.ask("post", "/mobile/devices/", json={"device_id": "x"}), 403),
        (app.ask("delete", "/mobile/devices/pump-07"), 403),
        (app.ask("post", "/auth/signup", json={}), 403),
    ):
        assert answer.status_code == status, answer.text
        assert answer.json()["detail"].endswith(".")
    assert not Analysis.objects.exists()


def test_an_expired_token_is_refused(app, engineer):
    token = AccessToken.for_user(engineer)
    token.set_exp(from_time=token.current_time - timedelta(days=2))
    app.session.headers["Authorization"] = f"Bearer {token}"
    answer = app.ask("get", "/auth/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_not_valid")


def test_an_unknown_device_is_made_where_the_plant_says_so(app, engineer, pump_7, settings):
    settings.DEVICES_AUTOCREATE = True
    app.login(engineer)
    answer = app.upload(pump(), "a.wav", device_id="new-pump", model_id="pump_forest")
    assert answer.status_code == 200
    device = Device.objects.get(device_id="new-pump")
    assert device.machine_type_id == "pump"
    assert device.analyses.count() == 1

    device.retire()
    assert (
        app.upload(pump(), "a.wav", device_id="new-pump", model_id="pump_forest").status_code == 404
    )


def test_a_refused_recording_leaves_no_device(app, engineer, pump_7, settings):
    settings.DEVICES_AUTOCREATE = True
    app.login(engineer)
    answer = app.upload(b"no sound", "a.wav", device_id="new-pump", model_id="pump_forest")
    assert answer.status_code == 415
    assert not Device.objects.filter(device_id="new-pump").exists()


def test_people_register_where_the_plant_says_so(app, transactional_db, settings):
    settings.ALLOW_SIGNUP = True
    new = {"email": "Lee@plant.example", "username": "lee", "password": PASSWORD}
    assert app.ask("post", "/auth/signup", json=new | {"password": "short"}).status_code == 400
    made = app.ask("post", "/auth/signup", json=new)
    assert (made.status_code, made.json()["role"]) == (201, "user")
    assert app.ask("post", "/auth/signup", json=new).status_code == 409
    assert app.login(User.objects.get(email="lee@plant.example")).status_code == 200


def test_pages_of_other_origins_are_let_in_by_name_only(app, transactional_db, settings):
    asked = {"Origin": "https://app.plant.example"}
    allowed = "Access-Control-Allow-Origin"
    assert allowed not in app.ask("get", "/auth/me", headers=asked).headers
    settings.CORS_ALLOWED_ORIGINS = ["https://app.plant.example"]
    assert app.ask("get", "/auth/me", headers=asked).headers[allowed] == asked["Origin"]


def test_the_app_finds_its_default_of_level_one(app, engineer, pump_7, publish, admin):
    publish("a_first", type="level1_isolation_forest")
    pump_7.preferred_model.decide(Action.MAKE_DEFAULT, None, by=admin, why="the best")
    app.login(engineer)
    models = app.ask("get", "/v1/models", params={"device_type": "pump"}).json()["models"]
    of_level_one = [model for model in models if model["type"].startswith("level1")]
    assert {model["id"] for model in of_level_one} == {"a_first", "pump_forest"}
    (default,) = [model["id"] for model in of_level_one if model["is_default"]]
    assert default == "pump_forest"


def test_a_page_of_another_origin_may_ask_before_it_uploads(app, transactional_db, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://app.plant.example"]
    asked = {
        "Origin": "https://app.plant.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,idempotency-key",
    }
    answer = app.ask("options", "/mobile/upload", headers=asked)
    allowed = answer.headers["Access-Control-Allow-Headers"]
    assert {"authorization", "idempotency-key"} <= set(allowed.split(", "))
