"""Imports models of an older registry one by one, and says of each what became of it."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.db import transaction

from core.errors import SignalCraftError
from registry import storage
from registry.models import Action, ModelVersion, NewModel, NewVersion, RegisteredModel, VersionFile
from registry.storage import ArtifactFile
from training.legacy.conversion import ConversionResult, convert, name_files
from training.legacy.old_registry import LegacyModel, read_entries, read_entry
from training.publication import library_versions
from training.requests import resolve_machine_type

WHY = "imported from the older registry"


class Outcome(StrEnum):
    """What became of an entry."""

    IMPORTED = "imported"
    IMPORTABLE = "can be imported"
    ALREADY_IMPORTED = "already imported"
    NOT_IMPORTED = "not imported"


@dataclass(frozen=True, slots=True)
class ImportResult:
    """One line of the report."""

    id: str
    outcome: Outcome
    why: str


def import_models(path: Path, *, is_dry_run: bool) -> Iterator[ImportResult]:
    """Import what can be imported of a registry.json; a dry run compares, and writes nothing."""
    seen: set[str] = set()
    for number, entry in enumerate(read_entries(path), 1):
        name = _entry_name(entry, number)
        try:
            old = read_entry(entry, path.parent)
            if old.id in seen:
                why = "Another entry before it has the same id."
                yield ImportResult(name, Outcome.NOT_IMPORTED, why)
                continue
            yield _import_model(old, is_dry_run=is_dry_run)
            seen.add(old.id)
        except SignalCraftError as exc:
            yield ImportResult(name, Outcome.NOT_IMPORTED, str(exc))


def _entry_name(entry: Any, number: int) -> str:
    model_id = entry.get("id") if isinstance(entry, dict) else None
    return str(model_id or f"entry {number}")


def _import_model(old: LegacyModel, *, is_dry_run: bool) -> ImportResult:
    machine_type = resolve_machine_type(None, old.id)
    existing = RegisteredModel.objects.filter(pk=old.id).first()
    if existing:
        existing.check_same_type(type=old.type, machine_type=machine_type)
    if _is_imported(old):
        why = "A version with the same file exists."
        return ImportResult(old.id, Outcome.ALREADY_IMPORTED, why)

    converted = convert(old)
    comparison = f"scores differ by at most {converted.max_relative_difference:.0e}, not calibrated"
    if is_dry_run:
        why = f"{old.type}, {machine_type}; {comparison}"
        return ImportResult(old.id, Outcome.IMPORTABLE, why)

    new_version = _write_files(old, converted)
    with transaction.atomic():
        version = _publish(old, new_version, machine_type)
        default = _restore_default(version.registered_model) if old.is_default else ""
    why = f"{version}, {old.type}, {machine_type}; {comparison}{default}"
    return ImportResult(old.id, Outcome.IMPORTED, why)


def _is_imported(old: LegacyModel) -> bool:
    digest = hashlib.sha256(old.model_file.read_bytes()).hexdigest()
    return VersionFile.objects.filter(
        version__registered_model=old.id, role="exchange", sha256=digest
    ).exists()


def _write_files(old: LegacyModel, converted: ConversionResult) -> NewVersion:
    names = name_files(old.files)
    contents = {role: path.read_bytes() for role, path in old.files.items()}
    contents |= {"serving": converted.serving_form, "sidecar": _write_sidecar(old, names)}
    files = [ArtifactFile(role, names[role], content) for role, content in contents.items()]
    return NewVersion(
        files=storage.write_files(old.id, files),
        dataset_path=old.dataset_path,
        dataset_fingerprint="",
        sample_count=old.sample_count,
        parameters=old.parameters,
        metrics=old.metrics,
        library_versions=library_versions(),
        created_at=old.created_at,
    )


def _publish(old: LegacyModel, new_version: NewVersion, machine_type: str) -> ModelVersion:
    new_model = NewModel(
        id=old.id,
        type=old.type,
        machine_type=machine_type,
        name=old.name,
        description=old.description,
    )
    return RegisteredModel.objects.publish(new_model, new_version, serve=True, by=None, why=WHY)


def _restore_default(model: RegisteredModel) -> str:
    """Make it the default, as it was, unless there is another; say which."""
    current = model.find_current_default()
    if current is not None and current != model:
        return f"; not the default, because {current} is"
    model.decide(Action.MAKE_DEFAULT, by=None, why=WHY)
    return "; default"


def _write_sidecar(old: LegacyModel, names: dict[str, str]) -> bytes:
    content: dict[str, Any] = {
        "model_id": old.id,
        "type": old.type,
        "files": names,
        "imported": {"entry": dict(old.entry), "sidecar": dict(old.sidecar)},
        "calibration": None,
    }
    return json.dumps(content, indent=2, ensure_ascii=False).encode()
