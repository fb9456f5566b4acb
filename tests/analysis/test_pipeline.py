"""The pipeline: which model judges, and what is stored of its answer."""

import hashlib
import math
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.db.models import Model

from analysis import detectors, pipeline
from analysis.calibration_choice import EffectiveCalibration
from analysis.detectors.calibration import Calibration
from analysis.errors import InvalidArtifact, ModelRequired, Silent, UnknownDevice
from analysis.models import Analysis, Device, Recording
from analysis.pipeline import Stopwatch, analyze, apply_calibration, choose_model
from analysis.recordings import read_recording
from analysis.sound.audio import decode
from registry.cache import model_cache
from registry.errors import ArtifactUnavailable, ModelInactive, NoServingVersion, UnknownModel
from registry.models import RegisteredModel
from registry.storage import WriteOnceStorage
from tests.support.places import PROJECT
from tests.support.pump_sounds import BROKEN_BEARING, pump

pytestmark = pytest.mark.django_db
LEVEL1 = "level1_isolation_forest"
LEVEL2 = "level2_autoencoder"
LEVEL3 = "level3_mahalanobis"


@pytest.fixture
def user(field_engineer):
    return field_engineer


@pytest.fixture
def device():
    return Device.objects.create(device_id="pump-07", name="Pump 7", machine_type_id="pump")


@pytest.fixture
def default(publish):
    def publish_as_default(model_id, **columns):
        model = publish(model_id, **columns).registered_model
        model.make_default(by=None)
        return model

    return publish_as_default


def prefer(device, model):
    device.preferred_model = model
    device.save()


def stored_files():
    return [path for path in Path(storages["recordings"].location).rglob("*") if path.is_file()]


# Which model


def test_a_given_model_wins_over_the_device_and_its_level(device, default, publish):
    prefer(device, default("own", type=LEVEL1))
    asked = publish("asked", type=LEVEL2).registered_model
    assert choose_model("asked", device, 1) == asked


def test_a_device_is_judged_by_its_preferred_model(device, default, publish):
    default("default")
    own = publish("own", type=LEVEL2).registered_model
    prefer(device, own)
    assert choose_model(None, device, None) == own
    assert choose_model(None, device, 2) == own


def test_another_level_than_the_preferred_models_means_the_default_of_that_level(
    device, default, publish
):
    prefer(device, publish("own", type=LEVEL2).registered_model)
    level1 = default("default1", type=LEVEL1)
    assert choose_model(None, device, 1) == level1


def test_without_a_preference_the_highest_level_that_has_a_default_answers(
    device, default, publish
):
    default("default1", type=LEVEL1)
    level2 = default("default2", type=LEVEL2)
    publish("no_default", type=LEVEL3)
    assert choose_model(None, device, None) == level2
    assert list(RegisteredModel.objects.recommended()) == [level2]


def test_each_machine_type_has_a_recommended_model_of_its_own(default):
    default("pump2", type=LEVEL2)
    default("fan1", type=LEVEL1, machine_type="fan")
    default("pump1", type=LEVEL1)
    recommended = RegisteredModel.objects.recommended()
    assert set(recommended.values_list("pk", flat=True)) == {"pump2", "fan1"}


def test_a_default_of_another_machine_type_is_no_candidate(device, default):
    default("default")
    device.machine_type_id = "fan"
    with pytest.raises(ModelRequired):
        choose_model(None, device, None)


def test_a_level_without_a_default_is_not_filled_by_another_level(device, default):
    default("default1", type=LEVEL1)
    with pytest.raises(ModelRequired):
        choose_model(None, device, 2)


def test_nothing_named_is_no_model(default):
    default("default")
    with pytest.raises(ModelRequired):
        choose_model(None, None, 1)


