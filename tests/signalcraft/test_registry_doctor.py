"""The doctor finds where rows and bytes disagree, and mends it without losing anything."""

import errno
import io
import os
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from analysis import detectors
from analysis.models import CalibrationRecord, Recording
from core.triggers import drop_triggers
from registry.models import ModelVersion, Promotion, RegisteredModel
from signalcraft import doctor
from tests.support.stored_analyses import create_analysis

pytestmark = pytest.mark.django_db


@pytest.fixture
def healthy(publish, pump_artifact):
    return publish("pump_a", type="level1_isolation_forest", content=pump_artifact)


def consult(status=0, **options):
    """What the doctor says; `status` is what it must end with."""
    said = io.StringIO()
    try:
        call_command("registry_doctor", stdout=said, **options)
        ended = 0
    except SystemExit as exc:
        ended = exc.code
    assert ended == status, said.getvalue()
    return said.getvalue()


def where(media, version, role="serving"):
    return media / "artifacts" / version.find_file(role).path


def set_aside(storage, path):
    """What lies below set_aside/ of what was at this path."""
    return [kept.read_bytes() for kept in storage.glob(f"set_aside/*/{path}")]


def grow_old(path):
    long_ago = time.time() - 2 * doctor.MIN_AGE / timedelta(seconds=1)
    os.utime(path, (long_ago, long_ago))


def test_a_healthy_registry_is_told_so(healthy):
    assert consult() == "No problems: rows and files agree.\n"


def test_a_row_without_bytes_is_found_and_stays_found(healthy, media):
    where(media, healthy).unlink()
    for options in [{}, {"fix": True}]:
        assert "row without bytes: detector.npz of pump_a v1" in consult(1, **options)


def test_bytes_that_are_not_those_published_are_found(healthy, media):
    where(media, healthy, "exchange").write_bytes(b"something else")
    assert "digest mismatch: detector.pth of pump_a v1" in consult(1)


def test_a_version_that_this_release_cannot_read_is_found(publish):
    publish("pump_a", content=b"of another time")
    assert "not readable by this release: pump_a v1" in consult(1)


def test_bytes_without_a_row_are_set_aside_once_they_are_old(healthy, media):
    path = "models/pump_a/0123/detector.npz"
    storages["artifacts"].save(path, ContentFile(b"lost"))
    consult()
    grow_old(media / "artifacts" / path)
    assert f"bytes without a row: artifacts: {path}" in consult(1)
    assert "repaired: moved to set_aside" in consult(fix=True)
    assert set_aside(media / "artifacts", path) == [b"lost"]
    assert not (media / "artifacts" / path).exists()
    consult()


def test_the_same_path_is_set_aside_again(healthy, media):
    """As after a run that was interrupted when the copy was made and the bytes not yet gone."""
    path = "models/pump_a/0123/detector.npz"
    for _ in range(2):
        storages["artifacts"].save(path, ContentFile(b"lost"))
        grow_old(media / "artifacts" / path)
        consult(fix=True)
    assert set_aside(media / "artifacts", path) == [b"lost", b"lost"]


def test_a_file_that_goes_while_the_doctor_looks_is_none(healthy, media, monkeypatch):
    path = "models/pump_a/0123/detector.npz"
    artifacts = storages["artifacts"]
    artifacts.save(path, ContentFile(b"half of it"))

    def ask_too_late(name):
        (media / "artifacts" / name).unlink()
        return type(artifacts).get_modified_time(artifacts, name)

    monkeypatch.setattr(artifacts, "get_modified_time", ask_too_late)
    consult()


def test_what_cannot_be_opened_keeps_nothing_else_from_being_examined(
    healthy, publish, monkeypatch, media
):
    broken = publish("pump_b")
    artifacts = storages["artifacts"]
    where(media, broken).write_bytes(b"something else")

    def refuse(name, mode="rb"):
        if name == healthy.find_file("exchange").path:
            raise PermissionError(errno.EACCES, "Permission denied")
        return type(artifacts).open(artifacts, name, mode)

    monkeypatch.setattr(artifacts, "open", refuse)
    said = consult(1)
    assert "cannot be read (Permission denied): detector.pth of pump_a v1" in said
    assert "digest mismatch: detector.npz of pump_b v1" in said


