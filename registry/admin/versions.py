"""Versions in admin: to be read, served and archived."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.admin.history import HistoryMixin
from core.admin.tables import render_table
from registry.admin import comparison
from registry.admin.curation import VERSION_ACTIONS, CuratorMixin
from registry.admin.decisions import Decision
from registry.models import Action, MachineType, ModelVersion, VersionFile
from registry.models.figures import Figures, annotate_figures, get_figures


class FileInline(HistoryMixin, admin.TabularInline):
    model = VersionFile
    fields = ("role", "name", "size", "sha256", "path")
    readonly_fields = fields


class IsArchivedFilter(admin.SimpleListFilter):
    """Versions that can serve, or those that cannot."""

    title = "archived"
    parameter_name = "archived"

    def lookups(self, *_args: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "No")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ModelVersion]
    ) -> QuerySet[ModelVersion]:
        if not self.value():
            return queryset
        return queryset.filter(archived_at__isnull=self.value() == "no")


@admin.register(ModelVersion)
class ModelVersionAdmin(CuratorMixin, HistoryMixin, admin.ModelAdmin):
    """Versions: what training produced."""

    list_display = [
        "__str__",
        "machine_type",
        "created_at",
        "sample_count",
        "auc",
        "false_alarms",
        "detection",
        "is_serving",
        "is_available",
    ]
    list_filter = [IsArchivedFilter, "registered_model__machine_type", "created_at"]
    list_select_related = ["registered_model__machine_type"]
    search_fields = ["registered_model__id", "registered_model__name"]
    ordering = ["-pk"]
    actions = VERSION_ACTIONS
    inlines = [FileInline]
    change_form_template = "admin/registry/modelversion/change_form.html"
    fieldsets = [
        (
            None,
            {"fields": ["registered_model", "number", "created_at", "archived_at", "is_serving"]},
        ),
        ("What changed", {"fields": ["what_changed"]}),
        ("Metrics", {"fields": ["metrics_table"]}),
        ("Trained on", {"fields": ["dataset_path", "sample_count", "dataset_fingerprint"]}),
        ("Parameters", {"fields": ["parameters_table"]}),
        ("Libraries", {"fields": ["libraries_table"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelVersion]:
        return annotate_figures(super().get_queryset(request))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        context["panels"] = comparison.render_panels(request, [kwargs["obj"]])
        return super().render_change_form(request, context, *args, **kwargs)

    def get_decisions(
        self, request: HttpRequest, rows: QuerySet[ModelVersion], action: str
    ) -> list[Decision]:
        """Return one decision for each version."""
        versions = rows.select_related("registered_model__serving_version")
        return [Decision(action, version.registered_model, version) for version in versions]

    def decide(
        self,
        request: HttpRequest,
        rows: QuerySet[Any],
        action: str,
        decisions: Sequence[Decision],
    ) -> HttpResponse | None:
        models = {decision.model.pk for decision in decisions}
        if action == Action.SERVE and len(models) < len(decisions):
            only_one = "Only one version of a model can serve. Choose one."
            self.message_user(request, only_one, messages.ERROR)
            return None
        return super().decide(request, rows, action, decisions)

    @admin.display(description="machine type", ordering="registered_model__machine_type")
    def machine_type(self, version: ModelVersion) -> MachineType:
        return version.registered_model.machine_type

    @admin.display(description="AUC")
    def auc(self, version: ModelVersion) -> str | None:
        return Figures.of(version).render("auc")

    @admin.display(description="false alarms")
    def false_alarms(self, version: ModelVersion) -> str | None:
        return Figures.of(version).render("false_alarm_rate")

    @admin.display(description="detection")
    def detection(self, version: ModelVersion) -> str | None:
        return Figures.of(version).render("detection_rate")

    @admin.display(description="serving", boolean=True)
    def is_serving(self, version: ModelVersion) -> bool:
        return version.registered_model.serving_version_id == version.pk

    @admin.display(description="available", boolean=True)
    def is_available(self, version: ModelVersion) -> bool:
        return not version.is_archived

    @admin.display(description="since the previous version")
    def what_changed(self, version: ModelVersion) -> SafeString | str:
        previous = comparison.find_previous_version(version)
        if previous is None:
            return "This is the first version."

        figures = get_figures([previous, version])
        changes = comparison.list_changes(previous, version, figures)
        if not changes:
            return "Nothing."
        return render_table(
            {change.name: format_html("{} → {}", change.before, change.after) for change in changes}
        )

    @admin.display(description="metrics")
    def metrics_table(self, version: ModelVersion) -> SafeString:
        return render_table(Figures.of(version).display_metrics)

    @admin.display(description="parameters")
    def parameters_table(self, version: ModelVersion) -> SafeString:
        return render_table(version.parameters)

    @admin.display(description="library versions")
    def libraries_table(self, version: ModelVersion) -> SafeString:
        return render_table(version.library_versions)
