"""The registry in admin: a curator decides by actions, each of them one verb; history is only read."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from core.admin.history import HistoryMixin, NoAddDeleteMixin
from core.admin.tables import render_table
from registry.admin import comparison
from registry.admin import promotions as log_admin
from registry.admin.badges import render_badges
from registry.admin.curation import MODEL_ACTIONS, VERSION_ACTIONS, CuratorMixin
from registry.admin.decisions import Decision
from registry.admin.model_page import model_page
from registry.admin.statistics import Week, weeks
from registry.models import (
    Action,
    MachineType,
    ModelVersion,
    Promotion,
    Proposal,
    RegisteredModel,
    VersionFile,
)
from registry.models.figures import Figures, annotate_figures, get_figures

NO_FIGURES = Figures({}, {})

admin.site.index_template = "admin/registry/index.html"
admin.site.register(Promotion, log_admin.PromotionAdmin)
admin.site.register(Proposal, log_admin.ProposalAdmin)


@admin.register(MachineType)
class MachineTypeAdmin(admin.ModelAdmin):
    """Kinds of machines; a new one is a new row."""

    list_display = ["name", "name_ko", "slug"]
    search_fields = ["slug", "name", "name_ko"]

    def get_readonly_fields(
        self, request: HttpRequest, obj: MachineType | None = None
    ) -> list[str]:
        return ["slug"] if obj else []

    def has_delete_permission(self, *_args: Any) -> bool:
        return False


class ModelChangeList(ChangeList):
    """A page of models with what their versions and analyses tell."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        models: list[Any] = list(self.result_list)  # type: ignore[has-type]
        listed = RegisteredModel.objects.filter(pk__in=[model.pk for model in models])
        newest, week = listed.get_newest_versions(), weeks(models)
        # Of a candidate, what its newest version promises.
        shown = {model.pk: model.serving_version or newest.get(model.pk) for model in models}
        figures = get_figures(version for version in shown.values() if version)
        for model in models:
            version = shown[model.pk]
            model.newest, model.week = newest.get(model.pk), week.get(model.pk, Week())
            model.figures = figures[version.pk] if version else NO_FIGURES
        self.result_list = models


@admin.register(RegisteredModel)
class RegisteredModelAdmin(CuratorMixin, NoAddDeleteMixin, admin.ModelAdmin):
    """Models: what the app offers, which is the default, which version serves."""

    list_display = [
        *["id", "machine_type", "level", "serving", "state", "auc", "false_alarms", "detection"],
        *["analyses_in_7_days", "alarms", "last_trained"],
    ]
    list_filter = ["machine_type", "level", "is_default", "is_active", "is_protected", "type"]
    list_select_related = ["machine_type", "serving_version"]
    search_fields = ["id", "name", "description"]
    search_help_text = "Id, name or description"
    actions = MODEL_ACTIONS
    change_list_template = "admin/registry/registeredmodel/change_list.html"
    change_form_template = "admin/registry/registeredmodel/change_form.html"
    fields = ["name", "description"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ModelChangeList

    def decisions(
        self, request: HttpRequest, rows: QuerySet[RegisteredModel], kind: str
    ) -> list[Decision]:
        """One decision for each model."""
        models = rows.select_related("serving_version", "machine_type")
        is_about_a_version = kind == Action.ROLL_BACK
        return [
            Decision(kind, model, model.find_rollback_target() if is_about_a_version else None)
            for model in models
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        context |= model_page(request, kwargs["obj"]) | {
            "may_curate": self.has_curate_permission(request)
        }
        if kwargs["obj"].is_protected:
            context |= {"show_save": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RegisteredModel]:
        return super().get_queryset(request).select_related("machine_type", "serving_version")

    def get_readonly_fields(
        self, request: HttpRequest, obj: RegisteredModel | None = None
    ) -> list[str]:
        return self.fields if obj and obj.is_protected else []

    def save_model(
        self, request: HttpRequest, obj: RegisteredModel, form: Any, change: bool
    ) -> None:
        """Write what was edited and no other column: a verb may have moved those since the page was opened."""
        obj.save(update_fields=form.changed_data)

    @admin.display(description="serving", ordering="serving_version__number")
    def serving(self, model: RegisteredModel) -> str | None:
        return f"v{model.serving_version.number}" if model.serving_version else None

    @admin.display(description="state", ordering="is_default")
    def state(self, model: RegisteredModel) -> SafeString:
        return render_badges(model)

    @admin.display(description="trained")
    def last_trained(self, model: Any) -> str | None:
        return (
            date_format(localtime(model.newest.created_at), "SHORT_DATE_FORMAT")
            if model.newest
            else None
        )

    @admin.display(description="AUC")
    def auc(self, model: Any) -> str | None:
        return model.figures.show("auc")

    @admin.display(description="false alarms")
    def false_alarms(self, model: Any) -> str | None:
        return model.figures.show("false_alarm_rate")

    @admin.display(description="detection")
    def detection(self, model: Any) -> str | None:
        return model.figures.show("detection_rate")

    @admin.display(description="7 days")
    def analyses_in_7_days(self, model: Any) -> str:
        return str(model.week)

    @admin.display(description="warn. / crit.")
    def alarms(self, model: Any) -> str | None:
        return model.week.alarms


class FileInline(HistoryMixin, admin.TabularInline):
    model = VersionFile
    fields = readonly_fields = ["role", "name", "size", "sha256", "path"]


class IsArchivedFilter(admin.SimpleListFilter):
    """Versions that can serve, or those that cannot."""

    title = "archived"
    parameter_name = "archived"

    def lookups(self, *_args: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "No")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ModelVersion]
    ) -> QuerySet[ModelVersion]:
        return (
            queryset.filter(archived_at__isnull=self.value() == "no") if self.value() else queryset
        )


