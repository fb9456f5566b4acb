"""The log of decisions in admin, with a filter by moment and an export."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from core.admin.filters import InputFilter
from core.admin.history import HistoryMixin
from core.spreadsheets import BYTE_ORDER_MARK, escape_formula
from registry.models import Promotion, RegisteredModel

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
ROWS_PER_READ = 2000


class ServedAtFilter(InputFilter):
    """A moment: for each model that was active then, the row that says which version served."""

    title = "what served at"
    parameter_name = "served_at"
    input_type = "datetime-local"
    error_message = "This is not a date and a time."

    def parse(self, text: str) -> datetime | None:
        return parse_moment(text)

    def apply(self, queryset: QuerySet[Promotion], value: datetime) -> QuerySet[Promotion]:
        return queryset.filter(pk__in=RegisteredModel.objects.served_at(value))


@admin.register(Promotion)
class PromotionAdmin(HistoryMixin, admin.ModelAdmin):
    """The log: who changed what the app offers, when and why."""

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
        if not promotion.approved_by_email:
            return self.get_empty_value_display()
        reason = f": “{promotion.approved_why}”" if promotion.approved_why else ""
        return f"{promotion.approved_by_email}{reason}"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export)
        return [
            path("export.csv", view, name="registry_promotion_export"),
            *super().get_urls(),
        ]

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """Send the log as CSV, with the filters and the search of the page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            rows = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            # The list explains this itself.
            return HttpResponseRedirect(reverse("admin:registry_promotion_changelist") + "?e=1")

        response = StreamingHttpResponse(render_csv(rows), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = 'attachment; filename="promotion-log.csv"'
        return response


def parse_moment(text: str) -> datetime | None:
    """Read a moment, in the admin's time zone unless it names its own; None for anything else."""
    try:
        moment = parse_datetime(text)
        if moment is None:
            return None
        if timezone.is_naive(moment):
            moment = timezone.make_aware(moment)
        # The first and the last day of the calendar may lie outside of it in UTC.
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def render_csv(rows: QuerySet[Promotion]) -> Iterator[str]:
    """Yield the log line by line; the byte order mark tells spreadsheets that it is UTF-8."""
    writer = csv.writer(Echo())
    yield BYTE_ORDER_MARK + writer.writerow(COLUMNS)
    for row in rows.iterator(ROWS_PER_READ):
        cells = [
            row.at.isoformat(),
            row.kind,
            row.model_id,
            row.from_version or "",
            row.to_version or "",
            row.by_email,
            row.approved_by_email,
            row.why,
            row.approved_why,
        ]
        yield writer.writerow([escape_formula(str(cell)) for cell in cells])


class Echo:
    """A file that returns what is written to it."""

    def write(self, line: str) -> str:
        return line
