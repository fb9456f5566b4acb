"""From a folder of recordings to clips that a detector can learn from, and what was refused on the way."""

import csv
import hashlib
import io
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import joblib
import numpy as np
import numpy.typing as npt
import soundfile

from analysis.errors import UndecodableAudio
from analysis.sound.audio import Limits, Waveform, decode
from analysis.sound.folders import SOUND_SUFFIXES, find_files
from analysis.sound.quality import Quality, assess_quality
from core.errors import SignalCraftError
from training.errors import InvalidOption, NoRecordings, UnusableRecordings

CSV_SUFFIX = ".csv"
# More unusable files than this share, and the folder is not what it was taken for.
MAX_UNUSABLE_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class TrainingClip:
    """One usable recording: its name below the folder, the take it belongs to ("" if nothing tells), what it holds.

    source: what it was decoded from, to be read again; sha256: of the file, by which the same recording is known again
    under another name.
    """

    name: str
    group: str
    waveform: Waveform
    quality: Quality
    source: Path | bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """One file that could not be used, and why."""

    name: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """The usable recordings of a folder in order of name, with the fingerprint of everything that was looked at."""

    folder: Path
    recordings: tuple[TrainingClip, ...]
    refusals: tuple[Refusal, ...]
    fingerprint: str

    @property
    def n_files(self) -> int:
        """How many files were looked at."""
        return len(self.recordings) + len(self.refusals)

    def without(self, refusals: Sequence[Refusal]) -> Self:
        """As it is, with these recordings refused."""
        names = {refusal.name for refusal in refusals}
        kept = tuple(recording for recording in self.recordings if recording.name not in names)
        return replace(self, recordings=kept, refusals=(*self.refusals, *refusals))

    @property
    def groups(self) -> list[str]:
        """The take of each recording."""
        return [recording.group for recording in self.recordings]


def read_dataset(
    folder: Path,
    *,
    limits: Limits,
    group_by: str | None = None,
    csv_sample_rate_hz: int = 16_000,
    is_strict: bool = False,
    on_file: Callable[[int, int], None] = lambda done, total: None,
    on_step: Callable[[], None] = lambda: None,
) -> Dataset:
    """Read every recording below a folder; on_file(done, total) is called after each, on_step while more is done.

    Raises NoRecordings for a folder that is missing or has none, UnusableRecordings when more than MAX_UNUSABLE_SHARE
    (strict: any) cannot be used, InvalidOption for a group pattern that is none or that no name matches.
    """
    pattern = compile_pattern(group_by)
    paths = find_recordings(folder)
    read = joblib.Parallel(n_jobs=-1, prefer="threads", return_as="generator")(
        joblib.delayed(read_clip)(path, folder, pattern, limits, csv_sample_rate_hz)
        for path in paths
    )
    outcomes = []
    for outcome in read:
        outcomes.append(outcome)
        on_file(len(outcomes), len(paths))
    recordings = tuple(outcome for outcome in outcomes if isinstance(outcome, TrainingClip))
    refusals = tuple(outcome for outcome in outcomes if isinstance(outcome, Refusal))
    check_refusals(refusals, len(paths), is_strict=is_strict)
    if pattern and not any(recording.group for recording in recordings):
        example = display_name(paths[0], folder)
        raise InvalidOption(
            f"--group_by {group_by!r} is found in none of the names, such as {example}."
        )
    return Dataset(
        folder, recordings, refusals, compute_fingerprint(folder, paths, on_step=on_step)
    )


def find_recordings(folder: Path) -> list[Path]:
    """Every file below the folder that is named like a recording, in order of name."""
    if not folder.is_dir():
        raise NoRecordings(f"There is no folder {folder}.")
    suffixes = SOUND_SUFFIXES | {CSV_SUFFIX}
    paths = find_files(folder, suffixes)
    if not paths:
        kinds = ", ".join(sorted(suffix[1:] for suffix in suffixes))
        raise NoRecordings(
            f"There are no recordings in {folder}. Files of these kinds are read: {kinds}."
        )
    return paths


def read_clip(
    path: Path,
    folder: Path,
    pattern: re.Pattern[str] | None,
    limits: Limits,
    csv_sample_rate_hz: int,
) -> TrainingClip | Refusal:
    """Decode one file, through the same gate as an upload, or say why it cannot be used."""
    name = display_name(path, folder)
    try:
        is_csv = path.suffix.lower() == CSV_SUFFIX
        source = convert_csv_to_wav(path, csv_sample_rate_hz, limits) if is_csv else path
        clip = decode(source, limits)
    except SignalCraftError as exc:
        return Refusal(name, exc.code, str(exc))
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return TrainingClip(
        name, find_group(name, pattern), clip.waveform, assess_quality(clip), source, sha256
    )


