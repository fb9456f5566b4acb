"""Recordings in a folder: told by their names, in an order that is the same everywhere."""

from collections.abc import Set
from pathlib import Path

SOUND_SUFFIXES = frozenset(
    {
        ".wav",
        ".flac",
        ".mp3",
        ".ogg",
        ".opus",
        ".m4a",
        ".aac",
        ".3gp",
        ".amr",
        ".webm",
        ".aiff",
        ".aif",
        ".caf",
    }
)


def find_files(folder: Path, suffixes: Set[str] = SOUND_SUFFIXES) -> list[Path]:
    """Every file below the folder with one of these suffixes, but for what is hidden, in order of name."""
    found = (
        path for path in folder.rglob("*") if path.suffix.lower() in suffixes and path.is_file()
    )
    shown = (
        path
        for path in found
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    return sorted(shown, key=lambda path: path.relative_to(folder).as_posix())
