"""What a backup holds: the list that is written last and makes it whole."""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from signalcraft.backup.errors import BackupRefused

NAME = "manifest.json"
FORMAT = 1
BLOCK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """One file below the folder of the backup, with forward slashes."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The files of a backup; `engine` says what made the copy of the database."""

    created_at: str
    engine: str
    database: Entry
    files: tuple[Entry, ...]

    def write(self, folder: Path) -> None:
        """Write it under another name first: a backup without its list is unfinished."""
        unfinished = folder / f"{NAME}.unfinished"
        with unfinished.open("w", encoding="utf-8") as file:
            json.dump({"format": FORMAT, **asdict(self)}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(folder / NAME)

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Read it, or say why this is no backup."""
        try:
            read = json.loads((folder / NAME).read_text(encoding="utf-8"))
        except FileNotFoundError as exc:
            raise BackupRefused(f"{folder} holds no finished backup: {NAME} is missing.") from exc
        except ValueError as exc:
            raise BackupRefused(f"{folder / NAME} is damaged.") from exc
        if read.pop("format", None) != FORMAT:
            raise BackupRefused(f"{folder} is a backup of another release.")
        return cls(
            created_at=read["created_at"],
            engine=read["engine"],
            database=Entry(**read["database"]),
            files=tuple(Entry(**entry) for entry in read["files"]),
        )

    def find_damaged(self, folder: Path) -> Iterator[str]:
        """Yield each file that is missing or is not what was written."""
        for entry in (self.database, *self.files):
            if measure(folder, entry.path) != entry:
                yield entry.path


def measure(folder: Path, path: str) -> Entry | None:
    """Return size and digest of a file as they are; None where there is none."""
    try:
        with (folder / path).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return Entry(path, os.fstat(file.fileno()).st_size, digest)
    except FileNotFoundError:
        return None