def test_a_version_without_a_serving_file_is_told(healthy):
    columns = {"dataset_path": "", "dataset_fingerprint": "", "sample_count": 1}
    ModelVersion.objects.create(registered_model=healthy.registered_model, number=2, **columns)
    assert "cannot be read: pump_a v2 has no serving file." in consult(1)


def test_what_a_storage_cannot_mend_is_left_and_told(healthy, media, monkeypatch):
    path = "models/pump_a/0123/detector.npz"
    storages["artifacts"].save(path, ContentFile(b"lost"))
    grow_old(media / "artifacts" / path)

    def refuse(*_arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storages["artifacts"], "save", refuse)
    assert "left: No space left on device" in consult(1, fix=True)
    assert (media / "artifacts" / path).read_bytes() == b"lost"


def test_history_that_nothing_guards_is_told_and_guarded_again(healthy):
    drop_triggers()
    assert "history can be changed: no trigger registry_keeps_" in consult(1)
    assert "repaired: the triggers were created again" in consult(fix=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        connection.cursor().execute("DELETE FROM registry_promotion")
    consult()


def test_a_recording_that_no_row_knows_is_set_aside_too(healthy, media):
    storages["recordings"].save("2026/01/x.wav", ContentFile(b"sound"))
    grow_old(media / "recordings" / "2026/01/x.wav")
    consult(fix=True)
    assert set_aside(media / "recordings", "2026/01/x.wav") == [b"sound"]


def test_a_default_that_cannot_serve_gives_the_default_up_and_the_log_says_why(healthy, media):
    healthy.registered_model.make_default(by=None)
    where(media, healthy).write_bytes(b"broken")
    said = consult(1, fix=True)
    problem = "default that cannot serve: pump_a serves a version that cannot be read"
    assert f"{problem} - repaired" in said
    assert not RegisteredModel.objects.defaults().exists()
    assert Promotion.objects.first().why == doctor.WHY


def test_a_protected_default_is_left_to_its_curators(healthy, media, curator):
    healthy.registered_model.make_default(by=None)
    healthy.registered_model.protect(by=curator)
    where(media, healthy).write_bytes(b"broken")
    assert "left: Model pump_a is protected" in consult(1, fix=True)
    assert RegisteredModel.objects.defaults().exists()


@pytest.fixture
def mute(publish, pump_artifact, monkeypatch):
    """A version whose artifact brings no calibration, and what it would be calibrated to."""
    version = publish("pump_b", type="level1_isolation_forest", content=pump_artifact)
    artifact = detectors.read(pump_artifact)
    monkeypatch.setattr(
        doctor.detectors, "read", lambda content: replace(artifact, calibration=None)
    )
    return version, artifact.calibration


@pytest.mark.parametrize("is_default", [False, True])
def test_what_serves_without_a_calibration_cannot_give_verdicts(mute, curator, is_default):
    version, calibration = mute
    if is_default:
        version.registered_model.make_default(by=None)
    named = (
        f"cannot give verdicts: {'the default ' if is_default else ''}pump_b v1 has no calibration"
    )
    assert named in consult(1)
    assert f"left: {doctor.CALIBRATE}" in consult(1, fix=True)
    record = CalibrationRecord.record(calibration, version=version, by=None)
    consult()
    record.undo(by=curator)
    assert named in consult(1)


def test_what_does_not_serve_needs_no_calibration(mute, publish, pump_artifact):
    version, _ = mute
    version.registered_model.deactivate(by=None)
    publish("pump_c", type="level1_isolation_forest", content=pump_artifact, serve=False)
    consult()


def test_a_recording_without_an_analysis_is_forgotten_and_its_bytes_kept(healthy, media):
    storages["recordings"].save("a.wav", ContentFile(b"sound"))
    Recording.objects.create(path="a.wav", sha256="0" * 64, size_bytes=5)
    assert "recording without an analysis" in consult(1)
    consult(fix=True)
    assert not Recording.objects.exists()
    assert set_aside(media / "recordings", "a.wav") == [b"sound"]


def test_a_recording_whose_bytes_are_gone_is_found_unless_they_were_purged(healthy, curator):
    recording = create_analysis(curator, healthy).recording
    assert f"row without bytes: recording {recording.pk}" in consult(1)
    Recording.objects.mark_purged()
    consult()
