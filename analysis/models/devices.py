"""Devices: the machines of the plant, each with the model that judges it."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from analysis.errors import DeviceExists, ModelRequired, UnknownDevice
from core.verbs import alters_data
from registry.models import MachineType, RegisteredModel

# How far the thresholds of a device may be stretched.
MIN_THRESHOLD_MULTIPLIER = 0.2
MAX_THRESHOLD_MULTIPLIER = 5.0


class DeviceQuerySet(models.QuerySet["Device"]):
    """Queries for many devices."""

    def in_use(self) -> "DeviceQuerySet":
        """Leave out what was taken out of use."""
        return self.filter(retired_at=None)

    def get_by_device_id(self, device_id: str) -> "Device":
        """Return the device in use with its preferred model, or raise UnknownDevice."""
        devices = self.in_use().select_related("preferred_model__serving_version")
        device = devices.filter(device_id=device_id).first()
        if device is None:
            raise UnknownDevice("There is no device with this device_id.")
        return device

    @alters_data
    @transaction.atomic
    def add(self, *, device_id: str, name: str, machine_type: MachineType) -> "Device":
        """Make a device, or put one of this machine type that was out of use back to use.

        Raises DeviceExists.
        """
        device, is_new = self.get_or_create(
            device_id=device_id, defaults={"name": name, "machine_type": machine_type}
        )
        if not is_new:
            if device.retired_at is None or device.machine_type != machine_type:
                raise DeviceExists(
                    f"There is a device {device_id} already, of the machine type"
                    f" {device.machine_type_id}."
                )
            device.put_back(name)
        return device

    def with_last_verdict(self, readable: models.QuerySet[Any]) -> "DeviceQuerySet":
        """Add the newest readable analysis of each device, as last_* columns."""
        newest = readable.filter(device=OuterRef("pk")).order_by("-sequence_number", "-id")
        # Each column is one index lookup, however long the history; a join would read all of it.
        return self.select_related("machine_type", "preferred_model").annotate(
            last_analysis_id=Subquery(newest.values("pk")[:1]),
            last_label=Subquery(newest.values("label")[:1]),
            last_health_score=Subquery(newest.values("health_score")[:1]),
            last_analyzed_at=Subquery(newest.values("created_at")[:1]),
        )

    def page_after(self, device_id: str) -> "DeviceQuerySet":
        """Order by device_id and start after this one."""
        return self.filter(device_id__gt=device_id).order_by("device_id")


class Device(models.Model):
    """One physical machine, known by the label that it carries in the plant."""

    class Sensitivity(models.TextChoices):
        HIGH = "HIGH", "high: 10 % false alarms"
        MEDIUM = "MEDIUM", "medium: 5 % false alarms"
        LOW = "LOW", "low: 2 % false alarms"

    device_id = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=200)
    machine_type = models.ForeignKey(MachineType, models.PROTECT, related_name="devices")
    preferred_model = models.ForeignKey(
        RegisteredModel, models.PROTECT, null=True, blank=True, related_name="+"
    )
    sensitivity = models.CharField(
        max_length=6,
        choices=Sensitivity,
        blank=True,
        help_text="The target rate of false alarms; empty: as the calibration was made.",
    )
    threshold_multiplier = models.FloatField(
        default=1.0,
        validators=[
            MinValueValidator(MIN_THRESHOLD_MULTIPLIER),
            MaxValueValidator(MAX_THRESHOLD_MULTIPLIER),
        ],
        help_text="Stretches the distance from an ordinary normal recording to the thresholds.",
    )
    # Its analyses are kept, so a device is never deleted.
    retired_at = models.DateTimeField("out of use since", null=True, blank=True)

    objects = DeviceQuerySet.as_manager()

    class Meta:
        ordering = ["device_id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    threshold_multiplier__range=(MIN_THRESHOLD_MULTIPLIER, MAX_THRESHOLD_MULTIPLIER)
                ),
                name="analysis_threshold_multiplier_is_bounded",
            ),
            models.CheckConstraint(
                condition=Q(sensitivity__in=["", "HIGH", "MEDIUM", "LOW"]),
                name="analysis_sensitivity_is_a_level",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.device_id})"

    @property
    def has_settings(self) -> bool:
        """Whether an engineer changed how careful its verdicts are."""
        return bool(self.sensitivity) or self.threshold_multiplier != 1

    @alters_data
    def retire(self) -> None:
        """Take the device out of use: it is no longer listed and no longer judged."""
        self.retired_at = timezone.now()
        self.save(update_fields=["retired_at"])

    @alters_data
    def put_back(self, name: str) -> None:
        """Put the device back to use, as a new one of its machine type."""
        self.name = name
        self.preferred_model = None
        self.sensitivity = ""
        self.threshold_multiplier = 1.0
        self.retired_at = None
        self.save()

    def choose_model(self, level: int | None) -> RegisteredModel:
        """Return the preferred model, or the default of the machine type at this level.

        Without a level the recommended one, which the API lists as such.
        """
        preferred = self.preferred_model
        if preferred and level in (None, preferred.level):
            return preferred

        of_type = RegisteredModel.objects.filter(machine_type=self.machine_type_id)
        offered = of_type.recommended() if level is None else of_type.defaults().filter(level=level)
        model = offered.select_related("serving_version").first()
        if model is None:
            raise ModelRequired(
                f"No default model is set for the machine type {self.machine_type_id}"
                f"{'' if level is None else f' at level {level}'}. Name a model as model_id."
            )
        return model
