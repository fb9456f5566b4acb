"""Find recordings in a folder by their file names, in the same order on every system."""

from collections.abc import Set
from pathlib import Path

SOUND_SUFFIXES = frozenset(
    {".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aac"}
    | {".3gp", ".amr", ".webm", ".aiff", ".aif", ".caf"}
)


def find_files(folder: Path, suffixes: Set[str] = SOUND_SUFFIXES) -> list[Path]:
    """Return all files below the folder with one of these suffixes, except hidden ones, by name."""
    files = (path for path in folder.rglob("*") if path.suffix.lower() in suffixes)
    found = [path for path in files if path.is_file() and not _is_hidden(path, folder)]
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)
