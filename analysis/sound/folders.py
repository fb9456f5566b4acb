"""Find and read the recordings in a folder, in the same order on every system."""

from collections.abc import Set
from pathlib import Path

from analysis.errors import TooLarge, UndecodableAudio

SOUND_SUFFIXES = frozenset(
    {".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aac"}
    | {".3gp", ".amr", ".webm", ".aiff", ".aif", ".caf"}
)


def find_files(folder: Path, suffixes: Set[str] = SOUND_SUFFIXES) -> list[Path]:
    """Return all files below the folder with one of these suffixes, except hidden ones, by name."""
    files = (path for path in folder.rglob("*") if path.suffix.lower() in suffixes)
    found = [path for path in files if path.is_file() and not _is_hidden(path, folder)]
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def read_file(path: Path, max_bytes: int) -> bytes:
    """Return the bytes of a recording; raise TooLarge without reading more than it may have."""
    try:
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except OSError as exc:
        raise UndecodableAudio(f"The file cannot be read: {exc.strerror}.") from exc
    if len(content) > max_bytes:
        raise TooLarge(f"A recording may have at most {max_bytes / 2**20:g} MiB.")
    return content


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)
