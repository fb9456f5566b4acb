"""The version that serves now beside the one that would: a curator sees the figures first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.http import HttpRequest

from core.admin.tables import ABSENT
from registry.admin.comparison import Row, build_rows
from registry.admin.panels import VERSION_FACTS
from registry.models import ModelVersion
from registry.models.figures import FIGURES, Figures, get_figures

# Every version's artifact is read for its thresholds; nobody compares more than a few at once.
MAX_TABLES = 10

NEVER_TESTED = "Never evaluated: nobody knows how many faults it finds."

Pair = tuple[ModelVersion | None, ModelVersion | None]


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
    """One thing to confirm: what speaks against it, and the rows of its table: name, now, then.

    caveats: whether each kept the version from serving at once, and its sentence.
    """

    what: Confirmable
    rows: Sequence[Row] = ()
    caveats: Sequence[tuple[bool, str]] = ()


def add_comparison_tables(
    request: HttpRequest, chosen: Sequence[Confirmable]
) -> list[ConfirmationRow]:
    """Add a table to each decision that lets another version serve."""
    if len(chosen) > MAX_TABLES:
        return [ConfirmationRow(each) for each in chosen]

    pairs = [_get_pair(each) for each in chosen]
    versions = {version.pk: version for pair in pairs if pair for version in pair if version}
    figures = get_figures(versions.values()) if versions else {}
    facts = _collect_facts(request, list(versions.values()), figures)
    return [
        ConfirmationRow(each, _build_table(pair, facts), _list_caveats(pair, figures))
        for each, pair in zip(chosen, pairs, strict=True)
    ]


def _list_caveats(pair: Pair | None, figures: Mapping[int, Figures]) -> list[tuple[bool, str]]:
    """Return what is known against the version that would serve, what held it back first."""
    after = pair[1] if pair else None
    if after is None:
        return []
    of_version = figures[after.pk]
    caveats = [] if of_version.is_tested else [(True, NEVER_TESTED)]
    findings = [(finding.blocks_serving, finding.detail) for finding in of_version.findings]
    return caveats + sorted(findings, key=lambda finding: not finding[0])


def _get_pair(each: Any) -> Pair | None:
    """Return the versions before and after; None where the same one goes on serving."""
    before, after = getattr(each, "before_and_after", (None, None))
    return None if after in (None, before) else (before, after)


def _build_table(pair: Pair | None, facts: dict[int, dict[str, Any]]) -> list[Row]:
    if pair is None:
        return []
    return list(build_rows([facts[version.pk] if version else {} for version in pair]))


def _collect_facts(
    request: HttpRequest, versions: Sequence[ModelVersion], figures: Mapping[int, Figures]
) -> dict[int, dict[str, Any]]:
    """Return the facts of each version by primary key, then by name."""
    if not versions:
        return {}

    facts: dict[int, dict[str, Any]] = {}
    for version in versions:
        facts[version.pk] = {
            "version": str(version),
            "trained": version.created_at,
            "recordings": version.sample_count,
        }
        for name, title in FIGURES.items():
            facts[version.pk][title] = figures[version.pk].render(name) or ABSENT

    for source in VERSION_FACTS:
        if request.user.has_perm(source.permission):
            for pk, values in source.collect(versions).items():
                facts[pk] |= values
    return facts
