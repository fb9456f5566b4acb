"""Find and read the recordings in a folder, in the same order on every system.

Every entry is exactly one of three: a recording, refused with a reason, or not a recording.
"""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from analysis.errors import TooLarge, UndecodableAudio
from analysis.sound.file_types import SOUND_SUFFIXES

HIDDEN = "hidden"
NO_SUFFIX = "without a suffix"
LOOPS = "links to a folder that they are in"
SPECIAL = "neither files nor folders"
# Real paths.
Folders: TypeAlias = frozenset[str]


@dataclass(frozen=True, slots=True)
class UnreadableEntry:
    """A file or folder that cannot be looked at, and why."""

    path: Path
    detail: str


@dataclass(frozen=True, slots=True)
class OtherEntry:
    """An entry that is not a recording, by its kind."""

    kind: str


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """All entries below a folder; others: how many of which kind are not recordings."""

    paths: tuple[Path, ...]
    unreadable: tuple[UnreadableEntry, ...]
    others: dict[str, int]


def find_files(folder: Path, suffixes: Set[str] = SOUND_SUFFIXES) -> FoundFiles:
    """Find everything below the folder; files with one of these suffixes are recordings, by name.

    Links are followed, but not to a folder that they are in: that would never end.
    """
    found = list(walk(folder, suffixes, frozenset({os.path.realpath(folder)})))
    paths = [entry for entry in found if isinstance(entry, Path)]
    unreadable = [entry for entry in found if isinstance(entry, UnreadableEntry)]
    kinds = Counter(entry.kind for entry in found if isinstance(entry, OtherEntry))
    return FoundFiles(
        tuple(sorted(paths, key=lambda path: path.relative_to(folder).as_posix())),
        tuple(sorted(unreadable, key=lambda entry: entry.path.as_posix())),
        dict(sorted(kinds.items())),
    )


def walk(
    folder: Path, suffixes: Set[str], above: Folders
) -> Iterator[Path | UnreadableEntry | OtherEntry]:
    """Yield what each entry of a folder comes to; above: the real paths of the folders around."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
    except OSError as exc:
        yield UnreadableEntry(folder, f"The folder cannot be read: {exc.strerror}.")
        return
    for name in names:
        yield from classify(folder / name, suffixes, above)


def classify(
    path: Path, suffixes: Set[str], above: Folders
) -> Iterator[Path | UnreadableEntry | OtherEntry]:
    """Yield what an entry comes to; of a folder, what each of its own entries does."""
    if path.name.startswith("."):
        yield OtherEntry(HIDDEN)
    elif path.is_dir():
        real = os.path.realpath(path)
        if real in above:
            yield OtherEntry(LOOPS)
        else:
            yield from walk(path, suffixes, above | {real})
    elif path.suffix.lower() not in suffixes and (path.is_file() or not path.is_symlink()):
        yield OtherEntry(path.suffix.lower() or NO_SUFFIX)
    elif path.is_file():
        yield path
    elif path.is_symlink():
        yield UnreadableEntry(path, "The link leads nowhere.")
    else:
        yield OtherEntry(SPECIAL)


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


def describe_others(others: Mapping[str, int]) -> str:
    """Say how many of which kind are not recordings."""
    return ", ".join(f"{n} {kind}" for kind, n in others.items())
