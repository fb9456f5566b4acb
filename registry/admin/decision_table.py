"""The version that answers now beside the one that would, in figures: a curator decides knowing what changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.http import HttpRequest

from core.admin.tables import ABSENT
from registry.admin.comparison import Row, rows_of
from registry.admin.panels import VERSION_FACTS
from registry.models import ModelVersion
from registry.models.figures import FIGURES, get_figures

# Every version's artifact is read for its thresholds; nobody compares more than a few at once.
MAX_TABLES = 10


class Confirmable(Protocol):
    """What a page shows before it is confirmed."""

    @property
    def subject(self) -> str: ...
    @property
    def effect(self) -> str: ...
    @property
    def needs_approval(self) -> bool: ...
    @property
    def refusal(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class ConfirmationRow:
    """One thing to confirm, with the rows of its table: name, now, then."""

    what: Confirmable
    rows: Sequence[Row]


def add_comparison_tables(
    request: HttpRequest, chosen: Sequence[Confirmable]
) -> list[ConfirmationRow]:
    """Put a table beside each decision that lets another version answer."""
    pairs = [_pair(each) for each in chosen] if len(chosen) <= MAX_TABLES else [None] * len(chosen)
    known = _facts(
        request,
        {version.pk: version for pair in pairs if pair for version in pair if version}.values(),
    )
    columns = (
        [known[version.pk] if version else {} for version in pair] if pair else [] for pair in pairs
    )
    return [
        ConfirmationRow(each, list(rows_of(both)) if both else [])
        for each, both in zip(chosen, columns, strict=True)
    ]


def _pair(each: Any) -> tuple[ModelVersion | None, ModelVersion | None] | None:
    before, after = getattr(each, "before_and_after", (None, None))
    return None if after in (None, before) else (before, after)


def _facts(request: HttpRequest, versions: Iterable[ModelVersion]) -> dict[int, Mapping[str, Any]]:
    versions = list(versions)
    figures = get_figures(versions) if versions else {}
    told = [
        facts.tell(versions)
        for facts in VERSION_FACTS
        if versions and request.user.has_perm(facts.permission)
    ]
    known: dict[int, Mapping[str, Any]] = {}
    for version in versions:
        own = {
            "version": str(version),
            "trained": version.created_at,
            "recordings": version.sample_count,
        }
        measured = {
            title: figures[version.pk].show(name) or ABSENT for name, title in FIGURES.items()
        }
        known[version.pk] = own | measured
        for facts in told:
            known[version.pk] = {**known[version.pk], **facts.get(version.pk, {})}
    return known
