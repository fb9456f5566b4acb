"""Brings models of an older registry in, one by one, and tells of each what became of it."""

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
from training.requests import choose_machine_type
from training.trainers import library_versions

WHY = "imported from the older registry"


class Outcome(StrEnum):
    """What became of an entry."""

    IMPORTED = "imported"
    COULD_BE = "can be imported"
    HERE_ALREADY = "here already"
    NOT_IMPORTED = "not imported"


@dataclass(frozen=True, slots=True)
class ImportResult:
    """One line of the report."""

    id: str
    outcome: Outcome
    why: str


def import_models(path: Path, *, is_dry_run: bool) -> Iterator[ImportResult]:
    """Import what can be imported of a registry.json; a rehearsal opens and compares everything, and writes nothing."""
    seen: set[str] = set()
    for number, entry in enumerate(read_entries(path), 1):
        name = (
            str(entry.get("id") or f"entry {number}")
            if isinstance(entry, dict)
            else f"entry {number}"
        )
        try:
            old = read_entry(entry, path.parent)
            if old.id in seen:
                yield ImportResult(
                    name, Outcome.NOT_IMPORTED, "Another entry before it has the same id."
                )
                continue
            yield _import_model(old, is_dry_run=is_dry_run)
            seen.add(old.id)
        except SignalCraftError as exc:
            yield ImportResult(name, Outcome.NOT_IMPORTED, str(exc))


def _import_model(old: LegacyModel, *, is_dry_run: bool) -> ImportResult:
    machine_type = choose_machine_type(None, old.id)
    existing = RegisteredModel.objects.filter(pk=old.id).first()
    if existing:
        existing.check_same_type(type=old.type, machine_type=machine_type)
    digest = hashlib.sha256(old.model_file.read_bytes()).hexdigest()
    same = VersionFile.objects.filter(
        version__registered_model=old.id, role="exchange", sha256=digest
    )
    if same.exists():
        return ImportResult(old.id, Outcome.HERE_ALREADY, "A version with the same file exists.")
    converted = convert(old)
    equal = f"scores equal to {converted.max_relative_difference:.0e}, not calibrated"
    if is_dry_run:
        return ImportResult(old.id, Outcome.COULD_BE, f"{old.type}, {machine_type}; {equal}")
    version, default = _publish(old, machine_type, converted)
    return ImportResult(
        old.id, Outcome.IMPORTED, f"{version}, {old.type}, {machine_type}; {equal}{default}"
    )


def _publish(
    old: LegacyModel, machine_type: str, converted: ConversionResult
) -> tuple[ModelVersion, str]:
    names = name_files(old.files)
    contents = {role: path.read_bytes() for role, path in old.files.items()}
    contents |= {"serving": converted.serving_form, "sidecar": _sidecar(old, names)}
    artifacts = [ArtifactFile(role, names[role], content) for role, content in contents.items()]
    new = NewVersion(
        files=storage.write_files(old.id, artifacts),
        dataset_path=old.dataset_path,
        dataset_fingerprint="",
        sample_count=old.sample_count,
        parameters=old.parameters,
        metrics=old.metrics,
        library_versions=library_versions(),
        created_at=old.created_at,
    )
    model = NewModel(
        id=old.id,
        type=old.type,
        machine_type=machine_type,
        name=old.name,
        description=old.description,
    )
    with transaction.atomic():
        version = RegisteredModel.objects.publish(model, new, serve=True, by=None, why=WHY)
        return version, _offer(version.registered_model) if old.is_default else ""


def _offer(model: RegisteredModel) -> str:
    """Make it the default, as it was, unless there is one."""
    current = model.find_current_default()
    if current is not None and current != model:
        return f"; not the default, as {current} is"
    model.decide(Action.MAKE_DEFAULT, by=None, why=WHY)
    return "; default"


def _sidecar(old: LegacyModel, names: dict[str, str]) -> bytes:
    about: dict[str, Any] = {
        "model_id": old.id,
        "type": old.type,
        "files": names,
        "imported": {"entry": dict(old.entry), "sidecar": dict(old.sidecar)},
        "calibration": None,
    }
    return json.dumps(about, indent=2, ensure_ascii=False).encode()
