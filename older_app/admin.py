"""The wishes of the older app in admin: which recordings to train on."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from older_app.models import RetrainingCandidate


@admin.register(RetrainingCandidate)
class RetrainingCandidateAdmin(admin.ModelAdmin):
    """Recordings that somebody who gave feedback wants a model to be trained on."""

    list_display = ["created_at", "analysis", "device", "outcome", "reviewer"]
    list_display_links = None
    list_filter = ["feedback__verdict"]
    list_select_related = ["feedback__analysis__device", "feedback__reviewer"]
    change_list_template = "admin/core/change_list.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description="analysis")
    def analysis(self, candidate: RetrainingCandidate) -> SafeString:
        analysis = candidate.feedback.analysis
        address = reverse("admin:analysis_analysis_change", args=[analysis.pk])
        return format_html('<a href="{}">{}</a>', address, analysis)

    @admin.display(description="device")
    def device(self, candidate: RetrainingCandidate) -> str:
        return str(candidate.feedback.analysis.device or "")

    @admin.display(description="outcome")
    def outcome(self, candidate: RetrainingCandidate) -> str:
        return candidate.feedback.get_verdict_display()

    @admin.display(description="reviewer")
    def reviewer(self, candidate: RetrainingCandidate) -> str:
        return candidate.feedback.reviewer.email
