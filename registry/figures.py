"""How well versions do, in figures: what training measured, else what their newest evaluation came to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.html import format_html
from django.utils.safestring import SafeString

from registry.models import ModelVersion, RegisteredModel

FIGURES = {"auc": "AUC", "false_alarm_rate": "false alarms", "detection_rate": "detection"}


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one version, by name: as its training and as its newest evaluation measured them."""

    trained: Mapping[str, Any]
    evaluated: Mapping[str, Any]

    @classmethod
    def of(cls, version: Any) -> "Figures":
        """Of a version that came with_evaluations."""
        return cls(version.metrics, version.evaluated or {})

    def show(self, name: str) -> SafeString | str | None:
        """Write a figure to three digits, with a word where it is of an evaluation; None where nobody measured it."""
        if is_figure(trained := self.trained.get(name)):
            return f"{trained:.3f}"
        evaluated = self.evaluated.get(name, {}).get("value")
        return format_html("{} <small>evaluated</small>", f"{evaluated:.3f}") if is_figure(evaluated) else None


def with_evaluations(versions: QuerySet[ModelVersion]) -> QuerySet[Any]:
    """Tell with each version what its newest evaluation measured, as `evaluated`."""
    newest = ModelVersion.objects.filter(pk=OuterRef("pk")).order_by("-evaluations__pk")
    return versions.annotate(evaluated=Subquery(newest.values("evaluations__metrics")[:1]))


def figures_of(versions: Iterable[ModelVersion]) -> dict[int, Figures]:
    """The figures of each of these versions, in one query."""
    rows = ModelVersion.objects.filter(pk__in=[version.pk for version in versions]).order_by()
    return {row.pk: Figures.of(row) for row in with_evaluations(rows)}


def newest_versions(models: Iterable[RegisteredModel]) -> dict[str, ModelVersion]:
    """The newest version of each model, whether or not it serves, in one query."""
    of_model = ModelVersion.objects.filter(registered_model=OuterRef("pk")).order_by("-number")
    asked = RegisteredModel.objects.filter(pk__in=[model.pk for model in models]).order_by()
    newest = asked.annotate(newest=Subquery(of_model.values("pk")[:1])).values("newest")
    return {version.registered_model_id: version for version in ModelVersion.objects.filter(pk__in=newest).order_by()}


def is_figure(value: Any) -> bool:
    """Whether it was measured."""
    return isinstance(value, float | int) and not isinstance(value, bool)