def test_an_inactive_preferred_model_is_an_error_and_not_another_model(
    user, device, default, publish
):
    default("default")
    own = publish("own").registered_model
    own.deactivate(by=None)
    prefer(device, own)
    with pytest.raises(ModelInactive):
        analyze(pump(), user=user, device_id="pump-07")


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"model_id": "nobody"}, UnknownModel),
        ({"device_id": "nowhere"}, UnknownDevice),
        ({"model_id": "unserved"}, NoServingVersion),
        ({}, ModelRequired),
    ],
)
def test_a_model_that_cannot_be_asked_is_named_before_the_sound_is_read(
    user, publish, asked, error
):
    publish("unserved", serve=False)
    with pytest.raises(error):
        analyze(b"not even sound", user=user, **asked)


# What is stored


def test_the_row_names_the_exact_version_and_its_thresholds(
    user, pump_version, device, pump_artifact
):
    analysis = analyze(pump(), user=user, model_id="pump_forest", device_id="pump-07")
    analysis.refresh_from_db()
    calibration = detectors.read(pump_artifact).calibration
    assert (analysis.version, analysis.owner, analysis.device) == (pump_version, user, device)
    assert analysis.serving_sha256 == pump_version.files.get(role="serving").sha256
    assert (analysis.warning_threshold, analysis.critical_threshold) == (
        calibration.warning,
        calibration.critical,
    )
    assert (analysis.calibration_method, analysis.calibration_n) == (
        calibration.method,
        calibration.n,
    )
    assert analysis.label == calibration.label(analysis.anomaly_score)
    assert analysis.p_value == calibration.compute_p_value(analysis.anomaly_score)


def test_the_score_is_the_detectors_to_the_last_bit(user, pump_version, pump_artifact):
    analysis = analyze(pump(), user=user, model_id="pump_forest")
    analysis.refresh_from_db()
    prediction = detectors.read(pump_artifact).predict(decode(pump()).waveform)
    assert analysis.anomaly_score == prediction.anomaly_score


def test_a_broken_bearing_scores_higher_than_a_healthy_pump(user, pump_version):
    healthy = analyze(pump(), user=user, model_id="pump_forest")
    broken = analyze(pump(fault=BROKEN_BEARING), user=user, model_id="pump_forest")
    assert healthy.label == "NORMAL"
    assert broken.label != "NORMAL"
    assert broken.health_score < healthy.health_score


def test_the_bytes_are_stored_unchanged_under_a_path_of_ours(user, pump_version):
    content = pump()
    recording = analyze(
        content, user=user, model_id="pump_forest", original_name="../../etc/passwd"
    ).recording
    with storages["recordings"].open(recording.path) as stored:
        assert stored.read() == content
    assert recording.path == f"{recording.created_at:%Y/%m}/{recording.id}.wav"
    assert recording.sha256 == hashlib.sha256(content).hexdigest()
    assert recording.size_bytes == len(content)
    assert recording.original_name == "../../etc/passwd"


def test_a_promotion_applies_to_the_next_recording(user, pump_version, publish, pump_artifact):
    assert analyze(pump(), user=user, model_id="pump_forest").version == pump_version
    second = publish("pump_forest", type=LEVEL1, content=pump_artifact)
    assert analyze(pump(), user=user, model_id="pump_forest").version == second


def test_a_version_is_loaded_once(user, pump_version):
    before = model_cache.get_statistics().loads
    for seed in (1, 2, 3):
        analyze(pump(seed), user=user, model_id="pump_forest")
    assert model_cache.get_statistics().loads == before + 1


def test_rows_that_the_database_refuses_leave_no_bytes(user, pump_version, monkeypatch):
    before = stored_files()
    monkeypatch.setattr(Calibration, "label", lambda *_: "PERHAPS")
    with pytest.raises(IntegrityError):
        analyze(pump(), user=user, model_id="pump_forest")
    assert stored_files() == before
    assert not Recording.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_error_after_the_commit_leaves_the_bytes(user, pump_version, monkeypatch):
    def save_and_fail_later(analysis, **options):
        Model.save(analysis, **options)
        transaction.on_commit(lambda: 1 / 0)

    monkeypatch.setattr(Analysis, "save", save_and_fail_later)
    with pytest.raises(ZeroDivisionError):
        analyze(pump(), user=user, model_id="pump_forest")
    assert read_recording(Analysis.objects.get().recording) == pump()


