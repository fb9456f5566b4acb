"""Analyses in admin: a history to read, with the picture and the sound of each recording."""

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

from accounts.current_user import get_current_user
from analysis.admin.calibration_words import format_method
from analysis.admin.feedback import FeedbackInline
from analysis.api.media import respond_with_judged_sound, respond_with_picture
from analysis.api.summary import list_warnings, summarize
from analysis.models import Analysis
from analysis.sound.spectrogram import DEFAULT_HEIGHT, DEFAULT_WIDTH
from core.admin.history import HistoryMixin
from core.admin.paginator import MAX_ROWS
from core.admin.tables import format_value, number_column, render_table
from core.errors import SignalCraftError
from registry.admin.filters import RegisteredModelFilter
from registry.models import RegisteredModel


class OfModel(RegisteredModelFilter):
    """Filters by model; without another filter or order it reads only rows that can be listed."""

    lookup = "version__registered_model"

    def apply(self, queryset: Any, value: RegisteredModel) -> QuerySet[Analysis]:
        if self.other_params:
            return super().apply(queryset, value)
        # One row more than is listed, so that the page can say that there are more.
        return queryset.among_newest(value, MAX_ROWS + 1)


@admin.register(Analysis)
class AnalysisAdmin(HistoryMixin, admin.ModelAdmin):
    """The analyses of all users, which nobody adds, changes or deletes here."""

    list_display = ["created_at", "label", "health", "version", "device", "owner", "feedback"]
    ordering = ["-sequence_number", "-pk"]
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
                    "rounded_health",
                    "summary",
                    "version",
                    "serving_sha256",
                    "device",
                    "owner",
                ]
            },
        ),
        ("Recording", {"fields": ["sound", "spectrogram", "warnings", "quality_table"]}),
        (
            "Scores and thresholds",
            {
                "fields": [
                    "rounded_anomaly_score",
                    "rounded_score",
                    "rounded_p_value",
                    "warning_from",
                    "critical_from",
                    "method_in_words",
                    "calibration_n",
                    "calibration_n_groups",
                ]
            },
        ),
        ("Explanation", {"fields": ["explanation_table"]}),
        ("Milliseconds", {"fields": ["timing_table"]}),
    ]
    rounded_health = number_column("health_score", "health score")
    rounded_anomaly_score = number_column("anomaly_score", "anomaly score")
    rounded_score = number_column("score", "score")
    rounded_p_value = number_column("p_value", "p-value")
    warning_from = number_column("warning_threshold", "WARNING from")
    critical_from = number_column("critical_threshold", "CRITICAL from")

    def get_urls(self) -> list[URLPattern]:
        picture = self.admin_site.admin_view(self.send_picture, cacheable=True)
        sound = self.admin_site.admin_view(self.send_sound, cacheable=True)
        return [
            path("<uuid:pk>/spectrogram.png", picture, name="analysis_analysis_spectrogram"),
            path("<uuid:pk>/audio", sound, name="analysis_analysis_audio"),
            *super().get_urls(),
        ]

    def send_picture(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        """Answer with the spectrogram."""

        def respond(analysis: Analysis) -> HttpResponseBase:
            return respond_with_picture(
                request, analysis, width=DEFAULT_WIDTH, height=DEFAULT_HEIGHT
            )

        return self._send(request, pk, respond)

    def send_sound(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        """Answer with the recording, or a range of it."""

        def respond(analysis: Analysis) -> HttpResponseBase:
            return respond_with_judged_sound(request, analysis)

        return self._send(request, pk, respond)

    def _send(
        self, request: HttpRequest, pk: UUID, respond: Callable[[Analysis], HttpResponseBase]
    ) -> HttpResponseBase:
        """Answer as the API would, to everybody who may read analyses here."""
        if not self.has_view_permission(request):
            raise PermissionDenied

        readable = Analysis.objects.visible_to(get_current_user(request))
        try:
            rows = readable.select_related("recording", "version")
            response = respond(get_object_or_404(rows, pk=pk))
        except SignalCraftError as exc:
            headers = getattr(exc, "headers", None)
            return HttpResponse(
                str(exc), content_type="text/plain", status=exc.status_code, headers=headers
            )
        patch_vary_headers(response, ["Cookie"])
        return response

    def get_queryset(self, request: HttpRequest) -> QuerySet[Analysis]:
        return super().get_queryset(request).prefetch_related("feedbacks")

    @admin.display(description="summary")
    def summary(self, analysis: Analysis) -> str:
        return summarize(analysis, get_language() or "en")

    @admin.display(description="sound")
    def sound(self, analysis: Analysis) -> SafeString | str:
        if analysis.recording.purged_at:
            return f"Deleted on {format_value(analysis.recording.purged_at)}."
        player = '<audio controls preload="none" src="{0}"></audio><br><a href="{0}">{1}</a>'
        url = reverse("admin:analysis_analysis_audio", args=[analysis.pk])
        return format_html(player, url, analysis.recording.original_name or "Open the file")

    @admin.display(description="spectrogram")
    def spectrogram(self, analysis: Analysis) -> SafeString | str:
        if analysis.recording.purged_at:
            return "The recording has been deleted."
        url = reverse("admin:analysis_analysis_spectrogram", args=[analysis.pk])
        alternative = "The spectrogram cannot be shown now."
        return format_html('<img class="spectrogram" src="{}" alt="{}">', url, alternative)

    @admin.display(description="warnings")
    def warnings(self, analysis: Analysis) -> SafeString | str:
        warnings = list_warnings(analysis, get_language() or "en")
        return format_html_join("", "<div>{}</div>", ((each,) for each in warnings)) or "none"

    @admin.display(description="quality")
    def quality_table(self, analysis: Analysis) -> SafeString:
        facts = {name: value for name, value in analysis.quality.items() if name != "warnings"}
        return render_table(facts)

    @admin.display(description="calibration method")
    def method_in_words(self, analysis: Analysis) -> str:
        return format_method(analysis.calibration_method)

    @admin.display(description="explanation")
    def explanation_table(self, analysis: Analysis) -> SafeString:
        parts = {name: part for name, part in analysis.explanation.items() if name != "curve"}
        return render_table({name: number_list_items(part) for name, part in parts.items()})

    @admin.display(description="stages")
    def timing_table(self, analysis: Analysis) -> SafeString:
        return render_table(analysis.timing_ms)

    @admin.display(description="health", ordering="health_score")
    def health(self, analysis: Analysis) -> str:
        return f"{analysis.health_score:.0f}"

    @admin.display(description="feedback")
    def feedback(self, analysis: Analysis) -> str:
        return ", ".join(str(feedback) for feedback in analysis.feedbacks.all())


def number_list_items(part: Any) -> Any:
    """Turn lists of objects into objects by number, which a table can show."""
    if isinstance(part, dict):
        return {name: number_list_items(each) for name, each in part.items()}
    if isinstance(part, list) and part and isinstance(part[0], dict):
        return {str(number): each for number, each in enumerate(part, 1)}
    return "none" if part == [] else part
