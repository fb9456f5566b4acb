"""Lists a folder of recordings once, in an order that is the same everywhere."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from analysis.sound.file_types import SOUND_SUFFIXES
from analysis.sound.folders import UnreadableEntry, describe_others, find_files
from training.errors import InvalidOption, NoRecordings

CSV_SUFFIX = ".csv"
MAX_SHOWN_NAMES = 3


@dataclass(frozen=True, slots=True)
class Listing:
    """The recordings below a folder, in order of name.

    unreadable: entries that cannot be looked at. others: how many of which kind are no recordings.
    """

    folder: Path
    paths: tuple[Path, ...]
    unreadable: tuple[UnreadableEntry, ...] = ()
    others: Mapping[str, int] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Return each name below the folder, for people."""
        return [display_name(path, self.folder) for path in self.paths]


def list_recordings(folder: Path) -> Listing:
    """List every file below the folder that is named like a recording; NoRecordings if none is."""
    if not folder.is_dir():
        raise NoRecordings(f"There is no folder {folder}.")

    suffixes = SOUND_SUFFIXES | {CSV_SUFFIX}
    found = find_files(folder, suffixes)
    if not found.paths:
        formats = ", ".join(sorted(suffix[1:] for suffix in suffixes))
        instead = f" There are {describe_others(found.others)}." if found.others else ""
        unreadable = "".join(
            f" {display_name(entry.path, folder)}: {entry.detail}" for entry in found.unreadable
        )
        raise NoRecordings(
            f"There are no recordings in {folder}.{instead}{unreadable} "
            f"Formats that are read: {formats}."
        )
    return Listing(folder, found.paths, found.unreadable, found.others)


def relative_name(path: Path, folder: Path) -> bytes:
    """Return the name below the folder, as the file system stores it."""
    return os.fsencode(path.relative_to(folder).as_posix())


def display_name(path: Path, folder: Path) -> str:
    """Return the name below the folder as text; bytes of another code page are escaped."""
    return relative_name(path, folder).decode(errors="backslashreplace")


def abbreviate(names: Sequence[str], *, between: str = ", ") -> str:
    """Join the first few names and say how many more there are."""
    n_more = len(names) - MAX_SHOWN_NAMES
    shown = between.join(names[:MAX_SHOWN_NAMES])
    return f"{shown} and {n_more} more" if n_more > 0 else shown


def resolve_folder(option: str | os.PathLike[str]) -> Path:
    """Return the folder that an option names, with ~ and .. resolved."""
    try:
        folder = Path(option).expanduser().resolve()
        str(folder).encode()
    except (RuntimeError, UnicodeEncodeError) as exc:
        raise InvalidOption(f"{os.fsencode(option)!r} names no folder.") from exc
    return folder
