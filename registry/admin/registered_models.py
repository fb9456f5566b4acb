"""Registered models in admin: what the app offers, and the decisions about it."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from core.admin.history import NoAddDeleteMixin
from registry.admin.badges import render_badges
from registry.admin.curation import MODEL_ACTIONS, CuratorMixin
from registry.admin.decisions import Decision
from registry.admin.model_page import build_model_page
from registry.admin.statistics import Week, count_weeks
from registry.models import Action, ModelVersion, RegisteredModel
from registry.models.figures import Figures, get_figures

NO_FIGURES = Figures({}, {})

admin.site.index_template = "admin/registry/index.html"


class ModelChangeList(ChangeList):
    """A page of models, each with its newest version, its figures and its last week."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        models: list[Any] = list(self.result_list)
        rows = RegisteredModel.objects.filter(pk__in=[model.pk for model in models])
        newest_versions = rows.get_newest_versions()
        weeks = count_weeks(models)

        # A candidate's figures are those of its newest version.
        displayed: dict[str, ModelVersion | None] = {
            model.pk: model.serving_version or newest_versions.get(model.pk) for model in models
        }
        figures = get_figures(version for version in displayed.values() if version)
        for model in models:
            version = displayed[model.pk]
            model.newest = newest_versions.get(model.pk)
            model.week = weeks.get(model.pk, Week())
            model.figures = figures[version.pk] if version else NO_FIGURES
        self.result_list = models


@admin.register(RegisteredModel)
class RegisteredModelAdmin(CuratorMixin, NoAddDeleteMixin, admin.ModelAdmin):
    """Models: which the app offers, which is the default, which version serves."""

    list_display = [
        "id",
        "machine_type",
        "level",
        "serving",
        "state",
        "auc",
        "false_alarms",
        "detection",
        "analyses_in_7_days",
        "alarms",
        "last_trained",
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

    def get_decisions(
        self, request: HttpRequest, rows: QuerySet[RegisteredModel], action: str
    ) -> list[Decision]:
        """Return one decision for each model."""
        models = rows.select_related("serving_version", "machine_type")
        if action != Action.ROLL_BACK:
            return [Decision(action, model) for model in models]
        return [Decision(action, model, model.find_rollback_target()) for model in models]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        model: RegisteredModel = kwargs["obj"]
        context |= build_model_page(request, model)
        context["may_curate"] = self.has_curate_permission(request)
        if model.is_protected:
            context |= {"show_save": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RegisteredModel]:
        return super().get_queryset(request).select_related("machine_type", "serving_version")

    def get_readonly_fields(
        self, request: HttpRequest, obj: RegisteredModel | None = None
    ) -> list[str]:
        return ["name", "description"] if obj and obj.is_protected else []

    def save_model(
        self, request: HttpRequest, obj: RegisteredModel, form: Any, change: bool
    ) -> None:
        """Write only what was edited: a decision may have written other columns meanwhile."""
        obj.save(update_fields=form.changed_data)

    @admin.display(description="serving", ordering="serving_version__number")
    def serving(self, model: RegisteredModel) -> str | None:
        return f"v{model.serving_version.number}" if model.serving_version else None

    @admin.display(description="state", ordering="is_default")
    def state(self, model: Any) -> SafeString:
        return render_badges(model, model.figures)

    @admin.display(description="trained")
    def last_trained(self, model: Any) -> str | None:
        if model.newest is None:
            return None
        return date_format(localtime(model.newest.created_at), "SHORT_DATE_FORMAT")

    @admin.display(description="AUC")
    def auc(self, model: Any) -> str | None:
        return model.figures.render("auc")

    @admin.display(description="false alarms")
    def false_alarms(self, model: Any) -> str | None:
        return model.figures.render("false_alarm_rate")

    @admin.display(description="detection")
    def detection(self, model: Any) -> str | None:
        return model.figures.render("detection_rate")

    @admin.display(description="7 days")
    def analyses_in_7_days(self, model: Any) -> str:
        return str(model.week)

    @admin.display(description="warn. / crit.")
    def alarms(self, model: Any) -> str | None:
        return model.week.alarms
