"""Copy database, artifacts and recordings to a folder, and back: all of it or a named reason."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import storages
from django.utils import timezone

from analysis.models import Recording
from registry.models import VersionFile
from signalcraft.backup import database_copy, server_lock
from signalcraft.backup.errors import BackupRefused
from signalcraft.backup.manifest import BLOCK_BYTES, Entry, Manifest, measure

STORAGES = ("artifacts", "recordings")
# Beyond what is known to be needed.
FREE_SHARE = 1.05
ENDS = ("", ".unfinished")
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A stored file that rows point at."""

    storage: str
    path: str
    size: int
    sha256: str

    @property
    def entry(self) -> Entry:
        """As it is listed in a backup."""
        return Entry(f"{self.storage}/{self.path}", self.size, self.sha256)


def back_up(folder: Path, report: Report) -> Manifest:
    """Write a backup into an empty folder, or finish one that was interrupted."""
    check_folder(folder)
    check_space(folder)
    engine = database_copy.get_engine()
    name = database_copy.NAMES[engine]
    # The database first: whatever its rows point at was written before them.
    database_copy.copy_database(folder / name)
    database = measure(folder, name)
    assert database is not None
    report(f"Database: {database.size} bytes.")

    entries = []
    for wanted in find_wanted():
        if fetch(wanted, folder):
            entries.append(wanted.entry)
    manifest = Manifest(timezone.now().isoformat(), engine, database, tuple(entries))
    if damaged := list(manifest.find_damaged(folder)):
        raise BackupRefused(f"{len(damaged)} files were not written well; the first: {damaged[0]}.")
    manifest.write(folder)
    return manifest


def check_folder(folder: Path) -> None:
    """Refuse a folder that holds something else, or a backup that is finished."""
    folder.mkdir(parents=True, exist_ok=True)
    if folder.resolve() == Path(settings.MEDIA_ROOT).resolve():
        raise BackupRefused("The backup cannot lie in MEDIA_ROOT itself.")
    ours = {*STORAGES, *(f"{name}{end}" for name in database_copy.NAMES.values() for end in ENDS)}
    if foreign := sorted({path.name for path in folder.iterdir()} - ours):
        raise BackupRefused(f"{folder} is not empty: there is {foreign[0]}. Name a new folder.")


def check_space(folder: Path) -> None:
    """Refuse before the first byte if the folder cannot hold it all."""
    needed = database_copy.get_size_bytes() + sum(
        wanted.size for wanted in find_wanted() if not (folder / wanted.entry.path).exists()
    )
    free = shutil.disk_usage(folder).free
    if needed * FREE_SHARE > free:
        raise BackupRefused(f"The backup needs {needed} bytes, and {folder} has {free} free.")


def find_wanted() -> Iterator[Wanted]:
    """Yield every stored file that a row points at."""
    for file in VersionFile.objects.order_by("pk").iterator():
        yield Wanted("artifacts", file.path, file.size, file.sha256)
    for recording in Recording.objects.stored().order_by("pk").iterator():
        yield Wanted("recordings", recording.path, recording.size_bytes, recording.sha256)


def fetch(wanted: Wanted, folder: Path) -> bool:
    """Copy one file out of its storage; False if it was purged meanwhile."""
    if measure(folder, wanted.entry.path) == wanted.entry:
        return True  # by a run that was interrupted
    target = folder / PurePosixPath(wanted.entry.path)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with storages[wanted.storage].open(wanted.path) as source:
            write_durably(source, target)
    except FileNotFoundError as exc:
        if wanted.storage == "recordings" and not is_kept(wanted.path):
            return False
        raise BackupRefused(
            f"{wanted.entry.path} is missing. `manage.py registry_doctor` says what else is."
        ) from exc
    if measure(folder, wanted.entry.path) != wanted.entry:
        raise BackupRefused(
            f"{wanted.entry.path} is not what was stored. `manage.py registry_doctor` says more."
        )
    return True


def is_kept(path: str) -> bool:
    return Recording.objects.stored().filter(path=path).exists()


def write_durably(source: File, target: Path) -> None:
    """Write a file under another name, and rename it when it is on the disk."""
    unfinished = target.with_name(f".{target.name}.unfinished")
    with unfinished.open("wb") as file:
        shutil.copyfileobj(source, file, BLOCK_BYTES)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(target)


def restore(folder: Path, report: Report) -> Manifest:
    """Put a backup in the place of what is there; the database that was is moved aside."""
    media = Path(settings.MEDIA_ROOT)
    media.mkdir(parents=True, exist_ok=True)
    lock = server_lock.take_alone(media)
    if lock is None:
        raise BackupRefused("A server runs on this folder. Stop it first.")
    with lock:
        manifest = Manifest.read(folder)
        if manifest.engine != database_copy.get_engine():
            raise BackupRefused(f"The backup is of {manifest.engine}; another one is configured.")
        database_copy.check_nobody_else_is_connected()
        if damaged := list(manifest.find_damaged(folder)):
            raise BackupRefused(f"{len(damaged)} files are damaged; the first: {damaged[0]}.")
        # The bytes first: a row never points at what is not there.
        n_written = sum(put_back(entry, folder) for entry in manifest.files)
        report(f"Files: {len(manifest.files)}, of which {n_written} were missing or damaged.")
        replaced = database_copy.put_database(folder / manifest.database.path, timezone.now())
        if replaced is not None:
            report(f"The database that was there is in {replaced}.")
    return manifest


def put_back(entry: Entry, folder: Path) -> bool:
    """Write one file to its storage, unless it is there; return whether it was written."""
    alias, _, path = entry.path.partition("/")
    storage = storages[alias]
    if storage.exists(path):
        with storage.open(path) as stored:
            digest = compute_digest(stored)
        if digest == entry.sha256:
            return False
        storage.delete(path)
    with (folder / entry.path).open("rb") as source:
        storage.save(path, File(source))
    return True


def compute_digest(stored: File) -> str:
    """Return the SHA-256 of an open file."""
    digest = hashlib.sha256()
    while block := stored.read(BLOCK_BYTES):
        digest.update(block)
    return digest.hexdigest()
