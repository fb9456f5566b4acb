"""Feedback in admin: to read; everybody gives their own through the API."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from analysis.models import Device, Feedback, FeedbackRevision
from core.admin.history import HistoryMixin
from registry.admin.filters import RegisteredModelFilter
from registry.models import ModelVersion

FEEDBACK_COLUMNS = ("verdict", "fault_code", "comment", "reviewer", "updated_at")
REVISION_COLUMNS = ("created_at", "verdict", "fault_code", "comment")


class FeedbackInline(HistoryMixin, admin.TabularInline):
    """The feedback of all reviewers, on the page of an analysis."""

    model = Feedback
    fields = FEEDBACK_COLUMNS
    readonly_fields = FEEDBACK_COLUMNS
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Feedback]:
        return super().get_queryset(request).select_related("reviewer")


class RevisionInline(HistoryMixin, admin.TabularInline):
    """Everything that a reviewer has said, newest first."""

    model = FeedbackRevision
    fields = REVISION_COLUMNS
    readonly_fields = REVISION_COLUMNS


class FeedbackModelFilter(RegisteredModelFilter):
    lookup = "analysis__version__registered_model"


@admin.register(Feedback)
class FeedbackAdmin(HistoryMixin, admin.ModelAdmin):
    """What people found out about the machines after an analysis."""

    list_display = [
        "updated_at",
        "verdict",
        "fault_code",
        "comment",
        "label",
        "version",
        "device",
        "reviewer",
    ]
    list_filter = [
        "verdict",
        "analysis__label",
        "updated_at",
        "analysis__version__registered_model__machine_type",
        FeedbackModelFilter,
    ]
    list_select_related = ["reviewer", "analysis__version", "analysis__device"]
    search_fields = ["fault_code", "comment", "reviewer__email", "analysis__device__device_id"]
    date_hierarchy = "updated_at"
    inlines = [RevisionInline]

    @admin.display(description="verdict", ordering="analysis__label")
    def label(self, feedback: Feedback) -> str:
        return feedback.analysis.label

    @admin.display(description="model version", ordering="analysis__version")
    def version(self, feedback: Feedback) -> ModelVersion:
        return feedback.analysis.version

    @admin.display(description="device", ordering="analysis__device__device_id")
    def device(self, feedback: Feedback) -> Device | None:
        return feedback.analysis.device
