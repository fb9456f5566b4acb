"""Calibrations in admin: to be read, and to be undone."""

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

from analysis.calibration_choice import resolve_for_version
from analysis.detectors.calibration import EXTRAPOLATED, FEW_GROUPS
from analysis.detectors.device_calibration import FAR_FROM_TRAINING, FEW_CLIPS
from analysis.errors import NotCalibrated
from analysis.loading import detector_for
from analysis.models.calibrations import CalibrationRecord
from core.admin.history import HistoryMixin
from core.admin.tables import ABSENT, format_value, number_column
from core.errors import SignalCraftError
from registry.admin.curation import CuratorMixin
from registry.admin.filters import RegisteredModelFilter
from registry.models import ModelVersion

NOTES = {
    FEW_GROUPS: "few takes: false alarms may be more frequent than told",
    EXTRAPOLATED: "rare alarms are extrapolated from few recordings",
    FEW_CLIPS: "few recordings",
    FAR_FROM_TRAINING: "far from what the model learnt: faults may go unheard",
}


def format_thresholds(version: ModelVersion, *rows: CalibrationRecord | None) -> str:
    """Say the thresholds of the first of these that is not withdrawn, else those that came with the version."""
    holds: Any = next((row for row in rows if row and not row.is_withdrawn), None)
    try:
        holds = (
            holds
            or resolve_for_version(version, None, detector_for(version).calibration).calibration
        )
    except SignalCraftError as exc:
        return f"none: {exc}"
    return (
        f"WARNING from {format_value(holds.warning)}, CRITICAL from {format_value(holds.critical)}"
    )


@dataclass(frozen=True)
class UndoDecision:
    """What a page shows of an undo before it is confirmed."""

    record: CalibrationRecord
    needs_approval = False

    @property
    def subject(self) -> str:
        return str(self.record)

    @cached_property
    def effect(self) -> str:
        """What would hold then."""
        previous = self.record.previous
        if previous is not None and not previous.is_withdrawn:
            return f"WARNING from {format_value(previous.warning)} and CRITICAL from {format_value(previous.critical)} hold again."
        return f"It is withdrawn: {self._what_is_left()}"

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
        version, previous = self.record.version, self.record.previous
        return [
            ("now", format_thresholds(version, self.record)),
            ("then", format_thresholds(version, previous, self._for_all)),
        ]

    @cached_property
    def _for_all(self) -> CalibrationRecord | None:
        """What holds for a device without one of its own."""
        return (
            CalibrationRecord.objects.of(self.record.version, None).first()
            if self.record.device
            else None
        )

    def _what_is_left(self) -> str:
        version = self.record.version
        try:
            effective = resolve_for_version(
                version, self._for_all, detector_for(version).calibration
            )
        except NotCalibrated:
            return f"{version} brought no calibration, so analyses by it are refused until it is calibrated again."
        except SignalCraftError as exc:
            return (
                f"what came with the version would hold again, but that cannot be read now. {exc}"
            )
        return (
            "what holds for all devices holds again."
            if effective.record
            else "what came with the version holds again."
        )


class CalibrationModelFilter(RegisteredModelFilter):
    lookup = "version__registered_model"


@admin.register(CalibrationRecord)
class CalibrationRecordAdmin(CuratorMixin, HistoryMixin, admin.ModelAdmin):
    """Which thresholds held since when, for one device or for all; who set them and why."""

    list_display = [
        "created_at",
        "version",
        "for_device",
        "now",
        "rate",
        "thresholds",
        "n",
        "who",
        "why",
    ]
    list_filter = [
        *["method", ("device", admin.EmptyFieldListFilter), "created_at"],
        *["version__registered_model__machine_type", CalibrationModelFilter],
    ]
    list_select_related = ["version", "device"]
    search_fields = ["version__registered_model__id", "device__device_id", "by_email", "why"]
    date_hierarchy = "created_at"
    actions = ["undo"]
    fields = [
        *["version", "for_device", "now", "rate", "warning_from", "critical_from", "held_before"],
        *["n", "n_groups", "method", "said_of_it", "restores", "who", "why", "created_at"],
    ]

    change_form_template = "admin/analysis/calibrationrecord/change_form.html"

    rate = number_column("target_rate", "target false alarms")
    warning_from = number_column("warning", "WARNING from")
    critical_from = number_column("critical", "CRITICAL from")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CalibrationRecord]:
        return CalibrationRecord.objects.with_neighbours().defer("scores").order_by("-pk")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        record = kwargs["obj"]
        context["may_undo"] = record.status == "holds" and self.may_undo(request, record)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="by", ordering="by_email")
    def who(self, record: CalibrationRecord) -> str:
        return record.by_email or "a command"

    @admin.display(description="now")
    def now(self, record: CalibrationRecord) -> str:
        return record.status

    @admin.display(description="before it")
    def held_before(self, record: CalibrationRecord) -> str:
        return format_thresholds(record.version, *record.predecessors)

    @admin.display(description="notes")
    def said_of_it(self, record: CalibrationRecord) -> str:
        return "; ".join(NOTES.get(note, note.replace("_", " ")) for note in record.notes) or "none"

    @admin.display(description="for", ordering="device__device_id")
    def for_device(self, record: CalibrationRecord) -> str:
        return str(record.device or "all devices")

    @admin.display(description="WARNING, CRITICAL from", ordering="warning")
    def thresholds(self, record: Any) -> SafeString | str:
        here = (
            ABSENT
            if record.is_withdrawn
            else f"{format_value(record.warning)}, {format_value(record.critical)}"
        )
        if record.warning_before is None:
            return here
        previous = f"{format_value(record.warning_before)}, {format_value(record.critical_before)}"
        return format_html("{} <small>before: {}</small>", here, previous)

    @admin.action(description="Undo", permissions=["undo"])
    def undo(self, request: HttpRequest, rows: QuerySet[CalibrationRecord]) -> HttpResponse | None:
        if self.refuse_too_many(request, rows):
            return None
        chosen = [
            UndoDecision(record)
            for record in rows.select_related("version__registered_model", "device")
        ]
        if not all(self.may_undo(request, decision.record) for decision in chosen):
            raise PermissionDenied

        def apply(decision: UndoDecision, why: str) -> str:
            decision.record.undo(by=request.user, why=why)  # type: ignore[arg-type]
            return f"Calibration {decision.subject} is undone."

        return self.confirm(request, rows, action="undo", title="Undo", chosen=chosen, apply=apply)

    def has_undo_permission(self, request: HttpRequest) -> bool:
        return self.has_curate_permission(request) or request.user.has_perm(
            "analysis.calibrate_device"
        )

    def may_undo(self, request: HttpRequest, record: CalibrationRecord) -> bool:
        """Tell whether this person may calibrate what the row calibrates."""
        if record.device_id is None:
            return self.has_curate_permission(request)
        return request.user.has_perm("analysis.calibrate_device")
