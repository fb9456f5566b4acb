"""Renders training runs and evaluations on a model's page in admin."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from core.admin.charts import Curve, render_line_chart
from core.admin.tables import format_value
from core.errors import SignalCraftError
from registry.admin.panels import VERSION_PANELS, VersionPanel
from registry.models import ModelVersion
from training.evaluation.report import format_estimate
from training.models import Evaluation, TrainingRun

MAX_EVALUATIONS = 5
MAX_NAMES = 100
EVALUATION_METRICS = {
    "auc": "AUC",
    "false_alarm_rate": "false alarms",
    "detection_rate": "detection",
}


def render_runs(versions: Sequence[ModelVersion]) -> Mapping[int, SafeString]:
    """Render the runs that made these versions, by version."""
    pks = [version.pk for version in versions]
    runs = {run.version_id: run for run in TrainingRun.objects.filter(version__in=pks)}
    rendered = {version.pk: _render_run(version, runs.get(version.pk)) for version in versions}
    return {pk: html for pk, html in rendered.items() if html}


def _render_run(version: ModelVersion, run: TrainingRun | None) -> SafeString:
    refusals = render_refusals(version)
    if run is None:
        return refusals
    return format_html("{}{}{}", render_loss(run), render_issues(run.data_check), refusals)


def render_loss(run: TrainingRun) -> SafeString:
    """Render the loss of each epoch; the final fit stands out from the folds."""
    chart = render_line_chart(_curves(run.epochs), "Loss by epoch")
    return chart or mark_safe("<p>Learns in one pass, without epochs.</p>")


def render_epochs(run: TrainingRun) -> SafeString:
    """Render the numbers behind the chart, folded up."""
    titles = list(dict.fromkeys(name for epoch in run.epochs for name in epoch))
    if not titles:
        return SafeString()
    head = format_html_join("", "<th>{}</th>", ((name.replace("_", " "),) for name in titles))
    lines = ((format_value(epoch.get(name)) for name in titles) for epoch in run.epochs)
    cells = (format_html_join("", "<td>{}</td>", ((cell,) for cell in line)) for line in lines)
    body = format_html_join("", "<tr>{}</tr>", ((line,) for line in cells))
    table = format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", head, body)
    return format_html("<details><summary>In numbers</summary>{}</details>", table)


def render_issues(data_check: Mapping[str, Any]) -> SafeString:
    """Render the issues of the recordings, each with the names that it is about."""
    if "findings" not in data_check:
        return mark_safe("<p>The recordings were not checked.</p>")
    issues = data_check["findings"]
    if not issues:
        return mark_safe("<p>The check of the recordings found no issues.</p>")
    rows = ((issue["detail"], _names(issue)) for issue in issues)
    return format_html_join("", '<div class="finding">{}{}</div>', rows)


def _names(issue: Mapping[str, Any]) -> SafeString:
    names = issue.get("names", [])
    if not names:
        return SafeString()
    folded = "<details><summary>{} recording{}</summary>{}{}</details>"
    listed = format_html_join("", "<div>{}</div>", ((name,) for name in names[:MAX_NAMES]))
    n_more = len(names) - MAX_NAMES
    more = f"and {n_more} more" if n_more > 0 else ""
    return format_html(folded, len(names), "" if len(names) == 1 else "s", listed, more)


def render_refusals(version: ModelVersion) -> SafeString:
    """Render how many files training could not use, and why, from the sidecar."""
    try:
        refused = json.loads(version.read_file("sidecar")).get("refused")
    except (SignalCraftError, ValueError):
        return mark_safe("<p>The list of refused files cannot be read now.</p>")
    if refused is None:
        return SafeString()
    reasons = ", ".join(f"{n} {code.replace('_', ' ')}" for code, n in refused.items())
    return format_html("<p>Refused files: {}.</p>", reasons or "none")


def _curves(epochs: Sequence[Mapping[str, Any]]) -> list[Curve]:
    losses: dict[str, list[float | None]] = {}
    for epoch in epochs:
        losses.setdefault(str(epoch["phase"]), []).append(epoch["loss"])
    return [
        Curve("final" if phase == "final" else "fold", values) for phase, values in losses.items()
    ]


def render_evaluations(versions: Sequence[ModelVersion]) -> Mapping[int, SafeString]:
    """Render the newest evaluations of each version, with links."""
    by_age = Window(RowNumber(), partition_by=F("version"), order_by=F("pk").desc())
    of_these = Evaluation.objects.filter(version__in=[version.pk for version in versions])
    by_version: dict[int, list[Evaluation]] = {}
    newest = of_these.annotate(age=by_age).filter(age__lte=MAX_EVALUATIONS)
    for evaluation in newest.order_by("-pk"):
        by_version.setdefault(evaluation.version_id, []).append(evaluation)
    return {pk: _table(evaluations) for pk, evaluations in by_version.items()}


def _table(evaluations: Sequence[Evaluation]) -> SafeString:
    titles = ("when", *EVALUATION_METRICS.values())
    head = format_html_join("", "<th>{}</th>", ((title,) for title in titles))
    body = format_html_join("", "<tr>{}</tr>", ((_cells(each),) for each in evaluations))
    return format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", head, body)


def _cells(evaluation: Evaluation) -> SafeString:
    address = reverse("admin:training_evaluation_change", args=[evaluation.pk])
    link = format_html('<a href="{}">{}</a>', address, format_value(evaluation.created_at))
    estimates = [format_estimate(evaluation.metrics[name]) for name in EVALUATION_METRICS]
    return format_html_join("", "<td>{}</td>", ((cell,) for cell in (link, *estimates)))


VERSION_PANELS.append(VersionPanel("training run", "registry.view_modelversion", render_runs))
VERSION_PANELS.append(VersionPanel("evaluations", "training.view_evaluation", render_evaluations))
