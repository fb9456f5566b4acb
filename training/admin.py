"""Training runs in admin: to read, not to change."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from training.models import TrainingRun


@admin.register(TrainingRun)
class TrainingRunAdmin(admin.ModelAdmin):
    list_display = ["id", "model_id", "type", "shown_state", "stage", "started_at", "finished_at", "version"]
    list_filter = ["state", "type"]
    list_select_related = ["version"]
    search_fields = ["model_id", "dataset_path"]
    date_hierarchy = "started_at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
