"""Devices to edit, recordings' analyses to read."""

from django.contrib import admin
from django.http import HttpRequest

from analysis.models import Analysis, Device


@admin.register(Device)
class DeviceAdmin(admin.ModelAdmin):
    list_display = ["device_id", "name", "machine_type", "preferred_model"]
    list_filter = ["machine_type"]
    list_select_related = ["machine_type", "preferred_model"]
    search_fields = ["device_id", "name"]


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
