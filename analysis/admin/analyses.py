"""Devices to edit; analyses, and what people found out about them, to read."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from analysis.api import media as playback  # two register themselves
from analysis.api.summary import list_warnings, summarize
from analysis.models import (
    Analysis,
    AnalysisQuerySet,
    Device,
    DeviceQuerySet,
    Feedback,
    FeedbackRevision,
)
from analysis.sound import spectrogram  # two register themselves
from core.admin.history import HistoryMixin
from core.admin.paginator import MAX_ROWS
from core.admin.tables import format_value, number_column, render_table
from core.errors import SignalCraftError
from registry.admin.filters import RegisteredModelFilter
from registry.models import ModelVersion, RegisteredModel

LAST_VERDICTS = 20


@admin.register(Device)
class DeviceAdmin(admin.ModelAdmin):
    """The machines of the plant: which model is asked about each, and what was said last."""

    list_display = ["device_id", "name", "machine_type", "preferred_model", "last_verdict"]
    list_filter = ["machine_type", ("preferred_model", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["device_id", "name"]
    change_list_template = "admin/core/change_list.html"
    autocomplete_fields = ["preferred_model"]

    def get_readonly_fields(self, request: HttpRequest, obj: Device | None = None) -> list[str]:
        return ["last_verdicts"] if obj else []

    def get_queryset(self, request: HttpRequest) -> DeviceQuerySet:
        return Device.objects.with_last_verdict(Analysis.objects.visible_to(request.user))

    @admin.display(description="last verdict", ordering="last_analyzed_at", empty_value="none yet")
    def last_verdict(self, device: Any) -> str | None:
        return (
            f"{device.last_label} {format_value(device.last_analyzed_at)}"
            if device.last_label
            else None
        )

    @admin.display(description="last verdicts", empty_value="none yet")
    def last_verdicts(self, device: Device) -> SafeString | None:
        newest = device.analyses.select_related("version").order_by("-created_at", "-id")[
            :LAST_VERDICTS
        ]
        rows = [
            (get_admin_url(analysis), format_value(analysis.created_at), analysis)
            for analysis in newest
        ]
        shown = [
            (url, when, each.label, f"{each.health_score:.0f}", each.version)
            for url, when, each in rows
        ]
        row = '<tr><td><a href="{}">{}</a></td><td>{}</td><td>health {}</td><td>{}</td></tr>'
        return format_html("<table>{}</table>", format_html_join("", row, shown)) if shown else None


def get_admin_url(analysis: Analysis) -> str:
    """Return the address of an analysis in admin."""
    return reverse("admin:analysis_analysis_change", args=[analysis.pk])


def number_list_items(part: Any) -> Any:
    """Name the members of a list of objects by their place, so that a table can hold them."""
    if isinstance(part, dict):
        return {name: number_list_items(each) for name, each in part.items()}
    if isinstance(part, list) and part and isinstance(part[0], dict):
        return {str(place): each for place, each in enumerate(part, 1)}
    return "none" if part == [] else part


class FeedbackInline(HistoryMixin, admin.TabularInline):
    model = Feedback
    fields = readonly_fields = ["verdict", "fault_code", "comment", "reviewer", "updated_at"]
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Feedback]:
        return super().get_queryset(request).select_related("reviewer")


class OfModel(RegisteredModelFilter):
    """The model that was asked; without another filter or order, what is not listed anyway is not sorted either."""

    lookup = "version__registered_model"

    def apply(self, queryset: AnalysisQuerySet, value: RegisteredModel) -> QuerySet[Analysis]:
        # One more than is listed, so that the page knows to say so.
        return (
            super().apply(queryset, value)
            if self.other_params
            else queryset.among_newest(value, MAX_ROWS + 1)
        )


@admin.register(Analysis)
class AnalysisAdmin(HistoryMixin, admin.ModelAdmin):
    """History: to be read, never made or changed here."""

    list_display = ["created_at", "label", "health", "version", "device", "owner", "feedback"]
    ordering = ["-created_at", "-pk"]
    list_filter = ["label", "feedbacks__verdict", "created_at", OfModel]
    list_select_related = ["version", "device", "owner"]
    search_fields = ["device__device_id", "owner__email"]
    inlines = [FeedbackInline]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "created_at",
                    "label",
                    "health_score_",
                    "in_words",
                    "version",
                    "device",
                    "owner",
                ]
            },
        ),
        ("Recording", {"fields": ["sound", "spectrogram", "warnings", "quality_table"]}),
        (
            "How it was judged",
            {
                "fields": [
                    *["anomaly", "fraction", "p", "warning_from", "critical_from"],
                    *["calibration_method", "calibration_n"],
                ]
            },
        ),
        ("Where it stands out", {"fields": ["explanation_table"]}),
        ("Milliseconds", {"fields": ["timing_table"]}),
    ]
    health_score_ = number_column("health_score", "health score")
    anomaly = number_column("anomaly_score", "anomaly score")
    fraction = number_column("score", "score")
    p = number_column("p_value", "p-value")
    warning_from = number_column("warning_threshold", "WARNING from")
    critical_from = number_column("critical_threshold", "CRITICAL from")

    def get_urls(self) -> list[URLPattern]:
        def named(name: str, view: Callable[..., HttpResponseBase]) -> URLPattern:
            guarded = self.admin_site.admin_view(view, cacheable=True)
            return path(
                f"<uuid:pk>/{name}", guarded, name=f"analysis_analysis_{name.partition('.')[0]}"
            )

        return [
            named("spectrogram.png", self.send_picture),
            named("audio", self.send_sound),
            *super().get_urls(),
        ]

    def send_picture(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        """Draw what the model heard."""
        size = {"width": spectrogram.DEFAULT_WIDTH, "height": spectrogram.DEFAULT_HEIGHT}
        return self._send(
            request, pk, lambda analysis: playback.respond_with_picture(request, analysis, **size)
        )

    def send_sound(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        """Send the recording, or a range of it."""
        return self._send(
            request,
            pk,
            lambda analysis: playback.respond_with_recording(request, analysis.recording),
        )

    def _send(
        self, request: HttpRequest, pk: UUID, answer: Callable[[Analysis], HttpResponseBase]
    ) -> HttpResponseBase:
        """Answer from the recording, as the API would, whoever may read analyses here."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        readable = Analysis.objects.visible_to(request.user).select_related("recording", "version")  # type: ignore[arg-type]
        try:
            response = answer(get_object_or_404(readable, pk=pk))
        except SignalCraftError as exc:
            headers = getattr(exc, "headers", None)
            return HttpResponse(
                str(exc), content_type="text/plain", status=exc.status_code, headers=headers
            )
        patch_vary_headers(response, ["Cookie"])
        return response

    @admin.display(description="in words")
    def in_words(self, analysis: Analysis) -> str:
        return summarize(analysis, get_language() or "en")

    @admin.display(description="sound")
    def sound(self, analysis: Analysis) -> SafeString | str:
        if analysis.recording.purged_at:
            return f"No longer kept since {format_value(analysis.recording.purged_at)}."
        player = '<audio controls preload="none" src="{0}"></audio><br><a href="{0}">{1}</a>'
        address = reverse("admin:analysis_analysis_audio", args=[analysis.pk])
        return format_html(player, address, analysis.recording.original_name or "Open the file")

    @admin.display(description="spectrogram")
    def spectrogram(self, analysis: Analysis) -> SafeString | str:
        if analysis.recording.purged_at:
            return "The recording is no longer kept."
        address = reverse("admin:analysis_analysis_spectrogram", args=[analysis.pk])
        return format_html(
            '<img class="spectrogram" src="{}" alt="{}">',
            address,
            "The spectrogram cannot be drawn now.",
        )

    @admin.display(description="warnings")
    def warnings(self, analysis: Analysis) -> SafeString | str:
        said = list_warnings(analysis, get_language() or "en")
        return format_html_join("", "<div>{}</div>", ((each,) for each in said)) or "none"

    @admin.display(description="quality")
    def quality_table(self, analysis: Analysis) -> SafeString:
        return render_table(
            {name: value for name, value in analysis.quality.items() if name != "warnings"}
        )

    @admin.display(description="explanation")
    def explanation_table(self, analysis: Analysis) -> SafeString:
        explained = {name: part for name, part in analysis.explanation.items() if name != "curve"}
        return render_table({name: number_list_items(part) for name, part in explained.items()})

    @admin.display(description="stages")
    def timing_table(self, analysis: Analysis) -> SafeString:
        return render_table(analysis.timing_ms)

    @admin.display(description="health", ordering="health_score")
    def health(self, analysis: Analysis) -> str:
        return f"{analysis.health_score:.0f}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Analysis]:
        return super().get_queryset(request).prefetch_related("feedbacks")

    @admin.display(description="feedback")
    def feedback(self, analysis: Analysis) -> str:
        return ", ".join(str(feedback) for feedback in analysis.feedbacks.all())


