"""Calibrations made after training: rows that are only added, the newest of which gives the thresholds."""

from typing import TYPE_CHECKING, Any, Optional

import numpy as np
from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, OuterRef, Q, Subquery, When
from django.utils import timezone

from analysis.detectors.calibration import Calibration
from analysis.errors import CalibrationSuperseded, NothingToUndo, UnknownCalibration
from core.append_only import AppendOnlyModel, AppendOnlyQuerySet
from core.triggers import Guard
from registry.models.machine_types import MachineType

if TYPE_CHECKING:
    from accounts.models import User
    from analysis.models import Device
    from registry.models import ModelVersion, RegisteredModel

# What an undo leaves where there was no calibration before.
WITHDRAWN = "withdrawn"
# What a row says of its calibration; all of it, or nothing where it was withdrawn.
STATE_COLUMNS = ("target_rate", "warning", "critical", "scores", "n", "n_groups", "method", "notes")
EMPTY_IF_WITHDRAWN = tuple(
    f"{name}__isnull" for name in STATE_COLUMNS if name not in ("method", "notes")
)


class CalibrationRecordQuerySet(AppendOnlyQuerySet):
    """Questions about many calibrations."""

    def of(self, version: "ModelVersion", device: "Device | None") -> "CalibrationRecordQuerySet":
        """Keep those of one version, for one device or for all; newest first."""
        return self.filter(version=version, device=device).order_by("-pk")

    def of_model(self, model: "RegisteredModel") -> "CalibrationRecordQuerySet":
        """Keep those of any version of a model, for all devices."""
        return self.filter(version__registered_model=model, device=None)

    def candidates_for(
        self, version: "ModelVersion", device: "Device | None"
    ) -> list["CalibrationRecord"]:
        """Find, in one query, the newest for the version, for the device with it, and for the device with its model."""
        newest = [self.of(version, None)]
        if device is not None:
            same_model = Q(version__registered_model=version.registered_model_id)
            newest += [
                self.of(version, device),
                self.filter(same_model, device=device).order_by("-pk"),
            ]
        any_of_them = Q()
        for rows in newest:
            any_of_them |= Q(pk=Subquery(rows.values("pk")[:1]))
        return list(self.filter(any_of_them).order_by("-pk"))

    def newest_of(self, versions: "list[ModelVersion]") -> "dict[int, CalibrationRecord]":
        """Find the newest for all devices of each version, by version, in one query."""
        newest = (
            self.filter(version=OuterRef("version"), device=None).order_by("-pk").values("pk")[:1]
        )
        rows = self.filter(version__in=versions, device=None, pk=Subquery(newest))
        return {row.version_id: row for row in rows}

    def lock(self, version: "ModelVersion") -> None:
        """Let nobody else add a row between what is now read of the newest and the end of the transaction."""
        MachineType.objects.lock(version.registered_model.machine_type_id)

    def page_after(self, last_id: int | None) -> "CalibrationRecordQuerySet":
        """Sort newest first, beginning behind one, without the scores."""
        rows = self.filter(pk__lt=last_id) if last_id else self
        return rows.defer("scores").select_related("version", "device").order_by("-pk")

    def with_neighbours(self) -> "CalibrationRecordQuerySet":
        """Tell of each which took its place (replaced_by; None: it is the newest), and the thresholds before it."""
        others = CalibrationRecord.objects.filter(version=OuterRef("version"))
        newer = others.filter(pk__gt=OuterRef("pk")).order_by("pk")
        older = others.filter(pk__lt=OuterRef("pk")).order_by("-pk")
        return self.annotate(
            replaced_by=_first_of_same(newer, "pk"),
            warning_before=_first_of_same(older, "warning"),
            critical_before=_first_of_same(older, "critical"),
        )

    def get_by_id(self, calibration_id: int) -> "CalibrationRecord":
        """Get one of these, or raise UnknownCalibration."""
        row = (
            self.select_related("version__registered_model", "device")
            .filter(pk=calibration_id)
            .first()
        )
        if row is None:
            raise UnknownCalibration(f"There is no calibration {calibration_id} here.")
        return row


def _first_of_same(rows: CalibrationRecordQuerySet, column: str) -> Case:
    """Get the column of the first of these that is for the same device, or for all as well."""
    for_all = rows.filter(device=None).values(column)[:1]
    for_device = rows.filter(device=OuterRef("device")).values(column)[:1]
    return Case(When(device=None, then=Subquery(for_all)), default=Subquery(for_device))


