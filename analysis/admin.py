"""Devices to edit; analyses, and what people found out about them, to read; calibrations to read and to undo."""

from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from analysis.models import Analysis, CalibrationRecord, Device, DeviceQuerySet, Feedback, FeedbackRevision
from registry.curation import CuratorMixin, HistoryMixin
from registry.models import ModelVersion

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
    list_filter = ["label", "feedbacks__verdict", "created_at", "version__registered_model"]
    list_select_related = ["version", "device", "owner"]
    search_fields = ["device__device_id", "owner__email"]
    show_full_result_count = False
    inlines = [FeedbackInline]

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
        *["analysis__version__registered_model__machine_type", "analysis__version__registered_model"],
    ]
    list_select_related = ["reviewer", "analysis__version", "analysis__device"]
    search_fields = ["fault_code", "comment", "reviewer__email", "analysis__device__device_id"]
    date_hierarchy = "updated_at"
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


@admin.register(CalibrationRecord)
class CalibrationRecordAdmin(CuratorMixin, HistoryMixin, admin.ModelAdmin):
    """Which thresholds held since when, for one device or for all; who set them and why."""

    list_display = [
        "created_at",
        "version",
        "for_device",
        "target_rate",
        "thresholds",
        "n",
        "method",
        "by_email",
        "why",
    ]
    list_filter = [
        *["method", ("device", admin.EmptyFieldListFilter), "created_at"],
        *["version__registered_model__machine_type", "version__registered_model"],
    ]
    list_select_related = ["version", "device"]
    search_fields = ["version__registered_model__id", "device__device_id", "by_email", "why"]
    date_hierarchy = "created_at"
    actions = ["undo"]
    fields = [
        *["version", "device", "target_rate", "warning", "critical", "n", "n_groups", "method", "notes"],
        *["restores", "by_email", "why", "created_at"],
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CalibrationRecord]:
        return super().get_queryset(request).defer("scores")

    @admin.display(description="for", ordering="device__device_id")
    def for_device(self, record: CalibrationRecord) -> str:
        return str(record.device or "all devices")

    @admin.display(description="WARNING, CRITICAL from", ordering="warning")
    def thresholds(self, record: CalibrationRecord) -> str | None:
        return None if record.is_withdrawn else f"{record.warning:.4g}, {record.critical:.4g}"

    @admin.action(description="Undo: let hold again what held before", permissions=["undo"])
    def undo(self, request: HttpRequest, queryset: QuerySet[CalibrationRecord]) -> None:
        for record in queryset.select_related("version__registered_model", "device"):
            undo = partial(record.undo, by=request.user, why=self.why(request))
            if self.may_undo(request, record):
                self.report(request, undo, f"{record} is undone.")
            else:
                self.message_user(request, f"You may not undo {record}.", messages.ERROR)

    def has_undo_permission(self, request: HttpRequest) -> bool:
        return self.has_curate_permission(request) or request.user.has_perm("analysis.calibrate_device")

    def may_undo(self, request: HttpRequest, record: CalibrationRecord) -> bool:
        """Tell whether this person may calibrate what the row calibrates."""
        if record.device_id is None:
            return self.has_curate_permission(request)
        return request.user.has_perm("analysis.calibrate_device")
