"""Devices to edit; analyses, and what people found out about them, to read."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from analysis import calibration_admin, panels  # noqa: F401  # register themselves
from analysis.models import Analysis, Device, DeviceQuerySet, Feedback, FeedbackRevision
from analysis.summary import summarize
from registry.curation import HistoryMixin
from registry.models import ModelVersion
from registry.tables import render_table
from registry.typed_filter import of_model

LAST_VERDICTS = 20


@admin.register(Device)
class DeviceAdmin(admin.ModelAdmin):
    """The machines of the plant: which model is asked about each, and what was said last."""

    list_display = ["device_id", "name", "machine_type", "preferred_model", "last_verdict"]
    list_filter = ["machine_type", ("preferred_model", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["device_id", "name"]
    autocomplete_fields = ["preferred_model"]

    def get_readonly_fields(self, request: HttpRequest, obj: Device | None = None) -> list[str]:
        return ["last_verdicts"] if obj else []

    def get_queryset(self, request: HttpRequest) -> DeviceQuerySet:
        return Device.objects.with_last_verdict(request.user)

    @admin.display(description="last verdict", ordering="last_analyzed_at", empty_value="none yet")
    def last_verdict(self, device: Any) -> str | None:
        return f"{device.last_label} {date(device.last_analyzed_at)}" if device.last_label else None

    @admin.display(description="last verdicts", empty_value="none yet")
    def last_verdicts(self, device: Device) -> SafeString | None:
        newest = device.analyses.select_related("version").order_by("-created_at", "-id")[:LAST_VERDICTS]
        rows = [(page_of(analysis), date(analysis.created_at), analysis) for analysis in newest]
        shown = [(url, when, each.label, f"{each.health_score:.0f}", each.version) for url, when, each in rows]
        row = '<tr><td><a href="{}">{}</a></td><td>{}</td><td>health {}</td><td>{}</td></tr>'
        return format_html("<table>{}</table>", format_html_join("", row, shown)) if shown else None


def date(moment: datetime) -> str:
    """Write a moment as the admin does."""
    return formats.date_format(timezone.localtime(moment), "DATETIME_FORMAT")


def page_of(analysis: Analysis) -> str:
    """Return the address of an analysis in admin."""
    return reverse("admin:analysis_analysis_change", args=[analysis.pk])


def of_parts(part: Any) -> Any:
    """Name the members of a list of objects by their place, so that a table can hold them."""
    if isinstance(part, dict):
        return {name: of_parts(each) for name, each in part.items()}
    if isinstance(part, list) and part and isinstance(part[0], dict):
        return {str(place): each for place, each in enumerate(part, 1)}
    return "none" if part == [] else part


class FeedbackInline(HistoryMixin, admin.TabularInline):
    model = Feedback
    fields = readonly_fields = ["verdict", "fault_code", "comment", "reviewer", "updated_at"]
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Feedback]:
        return super().get_queryset(request).select_related("reviewer")


@admin.register(Analysis)
class AnalysisAdmin(HistoryMixin, admin.ModelAdmin):
    """History: to be read, never made or changed here."""

    list_display = ["created_at", "label", "health", "version", "device", "owner", "feedback"]
    ordering = ["-created_at", "-pk"]
    list_filter = ["label", "feedbacks__verdict", "created_at", of_model("version__registered_model")]
    list_select_related = ["version", "device", "owner"]
    search_fields = ["device__device_id", "owner__email"]
    show_full_result_count = False
    change_list_template = "admin/registry/change_list.html"
    inlines = [FeedbackInline]
    fieldsets = [
        (None, {"fields": ["created_at", "label", "health_score", "in_words", "version", "device", "owner"]}),
        (
            "How it was judged",
            {
                "fields": [
                    *["anomaly_score", "score", "p_value", "warning_threshold", "critical_threshold"],
                    *["calibration_method", "calibration_n"],
                ]
            },
        ),
        ("Recording", {"fields": ["recording", "quality_table"]}),
        ("Where it stands out", {"fields": ["explanation_table"]}),
        ("Milliseconds", {"fields": ["timing_table"]}),
    ]

    @admin.display(description="in words")
    def in_words(self, analysis: Analysis) -> str:
        return summarize(analysis, get_language() or "en")

    @admin.display(description="quality")
    def quality_table(self, analysis: Analysis) -> SafeString:
        return render_table(analysis.quality)

    @admin.display(description="explanation")
    def explanation_table(self, analysis: Analysis) -> SafeString:
        explained = {name: part for name, part in analysis.explanation.items() if name != "curve"}
        return render_table({name: of_parts(part) for name, part in explained.items()})

    @admin.display(description="stages")
    def timing_table(self, analysis: Analysis) -> SafeString:
        return render_table(analysis.timing_ms)

    @admin.display(description="health", ordering="health_score")
    def health(self, analysis: Analysis) -> str:
        return f"{analysis.health_score:.0f}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Analysis]:
        return super().get_queryset(request).prefetch_related("feedbacks")

    @admin.display(description="feedback")
    def feedback(self, analysis: Analysis) -> str:
        return ", ".join(str(feedback) for feedback in analysis.feedbacks.all())


class RevisionInline(HistoryMixin, admin.TabularInline):
    model = FeedbackRevision
    fields = readonly_fields = ["created_at", "verdict", "fault_code", "comment"]


@admin.register(Feedback)
class FeedbackAdmin(HistoryMixin, admin.ModelAdmin):
    """What people found out, to be read; each writes one's own through the API."""

    list_display = ["updated_at", "verdict", "fault_code", "comment", "label", "version", "device", "reviewer"]
    list_filter = [
        *["verdict", "analysis__label", "updated_at"],
        *["analysis__version__registered_model__machine_type", of_model("analysis__version__registered_model")],
    ]
    list_select_related = ["reviewer", "analysis__version", "analysis__device"]
    search_fields = ["fault_code", "comment", "reviewer__email", "analysis__device__device_id"]
    date_hierarchy = "updated_at"
    show_full_result_count = False
    change_list_template = "admin/registry/change_list.html"
    inlines = [RevisionInline]

    @admin.display(description="it was called", ordering="analysis__label")
    def label(self, feedback: Feedback) -> str:
        return feedback.analysis.label

    @admin.display(description="by version", ordering="analysis__version")
    def version(self, feedback: Feedback) -> ModelVersion:
        return feedback.analysis.version

    @admin.display(description="device", ordering="analysis__device__device_id")
    def device(self, feedback: Feedback) -> Device | None:
        return feedback.analysis.device
