"""Reads a folder of recordings: clips to learn from, and the files that were refused."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import joblib

from analysis.errors import RecordingRefused
from analysis.sound.audio import CHOOSE, Limits, Pick, Waveform, decode
from analysis.sound.decoding.gaps import Gap, find_longest_stretch, keep_soundless
from analysis.sound.folders import read_file
from analysis.sound.quality import Quality, assess_quality
from training.datasets.csv_recordings import convert_csv_to_wav
from training.datasets.group_patterns import GroupPattern, compile_pattern, find_group
from training.datasets.listing import CSV_SUFFIX, Listing, display_name, relative_name
from training.errors import InvalidOption, UnusableRecordings

# With more unusable files than this, the folder is probably not a set of recordings.
MAX_UNUSABLE_SHARE = 0.2
# The code of a link that leads nowhere, or of a folder that cannot be read.
UNREADABLE = "unreadable"
HASH_BLOCK_BYTES = 1 << 20
# A number as long as any program writes it, and the end of the line.
MAX_CSV_ROW_BYTES = 64


@dataclass(frozen=True, slots=True)
class TrainingClip:
    """One usable recording.

    name: below the folder. group: its recording session, "" if unknown. source: what it was
    decoded from. sha256: of the file, which tells the same recording under another name. gaps: what
    the recorder lost, in seconds.
    """

    name: str
    group: str
    waveform: Waveform
    codec: str
    quality: Quality
    source: Path | bytes
    sha256: str
    gaps: tuple[Gap, ...] = ()

    @property
    def losses(self) -> list[Gap]:
        """Where sound is missing; joints are learnt, because not all of a recorder's are found."""
        return keep_soundless(self.gaps)

    @property
    def intact(self) -> Waveform:
        """The longest stretch in which nothing is missing, which is what is learnt from."""
        return self.waveform[slice(*find_longest_stretch(len(self.waveform), self.losses))]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One file that could not be used, and why."""

    name: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """The usable recordings of a folder in order of name, and the fingerprint of all its files.

    others: how many entries of which kind are no recordings.
    """

    folder: Path
    clips: tuple[TrainingClip, ...]
    refusals: tuple[Refusal, ...]
    fingerprint: str
    others: Mapping[str, int] = field(default_factory=dict)

    @property
    def n_files(self) -> int:
        """Count the files that are used or refused."""
        return len(self.clips) + len(self.refusals)

    @property
    def entry_counts(self) -> dict[str, Any]:
        """Return what became of every entry of the folder, in numbers."""
        return {
            "used": len(self.clips),
            "refused": count_by_code(self.refusals),
            "not_recordings": dict(self.others),
        }

    @property
    def names(self) -> list[str]:
        """Return the name of each clip."""
        return [clip.name for clip in self.clips]

    @property
    def groups(self) -> list[str]:
        """Return the recording session of each clip."""
        return [clip.group for clip in self.clips]

    @property
    def waveforms(self) -> list[Waveform]:
        """Return the waveform of each clip, its longest stretch where sound is missing."""
        return [clip.intact for clip in self.clips]

    def refuse(self, refusals: Sequence[Refusal]) -> Self:
        """Return the dataset with these of its clips refused."""
        names = {refusal.name for refusal in refusals}
        kept = tuple(clip for clip in self.clips if clip.name not in names)
        return replace(self, clips=kept, refusals=(*self.refusals, *refusals))


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What became of one file; content: its bytes, None if they were not read."""

    path: Path
    outcome: TrainingClip | Refusal
    content: bytes | None