class CalibrationRecord(AppendOnlyModel):
    """The thresholds of a version, for one device or for all, from one moment on.

    An undo is a row too: it says again what held before (`restores` is where that was said first), or that nothing did.
    """

    version = models.ForeignKey(
        "registry.ModelVersion", models.PROTECT, related_name="calibrations"
    )
    device = models.ForeignKey(
        "analysis.Device", models.PROTECT, null=True, related_name="calibrations"
    )
    target_rate = models.FloatField("target false-alarm rate", null=True)
    warning = models.FloatField("WARNING from", null=True)
    critical = models.FloatField("CRITICAL from", null=True)
    scores = models.JSONField(null=True)  # ascending, in the detector's units
    n = models.PositiveIntegerField("recordings", null=True)
    n_groups = models.PositiveIntegerField("takes", null=True)
    method = models.CharField(max_length=60)
    notes = models.JSONField(default=list)
    restores = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    # Empty for a command.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    by_email = models.EmailField(blank=True)
    why = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = CalibrationRecordQuerySet.as_manager()
    guard = Guard()

    if TYPE_CHECKING:
        replaced_by: int | None

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
                # Not a comparison: of what is null it would be neither true nor false, and pass.
                condition=Q(
                    method=WITHDRAWN, restores=None, **dict.fromkeys(EMPTY_IF_WITHDRAWN, True)
                )
                | Q(~Q(method=WITHDRAWN), **dict.fromkeys(EMPTY_IF_WITHDRAWN, False)),
                name="analysis_calibration_is_whole_or_withdrawn",
            ),
        ]

    @classmethod
    def newest_for_version(cls, version: "ModelVersion") -> "CalibrationRecord | None":
        """Find what `objects.of(version, None).first()` would, in a fifth of the time: every analysis asks."""
        sql = f"SELECT * FROM {cls._meta.db_table} WHERE version_id = %s AND device_id IS NULL ORDER BY id DESC LIMIT 1"
        return next(iter(cls.objects.raw(sql, [version.pk])), None)

    def __str__(self) -> str:
        return f"{self.version} for {self.device or 'all'} #{self.pk}"

    @property
    def is_withdrawn(self) -> bool:
        """Whether it says that nothing holds any more but what held for all."""
        return self.method == WITHDRAWN

    @property
    def previous(self) -> Optional["CalibrationRecord"]:
        """What held before this was said first: an undo says again what is older than what it undid."""
        said_first = self.restores_id or self.pk
        return (
            CalibrationRecord.objects.of(self.version, self.device)
            .filter(pk__lt=said_first)
            .first()
        )

    @property
    def status(self) -> str:
        """Whether it holds, of one that came with_neighbours."""
        if self.replaced_by:
            return f"replaced by #{self.replaced_by}"
        return "withdrawn" if self.is_withdrawn else "holds"

    @property
    def predecessors(self) -> "list[CalibrationRecord]":
        """What held until this was added: the device's own, then the one for all, as far as there were any."""
        devices = [self.device, None] if self.device else [None]
        rows = (
            CalibrationRecord.objects.of(self.version, device).filter(pk__lt=self.pk)
            for device in devices
        )
        return [row for row in (each.defer("scores").first() for each in rows) if row]

    @property
    def calibration(self) -> Calibration:
        """What scores are held against."""
        return Calibration(
            np.asarray(self.scores, dtype=np.float64),
            self.target_rate,
            self.n_groups,
            self.method,
            tuple(self.notes),
        )

    @classmethod
    @transaction.atomic
    def record(
        cls,
        calibration: Calibration,
        *,
        version: "ModelVersion",
        device: "Device | None" = None,
        n: int | None = None,
        by: "User | None",
        why: str = "",
    ) -> "CalibrationRecord":
        """Let a calibration hold from now on; n: the recordings behind it, where they are not those of its scores."""
        state = {
            "target_rate": calibration.target_false_alarm_rate,
            "warning": calibration.warning,
            "critical": calibration.critical,
            "scores": calibration.scores.tolist(),
            "n": calibration.n if n is None else n,
            "n_groups": calibration.n_groups,
            "method": calibration.method,
            "notes": list(calibration.notes),
        }
        row = cls(version=version, device=device, **state)
        cls.objects.lock(version)
        return row._write(by=by, why=why)

    @transaction.atomic
    def undo(self, *, by: "User | None", why: str = "") -> "CalibrationRecord":
        """Let hold again what held before this calibration, which must be the one that holds now."""
        CalibrationRecord.objects.lock(self.version)
        self.check_undoable()
        state = copy_state(self.previous)
        return CalibrationRecord(version=self.version, device=self.device, **state)._write(
            by=by, why=why
        )

    undo.alters_data = True

    def check_undoable(self) -> None:
        """Refuse to undo what holds no more, what says that nothing holds, and what is of a protected model."""
        rows = CalibrationRecord.objects.of(self.version, self.device)
        if rows.first() != self:
            raise CalibrationSuperseded(
                f"Calibration {self.pk} does not hold any more: undo the one that does."
            )
        if self.is_withdrawn:
            raise NothingToUndo(
                f"Calibration {self.pk} is withdrawn: there is nothing left to undo."
            )
        self._check_unprotected()

    def _check_unprotected(self) -> None:
        if self.device_id is None:
            self.version.registered_model.check_unprotected()

    def _write(self, *, by: "User | None", why: str) -> "CalibrationRecord":
        self._check_unprotected()
        self.by, self.by_email, self.why = by, by.email if by else "", why
        self.save()
        return self


def copy_state(row: Optional["CalibrationRecord"]) -> dict[str, Any]:
    """The columns that say again what a row said."""
    if row is None or row.is_withdrawn:
        return {"method": WITHDRAWN}
    return {name: getattr(row, name) for name in STATE_COLUMNS} | {"restores": row.restores or row}
