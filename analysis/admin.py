"""Devices to edit, recordings' analyses to read."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from analysis.models import Analysis, Device, DeviceQuerySet

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


@admin.register(Analysis)
class AnalysisAdmin(admin.ModelAdmin):
    """History: to be read, never made or changed here."""

    list_display = ["created_at", "label", "health", "version", "device", "owner"]
    ordering = ["-created_at", "-pk"]
    list_filter = ["label", "created_at", "version__registered_model"]
    list_select_related = ["version", "device", "owner"]
    search_fields = ["device__device_id", "owner__email"]
    show_full_result_count = False

    @admin.display(description="health", ordering="health_score")
    def health(self, analysis: Analysis) -> str:
        return f"{analysis.health_score:.0f}"

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Analysis | None = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Analysis | None = None) -> bool:
        return False
