"""Versions side by side: what each was made from, what it achieved, and where they differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.utils.html import format_html

from core.admin.tables import ABSENT, flatten, format_value
from registry.admin.panels import VERSION_PANELS
from registry.models import ModelVersion, RegisteredModel
from registry.models.figures import Figures

MAX_COMPARED = 4
MAX_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Row:
    """One fact about each version."""

    name: str
    cells: Sequence[Any]
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Facts under one heading."""

    title: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that differs from the previous version."""

    name: str
    before: str
    after: str


def select_versions(
    model: RegisteredModel,
    numbers: Sequence[str],
    newest: Sequence[ModelVersion],
    rollback_target: ModelVersion | None,
) -> list[ModelVersion]:
    """Return the versions of these numbers, else the serving one and another; newest first."""
    wanted = [int(number) for number in numbers if _is_version_number(number)][:MAX_COMPARED]
    versions = _select_default(model, newest, rollback_target)
    if wanted:
        versions = list(model.versions.filter(number__in=wanted))
    prefetch_related_objects(versions, "files")
    return sorted(versions, key=lambda version: -version.number)


def compare(
    request: HttpRequest, versions: Sequence[ModelVersion], figures: Mapping[int, Figures]
) -> list[Group]:
    """Lay out what is known of each version, in groups."""
    metrics = [figures[version.pk].display_metrics for version in versions]
    training = [get_training_facts(version) for version in versions]
    return [
        Group("Metrics", list(build_rows(metrics))),
        Group("Pictures and tables", render_panels(request, versions)),
        Group("Trained on", list(build_rows(training))),
        Group("Parameters", list(build_rows([version.parameters for version in versions]))),
        Group("Libraries", list(build_rows([version.library_versions for version in versions]))),
    ]


def render_panels(request: HttpRequest, versions: Sequence[ModelVersion]) -> list[Row]:
    """Render the panels of other apps that this person may see, a row each."""
    rows = []
    for panel in VERSION_PANELS:
        if not request.user.has_perm(panel.permission):
            continue
        if rendered := panel.render(versions):
            cells = [rendered.get(version.pk, ABSENT) for version in versions]
            rows.append(Row(panel.title, cells))
    return rows


def find_previous_version(version: ModelVersion) -> ModelVersion | None:
    """Return the version with the next lower number."""
    of_model = ModelVersion.objects.filter(registered_model=version.registered_model_id)
    return of_model.filter(number__lt=version.number).order_by("-number").first()


def list_changes(
    previous: ModelVersion, version: ModelVersion, figures: Mapping[int, Figures]
) -> list[Change]:
    """Return every fact that differs."""
    rows = build_rows([_get_facts(each, figures[each.pk]) for each in (previous, version)])
    return [Change(row.name, *row.cells) for row in rows if row.differs]


def get_training_facts(version: ModelVersion) -> dict[str, Any]:
    """Return when and from what the version was trained, by name."""
    return {
        "created": version.created_at,
        "recordings": version.sample_count,
        "folder": version.dataset_path,
        "fingerprint": format_html("<code>{}</code>", version.dataset_fingerprint[:16] or ABSENT),
    }


def build_rows(columns: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    """Yield one row for every fact that any of the columns has."""
    flat = [dict(flatten(column)) for column in columns]
    for name in dict.fromkeys(name for column in flat for name in column):
        cells = [format_value(column[name]) if name in column else ABSENT for column in flat]
        yield Row(name, cells, differs=len(set(map(str, cells))) > 1)


def _is_version_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= MAX_DIGITS


def _select_default(
    model: RegisteredModel, newest: Sequence[ModelVersion], rollback_target: ModelVersion | None
) -> list[ModelVersion]:
    serving = model.serving_version
    if serving is None:
        return list(newest[:2])
    other = rollback_target or next((version for version in newest if version != serving), None)
    return [serving, other] if other else [serving]


def _get_facts(version: ModelVersion, figures: Figures) -> dict[str, Any]:
    training = get_training_facts(version)
    del training["created"]
    return training | {
        "parameter": version.parameters,
        "metric": figures.display_metrics,
        "library": version.library_versions,
    }
