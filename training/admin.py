"""Training runs in admin: to read, not to change."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from training.models import TrainingRun, TrainingRunQuerySet


class StateFilter(admin.SimpleListFilter):
    """States as people see them: a run whose process died is lost, not running."""

    title = "state"
    parameter_name = "state"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return [*TrainingRun.State.choices, ("lost", "Lost")]

    def queryset(self, _request: HttpRequest, queryset: TrainingRunQuerySet) -> TrainingRunQuerySet:
        if self.value() == "lost":
            return queryset.lost()
        if self.value() == TrainingRun.State.RUNNING:
            return queryset.alive()
        return queryset.filter(state=self.value()) if self.value() else queryset


@admin.register(TrainingRun)
class TrainingRunAdmin(admin.ModelAdmin):
    list_display = ["id", "model_id", "type", "shown_state", "stage", "started_at", "finished_at", "version"]
    list_filter = [StateFilter, "type"]
    list_select_related = ["version"]
    search_fields = ["model_id", "dataset_path"]
    date_hierarchy = "started_at"
    fields = [
        *("model_id", "type", "shown_state", "error", "version", "stage", "progress", "started_at", "heartbeat_at"),
        *("finished_at", "dataset_path", "seed", "parameters", "shown_findings", "epochs"),
    ]

    @admin.display(description="state")
    def shown_state(self, run: TrainingRun) -> str:
        return run.shown_state

    @admin.display(description="check of the recordings")
    def shown_findings(self, run: TrainingRun) -> str | SafeString:
        if "findings" not in run.data_check:
            return "-"
        findings = run.data_check["findings"]
        return format_html_join("", "<p>{}</p>", ([each["detail"]] for each in findings)) or "Nothing was found."

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
