"""Versions side by side: what each was made of and what came out, and where they differ."""

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


@dataclass(frozen=True, slots=True)
class Row:
    """One fact about each version."""

    name: str
    cells: Sequence[Any]
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Facts of one kind."""

    title: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that is not as it was in the version before."""

    name: str
    before: str
    after: str


def choose(
    model: RegisteredModel,
    numbers: Sequence[str],
    newest: Sequence[ModelVersion],
    before: ModelVersion | None,
) -> list[ModelVersion]:
    """Return the versions of these numbers, or else the serving one and the one before it; newest first."""
    asked = [int(number) for number in numbers if number.isdecimal() and len(number) < 10][
        :MAX_COMPARED
    ]
    chosen = (
        list(model.versions.filter(number__in=asked)) if asked else _usual(model, newest, before)
    )
    prefetch_related_objects(chosen, "files")
    return sorted(chosen, key=lambda version: -version.number)


def compare(
    request: HttpRequest, versions: Sequence[ModelVersion], figures: Mapping[int, Figures]
) -> list[Group]:
    """Lay out what is known of each version, in groups."""
    return [
        Group("Metrics", list(rows_of([figures[version.pk].shown for version in versions]))),
        Group("Pictures and tables", draw(request, versions)),
        Group("Trained on", list(rows_of([trained_on(version) for version in versions]))),
        Group("Parameters", list(rows_of([version.parameters for version in versions]))),
        Group("Libraries", list(rows_of([version.library_versions for version in versions]))),
    ]


def draw(request: HttpRequest, versions: Sequence[ModelVersion]) -> list[Row]:
    """What other apps draw of each version, as far as this person may see it."""
    return [
        Row(panel.title, [drawings.get(version.pk, ABSENT) for version in versions])
        for panel in VERSION_PANELS
        if request.user.has_perm(panel.permission) and (drawings := panel.draw(versions))
    ]


def find_previous_version(version: ModelVersion) -> ModelVersion | None:
    """Find the version before this one, by number."""
    of_model = ModelVersion.objects.filter(registered_model=version.registered_model_id)
    return of_model.filter(number__lt=version.number).order_by("-number").first()


def changes(
    before: ModelVersion, version: ModelVersion, figures: Mapping[int, Figures]
) -> list[Change]:
    """Every fact that differs."""
    rows = rows_of([_facts(each, figures[each.pk]) for each in (before, version)])
    return [Change(row.name, *row.cells) for row in rows if row.differs]


def trained_on(version: ModelVersion) -> dict[str, Any]:
    """What the version learnt from."""
    return {
        "created": version.created_at,
        "recordings": version.sample_count,
        "folder": version.dataset_path,
        "fingerprint": format_html("<code>{}</code>", version.dataset_fingerprint[:16] or ABSENT),
    }


def _usual(
    model: RegisteredModel, newest: Sequence[ModelVersion], before: ModelVersion | None
) -> list[ModelVersion]:
    serving = model.serving_version
    if serving is None:
        return list(newest[:2])
    other = before or next((version for version in newest if version != serving), None)
    return [serving, other] if other else [serving]


def _facts(version: ModelVersion, figures: Figures) -> dict[str, Any]:
    about = trained_on(version)
    about.pop("created")
    return about | {
        "parameter": version.parameters,
        "metric": figures.shown,
        "library": version.library_versions,
    }


def rows_of(columns: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    """Every fact that any of the columns has, in one row each."""
    flat = [dict(flatten(column)) for column in columns]
    for name in dict.fromkeys(name for column in flat for name in column):
        cells = [format_value(column[name]) if name in column else ABSENT for column in flat]
        yield Row(name, cells, differs=len(set(map(str, cells))) > 1)