@admin.register(ModelVersion)
class ModelVersionAdmin(CuratorMixin, HistoryMixin, admin.ModelAdmin):
    """Versions: what training made, to be read and to be served."""

    list_display = [
        *[
            "__str__",
            "machine_type",
            "created_at",
            "sample_count",
            "auc",
            "false_alarms",
            "detection",
        ],
        *["is_serving", "is_available"],
    ]
    list_filter = [IsArchivedFilter, "registered_model__machine_type", "created_at"]
    list_select_related = ["registered_model__machine_type"]
    search_fields = ["registered_model__id", "registered_model__name"]
    ordering = ["-created_at", "-pk"]
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
        context["drawn"] = comparison.draw(request, [kwargs["obj"]])
        return super().render_change_form(request, context, *args, **kwargs)

    def decisions(
        self, request: HttpRequest, rows: QuerySet[ModelVersion], kind: str
    ) -> list[Decision]:
        """One decision for each version."""
        versions = rows.select_related("registered_model__serving_version")
        return [Decision(kind, version.registered_model, version) for version in versions]

    def decide(
        self,
        request: HttpRequest,
        rows: QuerySet[Any],
        kind: str,
        title: str,
        decisions: Sequence[Decision],
    ) -> HttpResponse | None:
        if kind == Action.SERVE and len({decision.model.pk for decision in decisions}) < len(
            decisions
        ):
            self.message_user(
                request, "Only one version of a model can serve: choose one.", messages.ERROR
            )
            return None
        return super().decide(request, rows, kind, title, decisions)

    @admin.display(description="machine type", ordering="registered_model__machine_type")
    def machine_type(self, version: ModelVersion) -> MachineType:
        return version.registered_model.machine_type

    @admin.display(description="AUC")
    def auc(self, version: Any) -> str | None:
        return Figures.of(version).show("auc")

    @admin.display(description="false alarms")
    def false_alarms(self, version: Any) -> str | None:
        return Figures.of(version).show("false_alarm_rate")

    @admin.display(description="detection")
    def detection(self, version: Any) -> str | None:
        return Figures.of(version).show("detection_rate")

    @admin.display(description="serves", boolean=True)
    def is_serving(self, version: ModelVersion) -> bool:
        return version.registered_model.serving_version_id == version.pk

    @admin.display(description="available", boolean=True)
    def is_available(self, version: ModelVersion) -> bool:
        return not version.is_archived

    @admin.display(description="since the version before")
    def what_changed(self, version: ModelVersion) -> SafeString | str:
        before = comparison.find_previous_version(version)
        if before is None:
            return "This is the first version."
        changes = comparison.changes(before, version, get_figures([before, version]))
        moved = {
            change.name: format_html("{} → {}", change.before, change.after) for change in changes
        }
        return render_table(moved) if moved else "Nothing."

    @admin.display(description="metrics")
    def metrics_table(self, version: Any) -> SafeString:
        return render_table(Figures.of(version).shown)

    @admin.display(description="parameters")
    def parameters_table(self, version: ModelVersion) -> SafeString:
        return render_table(version.parameters)

    @admin.display(description="library versions")
    def libraries_table(self, version: ModelVersion) -> SafeString:
        return render_table(version.library_versions)
