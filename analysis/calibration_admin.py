"""Calibrations in admin: to be read, and to be undone."""

from dataclasses import dataclass
from functools import cached_property

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from analysis.calibration_choice import choose_for_all
from analysis.calibration_record import CalibrationRecord
from analysis.errors import NotCalibrated
from analysis.pipeline import detector_for
from registry.curation import CuratorMixin, HistoryMixin
from registry.tables import rounded, say
from registry.typed_filter import of_model
from signalcraft.errors import SignalCraftError


@dataclass(frozen=True)
class Undoing:
    """What a page shows of an undo before it is confirmed."""

    record: CalibrationRecord
    needs_approval = False

    @property
    def subject(self) -> str:
        return str(self.record)

    @cached_property
    def effect(self) -> str:
        """What would hold then."""
        before = self.record.before
        if before is not None and not before.is_withdrawn:
            return f"WARNING from {say(before.warning)} and CRITICAL from {say(before.critical)} hold again."
        return f"It is withdrawn: {self._what_is_left()}"

    @cached_property
    def refusal(self) -> str | None:
        """Why it cannot be undone now; None where it can."""
        try:
            self.record.check_undoable()
        except SignalCraftError as exc:
            return str(exc)
        return None

    def _what_is_left(self) -> str:
        version, device = self.record.version, self.record.device
        for_all = CalibrationRecord.objects.of(version, None).first() if device else None
        try:
            choice = choose_for_all(version, for_all, detector_for(version).calibration)
        except NotCalibrated:
            return f"{version} brought no calibration, so analyses by it are refused until it is calibrated again."
        except SignalCraftError as exc:
            return f"what came with the version would hold again, but that cannot be read now. {exc}"
        return "what holds for all devices holds again." if choice.record else "what came with the version holds again."


@admin.register(CalibrationRecord)
class CalibrationRecordAdmin(CuratorMixin, HistoryMixin, admin.ModelAdmin):
    """Which thresholds held since when, for one device or for all; who set them and why."""

    list_display = ["created_at", "version", "for_device", "rate", "thresholds", "n", "method", "who", "why"]
    list_filter = [
        *["method", ("device", admin.EmptyFieldListFilter), "created_at"],
        *["version__registered_model__machine_type", of_model("version__registered_model")],
    ]
    list_select_related = ["version", "device"]
    search_fields = ["version__registered_model__id", "device__device_id", "by_email", "why"]
    date_hierarchy = "created_at"
    actions = ["undo"]
    fields = [
        *["version", "device", "rate", "warning_from", "critical_from", "n", "n_groups", "method", "notes"],
        *["restores", "by_email", "why", "created_at"],
    ]

    rate = rounded("target_rate", "target false alarms")
    warning_from = rounded("warning", "WARNING from")
    critical_from = rounded("critical", "CRITICAL from")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CalibrationRecord]:
        return super().get_queryset(request).defer("scores")

    @admin.display(description="by", ordering="by_email", empty_value="a command")
    def who(self, record: CalibrationRecord) -> str:
        return record.by_email

    @admin.display(description="for", ordering="device__device_id")
    def for_device(self, record: CalibrationRecord) -> str:
        return str(record.device or "all devices")

    @admin.display(description="WARNING, CRITICAL from", ordering="warning")
    def thresholds(self, record: CalibrationRecord) -> str | None:
        return None if record.is_withdrawn else f"{say(record.warning)}, {say(record.critical)}"

    @admin.action(description="Undo", permissions=["undo"])
    def undo(self, request: HttpRequest, rows: QuerySet[CalibrationRecord]) -> HttpResponse | None:
        if self.are_too_many(request, rows):
            return None
        chosen = [Undoing(record) for record in rows.select_related("version__registered_model", "device")]
        if not all(self.may_undo(request, undoing.record) for undoing in chosen):
            raise PermissionDenied

        def carry_out(undoing: Undoing, why: str) -> str:
            undoing.record.undo(by=request.user, why=why)  # type: ignore[arg-type]
            return f"{undoing.subject} is undone."

        return self.confirm(request, rows, action="undo", title="Undo", chosen=chosen, carry_out=carry_out)

    def has_undo_permission(self, request: HttpRequest) -> bool:
        return self.has_curate_permission(request) or request.user.has_perm("analysis.calibrate_device")

    def may_undo(self, request: HttpRequest, record: CalibrationRecord) -> bool:
        """Tell whether this person may calibrate what the row calibrates."""
        if record.device_id is None:
            return self.has_curate_permission(request)
        return request.user.has_perm("analysis.calibrate_device")
