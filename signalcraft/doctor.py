"""Finds where rows and files disagree, or what keeps a model from judging, and repairs it.

Files without a row are set aside, never deleted. What only a backup can restore is reported each
time.
"""

import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils import timezone

from analysis import detectors
from analysis.calibration_choice import resolve_for_version
from analysis.errors import InvalidArtifact, NotCalibrated
from analysis.models import CalibrationRecord, Recording
from core.errors import SignalCraftError
from core.triggers import create_triggers, find_missing_triggers
from registry.errors import ArtifactUnavailable
from registry.models import ModelVersion, RegisteredModel, VersionFile

logger = logging.getLogger(__name__)

# Files are written before their row: a younger one may belong to a publication in progress.
MIN_AGE = timedelta(hours=1)
SET_ASIDE = "set_aside"
BLOCK_BYTES = 1024 * 1024
CHUNK = 500
CALIBRATE = "run `manage.py calibrate` on normal recordings"
WHY = "registry_doctor: the serving version cannot be read"


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem; without a repair, the advice says what a person can do."""

    problem: str
    what: str
    repair: Callable[[], str] | None = None
    advice: str = "restore it from a backup, or serve another version"


def examine() -> Iterator[Finding]:
    """Check everything, and yield each problem."""
    yield from _unguarded_history()
    unreadable: set[int] = set()
    uncalibrated: set[int] = set()
    for version, finding, is_calibrated in _examine_versions():
        if finding:
            unreadable.add(version.pk)
            yield finding
        elif not is_calibrated:
            uncalibrated.add(version.pk)
    yield from _unservable_defaults(unreadable)
    yield from _without_verdicts(uncalibrated)
    yield from _unknown_bytes("artifacts", VersionFile)
    yield from _unknown_bytes("recordings", Recording)
    yield from _recordings_without_bytes()
    yield from _recordings_without_analyses()


def _unguarded_history() -> Iterator[Finding]:
    if missing := find_missing_triggers():
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        yield Finding("history can be changed", f"no trigger {missing[0]}{more}", _guard_history)


def _guard_history() -> str:
    create_triggers(using=DEFAULT_DB_ALIAS)
    return "the triggers were created again"


def _examine_versions() -> Iterator[tuple[ModelVersion, Finding | None, bool]]:
    """Yield each version, its problem if it has one, and whether its artifact is calibrated."""
    versions = ModelVersion.objects.order_by("pk").prefetch_related("files")
    for version in versions.iterator(CHUNK):
        if finding := _find_damaged_file(version):
            yield version, finding, False
            continue
        try:
            artifact = detectors.read(version.read_file("serving"))
            yield version, None, artifact.calibration is not None
        except InvalidArtifact as exc:
            yield version, Finding("not readable by this release", f"{version}: {exc}"), False
        except ArtifactUnavailable as exc:
            yield version, Finding("cannot be read", str(exc)), False


def _find_damaged_file(version: ModelVersion) -> Finding | None:
    for file in version.files.all():
        if problem := _find_problem(file):
            return Finding(problem, f"{file.name} of {version}")
    return None


def _find_problem(file: VersionFile) -> str | None:
    stored = storages["artifacts"]
    digest = hashlib.sha256()
    try:
        if not stored.exists(file.path):
            return "row without bytes"
        with stored.open(file.path) as content:
            while block := content.read(BLOCK_BYTES):
                digest.update(block)
    except Exception as exc:  # each storage raises errors of its own
        logger.exception("%s cannot be read.", file)
        return f"cannot be read ({get_reason(exc)})"
    return None if digest.hexdigest() == file.sha256 else "digest mismatch"


def get_reason(exc: Exception) -> str:
    """Return why a storage failed, without the addresses that its message may hold."""
    return (exc.strerror if isinstance(exc, OSError) else None) or type(exc).__name__


def _unservable_defaults(unreadable: set[int]) -> Iterator[Finding]:
    for model in RegisteredModel.objects.defaults().select_related("serving_version"):
        version = model.serving_version
        reasons = {
            "is not active": not model.is_active,
            "serves nothing": version is None,
            "serves an archived version": version is not None and version.is_archived,
            "serves a version that cannot be read": version is not None
            and version.pk in unreadable,
        }
        for reason, is_so in reasons.items():
            if is_so:
                yield Finding(
                    "default that cannot serve",
                    f"{model} {reason}",
                    partial(_clear_default, model),
                )
                break


def _without_verdicts(uncalibrated: set[int]) -> Iterator[Finding]:
    """Yield the models whose serving version has no calibration."""
    models = RegisteredModel.objects.selectable().select_related("serving_version")
    mute = [model for model in models if model.serving_version_id in uncalibrated]
    versions = {model: model.get_serving_version() for model in mute}
    newest = CalibrationRecord.objects.newest_of(list(versions.values()))
    for model, version in versions.items():
        try:
            resolve_for_version(version, newest.get(version.pk), None)
        except NotCalibrated as exc:
            what = f"the default {exc}" if model.is_default else str(exc)
            yield Finding("cannot give verdicts", what, advice=CALIBRATE)


def _clear_default(model: RegisteredModel) -> str:
    model.clear_default(by=None, why=WHY)
    return "it is no longer the default"


def _unknown_bytes(alias: str, rows: type[VersionFile] | type[Recording]) -> Iterator[Finding]:
    stored = storages[alias]
    for paths in _batches(_walk(stored, "")):
        known = set(rows.objects.filter(path__in=paths).values_list("path", flat=True))
        for path in paths:
            if path not in known and _is_old(stored, path):
                yield Finding(
                    "bytes without a row", f"{alias}: {path}", partial(_set_aside, stored, path)
                )


def _walk(stored: Storage, folder: str) -> Iterator[str]:
    try:
        folders, files = stored.listdir(folder)
    except FileNotFoundError:  # nothing was ever stored
        return
    yield from (f"{folder}/{name}".lstrip("/") for name in sorted(files))
    for name in sorted(folders):
        if (folder, name) != ("", SET_ASIDE):
            yield from _walk(stored, f"{folder}/{name}".lstrip("/"))


def _batches(paths: Iterator[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for path in paths:
        batch.append(path)
        if len(batch) == CHUNK:
            yield batch
            batch = []
    if batch:
        yield batch


def _is_old(stored: Storage, path: str) -> bool:
    try:
        return stored.get_modified_time(path) < timezone.now() - MIN_AGE
    except Exception:  # each storage raises errors of its own
        if stored.exists(path):
            raise
        return False  # gone since it was listed: a write in progress


def _set_aside(stored: Storage, path: str) -> str:
    # Below a new name: an interrupted run may have left a copy.
    with stored.open(path) as content:
        new_path = stored.save(f"{SET_ASIDE}/{uuid4().hex}/{path}", File(content))
    stored.delete(path)
    return f"moved to {new_path}"


def _recordings_without_bytes() -> Iterator[Finding]:
    for recording in Recording.objects.stored().order_by("pk").iterator(CHUNK):
        if not storages["recordings"].exists(recording.path):
            yield Finding("row without bytes", f"recording {recording.pk}")


def _recordings_without_analyses() -> Iterator[Finding]:
    for recording in Recording.objects.filter(analyses=None).order_by("pk").iterator(CHUNK):
        yield Finding(
            "recording without an analysis", str(recording.pk), partial(_forget, recording.pk)
        )


def _forget(pk: UUID) -> str:
    with transaction.atomic():
        recording = Recording.objects.get(pk=pk)
        recording.delete()
        is_there = storages["recordings"].exists(recording.path)
        return (
            _set_aside(storages["recordings"], recording.path)
            if is_there
            else "row deleted; there was no file"
        )


def repair(finding: Finding) -> tuple[bool, str]:
    """Repair one problem; return whether it is repaired, and how or why not."""
    if finding.repair is None:
        return False, finding.advice
    try:
        return True, finding.repair()
    except SignalCraftError as exc:
        return False, str(exc)
    except Exception as exc:  # each storage raises errors of its own
        logger.exception("%s could not be repaired.", finding.what)
        return False, get_reason(exc)
