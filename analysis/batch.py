"""A folder of recordings judged by one model, one after the other; what is judged already is left alone."""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from accounts.models import User
from analysis import loading, pipeline
from analysis.calibration_choice import resolve_calibration
from analysis.errors import RecordingRefused, TooLarge, UndecodableAudio
from analysis.models import Analysis, Device
from analysis.models.calibrations import CalibrationRecord
from analysis.result_sheet import ResultRow, ResultSheet
from analysis.sound.folders import SOUND_SUFFIXES, find_files
from core.errors import InvalidRequest
from registry.models import ModelVersion, RegisteredModel

MAX_NAME_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Batch:
    """What came of a run: a row a file, and how many of them an earlier run had left."""

    version: ModelVersion
    rows: tuple[ResultRow, ...]
    n_reused: int
    seconds: float

    @property
    def refused(self) -> list[ResultRow]:
        """The files of which nothing can be said."""
        return [row for row in self.rows if row.code]

    @property
    def count_by_label(self) -> dict[str, int]:
        """How many files got each verdict."""
        counts = Counter(row.label for row in self.rows)
        return {label: counts[label] for label in Analysis.Label.values}


@dataclass(frozen=True, slots=True)
class BatchAnalyzer:
    """One version of one model, for one device perhaps, on behalf of whoever wants the analyses kept."""

    version: ModelVersion
    device: Device | None
    owner: User | None
    calibration: str

    def row(self, path: Path, blank: ResultRow, old: ResultRow | None) -> ResultRow:
        """Return the row of a file: the old one where it still holds."""
        row = replace(blank, version=str(self.version.number))
        try:
            content = read_file(path, loading.get_limits().max_bytes)
            row = replace(row, sha256=hashlib.sha256(content).hexdigest())
            if old and self.can_reuse(old, row):
                return old
            analysis = self.analyze(content, row)
        except RecordingRefused as exc:
            return replace(row, code=exc.code, detail=str(exc))
        return replace(
            row, **get_result_columns(analysis), analysis_id=str(analysis.pk) if self.owner else ""
        )

    def can_reuse(self, old: ResultRow, row: ResultRow) -> bool:
        """Tell whether an old row is of the same bytes, version and calibration, and kept if that is asked for."""
        is_same = (old.sha256, old.version, old.calibration) == (
            row.sha256,
            row.version,
            self.calibration,
        )
        # What was refused is tried again: limits may have been raised.
        return is_same and not old.code and bool(old.analysis_id or self.owner is None)

    def analyze(self, content: bytes, row: ResultRow) -> Analysis:
        """Judge one recording, and keep it as if its keeper had uploaded it."""
        if self.owner is None:
            analysis, _ = pipeline.compute_analysis(
                content, version=self.version, device=self.device
            )
            return analysis
        # A run that was killed between the analysis and its row finds the analysis again.
        once = "\0".join(
            ["batch", row.file, row.sha256, str(self.version.pk), row.device_id, self.calibration]
        )
        return pipeline.analyze(
            content,
            user=self.owner,
            model_id=row.model_id,
            device_id=row.device_id,
            original_name=Path(row.file).name[:MAX_NAME_LENGTH],
            idempotency_key=hashlib.sha256(once.encode()).hexdigest(),
        )


def analyze_folder(
    folder: Path,
    *,
    model_id: str,
    csv_path: Path,
    device_id: str = "",
    owner: User | None = None,
    on_row: Callable[[int, int, ResultRow], None] = lambda done, total, row: None,
) -> Batch:
    """Judge every recording of a folder into a CSV file, but for those whose row there still holds.

    Without a keeper nothing is stored but the CSV. A recording that is refused gets its code and sentence; whatever
    else goes wrong ends the run, and the next one goes on from there. on_row(done, total, row) is called after each.
    """
    if not folder.is_dir():
        raise InvalidRequest(f"There is no folder {folder}.")
    paths = find_files(folder)
    if not paths:
        kinds = ", ".join(sorted(suffix[1:] for suffix in SOUND_SUFFIXES))
        raise InvalidRequest(
            f"There are no recordings in {folder}. Files of these kinds are read: {kinds}."
        )
    device = Device.objects.get_by_device_id(device_id) if device_id else None
    version = RegisteredModel.objects.get_by_id(model_id).get_version_to_serve()
    held_against = resolve_calibration(
        version, device, loading.detector_for(version).calibration
    ).record
    analyzer = BatchAnalyzer(version, device, owner, format_calibration_id(held_against))
    began, rows, n_reused = perf_counter(), [], 0
    with ResultSheet(csv_path) as sheet:
        for path in paths:
            blank = ResultRow(
                file=get_relative_name(path, folder),
                model_id=model_id,
                device_id=device_id,
                version="",
            )
            old = sheet.rows.get(blank.key)
            row = analyzer.row(path, blank, old)
            if row is old:
                n_reused += 1
            else:
                sheet.add(row)
            rows.append(row)
            on_row(len(rows), len(paths), row)
    return Batch(analyzer.version, tuple(rows), n_reused, perf_counter() - began)


def get_relative_name(path: Path, folder: Path) -> str:
    """Name a file below the folder in text that any file and terminal takes."""
    return path.relative_to(folder).as_posix().encode("utf-8", "backslashreplace").decode()


def format_calibration_id(record: CalibrationRecord | None) -> str:
    """Name the calibration that gave the thresholds, "" for the version's own."""
    return str(record.pk) if record else ""


def read_file(path: Path, max_bytes: int) -> bytes:
    """Read a recording that is not too large."""
    try:
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except OSError as exc:
        raise UndecodableAudio(f"The file cannot be read: {exc.strerror}.") from exc
    if len(content) > max_bytes:
        raise TooLarge(f"A recording may have at most {max_bytes / 2**20:g} MiB.")
    return content


def get_result_columns(analysis: Analysis) -> dict[str, str]:
    """Write the columns of a row that say what came out."""
    numbers = {
        "score": analysis.score,
        "anomaly_score": analysis.anomaly_score,
        "p_value": analysis.p_value,
        "health_score": analysis.health_score,
        "warning": analysis.warning_threshold,
        "critical": analysis.critical_threshold,
    }
    return {
        "version": str(analysis.version.number),
        "calibration": format_calibration_id(analysis.calibration),
        "label": analysis.label,
        **{name: "" if number is None else repr(float(number)) for name, number in numbers.items()},
        "quality_warnings": " ".join(analysis.quality["warnings"]),
    }
