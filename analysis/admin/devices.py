"""Devices in admin: the machines of the plant, each with its model and its last verdicts."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.current_user import get_current_user
from analysis.models import Analysis, Device, DeviceQuerySet
from core.admin.tables import format_value

N_LAST_VERDICTS = 20


@admin.register(Device)
class DeviceAdmin(admin.ModelAdmin):
    """The machines: engineers edit them and choose the preferred model."""

    list_display = ["device_id", "name", "machine_type", "preferred_model", "last_verdict"]
    list_filter = [
        "machine_type",
        ("preferred_model", admin.RelatedOnlyFieldListFilter),
        ("retired_at", admin.EmptyFieldListFilter),
    ]
    search_fields = ["device_id", "name"]
    change_list_template = "admin/core/change_list.html"
    autocomplete_fields = ["preferred_model"]

    def get_readonly_fields(self, request: HttpRequest, obj: Device | None = None) -> list[str]:
        return ["last_verdicts"] if obj else []

    def get_queryset(self, request: HttpRequest) -> DeviceQuerySet:
        readable = Analysis.objects.visible_to(get_current_user(request))
        return Device.objects.with_last_verdict(readable)

    @admin.display(description="last verdict", ordering="last_analyzed_at", empty_value="none yet")
    def last_verdict(self, device: Any) -> str | None:
        if not device.last_label:
            return None
        return f"{device.last_label} {format_value(device.last_analyzed_at)}"

    @admin.display(description="last verdicts", empty_value="none yet")
    def last_verdicts(self, device: Device) -> SafeString | None:
        analyses = device.analyses.select_related("version").newest_first()
        row = '<tr><td><a href="{}">{}</a></td><td>{}</td><td>health {}</td><td>{}</td></tr>'
        rows = format_html_join("", row, map(_list_cells, analyses[:N_LAST_VERDICTS]))
        return format_html("<table>{}</table>", rows) if rows else None


def _list_cells(analysis: Analysis) -> tuple[object, ...]:
    return (
        reverse("admin:analysis_analysis_change", args=[analysis.pk]),
        format_value(analysis.created_at),
        analysis.label,
        f"{analysis.health_score:.0f}",
        analysis.version,
    )
