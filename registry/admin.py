"""The registry in admin: a curator decides by actions, each of them one verb; history is only read."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from registry.curation import MAX_WHY, CuratorMixin, HistoryMixin, KeptMixin
from registry.models import MachineType, ModelVersion, Promotion, RegisteredModel, VersionFile
from registry.tables import render_table


@admin.register(MachineType)
class MachineTypeAdmin(admin.ModelAdmin):
    """Kinds of machines; a new one is a new row."""

    list_display = ["name", "name_ko", "slug"]
    search_fields = ["slug", "name", "name_ko"]

    def get_readonly_fields(self, request: HttpRequest, obj: MachineType | None = None) -> list[str]:
        return ["slug"] if obj else []

    def has_delete_permission(self, *_args: Any) -> bool:
        return False


class ServingForm(forms.ModelForm):
    """A model's own words, and which version of it serves: for a curator."""

    serve = forms.ModelChoiceField(
        ModelVersion.objects.none(),
        required=False,
        label="serve another version",
        empty_label="keep the serving version",
        help_text="Holds at once and for everybody; the log keeps who did it and why.",
    )
    why = forms.CharField(required=False, max_length=MAX_WHY, help_text="Why another version; goes into the log.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            # Until the page is saved nobody archives what it chose: every verb queues up for this row.
            MachineType.objects.locked(self.instance.machine_type_id)
        candidates = self.instance.versions.filter(archived_at=None).exclude(pk=self.instance.serving_version_id)
        self.fields["serve"].queryset = candidates  # type: ignore[attr-defined]


class VersionInline(HistoryMixin, admin.TabularInline):
    model = ModelVersion
    fk_name = "registered_model"
    fields = readonly_fields = ["number", "created_at", "sample_count", "archived_at"]
    show_change_link = True


@admin.register(RegisteredModel)
class RegisteredModelAdmin(CuratorMixin, KeptMixin, admin.ModelAdmin):
    """Models: what the app offers, which is the default, which version serves."""

    list_display = ["id", "name", "machine_type", "level", "type", "serving", "is_default", "is_active", "is_protected"]
    list_filter = ["machine_type", "level", "is_default", "is_active", "type"]
    list_select_related = ["machine_type", "serving_version"]
    search_fields = ["id", "name", "description"]
    actions = ["make_default", "clear_default", "activate", "deactivate"]
    inlines = [VersionInline]
    readonly_fields = ["id", "type", "level", "machine_type", "serving_version", "is_default", "is_active"]

    def get_fieldsets(self, request: HttpRequest, obj: RegisteredModel | None = None) -> list[tuple[str | None, Any]]:
        fieldsets: list[tuple[str | None, Any]] = [
            (None, {"fields": ["id", "name", "description", "is_protected"]}),
            ("What it is", {"fields": ["type", "level", "machine_type"]}),
            ("What is offered", {"fields": ["serving_version", "is_default", "is_active"]}),
        ]
        if self.may_serve(request, obj):
            fieldsets.append(("Serve another version", {"fields": ["serve", "why"]}))
        return fieldsets

    def get_form(
        self, request: HttpRequest, obj: RegisteredModel | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        # A form takes the fields that its class declares from any request, whatever the fieldsets show.
        form = ServingForm if self.may_serve(request, obj) else forms.ModelForm
        return super().get_form(request, obj, change, **{"form": form} | kwargs)

    def may_serve(self, request: HttpRequest, obj: RegisteredModel | None) -> bool:
        return self.has_curate_permission(request) and self.has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: RegisteredModel, form: forms.ModelForm, change: bool) -> None:
        """Write what was edited and no other column: a verb may have moved those since the page was opened."""
        obj.save(update_fields=[name for name in form.changed_data if name not in {"serve", "why"}])
        if version := form.cleaned_data.get("serve"):
            if not self.may_serve(request, obj):
                raise PermissionDenied
            serve = partial(obj.serve, version, by=request.user, why=form.cleaned_data["why"])
            self.report(request, serve, f"{version} serves.")

    @admin.display(description="serving", ordering="serving_version__number")
    def serving(self, model: RegisteredModel) -> str | None:
        return f"v{model.serving_version.number}" if model.serving_version else None

    @admin.action(description="Make default", permissions=["curate"])
    def make_default(self, request: HttpRequest, queryset: QuerySet[RegisteredModel]) -> None:
        self.apply(request, queryset, RegisteredModel.make_default, "is the default.")

    @admin.action(description="Take the default away", permissions=["curate"])
    def clear_default(self, request: HttpRequest, queryset: QuerySet[RegisteredModel]) -> None:
        self.apply(request, queryset, RegisteredModel.clear_default, "is no default.")

    @admin.action(description="Activate", permissions=["curate"])
    def activate(self, request: HttpRequest, queryset: QuerySet[RegisteredModel]) -> None:
        self.apply(request, queryset, RegisteredModel.activate, "is active.")

    @admin.action(description="Deactivate", permissions=["curate"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[RegisteredModel]) -> None:
        self.apply(request, queryset, RegisteredModel.deactivate, "is not active.")

    def apply(
        self, request: HttpRequest, models: QuerySet[RegisteredModel], verb: Callable[..., Any], done: str
    ) -> None:
        for model in models:
            self.report(request, partial(verb, model, by=request.user, why=self.why(request)), f"{model} {done}")


class FileInline(HistoryMixin, admin.TabularInline):
    model = VersionFile
    fields = readonly_fields = ["role", "name", "size", "sha256", "path"]


@admin.register(ModelVersion)
class ModelVersionAdmin(CuratorMixin, HistoryMixin, admin.ModelAdmin):
    """Versions: what training made, to be read and to be served."""

    list_display = ["__str__", "machine_type", "created_at", "sample_count", "auc", "is_serving", "is_available"]
    list_filter = [("archived_at", admin.EmptyFieldListFilter), "registered_model__machine_type", "created_at"]
    list_select_related = ["registered_model__machine_type"]
    search_fields = ["registered_model__id", "registered_model__name"]
    ordering = ["-created_at", "-pk"]
    actions = ["serve", "archive", "restore"]
    inlines = [FileInline]
    fieldsets = [
        (None, {"fields": ["registered_model", "number", "created_at", "archived_at", "is_serving"]}),
        ("Metrics", {"fields": ["metrics_table"]}),
        ("Trained on", {"fields": ["dataset_path", "sample_count", "dataset_fingerprint"]}),
        ("Parameters", {"fields": ["parameters_table"]}),
        ("Libraries", {"fields": ["libraries_table"]}),
    ]

    @admin.display(description="machine type", ordering="registered_model__machine_type")
    def machine_type(self, version: ModelVersion) -> MachineType:
        return version.registered_model.machine_type

    @admin.display(description="AUC")
    def auc(self, version: ModelVersion) -> str | None:
        auc = version.metrics.get("auc")
        return None if auc is None else f"{auc:.3f}"

    @admin.display(description="serves", boolean=True)
    def is_serving(self, version: ModelVersion) -> bool:
        return version.registered_model.serving_version_id == version.pk

    @admin.display(description="available", boolean=True)
    def is_available(self, version: ModelVersion) -> bool:
        return not version.is_archived

    @admin.display(description="metrics")
    def metrics_table(self, version: ModelVersion) -> SafeString:
        return render_table(version.metrics)

    @admin.display(description="parameters")
    def parameters_table(self, version: ModelVersion) -> SafeString:
        return render_table(version.parameters)

    @admin.display(description="library versions")
    def libraries_table(self, version: ModelVersion) -> SafeString:
        return render_table(version.library_versions)

    @admin.action(description="Serve this version", permissions=["curate"])
    def serve(self, request: HttpRequest, queryset: QuerySet[ModelVersion]) -> None:
        versions = list(queryset.select_related("registered_model"))
        if len({version.registered_model_id for version in versions}) < len(versions):
            self.message_user(request, "Only one version of a model can serve: choose one.", messages.ERROR)
            return
        for version in versions:
            serve = partial(version.registered_model.serve, version, by=request.user, why=self.why(request))
            self.report(request, serve, f"{version} serves.")

    @admin.action(description="Archive", permissions=["curate"])
    def archive(self, request: HttpRequest, queryset: QuerySet[ModelVersion]) -> None:
        for version in queryset.select_related("registered_model"):
            self.report(request, version.archive, f"{version} is archived.")

    @admin.action(description="Restore from the archive", permissions=["curate"])
    def restore(self, request: HttpRequest, queryset: QuerySet[ModelVersion]) -> None:
        for version in queryset:
            self.report(request, version.restore, f"{version} can serve again.")


@admin.register(Promotion)
class PromotionAdmin(HistoryMixin, admin.ModelAdmin):
    """The log of what was offered: who changed what, when and why."""

    list_display = ["at", "kind", "model", "from_version", "to_version", "by_email", "why"]
    list_filter = ["kind", "at", "model__machine_type"]
    list_select_related = ["model", "from_version", "to_version"]
    search_fields = ["model__id", "by_email", "why"]
    date_hierarchy = "at"
