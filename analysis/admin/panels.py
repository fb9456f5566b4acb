"""What analysis shows on a model's page in admin: scores, calibrations, and recent analyses."""

from collections.abc import Mapping, Sequence

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe

from analysis.admin.calibration_words import describe_more_sessions, format_method, format_notes
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
    """Render a histogram and figures of each version's calibration, or why it has none."""
    newest = CalibrationRecord.objects.newest_of(list(versions))
    return {
        version.pk: _render_calibration(version, newest.get(version.pk)) for version in versions
    }


def collect_calibration_facts(
    versions: Sequence[ModelVersion],
) -> Mapping[int, Mapping[str, object]]:
    """Return the figures of each version's calibration, or why it has none."""
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
    histogram = render_histogram(calibration.scores.tolist(), marks)
    return format_html("{}{}", histogram, render_table(_list_figures(effective)))


def _list_figures(effective: EffectiveCalibration) -> dict[str, object]:
    calibration = effective.calibration
    return {
        "calibrated": effective.record.created_at if effective.record else "when trained",
        "WARNING from": calibration.warning,
        "CRITICAL from": calibration.critical,
        "calibration recordings": effective.n,
        "calibration sessions": calibration.n_groups,
        "more sessions would bring": describe_more_sessions(calibration),
        "target false-alarm rate": calibration.target_false_alarm_rate,
        "method": format_method(calibration.method),
        "notes": format_notes(effective.notes, n=effective.n),
    }


def render_recent_analyses(_request: HttpRequest, model: RegisteredModel) -> SafeString:
    """Render the newest analyses by any version of the model, with their feedback."""
    analyses = Analysis.objects.select_related("version", "device").prefetch_related("feedbacks")
    newest = analyses.newest_of(model, MAX_ANALYSES)
    row = "<tr><td>{}</td><td>{}</td><td>{}</td><td>v{}</td><td>{}</td><td>{}</td></tr>"
    body = format_html_join("", row, map(_list_cells, newest))
    if not body:
        return mark_safe("<p>None yet.</p>")

    titles = ("when", "label", "health", "version", "device", "feedback")
    head = format_html_join("", "<th>{}</th>", ((title,) for title in titles))
    return format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", head, body)


def render_calibrations_link(_request: HttpRequest, model: RegisteredModel) -> SafeString:
    """Render the link to all calibrations of the model; the versions show those in use."""
    url = reverse("admin:analysis_calibrationrecord_changelist")
    query = urlencode({"model": model.pk})
    return format_html('<p><a href="{}?{}">Show all calibrations</a></p>', url, query)


def _list_cells(analysis: Analysis) -> tuple[object, ...]:
    return (
        format_value(analysis.created_at),
        analysis.label,
        f"{analysis.health_score:.0f}",
        analysis.version.number,
        analysis.device or "",
        ", ".join(map(str, analysis.feedbacks.all())),
    )


VERSION_PANELS.append(
    VersionPanel("scores of normal recordings", "registry.view_modelversion", render_scores)
)
MODEL_PANELS.append(
    ModelPanel("Calibrations", "analysis.view_calibrationrecord", render_calibrations_link)
)
MODEL_PANELS.append(ModelPanel("Newest analyses", "analysis.view_analysis", render_recent_analyses))
VERSION_FACTS.append(VersionFacts("registry.view_modelversion", collect_calibration_facts))
