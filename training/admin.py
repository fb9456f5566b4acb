"""Training runs and evaluations in admin: to read, not to change."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.admin.history import HistoryMixin
from core.admin.tables import render_table
from training import panels
from training.evaluation.report import format_estimate, table_rows
from training.models import Evaluation, TrainingRun, TrainingRunQuerySet


class StateFilter(admin.SimpleListFilter):
    """Filters by the state as people see it: a run whose process died is lost, not running."""

    title = "state"
    parameter_name = "state"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return [*TrainingRun.State.choices, ("lost", "Lost")]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        runs = cast(TrainingRunQuerySet, queryset)
        if self.value() == "lost":
            return runs.lost()
        if self.value() == TrainingRun.State.RUNNING:
            return runs.alive()
        return runs.filter(state=self.value()) if self.value() else runs


@admin.register(TrainingRun)
class TrainingRunAdmin(HistoryMixin, admin.ModelAdmin):
    """Shows every attempt to make a version."""

    list_display = [
        "id",
        "model_id",
        "type",
        "shown_state",
        "stage",
        "started_at",
        "finished_at",
        "version",
    ]
    list_filter = [StateFilter, "type"]
    list_select_related = ["version"]
    search_fields = ["model_id", "dataset_path"]
    date_hierarchy = "started_at"
    fields = [
        "model_id",
        "type",
        "shown_state",
        "error",
        "version",
        "stage",
        "percent",
        "started_at",
        "heartbeat_at",
        "finished_at",
        "dataset_path",
        "seed",
        "parameters_table",
        "issues",
        "losses",
    ]

    @admin.display(description="state")
    def shown_state(self, run: TrainingRun) -> str:
        return run.shown_state

    @admin.display(description="progress of the stage")
    def percent(self, run: TrainingRun) -> str:
        return f"{run.progress:.0%}"

    @admin.display(description="parameters")
    def parameters_table(self, run: TrainingRun) -> SafeString:
        return render_table(run.parameters)

    @admin.display(description="epochs")
    def losses(self, run: TrainingRun) -> SafeString:
        return format_html("{}{}", panels.render_loss(run), panels.render_epochs(run))

    @admin.display(description="check of the recordings")
    def issues(self, run: TrainingRun) -> SafeString:
        return panels.render_issues(run.data_check)


@admin.register(Evaluation)
class EvaluationAdmin(HistoryMixin, admin.ModelAdmin):
    """Shows how versions did on test recordings."""

    list_display = ["created_at", "version", "auc", "false_alarms", "detection", "n_warnings"]
    list_filter = [("version__registered_model", admin.RelatedOnlyFieldListFilter), "created_at"]
    list_select_related = ["version"]
    search_fields = ["version__registered_model__id", "normal_path", "abnormal_path"]
    date_hierarchy = "created_at"
    fields = [
        "version",
        "created_at",
        "estimates",
        "caveats",
        "normal_path",
        "normal_fingerprint",
        "abnormal_path",
        "abnormal_fingerprint",
    ]

    @admin.display(description="AUC")
    def auc(self, evaluation: Evaluation) -> str:
        return format_estimate(evaluation.metrics["auc"])

    @admin.display(description="false alarms")
    def false_alarms(self, evaluation: Evaluation) -> str:
        return format_estimate(evaluation.metrics["false_alarm_rate"])

    @admin.display(description="detection")
    def detection(self, evaluation: Evaluation) -> str:
        return format_estimate(evaluation.metrics["detection_rate"])

    @admin.display(description="warnings")
    def n_warnings(self, evaluation: Evaluation) -> int:
        return len(evaluation.metrics["warnings"])

    @admin.display(description="metrics (95 % interval)")
    def estimates(self, evaluation: Evaluation) -> SafeString:
        return render_table(dict(table_rows(evaluation.metrics)))

    @admin.display(description="warnings", empty_value="none")
    def caveats(self, evaluation: Evaluation) -> str | None:
        return "\n".join(evaluation.metrics["warnings"]) or None
