"""What training draws on a model's page in admin: how the loss fell, and what evaluations came to."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from registry.charts import Curve, line_chart
from registry.models import ModelVersion
from registry.panels import VERSION_PANELS, VersionPanel
from registry.tables import say
from training.evaluation_report import show
from training.models import Evaluation, TrainingRun

MAX_EVALUATIONS = 5


def draw_losses(versions: Sequence[ModelVersion]) -> Mapping[int, SafeString]:
    """The loss of each epoch of the runs that made these versions; the final fit stands out from the folds."""
    runs = TrainingRun.objects.filter(version__in=[version.pk for version in versions])
    charts = {run.version_id: line_chart(_curves(run.epochs), "Loss by epoch") for run in runs}
    return {pk: chart or mark_safe("Learns in one pass, without epochs.") for pk, chart in charts.items()}


def _curves(epochs: Sequence[Mapping[str, Any]]) -> list[Curve]:
    losses: dict[str, list[float | None]] = {}
    for epoch in epochs:
        losses.setdefault(str(epoch["phase"]), []).append(epoch["loss"])
    return [Curve("final" if phase == "final" else "fold", values) for phase, values in losses.items()]


def draw_evaluations(versions: Sequence[ModelVersion]) -> Mapping[int, SafeString]:
    """The newest evaluations of each version, of which each is a link away."""
    by_age = Window(RowNumber(), partition_by=F("version"), order_by=F("pk").desc())
    of_these = Evaluation.objects.filter(version__in=[version.pk for version in versions])
    by_version: dict[int, list[Evaluation]] = {}
    for evaluation in of_these.annotate(age=by_age).filter(age__lte=MAX_EVALUATIONS).order_by("-pk"):
        by_version.setdefault(evaluation.version_id, []).append(evaluation)
    return {pk: _table(evaluations) for pk, evaluations in by_version.items()}


def _table(evaluations: Sequence[Evaluation]) -> SafeString:
    titles = format_html_join("", "<th>{}</th>", ((title,) for title in ("when", "AUC", "false alarms", "detection")))
    row = '<tr><td><a href="{}">{}</a></td><td>{}</td><td>{}</td><td>{}</td></tr>'
    shown = format_html_join("", row, map(_cells, evaluations))
    return format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", titles, shown)


def _cells(evaluation: Evaluation) -> tuple[str, ...]:
    address = reverse("admin:training_evaluation_change", args=[evaluation.pk])
    figures = (show(evaluation.metrics[name]) for name in ("auc", "false_alarm_rate", "detection_rate"))
    return address, say(evaluation.created_at), *figures


VERSION_PANELS.append(VersionPanel("loss by epoch", "registry.view_modelversion", draw_losses))
VERSION_PANELS.append(VersionPanel("evaluations", "training.view_evaluation", draw_evaluations))