def display_name(path: Path, folder: Path) -> str:
    """The name below the folder for people; bytes that are no text, as of another code page, are escaped."""
    return os.fsencode(path.relative_to(folder).as_posix()).decode(errors="backslashreplace")


def convert_csv_to_wav(path: Path, sample_rate_hz: int, limits: Limits) -> bytes:
    """One numeric column, with or without a header, as a wav file: from there on it is a recording like any other."""
    samples = read_column(path, max_rows=int(limits.max_seconds * sample_rate_hz) + 1)
    peak = np.abs(samples).max()
    # A sensor's unit is arbitrary and no detector hears the level, so it is only brought into range.
    scaled = samples / peak if peak > 1 else samples
    wav = io.BytesIO()
    soundfile.write(wav, scaled.astype(np.float32), sample_rate_hz, format="WAV", subtype="FLOAT")
    return wav.getvalue()


def read_column(path: Path, *, max_rows: int) -> npt.NDArray[np.float64]:
    """The numbers of a CSV file with one column."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [
                row
                for row, _ in zip(filter(None, csv.reader(file)), range(max_rows + 1), strict=False)
            ]
        # Of a column of times and one of values, either could be taken for the sound.
        cells = [cell for cell, *others in rows if not any(others)]
        if len(cells) < len(rows):
            raise UndecodableAudio(
                "The CSV file has more than one column: leave the one with the samples."
            )
        start = 0 if is_number(cells[0]) else 1
        samples = np.array([float(cell) for cell in cells[start:]])
    except (ValueError, IndexError, csv.Error, OSError) as exc:
        raise UndecodableAudio("The CSV file does not hold one column of numbers.") from exc
    if not len(samples) or not np.isfinite(samples).all():
        raise UndecodableAudio("The CSV file holds no numbers, or some that are not finite.")
    return samples


def is_number(text: str) -> bool:
    """Whether float() takes it."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def compile_pattern(group_by: str | None) -> re.Pattern[str] | None:
    """The pattern that finds the take in a file's name; none where it is empty."""
    if not group_by:
        return None
    try:
        return re.compile(group_by)
    except re.error as exc:
        raise InvalidOption(f"--group_by {group_by!r} is not a regular expression: {exc}.") from exc


def find_group(name: str, pattern: re.Pattern[str] | None) -> str:
    """What the pattern finds in the name: its first group, or all of the match; "" where it finds nothing."""
    match = pattern.search(name) if pattern else None
    if match is None:
        return ""
    return next((group for group in match.groups() if group is not None), match.group())


def check_refusals(refusals: Sequence[Refusal], n_files: int, *, is_strict: bool) -> None:
    """Refuse a folder of which too much cannot be used."""
    allowed = 0 if is_strict else MAX_UNUSABLE_SHARE * n_files
    if len(refusals) > allowed:
        examples = "; ".join(f"{refusal.name}: {refusal.detail}" for refusal in refusals[:3])
        raise UnusableRecordings(f"{len(refusals)} of {n_files} files cannot be used. {examples}")


def count_by_code(refusals: Iterable[Refusal]) -> dict[str, int]:
    """How many files were refused for each reason."""
    return dict(Counter(refusal.code for refusal in refusals))


def compute_fingerprint(
    folder: Path, paths: Sequence[Path], *, on_step: Callable[[], None] = lambda: None
) -> str:
    """sha256 over relative name, size and content of every file, in order of name."""
    digest = hashlib.sha256()
    for path in paths:
        on_step()
        digest.update(
            os.fsencode(path.relative_to(folder).as_posix()) + f"\0{path.stat().st_size}\0".encode()
        )
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def resolve_folder(option: str | os.PathLike[str]) -> Path:
    """The folder an option names, with ~ and .. worked out."""
    try:
        folder = Path(option).expanduser().resolve()
        str(folder).encode()
    except (RuntimeError, UnicodeEncodeError) as exc:
        raise InvalidOption(f"{os.fsencode(option)!r} names no folder.") from exc
    return folder


MAX_SHOWN_NAMES = 3


def abbreviate(names: Sequence[str], *, between: str = ", ") -> str:
    """A few of the names, and how many there are besides."""
    n_more = len(names) - MAX_SHOWN_NAMES
    return between.join(names[:MAX_SHOWN_NAMES]) + (f" and {n_more} more" if n_more > 0 else "")
