"""Retention: the bytes of old recordings go, whatever happens on the way; the analyses stay."""

import os
from datetime import timedelta
from io import StringIO
from pathlib import PurePosixPath

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from analysis import retention
from analysis.models import Analysis, Recording
from tests.support.stored_analyses import create_analysis

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def retention_days(settings):
    settings.RECORDING_RETENTION_DAYS = 30


@pytest.fixture
def record(field_engineer, publish):
    """Keep an analysis and its recording, of some days ago."""
    version = publish()

    def create(*, days):
        recording = create_analysis(field_engineer, version).recording
        path = storages["recordings"].save(recording.path, ContentFile(b"sound"))
        Recording.objects.filter(pk=recording.pk).update(
            path=path, size_bytes=5, created_at=timezone.now() - timedelta(days=days)
        )
        recording.refresh_from_db()
        return recording

    return create


def run(*arguments, **options):
    output = StringIO()
    call_command("purge_recordings", *arguments, stdout=output, **options)
    return output.getvalue().replace("\xa0", " ")


def is_there(recording):
    return storages["recordings"].exists(recording.path)


def test_old_recordings_are_deleted_and_newer_ones_stay(record):
    old = record(days=31)
    fresh = record(days=29)
    assert run() == "Deleted 1 recording older than 30 days (5 bytes).\n"
    assert (is_there(old), is_there(fresh)) == (False, True)
    old.refresh_from_db()
    fresh.refresh_from_db()
    assert old.purged_at is not None
    assert fresh.purged_at is None


def test_analyses_stay_and_can_be_read(record, api):
    old = record(days=31)
    run()
    analysis = Analysis.objects.get(recording=old)
    assert api.get(f"/api/v1/analyses/{analysis.pk}").json()["label"] == "NORMAL"
    audio = api.get(f"/api/v1/analyses/{analysis.pk}/audio")
    assert (audio.status_code, audio.json()["detail"]) == (
        404,
        "The recording of this analysis is no longer kept.",
    )


def test_a_client_cannot_make_a_recording_older_than_it_is(record):
    fresh = record(days=1)
    Recording.objects.update(recorded_at=timezone.now() - timedelta(days=999))
    run()
    assert is_there(fresh)


def test_a_dry_run_reports_the_same_and_deletes_nothing(record):
    old = record(days=31)
    assert run("--dry-run") == "Would delete 1 recording older than 30 days (5 bytes).\n"
    old.refresh_from_db()
    assert is_there(old)
    assert old.purged_at is None


def test_a_second_run_finds_nothing(record):
    old = record(days=31)
    run()
    old.refresh_from_db()
    assert run() == "Deleted 0 recordings older than 30 days (0 bytes).\n"
    assert Recording.objects.get(pk=old.pk).purged_at == old.purged_at


def test_zero_days_is_for_ever(record, settings):
    settings.RECORDING_RETENTION_DAYS = 0
    old = record(days=9999)
    assert run() == "RECORDING_RETENTION_DAYS is 0: recordings are kept for ever.\n"
    assert is_there(old)


def test_a_crash_between_bytes_and_rows_is_mended_by_the_next_run(record):
    old = record(days=31)
    storages["recordings"].delete(old.path)
    run()
    old.refresh_from_db()
    assert old.purged_at is not None


@pytest.mark.parametrize("arguments", [(), ("--dry-run",)])
def test_it_goes_in_batches_and_misses_none(record, monkeypatch, arguments):
    monkeypatch.setattr(retention, "BATCH_SIZE", 2)
    for days in [31, 32, 32, 33, 34]:
        record(days=days)
    Recording.objects.update(created_at=timezone.now() - timedelta(days=31))  # all of one moment
    lines = run(*arguments, verbosity=2).splitlines()
    assert lines[:-1] == ["2 so far", "4 so far", "5 so far"]
    assert lines[-1].endswith("5 recordings older than 30 days (25 bytes).")


def test_a_file_that_cannot_be_deleted_is_reported_and_tried_again(record, monkeypatch):
    monkeypatch.setattr(retention, "BATCH_SIZE", 1)
    stuck = record(days=33)
    free = record(days=32)
    delete = storages["recordings"].delete

    def refuse_one(path):
        if path == stuck.path:
            raise PermissionError("the disk is read-only here")
        delete(path)

    with monkeypatch.context() as patch:
        patch.setattr(storages["recordings"], "delete", refuse_one)
        with pytest.raises(CommandError, match="1 could not be deleted"):
            run()
    assert (is_there(stuck), is_there(free)) == (True, False)
    assert "Deleted 1 recording " in run()
    assert not is_there(stuck)


def test_the_next_batch_is_found_by_the_index(record):
    last = record(days=31)
    rows = Recording.objects.stored().arrived_before(timezone.now()).page_after(last)[:10]
    if connection.vendor == "sqlite":
        assert (
            "SEARCH analysis_recording USING INDEX recording_oldest_kept (created_at>"
            in rows.explain()
        )


def make_old(path, days):
    then = (timezone.now() - timedelta(days=days)).timestamp()
    os.utime(path, (then, then))


def test_nothing_older_than_the_retention_stays_in_either_storage(record, media):
    """Files that rows know, halves of writes, files without rows, and what was set aside."""
    old = record(days=31)
    fresh = record(days=29)
    recordings = media / "recordings"
    leftovers = [".half.part", "2026/without a row.wav", "set_aside/1/2026/a.wav"]
    for name in leftovers:
        (recordings / name).parent.mkdir(parents=True, exist_ok=True)
        (recordings / name).write_bytes(b"sound")
        make_old(recordings / name, 31)
    (recordings / ".young.part").write_bytes(b"being written")

    assert "Would delete 3 files without a row" in run("--dry-run")
    assert "Deleted 3 files without a row" in run()
    left = {path.name for path in recordings.rglob("*") if path.is_file()}
    assert left == {".young.part", PurePosixPath(fresh.path).name}
    assert not is_there(old)