class Fingerprint:
    """sha256 over relative name, size and content of files, added in order of name."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def add(self, name: bytes, size: int, blocks: Iterable[bytes]) -> None:
        """Add one file."""
        self._digest.update(name + f"\0{size}\0".encode())
        for block in blocks:
            self._digest.update(block)

    def hexdigest(self) -> str:
        """Return the fingerprint of what was added."""
        return self._digest.hexdigest()


def read_dataset(
    listing: Listing,
    *,
    limits: Limits,
    group_by: str | None = None,
    csv_sample_rate_hz: int = 16_000,
    pick: Pick = CHOOSE,
    is_strict: bool = False,
    on_file: Callable[[int, int], None] = lambda done, total: None,
) -> Dataset:
    """Read every listed recording once; on_file(done, total) is called after each.

    pick: which channel of each; a version that judges them says which.

    Raises UnusableRecordings when more than MAX_UNUSABLE_SHARE (strict: any) cannot be used,
    InvalidOption for a group pattern that is invalid or found in none of the names.
    """
    reader = FileReader(listing.folder, compile_pattern(group_by), limits, csv_sample_rate_hz, pick)
    fingerprint = Fingerprint()
    outcomes: list[TrainingClip | Refusal] = []
    for file in reader.read_all(listing.paths):
        outcomes.append(file.outcome)
        add_to_fingerprint(fingerprint, file, listing.folder)
        on_file(len(outcomes), len(listing.paths))

    clips = tuple(outcome for outcome in outcomes if isinstance(outcome, TrainingClip))
    unreadable = [
        Refusal(display_name(entry.path, listing.folder), UNREADABLE, entry.detail)
        for entry in listing.unreadable
    ]
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
    refusals = (*refused, *unreadable)
    check_refusals(refusals, len(clips) + len(refusals), is_strict=is_strict)
    if group_by and not any(clip.group for clip in clips):
        example = display_name(listing.paths[0], listing.folder)
        raise InvalidOption(f"--group_by {group_by!r} is found in no file name, such as {example}.")
    return Dataset(listing.folder, clips, refusals, fingerprint.hexdigest(), listing.others)


@dataclass(frozen=True, slots=True)
class FileReader:
    """Reads the files of one folder; decodes and hashes the same bytes."""

    folder: Path
    pattern: GroupPattern | None
    limits: Limits
    csv_sample_rate_hz: int
    pick: Pick

    def read_all(self, paths: Sequence[Path]) -> Iterator[ReadFile]:
        """Read files in threads; yield them in order."""
        parallel = joblib.Parallel(n_jobs=-1, prefer="threads", return_as="generator")
        read: Iterator[ReadFile] = parallel(joblib.delayed(self.read)(path) for path in paths)
        return read

    def read(self, path: Path) -> ReadFile:
        """Decode one file through the same gate as an upload, or name why it cannot be used."""
        name = display_name(path, self.folder)
        content: bytes | None = None
        try:
            content = self.read_content(path)
            return ReadFile(path, self.make_clip(path, name, content), content)
        except RecordingRefused as exc:
            return ReadFile(path, Refusal(name, exc.code, str(exc)), content)

    def read_content(self, path: Path) -> bytes:
        """Return the bytes of a file, if it is not larger than any recording may be."""
        max_bytes = self.limits.max_bytes
        if is_csv(path):
            max_rows = int(self.limits.max_seconds * self.csv_sample_rate_hz) + 1
            max_bytes = max(max_bytes, max_rows * MAX_CSV_ROW_BYTES)
        return read_file(path, max_bytes)

    def make_clip(self, path: Path, name: str, content: bytes) -> TrainingClip:
        """Decode the content and assess its quality."""
        # A wav file made from a CSV file is kept, other files are read again where needed.
        source = self.convert_csv(content) if is_csv(path) else path
        # The size of a CSV file is checked; the wav file made of it may be larger.
        limits = replace(self.limits, max_bytes=max(self.limits.max_bytes, 16 * len(content)))
        decoded = decode(
            source if isinstance(source, bytes) else content,
            limits if is_csv(path) else self.limits,
            pick=self.pick,
        )
        return TrainingClip(
            name=name,
            group=find_group(name, self.pattern),
            waveform=decoded.waveform,
            codec=decoded.codec,
            quality=assess_quality(decoded),
            source=source,
            sha256=hashlib.sha256(content).hexdigest(),
            gaps=decoded.gaps,
        )

    def convert_csv(self, content: bytes) -> bytes:
        """Convert a CSV file to a wav file."""
        return convert_csv_to_wav(content, self.csv_sample_rate_hz, self.limits)


def is_csv(path: Path) -> bool:
    """Whether the file is named like a CSV file."""
    return path.suffix.lower() == CSV_SUFFIX


def add_to_fingerprint(fingerprint: Fingerprint, file: ReadFile, folder: Path) -> None:
    """Add a file by the bytes that were decoded; one that was not read is read in blocks."""
    name = relative_name(file.path, folder)
    if file.content is not None:
        fingerprint.add(name, len(file.content), [file.content])
    else:
        fingerprint.add(name, file.path.stat().st_size, read_blocks(file.path))


def read_blocks(path: Path) -> Iterator[bytes]:
    """Read a file of any size block by block."""
    with path.open("rb") as file:
        while block := file.read(HASH_BLOCK_BYTES):
            yield block


def check_refusals(refusals: Sequence[Refusal], n_files: int, *, is_strict: bool) -> None:
    """Refuse a folder of which too many files cannot be used."""
    allowed = 0 if is_strict else MAX_UNUSABLE_SHARE * n_files
    if len(refusals) > allowed:
        examples = "; ".join(f"{refusal.name}: {refusal.detail}" for refusal in refusals[:3])
        raise UnusableRecordings(f"{len(refusals)} of {n_files} files cannot be used. {examples}")


def count_by_code(refusals: Iterable[Refusal]) -> dict[str, int]:
    """Count the files that were refused for each reason."""
    return dict(Counter(refusal.code for refusal in refusals))
