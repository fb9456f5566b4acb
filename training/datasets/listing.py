"""Lists a folder of recordings once, in an order that is the same everywhere."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.sound.folders import SOUND_SUFFIXES, find_files
from training.errors import InvalidOption, NoRecordings

CSV_SUFFIX = ".csv"
MAX_SHOWN_NAMES = 3


@dataclass(frozen=True, slots=True)
class Listing:
    """The recordings below a folder, in order of name."""

    folder: Path
    paths: tuple[Path, ...]

    @property
    def names(self) -> list[str]:
        """Return each name below the folder, for people."""
        return [display_name(path, self.folder) for path in self.paths]


def list_recordings(folder: Path) -> Listing:
    """List every file below the folder that is named like a recording; NoRecordings if none is."""
    if not folder.is_dir():
        raise NoRecordings(f"There is no folder {folder}.")

    suffixes = SOUND_SUFFIXES | {CSV_SUFFIX}
    paths = find_files(folder, suffixes)
    if not paths:
        formats = ", ".join(sorted(suffix[1:] for suffix in suffixes))
        raise NoRecordings(
            f"There are no recordings in {folder}. Formats that are read: {formats}."
        )
    return Listing(folder, tuple(paths))


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
