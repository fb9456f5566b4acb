"""Backup under a running server, and restore: into nothing, over ruins, never over a server."""

import json
import os
import subprocess
import sys
import threading

import psycopg
import pytest
from django.core.management import CommandError, call_command

from analysis.models import Recording
from signalcraft.backup import backup, server_lock
from tests.support.places import PROJECT

FILL = """
import hashlib
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from analysis.models import Recording
from accounts.models import User
from registry import storage
from registry.models import NewModel, NewVersion, RegisteredModel
User.objects.create_user("engineer", "engineer@plant.example", "correct horse battery")
files = [storage.ArtifactFile("serving", "d.npz", b"a detector"),
         storage.ArtifactFile("sidecar", "d_meta.json", b"{}")]
version = NewVersion(files=storage.write_files("pump_a", files), dataset_path="", sample_count=4,
                     dataset_fingerprint="0" * 64, parameters={}, metrics={})
RegisteredModel.objects.publish(
    NewModel(id="pump_a", type="level1_forest", machine_type="pump"), version, serve=True, by=None)
for n in range(5):
    content = bytes([n]) * 1000
    path = storages["recordings"].save(f"2026/{n}.wav", ContentFile(content))
    digest = hashlib.sha256(content).hexdigest()
    Recording.objects.create(path=path, sha256=digest, size_bytes=len(content))
"""
COUNT = """
import json
from core.triggers import find_missing_triggers
from analysis.models import Recording
from accounts.models import User
from registry.models import ModelVersion
print(json.dumps([
    User.objects.count(), ModelVersion.objects.count(), Recording.objects.count(),
    len(find_missing_triggers()),
]))
"""
EXPECTED = [1, 1, 5, 0]


class Server:
    """A folder of a server's own, used by commands."""

    def __init__(self, media, **environment):
        self.media = media
        self.environment = os.environ | {"MEDIA_ROOT": str(media), "LOG_LEVEL": "ERROR"}
        self.environment |= environment

    def manage(self, *arguments, fails=False):
        ran = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert (ran.returncode != 0) is fails, ran.stderr
        return ran.stderr if fails else ran.stdout

    def fill(self):
        self.manage("migrate", "--noinput", "--verbosity=0")
        self.manage("shell", "--verbosity=0", "-c", FILL)

    def count(self):
        return json.loads(self.manage("shell", "--verbosity=0", "-c", COUNT))

    def files(self):
        return {
            str(path.relative_to(self.media)): path.read_bytes()
            for alias in ("artifacts", "recordings")
            for path in sorted((self.media / alias).rglob("*"))
            if path.is_file()
        }


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    filled = Server(tmp_path_factory.mktemp("server"))
    filled.fill()
    return filled


