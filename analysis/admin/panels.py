"""What analysis draws on a model's page in admin: how normal clips scored, and what was said lately."""

from collections.abc import Mapping, Sequence

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe

from analysis.calibration_choice import EffectiveCalibration, resolve_for_version
from analysis.loading import detector_for
from analysis.models import Analysis
from analysis.models.calibrations import CalibrationRecord
from core.admin.charts import Mark, render_histogram
from core.admin.tables import format_value, render_table
from core.errors import SignalCraftError
from registry.admin.panels import (
    MODEL_PANELS,
    VERSION_FACTS,
    VERSION_PANELS,
    ModelPanel,
    VersionFacts,
    VersionPanel,
)
from registry.models import ModelVersion, RegisteredModel

MAX_ANALYSES = 10


def render_scores(versions: Sequence[ModelVersion]) -> Mapping[int, SafeString]:
    """Histogram and figures of what each version is held against now; in its place, why there is nothing to show."""
    newest = CalibrationRecord.objects.newest_of(list(versions))
    return {
        version.pk: _render_calibration(version, newest.get(version.pk)) for version in versions
    }


def collect_calibration_facts(
    versions: Sequence[ModelVersion],
) -> Mapping[int, Mapping[str, object]]:
    """What each version is held against now, in figures; or why there is nothing."""
    newest = CalibrationRecord.objects.newest_of(list(versions))
    return {version.pk: _collect_facts(version, newest.get(version.pk)) for version in versions}


def _collect_facts(version: ModelVersion, row: CalibrationRecord | None) -> Mapping[str, object]:
    try:
        return _list_figures(resolve_for_version(version, row, detector_for(version).calibration))
    except SignalCraftError as exc:
        return {"calibrated": f"no: {exc}"}


def _render_calibration(version: ModelVersion, row: CalibrationRecord | None) -> SafeString:
    try:
        effective = resolve_for_version(version, row, detector_for(version).calibration)
    except SignalCraftError as exc:
        return format_html('<p class="errornote">{}</p>', exc)
    calibration = effective.calibration
    marks = [Mark("WARNING", calibration.warning), Mark("CRITICAL", calibration.critical)]
    return format_html(
        "{}{}",
        render_histogram(calibration.scores.tolist(), marks),
        render_table(_list_figures(effective)),
    )


def _list_figures(effective: EffectiveCalibration) -> dict[str, object]:
    calibration = effective.calibration
    return {
        "calibrated": effective.record.created_at if effective.record else "with the version",
        "WARNING from": calibration.warning,
        "CRITICAL from": calibration.critical,
        "clips": effective.n,
        "groups": calibration.n_groups,
        "target false alarms": calibration.target_false_alarm_rate,
        "method": calibration.method,
        "notes": ", ".join(effective.notes) or "none",
    }


def render_recent_analyses(_request: HttpRequest, model: RegisteredModel) -> SafeString:
    """The newest analyses by any version of the model, with what people found out."""
    analyses = Analysis.objects.select_related("version", "device").prefetch_related("feedbacks")
    rows = analyses.newest_of(model, MAX_ANALYSES)
    row = "<tr><td>{}</td><td>{}</td><td>{}</td><td>v{}</td><td>{}</td><td>{}</td></tr>"
    shown = format_html_join("", row, map(_list_cells, rows))
    if not shown:
        return mark_safe("<p>None yet.</p>")
    head = ("when", "label", "health", "version", "device", "feedback")
    titles = format_html_join("", "<th>{}</th>", ((title,) for title in head))
    return format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", titles, shown)


def render_calibrations_link(_request: HttpRequest, model: RegisteredModel) -> SafeString:
    """The way to the calibrations of any version of the model; which one holds stands beside each version."""
    address = (
        f"{reverse('admin:analysis_calibrationrecord_changelist')}?{urlencode({'model': model.pk})}"
    )
    return format_html(
        '<p><a href="{}">All of them, with those that were undone or replaced</a></p>', address
    )


def _list_cells(analysis: Analysis) -> tuple[object, ...]:
    feedback = ", ".join(map(str, analysis.feedbacks.all()))
    number, device = analysis.version.number, analysis.device or ""
    return (
        format_value(analysis.created_at),
        analysis.label,
        f"{analysis.health_score:.0f}",
        number,
        device,
        feedback,
    )


VERSION_PANELS.append(
    VersionPanel("scores of normal clips", "registry.view_modelversion", render_scores)
)
MODEL_PANELS.append(
    ModelPanel("Calibrations", "analysis.view_calibrationrecord", render_calibrations_link)
)
MODEL_PANELS.append(ModelPanel("Newest analyses", "analysis.view_analysis", render_recent_analyses))
VERSION_FACTS.append(VersionFacts("registry.view_modelversion", collect_calibration_facts))
