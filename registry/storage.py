"""The bytes of artifacts: written once, to a path of their own, and checked when read."""

import hashlib
import os
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages

from registry.errors import ArtifactCorrupt, ArtifactUnavailable, InvalidName
from registry.names import check_file_name, check_model_id

MAX_FILE_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ArtifactFile:
    """A file to store."""

    role: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A stored file, and the digest and the size of its bytes."""

    role: str
    name: str
    path: str
    sha256: str
    size: int


class WriteOnceStorage(FileSystemStorage):
    """A folder whose files appear whole or not at all, and are never overwritten."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._durable: set[Path] = set()

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name  # Django would invent another one; _save refuses instead.

    def _save(self, name: str, content: Any) -> str:
        final = Path(self.path(name))
        final.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._write_temporary(content, final.parent)
        try:
            # Taking the name first fails, on every system, if it is taken already. A crash before
            # the next line leaves an empty file without a row.
            final.touch(exist_ok=False)
            os.replace(temporary, final)
        finally:
            temporary.unlink(missing_ok=True)
        self._fsync_folders(final.parent)
        return name.replace("\\", "/")

    def _write_temporary(self, content: Any, folder: Path) -> Path:
        """Write the bytes durably below a hidden name, which the caller renames or removes."""
        handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=folder)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(self.file_permissions_mode or 0o644)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        return temporary

    def _fsync_folders(self, folder: Path) -> None:
        """Make the new names durable: up to the root where this process sees a folder first."""
        if os.name == "nt":
            return  # Windows cannot open folders.

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
    """Return the storage that holds the files of versions."""
    return storages["artifacts"]


def write_files(model_id: str, files: Sequence[ArtifactFile]) -> tuple[StoredFile, ...]:
    """Store the files of one version below a new path; writes no row and holds no lock."""
    check_model_id(model_id)
    _check_files(files)
    folder = f"models/{model_id}/{uuid.uuid4().hex}"
    return tuple(_write(folder, file) for file in files)


def read(path: str, *, sha256: str, size: int) -> bytes:
    """Read a file; raise ArtifactCorrupt unless its bytes are those that were stored."""
    name = path.rpartition("/")[2]
    try:
        with get_artifact_storage().open(path) as stored:
            # One byte more is enough to see that a file has grown.
            content: bytes = stored.read(size + 1)
    except Exception as exc:  # each remote storage raises errors of its own
        raise ArtifactUnavailable(f"{name} cannot be read now.") from exc

    if hashlib.sha256(content).hexdigest() != sha256:
        raise ArtifactCorrupt(f"{name} is not the file that was published.")
    return content


def _check_files(files: Sequence[ArtifactFile]) -> None:
    for file in files:
        check_file_name(file.name)
        if len(file.content) > MAX_FILE_BYTES:
            raise InvalidName(f"{file.name} has more than {MAX_FILE_BYTES} bytes.")
    # Some file systems ignore case.
    if len({file.name.casefold() for file in files}) < len(files):
        raise InvalidName("Two files of one version have the same name.")


def _write(folder: str, file: ArtifactFile) -> StoredFile:
    try:
        path = get_artifact_storage().save(f"{folder}/{file.name}", ContentFile(file.content))
    except Exception as exc:  # each remote storage raises errors of its own
        # The system's reason helps whoever has to repair it; a remote storage's may hold addresses.
        reason = f": {exc.strerror}" if isinstance(exc, OSError) and exc.strerror else ""
        raise ArtifactUnavailable(f"{file.name} could not be stored{reason}.") from exc
    return StoredFile(
        role=file.role,
        name=file.name,
        path=path,
        sha256=hashlib.sha256(file.content).hexdigest(),
        size=len(file.content),
    )