@pytest.fixture(scope="module")
def backed_up(server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("backup") / "new"
    told = server.manage("backup", str(folder))
    assert "verified by digest" in told
    assert ".env is not in it" in told
    return folder


@pytest.mark.slow
def test_everything_is_restored_into_an_empty_folder(server, backed_up, tmp_path):
    restored = Server(tmp_path / "empty")
    assert "Restored the backup" in restored.manage("restore", str(backed_up))
    assert restored.count() == EXPECTED
    assert restored.files() == server.files()
    assert "damaged" not in restored.manage("registry_doctor", fails=True)  # artifacts are dummies


@pytest.mark.slow
def test_a_crashed_server_is_replaced_with_all_that_lay_beside_its_database(
    server, backed_up, tmp_path
):
    crashed = Server(tmp_path / "crashed")
    crashed.fill()
    database = crashed.media / "signalcraft.sqlite3"
    database.write_bytes(b"half of a database")
    wal = crashed.media / "signalcraft.sqlite3-wal"
    wal.write_bytes(os.urandom(50_000))
    (crashed.media / "recordings/2026/0.wav").write_bytes(b"")  # the crash left an empty file
    told = crashed.manage("restore", str(backed_up))
    assert "The database that was there is in" in told
    assert crashed.count() == EXPECTED
    assert crashed.files().items() >= server.files().items()
    (replaced,) = crashed.media.glob("replaced-*")
    assert {path.name for path in replaced.iterdir()} >= {database.name, wal.name}


@pytest.mark.slow
def test_an_interrupted_restore_is_finished_by_the_next(backed_up, tmp_path):
    half = Server(tmp_path / "half")
    half.media.mkdir()
    (half.media / "signalcraft.sqlite3.restored").write_bytes(b"half a copy")
    half.manage("restore", str(backed_up))
    half.manage("restore", str(backed_up))
    assert half.count() == EXPECTED


@pytest.mark.slow
def test_nothing_is_restored_over_a_running_server(server, backed_up):
    lock = server_lock.share(server.media)
    with lock:
        assert "A server runs" in server.manage("restore", str(backed_up), fails=True)
    assert server.count() == EXPECTED


@pytest.mark.slow
def test_a_damaged_backup_is_refused_before_anything_is_touched(server, tmp_path):
    server.manage("backup", str(tmp_path / "new"))
    (tmp_path / "new/recordings/2026/3.wav").write_bytes(b"something else")
    empty = Server(tmp_path / "empty")
    assert "recordings/2026/3.wav" in empty.manage("restore", str(tmp_path / "new"), fails=True)
    assert not (empty.media / "signalcraft.sqlite3").exists()


@pytest.mark.slow
def test_postgresql_is_dumped_and_restored(postgresql, tmp_path):
    server = Server(tmp_path / "one", DATABASE_URL=postgresql)
    server.fill()
    server.manage("backup", str(tmp_path / "backup"))
    server.manage("shell", "-c", "Recording.objects.all().delete()")
    server.manage("restore", str(tmp_path / "backup"))
    assert server.count() == EXPECTED


@pytest.mark.slow
@pytest.mark.parametrize(("stays_s", "is_refused"), [(1, False), (60, True)])
def test_who_leaves_is_waited_for_and_who_stays_is_named(postgresql, tmp_path, stays_s, is_refused):
    server = Server(tmp_path / "one", DATABASE_URL=postgresql)
    server.manage("migrate", "--verbosity=0")
    server.manage("backup", str(tmp_path / "backup"))
    other = psycopg.connect(postgresql)
    leaving = threading.Timer(stays_s, other.close)
    leaving.start()
    try:
        told = server.manage("restore", str(tmp_path / "backup"), fails=is_refused)
    finally:
        leaving.cancel()
        other.close()
    assert ("The database is in use (other connections: 1)." in told) is is_refused


# In this process


@pytest.fixture
def a_recording(db, media):
    from django.core.files.base import ContentFile
    from django.core.files.storage import storages

    path = storages["recordings"].save("2026/a.wav", ContentFile(b"sound"))
    digest = "71a0a79a2a8a9ba8f6bd4b0a1f0dcdc3e0e3c4b9b0b5f5b0e2dd0e0e0e0e0e0e"
    return Recording.objects.create(path=path, sha256=digest, size_bytes=5)


@pytest.mark.django_db
def test_a_backup_of_damaged_bytes_is_refused_and_named(a_recording, tmp_path):
    with pytest.raises(CommandError, match=r"recordings/2026/a\.wav is not what was stored"):
        call_command("backup", tmp_path / "new")
    assert not (tmp_path / "new/manifest.json").exists()


@pytest.mark.django_db
def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other/photo.jpg").touch()
    with pytest.raises(CommandError, match=r"not empty: there is"):
        call_command("backup", tmp_path / "other")


@pytest.mark.django_db
def test_space_is_looked_at_before_the_first_byte(tmp_path, monkeypatch):
    class Usage:
        free = 10

    monkeypatch.setattr(backup.shutil, "disk_usage", lambda folder: Usage)
    with pytest.raises(CommandError, match=r"has 10 free"):
        call_command("backup", tmp_path / "new")
    assert list((tmp_path / "new").iterdir()) == []


def test_a_folder_without_a_list_is_no_backup(tmp_path, media):
    with pytest.raises(CommandError, match=r"holds no finished backup"):
        call_command("restore", tmp_path / "nothing")
