"""The log of decisions and the proposals that wait for a second curator, in admin."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from core.admin.filters import InputFilter
from core.admin.history import HistoryMixin
from core.admin.tables import format_value
from registry.admin.curation import CuratorMixin
from registry.admin.decisions import Approval
from registry.models import Promotion, Proposal
from registry.models.promotions import PromotionQuerySet

COLUMNS = [
    "at",
    "kind",
    "model",
    "from_version",
    "to_version",
    "by",
    "approved_by",
    "why",
    "approved_why",
]
CHUNK = 2000


class ServedAtFilter(InputFilter):
    """A moment: for every model that was offered then, the row that says which version served."""

    title = "what served at"
    parameter_name = "served_at"
    input_type = "datetime-local"
    error_message = "This is no date and time."

    def parse(self, text: str) -> datetime | None:
        return as_moment(text)

    def apply(self, queryset: PromotionQuerySet, value: datetime) -> PromotionQuerySet:
        return queryset.served_at(value)


class PromotionAdmin(HistoryMixin, admin.ModelAdmin):
    """The log of what was offered: who changed what, when and why."""

    list_display = ["at", "kind", "model", "from_number", "to_number", "who", "approved", "why"]
    list_filter = [ServedAtFilter, "kind", "at", "model__machine_type"]
    list_select_related = ["model", "from_version", "to_version"]
    search_fields = ["model__id", "by_email", "approved_by_email", "why", "approved_why"]
    search_help_text = "Model, address or reason"
    change_list_template = "admin/registry/promotion/change_list.html"
    fields = ["at", "kind", "model", "from_version", "to_version", "who", "why", "approved"]

    @admin.display(description="from", ordering="from_version__number")
    def from_number(self, promotion: Promotion) -> str | None:
        return f"v{promotion.from_version.number}" if promotion.from_version else None

    @admin.display(description="to", ordering="to_version__number")
    def to_number(self, promotion: Promotion) -> str | None:
        return f"v{promotion.to_version.number}" if promotion.to_version else None

    @admin.display(description="by", ordering="by_email")
    def who(self, promotion: Promotion) -> str:
        return promotion.by_email or "a command"

    @admin.display(description="approved by", ordering="approved_by_email")
    def approved(self, promotion: Promotion) -> str:
        reason = f": “{promotion.approved_why}”" if promotion.approved_why else ""
        return f"{promotion.approved_by_email}{reason}" or self.get_empty_value_display()

    def get_urls(self) -> list[URLPattern]:
        export = path(
            "export.csv", self.admin_site.admin_view(self.export), name="registry_promotion_export"
        )
        return [export, *super().get_urls()]

    def export(self, request: HttpRequest) -> HttpResponse:
        """Send the log as CSV, with the filters and the search of the page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            rows = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            # The list says so itself.
            return HttpResponseRedirect(reverse("admin:registry_promotion_changelist") + "?e=1")
        response = StreamingHttpResponse(as_csv(rows), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = 'attachment; filename="promotion-log.csv"'
        return response


class ProposalAdmin(CuratorMixin, HistoryMixin, admin.ModelAdmin):
    """Changes of protected models: one curator proposes, another approves."""

    list_display = ["at", "__str__", "who", "why", "state", "decision"]
    list_filter = ["state", "kind", "at"]
    list_select_related = ["model", "version"]
    search_fields = ["model__id", "by_email", "why"]
    actions = ["approve", "turn_down"]
    fields = ["at", "kind", "model", "version", "who", "why", "state", "decision"]

    @admin.display(description="by", ordering="by_email")
    def who(self, proposal: Proposal) -> str:
        return proposal.by_email or "a command"

    @admin.display(description="decided", ordering="decided_at")
    def decision(self, proposal: Proposal) -> str:
        if not proposal.decided_at:
            return self.get_empty_value_display()
        reason = f": “{proposal.decided_why}”" if proposal.decided_why else ""
        return f"{format_value(proposal.decided_at)}, {proposal.decided_by_email}{reason}"

    @admin.action(description="Approve", permissions=["curate"])
    def approve(self, request: HttpRequest, rows: QuerySet[Proposal]) -> HttpResponse | None:
        return self._decide(request, rows, "approve", "Approve", "Approved")

    @admin.action(description="Turn down", permissions=["curate"])
    def turn_down(self, request: HttpRequest, rows: QuerySet[Proposal]) -> HttpResponse | None:
        return self._decide(request, rows, "turn_down", "Turn down", "Turned down")

    def _decide(
        self, request: HttpRequest, rows: QuerySet[Proposal], verb: str, title: str, done: str
    ) -> HttpResponse | None:
        if self.refuse_too_many(request, rows):
            return None

        def apply(approval: Approval, why: str) -> str:
            getattr(approval.proposal, verb)(by=request.user, why=why)
            return f"{done}: {approval.subject}."

        proposals = rows.select_related("model__serving_version", "version", "by")
        chosen = [Approval(proposal, verb, request.user) for proposal in proposals]  # type: ignore[arg-type]
        return self.confirm(request, rows, action=verb, title=title, chosen=chosen, apply=apply)


def as_moment(text: str) -> datetime | None:
    """Read a moment, in the admin's time zone unless it names its own; None where there is none."""
    try:
        moment = parse_datetime(text)
        # In UTC, as the database holds it, the first or the last day of the calendar may be outside of it.
        return moment and (
            timezone.make_aware(moment) if timezone.is_naive(moment) else moment
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def as_csv(rows: QuerySet[Promotion]) -> Iterator[str]:
    """Write the log line by line; the mark in front tells spreadsheets that it is UTF-8."""
    lines = csv.writer(Line())
    yield "\ufeff" + lines.writerow(COLUMNS)
    for row in rows.iterator(CHUNK):
        who = [row.by_email, row.approved_by_email]
        versions = [row.from_version or "", row.to_version or ""]
        cells = [
            row.at.isoformat(),
            row.kind,
            row.model_id,
            *versions,
            *who,
            row.why,
            row.approved_why,
        ]
        yield lines.writerow([defused(str(cell)) for cell in cells])


def defused(cell: str) -> str:
    """Keep a spreadsheet from taking what somebody wrote for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


class Line:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> str:
        return line
