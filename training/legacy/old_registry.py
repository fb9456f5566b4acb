"""Reads the registry of the older system: registry.json, files beside it, some sidecars."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from registry.names import check_file_name, check_model_id
from training.errors import LegacyEntryRefused, LegacyRegistryUnreadable

MAX_JSON_BYTES = 16 * 1024 * 1024
MAX_FILE_BYTES = 512 * 1024 * 1024
MAX_NAME_LENGTH = 200
MAX_COUNT = 2**31 - 1
# How the older system spelled the same thing over time.
MODEL_KEYS = ("file_name_model", "file_name", "model_file", "file")
SCALER_KEYS = ("file_name_scaler", "scaler_file", "scaler_file_name", "scaler")
PARAMETER_KEYS = ("training_parameters", "parameters")
METRIC_KEYS = ("training_metrics", "metrics")
TYPES = {
    "level1_isolation_forest": "level1_legacy_isolation_forest",
    "level2_autoencoder": "level2_legacy_autoencoder",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyModel:
    """One entry that can be imported: its files are there."""

    id: str
    type: str
    name: str
    description: str
    is_default: bool
    model_file: Path
    scaler_file: Path | None
    created_at: datetime | None
    dataset_path: str
    sample_count: int
    parameters: Mapping[str, Any]
    metrics: Mapping[str, Any]
    entry: Mapping[str, Any]
    sidecar: Mapping[str, Any] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, Path]:
        """Return its files by role."""
        scaler = {"scaler": self.scaler_file} if self.scaler_file else {}
        return {"exchange": self.model_file, **scaler}


def read_entries(path: Path) -> list[Any]:
    """Return the entries of a registry.json, whatever each of them is."""
    content = _read_json(path)
    entries = content.get("models") if isinstance(content, dict) else None
    if not isinstance(entries, list):
        raise LegacyRegistryUnreadable(f"{path.name} has no list of models.")
    return entries


def read_entry(entry: Any, folder: Path) -> LegacyModel:
    """Read one entry; LegacyEntryRefused says why it cannot be imported."""
    if not isinstance(entry, dict):
        raise LegacyEntryRefused("The entry is not a JSON object.")
    model_id = _get_text(entry, "id")
    check_model_id(model_id)
    sidecar = _read_sidecar(entry, model_id, folder)
    values = {**sidecar, **entry}
    old_type = _get_text(values, "type") or _get_text(values, "model_type")
    if old_type not in TYPES:
        raise LegacyEntryRefused(
            f"Its type is {old_type!r}; {' and '.join(TYPES)} can be imported."
        )
    needs_scaler = old_type.startswith("level1")
    return LegacyModel(
        id=model_id,
        type=TYPES[old_type],
        name=_get_text(values, "name")[:MAX_NAME_LENGTH],
        description=_get_text(values, "description"),
        is_default=values.get("is_default") is True,
        model_file=_find_file(values, MODEL_KEYS, folder, "model"),
        scaler_file=_find_file(values, SCALER_KEYS, folder, "scaler") if needs_scaler else None,
        created_at=_parse_moment(
            _get_text(sidecar, "created_at") or _get_text(entry, "created_at")
        ),
        dataset_path=_get_text(values, "dataset_path"),
        sample_count=_parse_count(values.get("sample_count")),
        parameters=_get_mapping(values, PARAMETER_KEYS),
        metrics=_get_mapping(values, METRIC_KEYS),
        entry=entry,
        sidecar=sidecar,
    )


def _read_sidecar(entry: Mapping[str, Any], model_id: str, folder: Path) -> Mapping[str, Any]:
    named = _get_text(entry, "meta_file")
    if named:
        check_file_name(named)
    candidates = (
        [named] if named else [f"{stem}_meta.json" for stem in _candidate_stems(entry, model_id)]
    )
    path = next((folder / name for name in candidates if (folder / name).is_file()), None)
    if path is None:
        return {}
    content = _read_json(path)
    return content if isinstance(content, dict) else {}


def _candidate_stems(entry: Mapping[str, Any], model_id: str) -> Iterator[str]:
    yield model_id
    yield from (Path(name).stem for name in _names(entry, MODEL_KEYS))


def _find_file(values: Mapping[str, Any], keys: tuple[str, ...], folder: Path, what: str) -> Path:
    name = next(_names(values, keys), "")
    if not name:
        raise LegacyEntryRefused(f"It has no {what} file.")
    check_file_name(name)
    path = folder / name
    if not path.is_file():
        raise LegacyEntryRefused(f"Its {what} file {name} is not there.")
    if path.stat().st_size > MAX_FILE_BYTES:
        raise LegacyEntryRefused(f"Its {what} file {name} has more than {MAX_FILE_BYTES} bytes.")
    return path


def _names(values: Mapping[str, Any], keys: tuple[str, ...]) -> Iterator[str]:
    return (name for key in keys if (name := _get_text(values, key)))


def _get_text(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key)
    return value.strip() if isinstance(value, str) else ""


def _get_mapping(values: Mapping[str, Any], keys: tuple[str, ...]) -> Mapping[str, Any]:
    return next((value for key in keys if isinstance(value := values.get(key), dict)), {})


def _parse_count(value: Any) -> int:
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_COUNT
    return value if is_count else 0


def _parse_moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError as exc:
        raise LegacyEntryRefused(
            f"It was created at {text!r}, which is not a date and time."
        ) from exc
    # The older system wrote its own local time.
    return timezone.make_aware(moment) if moment and timezone.is_naive(moment) else moment


def _read_json(path: Path) -> Any:
    try:
        if path.stat().st_size > MAX_JSON_BYTES:
            raise LegacyRegistryUnreadable(f"{path.name} has more than {MAX_JSON_BYTES} bytes.")
        return json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=_refuse_constant)
    except OSError as exc:
        raise LegacyRegistryUnreadable(f"{path.name} cannot be read: {exc.strerror}.") from exc
    except (ValueError, RecursionError) as exc:
        raise LegacyRegistryUnreadable(f"{path.name} is not JSON.") from exc


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON.")
