"""How well versions do, in figures that hold: what training measured, else what their newest evaluation came to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.html import format_html
from django.utils.safestring import SafeString

from registry.models.versions import ModelVersion

FIGURES = {"auc": "AUC", "false_alarm_rate": "false alarms", "detection_rate": "detection"}
# They are true of the thresholds that held when they were measured, and of no others.
OF_THRESHOLDS = ("false_alarm_rate", "detection_rate")


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one version, by name: as its training and as its newest evaluation measured them."""

    trained: Mapping[str, Any]
    evaluated: Mapping[str, Any]
    # The newest calibration for all devices that was added after training.
    calibration: int | None = None
    # Whether the version is held against that one, and no longer against what it brought.
    is_recalibrated: bool = False
    is_evaluated_since: bool = True

    @classmethod
    def of(cls, version: ModelVersion, told: Any = None) -> "Figures":
        """Of a version that came with_figures, or of which another row has been told."""
        row: Any = told or version
        is_since = (
            None in (row.calibrated_at, row.evaluated_at) or row.evaluated_at > row.calibrated_at
        )
        is_recalibrated = row.calibrated_on is not None
        return cls(version.metrics, row.evaluated or {}, row.calibration, is_recalibrated, is_since)

    @property
    def metrics(self) -> dict[str, Any]:
        """What training measured; of the thresholds, what was measured of those that hold, or None."""
        return {**self.trained, **{name: self._evaluated(name) for name in self._outdated}}

    @property
    def shown(self) -> dict[str, Any]:
        """The same for a person to read: what is not known of these thresholds says since when."""
        return {**self.trained, **{name: self.show(name) for name in self._outdated}}

    def show(self, name: str) -> SafeString | str | None:
        """Write a figure to three digits, with a word where it is of an evaluation; None where nobody measured it."""
        trained = self.trained.get(name)
        if is_figure(trained) and name not in self._outdated:
            return f"{trained:.3f}"
        evaluated = self._evaluated(name)
        if evaluated is not None:
            return format_html("{} <small>evaluated</small>", f"{evaluated:.3f}")
        # Measured it was, but of other thresholds.
        was_measured = is_figure(trained) or is_figure(self.evaluated.get(name, {}).get("value"))
        return (
            format_html("– <small>before calibration #{}</small>", self.calibration)
            if was_measured
            else None
        )

    @property
    def _outdated(self) -> list[str]:
        """What training measured of thresholds that hold no more."""
        return [name for name in OF_THRESHOLDS if self.is_recalibrated and name in self.trained]

    def _evaluated(self, name: str) -> float | None:
        """What the newest evaluation measured, where that holds."""
        value = self.evaluated.get(name, {}).get("value")
        return (
            value
            if is_figure(value) and (self.is_evaluated_since or name not in OF_THRESHOLDS)
            else None
        )


def annotate_figures(rows: QuerySet[Any], *, version: str = "pk") -> QuerySet[Any]:
    """Tell with each row what the newest evaluation of its version measured, and its newest calibration for all."""
    of_version = ModelVersion.objects.filter(pk=OuterRef(version))
    evaluations = of_version.order_by("-evaluations__pk")
    calibrations = of_version.filter(calibrations__device=None).order_by("-calibrations__pk")
    return rows.annotate(
        evaluated=Subquery(evaluations.values("evaluations__metrics")[:1]),
        evaluated_at=Subquery(evaluations.values("evaluations__created_at")[:1]),
        calibration=Subquery(calibrations.values("calibrations__pk")[:1]),
        calibrated_at=Subquery(calibrations.values("calibrations__created_at")[:1]),
        # On how many recordings; None where it is withdrawn.
        calibrated_on=Subquery(calibrations.values("calibrations__n")[:1]),
    )


def get_figures(versions: Iterable[ModelVersion]) -> dict[int, Figures]:
    """The figures of each of these versions, in one query."""
    rows = ModelVersion.objects.filter(pk__in=[version.pk for version in versions]).order_by()
    return {row.pk: Figures.of(row) for row in annotate_figures(rows)}


def is_figure(value: Any) -> bool:
    """Whether it was measured."""
    return isinstance(value, float | int) and not isinstance(value, bool)
