"""A folder of recordings judged by one model into a CSV file; rows that still hold are reused."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from accounts.models import User
from analysis import pipeline
from analysis.calibration_choice import resolve_calibration
from analysis.errors import RecordingRefused
from analysis.loading import detector_for, get_limits
from analysis.models import Analysis, CalibrationRecord, Device
from analysis.result_sheet import ResultRow, ResultSheet
from analysis.sound.file_types import SOUND_SUFFIXES
from analysis.sound.folders import FoundFiles, UnreadableEntry, find_files, read_file
from core.errors import InvalidRequest
from registry.models import ModelVersion, RegisteredModel

MAX_NAME_LENGTH = 255
# The code of a link that leads nowhere, or of a folder that cannot be read.
UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Batch:
    """The result of a run: one row per file, and how many rows an earlier run had written."""

    version: ModelVersion
    rows: tuple[ResultRow, ...]
    n_reused: int
    seconds: float
    # How many entries of which kind are no recordings.
    others: Mapping[str, int]

    @property
    def refused(self) -> list[ResultRow]:
        """The files that could not be judged."""
        return [row for row in self.rows if row.code]

    @property
    def count_by_label(self) -> dict[str, int]:
        """Number of files with each label."""
        counts = Counter(row.label for row in self.rows)
        return {label: counts[label] for label in Analysis.Label.values}


@dataclass(frozen=True, slots=True)
class BatchAnalyzer:
    """Judges files by one version; stores recordings and analyses where an owner is given."""

    version: ModelVersion
    device: Device | None
    owner: User | None
    calibration: str

    def get_row(
        self, entry: Path | UnreadableEntry, blank: ResultRow, old: ResultRow | None
    ) -> ResultRow:
        """Return the row of a file: the old one where it still holds, else a new one."""
        row = replace(blank, version=str(self.version.number))
        if isinstance(entry, UnreadableEntry):
            return replace(row, code=UNREADABLE, detail=entry.detail)
        try:
            content = read_file(entry, get_limits().max_bytes)
            row = replace(row, sha256=hashlib.sha256(content).hexdigest())
            if old and self.can_reuse(old, row):
                return old
            analysis = self.analyze(content, row)
        except RecordingRefused as exc:
            return replace(row, code=exc.code, detail=str(exc))

        analysis_id = str(analysis.pk) if self.owner else ""
        return replace(row, **get_result_columns(analysis), analysis_id=analysis_id)

    def can_reuse(self, old: ResultRow, row: ResultRow) -> bool:
        """Whether an old row is of the same bytes, version and calibration, and stored if asked."""
        is_same = (
            old.sha256 == row.sha256
            and old.version == row.version
            and old.calibration == self.calibration
        )
        # A refused file is tried again: limits may have been raised.
        return is_same and not old.code and bool(old.analysis_id or self.owner is None)

    def analyze(self, content: bytes, row: ResultRow) -> Analysis:
        """Judge one recording; store it as if its owner had uploaded it."""
        if self.owner is None:
            analysis, _ = pipeline.compute_analysis(
                content, version=self.version, device=self.device
            )
            return analysis

        return pipeline.analyze(
            content,
            user=self.owner,
            model_id=row.model_id,
            device_id=row.device_id,
            original_name=Path(row.file).name[:MAX_NAME_LENGTH],
            idempotency_key=self.build_idempotency_key(row),
        )

    def build_idempotency_key(self, row: ResultRow) -> str:
        """Return a key that finds the analysis again if a run was killed before writing the row."""
        version_id = str(self.version.pk)
        parts = ["batch", row.file, row.sha256, version_id, row.device_id, self.calibration]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def analyze_folder(
    folder: Path,
    *,
    model_id: str,
    csv_path: Path,
    device_id: str = "",
    owner: User | None = None,
    on_row: Callable[[int, int, ResultRow], None] = lambda done, total, row: None,
) -> Batch:
    """Judge every recording of a folder into a CSV file; rows there that still hold are reused.

    Without an owner only the CSV is written. A recording that is refused gets its code and
    message; any other error ends the run, and the next run continues from there.
    on_row(done, total, row) is called after each file.
    """
    found = list_recordings(folder)
    entries: list[Path | UnreadableEntry] = [*found.paths, *found.unreadable]
    device = Device.objects.get_by_device_id(device_id) if device_id else None
    version = RegisteredModel.objects.get_by_id(model_id).get_version_to_serve()
    effective = resolve_calibration(version, device, detector_for(version).calibration)
    calibration_id = format_calibration_id(effective.record, device)
    analyzer = BatchAnalyzer(version, device, owner, calibration_id)

    started = perf_counter()
    rows: list[ResultRow] = []
    n_reused = 0
    with ResultSheet(csv_path) as sheet:
        for entry in entries:
            path = entry if isinstance(entry, Path) else entry.path
            name = get_relative_name(path, folder)
            blank = ResultRow(file=name, model_id=model_id, device_id=device_id, version="")
            old = sheet.rows.get(blank.key)
            row = analyzer.get_row(entry, blank, old)
            if row is old:
                n_reused += 1
            else:
                sheet.add(row)
            rows.append(row)
            on_row(len(rows), len(entries), row)
    return Batch(version, tuple(rows), n_reused, perf_counter() - started, found.others)


def list_recordings(folder: Path) -> FoundFiles:
    """Return what is below a folder; it is an error if there are no recordings."""
    if not folder.is_dir():
        raise InvalidRequest(f"There is no folder {folder}.")
    found = find_files(folder)
    if not found.paths:
        suffixes = ", ".join(sorted(suffix[1:] for suffix in SOUND_SUFFIXES))
        raise InvalidRequest(f"There are no recordings in {folder}. Supported files: {suffixes}.")
    return found


def get_relative_name(path: Path, folder: Path) -> str:
    """Return the path below the folder, in characters that any file and terminal takes."""
    return path.relative_to(folder).as_posix().encode("utf-8", "backslashreplace").decode()


def format_calibration_id(record: CalibrationRecord | None, device: Device | None) -> str:
    """Return the id of a calibration, "" for the one in the version's artifact.

    The settings of the device follow, such as "12 LOW x1.5", because they set thresholds as well.
    """
    parts = [str(record.pk)] if record else []
    if device and device.has_settings:
        parts += [device.sensitivity, f"x{device.threshold_multiplier:g}"]
    return " ".join(filter(None, parts))


def get_result_columns(analysis: Analysis) -> dict[str, str]:
    """Return the columns of a row that hold the result."""
    numbers = {
        "score": analysis.score,
        "anomaly_score": analysis.anomaly_score,
        "p_value": analysis.p_value,
        "health_score": analysis.health_score,
        "warning": analysis.warning_threshold,
        "critical": analysis.critical_threshold,
    }
    texts = {name: "" if value is None else repr(float(value)) for name, value in numbers.items()}
    return {
        "version": str(analysis.version.number),
        "calibration": format_calibration_id(analysis.calibration, analysis.device),
        "label": analysis.label,
        **texts,
        "quality_warnings": " ".join(analysis.quality["warnings"]),
    }
