"""Calibrations in admin: a history to read, of which the newest can be undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.current_user import get_current_user
from analysis.admin.calibration_words import format_method, format_notes
from analysis.calibration_choice import resolve_for_version
from analysis.errors import NotCalibrated
from analysis.loading import detector_for
from analysis.models.calibrations import CalibrationRecord
from core.admin.history import HistoryMixin
from core.admin.tables import ABSENT, format_value, number_column
from core.errors import SignalCraftError
from registry.admin.curation import CuratorMixin
from registry.admin.filters import RegisteredModelFilter
from registry.models import ModelVersion

IN_USE = "in use"


def format_thresholds(version: ModelVersion, *rows: CalibrationRecord | None) -> str:
    """Return the thresholds of the first row that is not withdrawn, else the version's own."""
    calibration: Any = next((row for row in rows if row and not row.is_withdrawn), None)
    if calibration is None:
        try:
            own = detector_for(version).calibration
            calibration = resolve_for_version(version, None, own).calibration
        except SignalCraftError as exc:
            return f"none: {exc}"
    warning = format_value(calibration.warning)
    critical = format_value(calibration.critical)
    return f"WARNING from {warning}, CRITICAL from {critical}"


def format_status(record: Any) -> str:
    """Return whether a row of with_neighbours() applies."""
    if record.replaced_by:
        return f"replaced by #{record.replaced_by}"
    return "withdrawn" if record.is_withdrawn else IN_USE


@dataclass(frozen=True)
class UndoDecision:
    """An undo, as the page shows it before it is confirmed."""

    record: CalibrationRecord
    needs_approval = False

    @property
    def subject(self) -> str:
        return str(self.record)

    @cached_property
    def effect(self) -> str:
        """What would apply after the undo."""
        previous = self.record.previous
        if previous is None or previous.is_withdrawn:
            return f"This calibration is withdrawn: {self._describe_fallback()}"
        warning = format_value(previous.warning)
        critical = format_value(previous.critical)
        return f"WARNING from {warning} and CRITICAL from {critical} apply again."

    @cached_property
    def refusal(self) -> str | None:
        """Why it cannot be undone now; None where it can."""
        try:
            self.record.check_undoable()
        except SignalCraftError as exc:
            return str(exc)
        return None

    @property
    def notes(self) -> Sequence[tuple[str, str]]:
        """The thresholds before and after."""
        version = self.record.version
        return [
            ("now", format_thresholds(version, self.record)),
            ("after", format_thresholds(version, self.record.previous, self._for_all)),
        ]

    @cached_property
    def _for_all(self) -> CalibrationRecord | None:
        """The row that applies to devices without one of their own."""
        if self.record.device is None:
            return None
        newest: CalibrationRecord | None = CalibrationRecord.objects.of(
            self.record.version, None
        ).first()
        return newest

    def _describe_fallback(self) -> str:
        version = self.record.version
        own = detector_for(version).calibration
        try:
            effective = resolve_for_version(version, self._for_all, own)
        except NotCalibrated:
            return (
                f"{version} has no other calibration, "
                "so its analyses are refused until it is calibrated again."
            )
        if effective.record:
            return "the calibration for all devices applies again."
        return "the version's own calibration applies again."


class MethodFilter(admin.SimpleListFilter):
    """How a calibration was made, in words."""

    title = "method"
    parameter_name = "method"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = CalibrationRecord.objects.order_by("method")
        methods = rows.values_list("method", flat=True).distinct()
        return [(method, format_method(method)) for method in methods]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(method=self.value()) if self.value() else queryset


class CalibrationModelFilter(RegisteredModelFilter):
    lookup = "version__registered_model"


@admin.register(CalibrationRecord)
class CalibrationRecordAdmin(CuratorMixin, HistoryMixin, admin.ModelAdmin):
    """Which thresholds applied since when, for which device; who set them and why."""

    list_display = [
        "created_at",
        "version",
        "for_device",
        "status",
        "rate",
        "thresholds",
        "n",
        "who",
        "why",
    ]
    list_filter = [
        MethodFilter,
        ("device", admin.EmptyFieldListFilter),
        "created_at",
        "version__registered_model__machine_type",
        CalibrationModelFilter,
    ]
    list_select_related = ["version", "device"]
    search_fields = ["version__registered_model__id", "device__device_id", "by_email", "why"]
    date_hierarchy = "created_at"
    actions = ["undo"]
    fields = [
        "version",
        "for_device",
        "status",
        "rate",
        "warning_from",
        "critical_from",
        "previous_thresholds",
        "n",
        "n_groups",
        "method_in_words",
        "notes_in_words",
        "restores",
        "who",
        "why",
        "created_at",
    ]
    change_form_template = "admin/analysis/calibrationrecord/change_form.html"

    rate = number_column("target_rate", "target false-alarm rate")
    warning_from = number_column("warning", "WARNING from")
    critical_from = number_column("critical", "CRITICAL from")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CalibrationRecord]:
        return CalibrationRecord.objects.with_neighbours().defer("scores").order_by("-pk")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        record = kwargs["obj"]
        is_in_use = format_status(record) == IN_USE
        context["may_undo"] = is_in_use and self.may_undo(request, record)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="by", ordering="by_email")
    def who(self, record: CalibrationRecord) -> str:
        return record.by_email or "a command"

    @admin.display(description="status")
    def status(self, record: CalibrationRecord) -> str:
        return format_status(record)

    @admin.display(description="thresholds before")
    def previous_thresholds(self, record: CalibrationRecord) -> str:
        return format_thresholds(record.version, *record.predecessors)

    @admin.display(description="method")
    def method_in_words(self, record: CalibrationRecord) -> str:
        return format_method(record.method)

    @admin.display(description="notes")
    def notes_in_words(self, record: CalibrationRecord) -> str:
        return format_notes(record.notes, n=record.n)

    @admin.display(description="for", ordering="device__device_id")
    def for_device(self, record: CalibrationRecord) -> str:
        return str(record.device or "all devices")

    @admin.display(description="WARNING, CRITICAL from", ordering="warning")
    def thresholds(self, record: Any) -> SafeString | str:
        present = ABSENT
        if not record.is_withdrawn:
            present = f"{format_value(record.warning)}, {format_value(record.critical)}"
        if record.warning_before is None:
            return present
        previous = f"{format_value(record.warning_before)}, {format_value(record.critical_before)}"
        return format_html("{} <small>before: {}</small>", present, previous)

    @admin.action(description="Undo", permissions=["undo"])
    def undo(self, request: HttpRequest, rows: QuerySet[CalibrationRecord]) -> HttpResponse | None:
        if self.refuse_too_many(request, rows):
            return None
        records = rows.select_related("version__registered_model", "device")
        chosen = [UndoDecision(record) for record in records]
        if not all(self.may_undo(request, decision.record) for decision in chosen):
            raise PermissionDenied

        def apply(decision: UndoDecision, why: str) -> str:
            decision.record.undo(by=get_current_user(request), why=why)
            return f"Calibration {decision.subject} was undone."

        return self.confirm(request, rows, action="undo", title="Undo", chosen=chosen, apply=apply)

    def has_undo_permission(self, request: HttpRequest) -> bool:
        may_calibrate = request.user.has_perm("analysis.calibrate_device")
        return self.has_curate_permission(request) or may_calibrate

    def may_undo(self, request: HttpRequest, record: CalibrationRecord) -> bool:
        """Whether this user may calibrate what the row calibrates."""
        if record.device_id is None:
            return self.has_curate_permission(request)
        return request.user.has_perm("analysis.calibrate_device")