def test_recordings_that_cannot_be_written_are_named(api, pump_version, media):
    (media / "recordings").write_text("a file where the folder should be")
    form = {"file": ContentFile(pump(), "a.wav"), "model_id": "pump_forest"}
    response = api.post("/api/v1/analyses", form, format="multipart")
    assert response.status_code == 503
    assert response.json() == {
        "code": "artifact_unavailable",
        "detail": "The recording could not be stored.",
    }
    assert not Recording.objects.exists()


def test_a_storage_of_recordings_that_fails_in_its_own_way_is_named(
    user, pump_version, monkeypatch
):
    class EndpointConnectionError(Exception):
        """What no OSError is."""

    def refuse(*_):
        raise EndpointConnectionError

    monkeypatch.setattr(WriteOnceStorage, "_save", refuse)
    with pytest.raises(ArtifactUnavailable):
        analyze(pump(), user=user, model_id="pump_forest")
    assert not Recording.objects.exists()


def test_a_refused_recording_is_not_stored(user, pump_version):
    before = stored_files()
    with pytest.raises(Silent):
        analyze(pump()[:44] + bytes(64_000), user=user, model_id="pump_forest")
    assert stored_files() == before
    assert not Analysis.objects.exists()


def test_a_score_that_is_no_number_is_no_verdict(pump_artifact):
    with pytest.raises(InvalidArtifact):
        apply_calibration(
            EffectiveCalibration(detectors.read(pump_artifact).calibration, None), math.nan
        )


@pytest.mark.slow
def test_an_analysis_imports_nothing_that_trains(tmp_path, pump_artifact):
    (tmp_path / "artifact.npz").write_bytes(pump_artifact)
    (tmp_path / "pump.wav").write_bytes(pump())
    environ = os.environ | {
        "MEDIA_ROOT": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/test.sqlite3",
    }
    script = [sys.executable, "-c", ANALYSE_IN_A_FRESH_PROCESS, str(tmp_path)]
    done = subprocess.run(script, env=environ, capture_output=True, text=True, cwd=PROJECT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["201"]


ANALYSE_IN_A_FRESH_PROCESS = """
import os, sys
from pathlib import Path
os.environ["DJANGO_SETTINGS_MODULE"] = "signalcraft.settings"
folder = Path(sys.argv[1])
from signalcraft.wsgi import application
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from rest_framework.test import APIClient
call_command("migrate", verbosity=0)
from accounts.models import User
from registry import storage
from registry.models import NewModel, NewVersion, RegisteredModel
from registry.storage import ArtifactFile
content = (folder / "artifact.npz").read_bytes()
files = storage.write_files("pump", [ArtifactFile("serving", "pump.npz", content)])
version = NewVersion(
    files=files, dataset_path="tests", dataset_fingerprint="0" * 64, sample_count=25
)
model = NewModel(id="pump", type="level1_isolation_forest", machine_type="pump")
RegisteredModel.objects.publish(model, version, serve=True, by=None)
client = APIClient(headers={"host": "localhost"})
kim = User.objects.create(username="kim", email="kim@plant.example", is_superuser=True)
client.force_authenticate(kim)
file = SimpleUploadedFile("pump.wav", (folder / "pump.wav").read_bytes())
form = {"file": file, "model_id": "pump"}
print(client.post("/api/v1/analyses", form, format="multipart").status_code)
print(*sys.modules.keys() & {"torch", "sklearn", "librosa", "matplotlib", "scipy.signal"})
"""


def test_only_so_many_compute_at_once(monkeypatch):
    monkeypatch.setattr(pipeline, "places_to_compute", threading.BoundedSemaphore(2))
    running: list[int] = []
    most: list[int] = []

    def compute(number):
        with pipeline.take_place(Stopwatch()):
            running.append(number)
            most.append(len(running))
            time.sleep(0.02)
            running.remove(number)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(compute, range(16)))
    assert max(most) == 2
