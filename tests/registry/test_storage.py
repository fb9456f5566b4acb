"""The bytes of versions: written once and whole, read back unchanged or not at all."""

import hashlib
import os
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from registry import storage
from registry.errors import ArtifactCorrupt, ArtifactUnavailable, InvalidName
from registry.storage import ArtifactFile, write_files

SERVING = ArtifactFile("serving", "pump.npz", b"a detector")


@pytest.fixture
def artifacts(media):
    return media / "artifacts"


def files_below(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_stored_files_say_where_and_what_they_are(artifacts):
    [stored] = write_files("pump_a", [SERVING])
    assert (stored.role, stored.name, stored.size) == ("serving", "pump.npz", 10)
    assert stored.sha256 == hashlib.sha256(b"a detector").hexdigest()
    assert (artifacts / stored.path).read_bytes() == b"a detector"


def test_files_of_a_version_lie_together_below_the_model():
    scaler = ArtifactFile("scaler", "scaler.pkl", b"")
    first, second = write_files("pump_a", [SERVING, scaler])
    assert first.path.split("/")[:3] == second.path.split("/")[:3]
    assert first.path.startswith("models/pump_a/")


def test_a_path_is_never_reused():
    paths = {write_files("pump_a", [SERVING])[0].path for _ in range(3)}
    assert len(paths) == 3


def test_nothing_is_overwritten(artifacts):
    storages["artifacts"].save("a/b", ContentFile(b"first"))
    with pytest.raises(FileExistsError):
        storages["artifacts"].save("a/b", ContentFile(b"second"))
    assert [path.read_bytes() for path in files_below(artifacts)] == [b"first"]


def test_a_write_that_breaks_off_leaves_nothing(artifacts):
    class Breaking(ContentFile):
        def chunks(self, chunk_size=None):
            yield b"half"
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        storages["artifacts"].save("a/b", Breaking(b""))
    assert files_below(artifacts) == []


def test_a_file_appears_whole_under_its_name(artifacts, monkeypatch):
    seen = []
    replace = os.replace

    def look_then_replace(source, target):
        seen.append((Path(source).read_bytes(), target.read_bytes()))
        replace(source, target)

    monkeypatch.setattr(os, "replace", look_then_replace)
    storages["artifacts"].save("a/b", ContentFile(b"whole"))
    assert seen == [(b"whole", b"")]


@pytest.mark.skipif(
    not os.path.isdir("/proc/self/fd"), reason="Names of open folders are read from Linux' /proc."
)
def test_folders_are_made_durable_up_to_the_root_once(monkeypatch):
    folders = []
    fsync = os.fsync

    def watched(descriptor):
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        folders.extend([path.name] if path.is_dir() else [])
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    recordings = storages["recordings"]
    recordings.save("2026/11/one.wav", ContentFile(b"one"))
    recordings.save("2026/11/two.wav", ContentFile(b"two"))
    assert folders == ["11", "2026", "recordings", "11"]


@pytest.mark.parametrize(
    "name", ["../x", "a/b", "a\\b", "..", ".hidden", "", "x\x00", "a b", "C:x", "x" * 201]
)
def test_a_file_name_is_no_path(artifacts, name):
    with pytest.raises(InvalidName):
        write_files("pump_a", [ArtifactFile("serving", name, b"")])
    assert not artifacts.exists()


@pytest.mark.parametrize(
    "name", ["con", "NUL.npz", "aux.tar.gz", "Prn", "com1.npz", "lpt9", "COM¹", "pump.npz.", "p."]
)
def test_a_file_name_is_one_on_windows_too(artifacts, name):
    with pytest.raises(InvalidName, match="Windows"):
        write_files("pump_a", [ArtifactFile("serving", name, b"")])
    assert not artifacts.exists()


@pytest.mark.parametrize("name", ["console.npz", "com.npz", "pump.con", "com10.npz", "펌프.npz"])
def test_a_name_that_only_looks_like_a_device_is_fine(name):
    [stored] = write_files("pump_a", [ArtifactFile("serving", name, b"")])
    assert stored.path.endswith(f"/{name}")


def test_a_model_id_is_no_path(artifacts):
    with pytest.raises(InvalidName, match="small letters"):
        write_files("../../x", [SERVING])
    assert not artifacts.exists()


def test_two_files_of_a_version_need_two_names():
    with pytest.raises(InvalidName, match="have the same name"):
        write_files("pump_a", [SERVING, ArtifactFile("scaler", "PUMP.npz", b"")])


def test_a_file_has_a_largest_size(monkeypatch):
    monkeypatch.setattr(storage, "MAX_FILE_BYTES", 9)
    with pytest.raises(InvalidName, match="more than 9 bytes"):
        write_files("pump_a", [SERVING])


def test_a_folder_that_cannot_be_written_is_named(media):
    (media / "artifacts").write_text("a file where the folder should be")
    with pytest.raises(ArtifactUnavailable, match="could not be stored"):
        write_files("pump_a", [SERVING])


def test_a_remote_storage_that_fails_in_its_own_way_is_named(monkeypatch):
    class EndpointConnectionError(Exception):
        """What no OSError is."""

    def refuse(*_):
        raise EndpointConnectionError("https://storage.plant.example:9000")

    monkeypatch.setattr(storage.WriteOnceStorage, "_save", refuse)
    with pytest.raises(ArtifactUnavailable) as caught:
        write_files("pump_a", [SERVING])
    assert str(caught.value) == "pump.npz could not be stored."
    assert isinstance(caught.value.__cause__, EndpointConnectionError)


def test_read_gives_the_bytes_of_a_role(publish):
    version = publish(content=b"a detector")
    assert version.read_file("serving") == b"a detector"
    assert version.read_file("sidecar") == b"{}"


def test_a_role_without_a_file_is_unavailable(publish):
    with pytest.raises(ArtifactUnavailable, match="no scaler"):
        publish().read_file("scaler")


@pytest.mark.parametrize("damaged", [b"A detector", b"a detecto", b"a detector and more", b""])
def test_bytes_that_changed_are_corrupt(publish, artifacts, damaged):
    version = publish(content=b"a detector")
    (artifacts / version.find_file("serving").path).write_bytes(damaged)
    with pytest.raises(ArtifactCorrupt):
        version.read_file("serving")


def test_bytes_that_are_gone_are_unavailable_and_the_path_stays_ours(publish, artifacts):
    version = publish()
    path = version.find_file("serving").path
    (artifacts / path).unlink()
    with pytest.raises(ArtifactUnavailable) as caught:
        version.read_file("serving")
    assert path not in str(caught.value)
    assert isinstance(caught.value.__cause__, FileNotFoundError)
