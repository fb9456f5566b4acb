"""Calibrations made after training: append-only rows, of which the newest sets the thresholds."""

from typing import Any, ClassVar

import numpy as np
from django.db import models, transaction
from django.db.models import Case, OuterRef, Q, Subquery, When
from django.utils import timezone

from accounts.models import User
from analysis.detectors.calibration import Calibration
from analysis.errors import CalibrationSuperseded, NothingToUndo, UnknownCalibration
from analysis.models.devices import Device
from core.append_only import AppendOnlyModel, AppendOnlyQuerySet
from core.triggers import Guard
from core.verbs import alters_data
from registry.models import MachineType, ModelVersion, RegisteredModel

# The method of a row that an undo adds where there was no calibration before.
WITHDRAWN = "withdrawn"
# The columns of a calibration: all are set, or none where it was withdrawn.
WHOLE_COLUMNS = ("target_rate", "warning", "critical", "scores", "n", "n_groups")
STATE_COLUMNS = (*WHOLE_COLUMNS, "sessions", "method", "notes")
EMPTY_IF_WITHDRAWN = tuple(f"{name}__isnull" for name in WHOLE_COLUMNS)


class CalibrationRecordQuerySet(AppendOnlyQuerySet["CalibrationRecord"]):
    """Queries for many calibrations."""

    def of(self, version: ModelVersion, device: Device | None) -> "CalibrationRecordQuerySet":
        """Filter to one version, for one device or for all devices; newest first."""
        return self.filter(version=version, device=device).order_by("-pk")

    def of_model(self, model: RegisteredModel) -> "CalibrationRecordQuerySet":
        """Filter to any version of a model, for all devices."""
        return self.filter(version__registered_model=model, device=None)

    def candidates_for(self, version: ModelVersion, device: Device) -> list["CalibrationRecord"]:
        """Return the rows that may set the thresholds for a device, newest first, in one query.

        These are the newest for all devices, the newest of this device and version, and the
        newest of this device and any version of the model.
        """
        of_model = self.filter(version__registered_model=version.registered_model_id)
        candidates = (
            self.of(version, None),
            self.of(version, device),
            of_model.filter(device=device).order_by("-pk"),
        )

        is_newest = Q()
        for rows in candidates:
            is_newest |= Q(pk=Subquery(rows.values("pk")[:1]))
        return list(self.filter(is_newest).order_by("-pk"))

    def newest_of(self, versions: list[ModelVersion]) -> dict[int, "CalibrationRecord"]:
        """Return the newest row for all devices of each version, by version id, in one query."""
        newest = self.filter(version=OuterRef("version"), device=None).order_by("-pk")
        rows = self.filter(version__in=versions, device=None, pk=Subquery(newest.values("pk")[:1]))
        return {row.version_id: row for row in rows}

    def lock(self, version: ModelVersion) -> None:
        """Block other writers of calibrations until the end of the transaction."""
        # Two writers would both read the same newest row, so lock a row that they share.
        MachineType.objects.lock(version.registered_model.machine_type_id)

    def page_after(self, last_id: int | None) -> "CalibrationRecordQuerySet":
        """Order newest first and start after this one; the scores are not read."""
        rows = self.filter(pk__lt=last_id) if last_id else self
        return rows.defer("scores").select_related("version", "device").order_by("-pk")

    def with_neighbours(self) -> "CalibrationRecordQuerySet":
        """Add the id of the row that replaced each (None: none did), and the thresholds before."""
        others = CalibrationRecord.objects.filter(version=OuterRef("version"))
        newer = others.filter(pk__gt=OuterRef("pk")).order_by("pk")
        older = others.filter(pk__lt=OuterRef("pk")).order_by("-pk")
        return self.annotate(
            replaced_by=_first_of_same_device(newer, "pk"),
            warning_before=_first_of_same_device(older, "warning"),
            critical_before=_first_of_same_device(older, "critical"),
        )

    def get_by_id(self, calibration_id: int) -> "CalibrationRecord":
        """Return one of these rows, or raise UnknownCalibration."""
        rows = self.select_related("version__registered_model", "device")
        row: CalibrationRecord | None = rows.filter(pk=calibration_id).first()
        if row is None:
            raise UnknownCalibration(f"There is no calibration {calibration_id} here.")
        return row


def _first_of_same_device(rows: CalibrationRecordQuerySet, column: str) -> Case:
    """Select the column of the first row for the same device, or for all devices as well."""
    for_all = rows.filter(device=None).values(column)[:1]
    for_device = rows.filter(device=OuterRef("device")).values(column)[:1]
    return Case(When(device=None, then=Subquery(for_all)), default=Subquery(for_device))