class RevisionInline(HistoryMixin, admin.TabularInline):
    model = FeedbackRevision
    fields = readonly_fields = ["created_at", "verdict", "fault_code", "comment"]


class FeedbackModelFilter(RegisteredModelFilter):
    lookup = "analysis__version__registered_model"


@admin.register(Feedback)
class FeedbackAdmin(HistoryMixin, admin.ModelAdmin):
    """What people found out, to be read; each writes one's own through the API."""

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
        *["verdict", "analysis__label", "updated_at"],
        *[
            "analysis__version__registered_model__machine_type",
            FeedbackModelFilter,
        ],
    ]
    list_select_related = ["reviewer", "analysis__version", "analysis__device"]
    search_fields = ["fault_code", "comment", "reviewer__email", "analysis__device__device_id"]
    date_hierarchy = "updated_at"
    inlines = [RevisionInline]

    @admin.display(description="it was called", ordering="analysis__label")
    def label(self, feedback: Feedback) -> str:
        return feedback.analysis.label

    @admin.display(description="by version", ordering="analysis__version")
    def version(self, feedback: Feedback) -> ModelVersion:
        return feedback.analysis.version

    @admin.display(description="device", ordering="analysis__device__device_id")
    def device(self, feedback: Feedback) -> Device | None:
        return feedback.analysis.device
