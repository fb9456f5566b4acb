"""Figures of versions: what training measured, and what the newest evaluation measured since."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.html import format_html
from django.utils.safestring import SafeString

from registry.models.versions import ModelVersion

FIGURES = {"auc": "AUC", "false_alarm_rate": "false alarms", "detection_rate": "detection"}
# These depend on the thresholds: a new calibration makes them outdated.
THRESHOLD_FIGURES = ("false_alarm_rate", "detection_rate")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that training found in the recordings; blocks_serving: a curator had to look."""

    code: str
    detail: str
    blocks_serving: bool

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Finding":
        """Read it as a training run stores it; older runs did not say what kept a version back."""
        blocks_serving = bool(stored.get("blocks_serving", False))
        return cls(stored["code"], stored["detail"], blocks_serving)


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one version by name, as training and the newest evaluation measured them."""

    trained: Mapping[str, Any]
    evaluated: Mapping[str, Any]
    # The key of the newest calibration for all devices that was made after training.
    calibration: int | None = None
    # Whether that calibration applies, and no longer the one of the artifact.
    is_recalibrated: bool = False
    is_evaluated_since: bool = True
    # What training found in the recordings.
    findings: Sequence[Finding] = ()

    @classmethod
    def of(cls, version: ModelVersion, *, annotated: Any = None) -> "Figures":
        """Collect a version's figures from a row of annotate_figures(), by default the version."""
        row: Any = annotated or version
        is_evaluated_since = (
            row.calibrated_at is None
            or row.evaluated_at is None
            or row.evaluated_at > row.calibrated_at
        )
        return cls(
            trained=version.metrics,
            evaluated=row.evaluated or {},
            calibration=row.calibration,
            is_recalibrated=row.calibrated_on is not None,
            is_evaluated_since=is_evaluated_since,
            findings=[
                Finding.from_json(each) for each in (row.data_check or {}).get("findings", [])
            ],
        )

    @property
    def metrics(self) -> dict[str, Any]:
        """The metrics of training; outdated ones come from the newest evaluation, or are None."""
        return {**self.trained, **{name: self._get_evaluated(name) for name in self._outdated}}

    @property
    def is_tested(self) -> bool:
        """Whether training or an evaluation had recordings of faults to tell from healthy ones."""
        evaluated = self.evaluated.get("auc", {}).get("value")
        return is_number(self.trained.get("auc")) or is_number(evaluated)

    @property
    def display_metrics(self) -> dict[str, Any]:
        """The metrics as people read them: an outdated one says since when."""
        return {**self.trained, **{name: self.render(name) for name in self._outdated}}

    def render(self, name: str) -> SafeString | str | None:
        """Format a figure with three digits and its origin; None where nobody measured it."""
        trained = self.trained.get(name)
        if is_number(trained) and name not in self._outdated:
            return f"{trained:.3f}"

        evaluated = self._get_evaluated(name)
        if evaluated is not None:
            return format_html("{} <small>evaluated</small>", f"{evaluated:.3f}")

        # Measured, but with other thresholds than those that apply.
        was_measured = is_number(trained) or is_number(self.evaluated.get(name, {}).get("value"))
        if not was_measured:
            return None
        return format_html("<small>not measured since calibration #{}</small>", self.calibration)

    @property
    def _outdated(self) -> list[str]:
        """The names of what training measured with thresholds that no longer apply."""
        return [name for name in THRESHOLD_FIGURES if self.is_recalibrated and name in self.trained]

    def _get_evaluated(self, name: str) -> float | None:
        """Return what the newest evaluation measured, unless that is outdated."""
        value = self.evaluated.get(name, {}).get("value")
        if not is_number(value):
            return None
        if name in THRESHOLD_FIGURES and not self.is_evaluated_since:
            return None
        number: float = value
        return number


def annotate_figures(rows: QuerySet[Any], *, version: str = "pk") -> QuerySet[Any]:
    """Add the newest evaluation and the newest calibration for all devices of each version.

    version: the column of the rows that holds the key of the version.
    """
    of_version = ModelVersion.objects.filter(pk=OuterRef(version))
    evaluations = of_version.order_by("-evaluations__pk")
    calibrations = of_version.filter(calibrations__device=None).order_by("-calibrations__pk")
    return rows.annotate(
        evaluated=Subquery(evaluations.values("evaluations__metrics")[:1]),
        data_check=Subquery(of_version.values("training_run__data_check")[:1]),
        evaluated_at=Subquery(evaluations.values("evaluations__created_at")[:1]),
        calibration=Subquery(calibrations.values("calibrations__pk")[:1]),
        calibrated_at=Subquery(calibrations.values("calibrations__created_at")[:1]),
        # The number of recordings; None where the calibration is withdrawn.
        calibrated_on=Subquery(calibrations.values("calibrations__n")[:1]),
    )


def get_figures(versions: Iterable[ModelVersion]) -> dict[int, Figures]:
    """Return the figures of each of these versions, in one query."""
    rows = ModelVersion.objects.filter(pk__in=[version.pk for version in versions]).order_by()
    return {row.pk: Figures.of(row) for row in annotate_figures(rows)}


def is_number(value: Any) -> bool:
    return isinstance(value, float | int) and not isinstance(value, bool)