class CalibrationRecord(AppendOnlyModel):
    """The thresholds of a version from one moment on, for one device or for all.

    An undo adds a row as well: a copy of the calibration before, whose first row `restores`
    names, or a withdrawn row where there was none.
    """

    version = models.ForeignKey(ModelVersion, models.PROTECT, related_name="calibrations")
    device = models.ForeignKey(Device, models.PROTECT, null=True, related_name="calibrations")
    target_rate = models.FloatField("target false-alarm rate", null=True)
    warning = models.FloatField("WARNING from", null=True)
    critical = models.FloatField("CRITICAL from", null=True)
    scores = models.JSONField(null=True)  # ascending, in the detector's units
    # The recording session of each score, by number; None: not known, or of an older release.
    sessions = models.JSONField(null=True)
    n = models.PositiveIntegerField("recordings", null=True)
    n_groups = models.PositiveIntegerField("recording sessions", null=True)
    method = models.CharField(max_length=60)
    notes = models.JSONField(default=list)
    restores = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    # Empty for a command.
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    by_email = models.EmailField(blank=True)
    why = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar = CalibrationRecordQuerySet.as_manager()
    guard = Guard()

    class Meta:
        verbose_name = "calibration"
        ordering = ["-pk"]
        default_permissions = ["view"]
        permissions = [("calibrate_device", "Can calibrate a model for one device")]
        indexes = [
            models.Index(fields=["version", "device", "-id"], name="analysis_newest_calibration"),
            models.Index(fields=["device", "-id"], name="analysis_newest_device_calib"),
        ]
        constraints = [
            models.CheckConstraint(
                # IS NULL and no comparison: one with NULL is neither true nor false, and passes.
                condition=Q(
                    method=WITHDRAWN, restores=None, **dict.fromkeys(EMPTY_IF_WITHDRAWN, True)
                )
                | Q(~Q(method=WITHDRAWN), **dict.fromkeys(EMPTY_IF_WITHDRAWN, False)),
                name="analysis_calibration_is_whole_or_withdrawn",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} for {self.device or 'all devices'} #{self.pk}"

    @property
    def is_withdrawn(self) -> bool:
        """Whether this row only takes back the one before it."""
        return self.method == WITHDRAWN

    @property
    def previous(self) -> "CalibrationRecord | None":
        """The row that an undo of this one goes back to.

        An undo is a copy of an older row, so what came before it came before the original.
        """
        original_id = self.restores_id or self.pk
        rows = CalibrationRecord.objects.of(self.version, self.device)
        previous: CalibrationRecord | None = rows.filter(pk__lt=original_id).first()
        return previous

    @property
    def predecessors(self) -> list["CalibrationRecord"]:
        """The rows that this one replaced: the device's own, then the one for all devices."""
        devices = [self.device, None] if self.device else [None]
        newest = (
            CalibrationRecord.objects.of(self.version, device)
            .filter(pk__lt=self.pk)
            .defer("scores")
            .first()
            for device in devices
        )
        return [row for row in newest if row]

    @property
    def calibration(self) -> Calibration:
        """The calibration that this row holds; a withdrawn one holds none."""
        assert self.target_rate is not None
        assert self.n_groups is not None
        return Calibration(
            np.asarray(self.scores, dtype=np.float64),
            self.target_rate,
            self.n_groups,
            self.method,
            tuple(self.notes),
            None if self.sessions is None else np.asarray(self.sessions, dtype=np.int32),
        )

    @classmethod
    @alters_data
    @transaction.atomic
    def record(
        cls,
        calibration: Calibration,
        *,
        version: ModelVersion,
        device: Device | None = None,
        n: int | None = None,
        by: User | None,
        why: str = "",
    ) -> "CalibrationRecord":
        """Add a calibration, which applies from now on.

        n: how many recordings are behind it, where that is not the number of its scores.
        """
        state = {
            "target_rate": calibration.target_false_alarm_rate,
            "warning": calibration.warning,
            "critical": calibration.critical,
            "scores": calibration.scores.tolist(),
            "sessions": None if calibration.sessions is None else calibration.sessions.tolist(),
            "n": calibration.n if n is None else n,
            "n_groups": calibration.n_groups,
            "method": calibration.method,
            "notes": list(calibration.notes),
        }
        cls.objects.lock(version)
        return cls(version=version, device=device, **state)._insert(by=by, why=why)

    @alters_data
    @transaction.atomic
    def undo(self, *, by: User | None, why: str = "") -> "CalibrationRecord":
        """Go back to the calibration before this one, which must be the newest."""
        CalibrationRecord.objects.lock(self.version)
        self.check_undoable()

        state = copy_state(self.previous)
        row = CalibrationRecord(version=self.version, device=self.device, **state)
        return row._insert(by=by, why=why)

    def check_undoable(self) -> None:
        """Refuse to undo a calibration that is replaced, withdrawn, or of a protected model."""
        rows = CalibrationRecord.objects.of(self.version, self.device)
        if rows.first() != self:
            raise CalibrationSuperseded(
                f"Calibration {self.pk} has been replaced. Undo the newest one instead."
            )
        if self.is_withdrawn:
            raise NothingToUndo(f"Calibration {self.pk} is withdrawn already.")
        self._check_unprotected()

    def _check_unprotected(self) -> None:
        if self.device_id is None:
            self.version.registered_model.check_unprotected()

    def _insert(self, *, by: User | None, why: str) -> "CalibrationRecord":
        self._check_unprotected()
        self.by = by
        self.by_email = by.email if by else ""
        self.why = why
        self.save()
        return self


def copy_state(row: CalibrationRecord | None) -> dict[str, Any]:
    """Return the columns of a new row that restores this one; None: withdraws."""
    if row is None or row.is_withdrawn:
        return {"method": WITHDRAWN}
    return {name: getattr(row, name) for name in STATE_COLUMNS} | {"restores": row.restores or row}
