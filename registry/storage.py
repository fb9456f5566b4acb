"""Bytes of versions: written once to a path of their own, checked against their digest when read."""

import hashlib
import os
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages

from registry.errors import ArtifactCorrupt, ArtifactUnavailable, InvalidName
from registry.names import check_file_name, check_model_id

if TYPE_CHECKING:
    from registry.models.versions import ModelVersion, VersionFile

MAX_FILE_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ArtifactFile:
    """A file of a version that is to be stored."""

    role: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a version that is stored, and what its bytes must be."""

    role: str
    name: str
    path: str
    sha256: str
    size: int


class WriteOnceStorage(FileSystemStorage):
    """Files appear whole or not at all, and are never overwritten."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._durable: set[Path] = set()

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name  # Django would invent another one; _save refuses instead.

    def _save(self, name: str, content: Any) -> str:
        final = Path(self.path(name))
        final.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=final.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, self.file_permissions_mode or 0o644)
            # Taking the name first fails, on every system, if there is one already. A crash before the
            # next line leaves an empty file that no row knows.
            final.touch(exist_ok=False)
            os.replace(temporary, final)
        finally:
            Path(temporary).unlink(missing_ok=True)
        self._fsync_folders(final.parent)
        return name.replace("\\", "/")

    def _fsync_folders(self, folder: Path) -> None:
        """Make the new names durable: up to the root where this process meets a folder first, for it may be new."""
        if os.name == "nt":
            return  # Windows opens no folders.
        root = Path(self.location)
        for place in [folder, *folder.parents]:
            descriptor = os.open(place, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            if place == root or folder in self._durable:
                break
        self._durable.add(folder)


def get_artifact_storage() -> Storage:
    """The storage that holds the files of versions."""
    return storages["artifacts"]


def write_files(model_id: str, files: Sequence[ArtifactFile]) -> tuple[StoredFile, ...]:
    """Store the files of one version below a path that is never reused; no row, no lock."""
    check_model_id(model_id)
    _check_files(files)
    folder = f"models/{model_id}/{uuid.uuid4().hex}"
    return tuple(_write(folder, file) for file in files)


def read(version: "ModelVersion", role: str = "serving") -> bytes:
    """Read a file of a version; the bytes are those that were published, or it is an error."""
    return read_file(version.get_file(role))


def read_file(file: "VersionFile") -> bytes:
    """Read one of a version's files; the bytes are those that were published, or it is an error."""
    what = f"The {file.role} file of {file.version}"
    content = _fetch(file, what)
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise ArtifactCorrupt(f"{what} is not the one that was published.")
    return content


def _check_files(files: Sequence[ArtifactFile]) -> None:
    for file in files:
        check_file_name(file.name)
        if len(file.content) > MAX_FILE_BYTES:
            raise InvalidName(f"{file.name} has more than {MAX_FILE_BYTES} bytes.")
    # Some file systems do not tell small letters from capitals.
    if len({file.name.casefold() for file in files}) < len(files):
        raise InvalidName("Every file of a version needs a name of its own.")


def _write(folder: str, file: ArtifactFile) -> StoredFile:
    try:
        path = get_artifact_storage().save(f"{folder}/{file.name}", ContentFile(file.content))
    except Exception as exc:  # every remote storage fails in its own kinds of errors
        # The system's reason is for whoever has to mend it; a remote storage's may hold addresses.
        reason = f": {exc.strerror}" if isinstance(exc, OSError) and exc.strerror else ""
        raise ArtifactUnavailable(f"{file.name} could not be stored{reason}.") from exc
    return StoredFile(
        file.role, file.name, path, hashlib.sha256(file.content).hexdigest(), len(file.content)
    )


def _fetch(file: "VersionFile", what: str) -> bytes:
    try:
        with get_artifact_storage().open(file.path) as stored:
            # One byte more than published is enough to see that it is not the same file.
            return stored.read(file.size + 1)
    except Exception as exc:  # every remote storage fails in its own kinds of errors
        raise ArtifactUnavailable(f"{what} cannot be read now.") from exc
