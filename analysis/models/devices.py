"""Devices: the machines of the plant, each with the model that is asked about it."""

from typing import Any

from django.db import models
from django.db.models import OuterRef, Subquery

from analysis.errors import ModelRequired, UnknownDevice
from registry.models import MachineType, RegisteredModel


class DeviceQuerySet(models.QuerySet["Device"]):
    """Questions about many devices."""

    def get_by_device_id(self, device_id: str) -> "Device":
        """Return the device of this label, with its preferred model."""
        device = (
            self.select_related("preferred_model__serving_version")
            .filter(device_id=device_id)
            .first()
        )
        if device is None:
            raise UnknownDevice("There is no device with this device_id.")
        return device

    def with_last_verdict(self, readable: "models.QuerySet[Any]") -> "DeviceQuerySet":
        """Tell with each device the newest of the analyses that may be read, as last_* columns."""
        newest = readable.filter(device=OuterRef("pk")).order_by("-created_at", "-id")
        # One look into an index for each column, however long the history is; joining would read all of it.
        return self.select_related("machine_type", "preferred_model").annotate(
            last_analysis_id=Subquery(newest.values("pk")[:1]),
            last_label=Subquery(newest.values("label")[:1]),
            last_health_score=Subquery(newest.values("health_score")[:1]),
            last_analyzed_at=Subquery(newest.values("created_at")[:1]),
        )

    def page_after(self, device_id: str) -> "DeviceQuerySet":
        """Sort by device_id, beginning behind this one."""
        return self.filter(device_id__gt=device_id).order_by("device_id")


class Device(models.Model):
    """One physical machine, under the label it carries in the plant."""

    device_id = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=200)
    machine_type = models.ForeignKey(MachineType, models.PROTECT, related_name="devices")
    preferred_model = models.ForeignKey(
        RegisteredModel, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = DeviceQuerySet.as_manager()

    class Meta:
        ordering = ["device_id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.device_id})"

    def choose_model(self, level: int | None) -> RegisteredModel:
        """Return the model to ask about this machine: its own, else the default of its machine type."""
        preferred = self.preferred_model
        if preferred and level in (None, preferred.level):
            return preferred
        defaults = RegisteredModel.objects.defaults().filter(machine_type=self.machine_type_id)
        if level is not None:
            defaults = defaults.filter(level=level)
        model = defaults.select_related("serving_version").order_by("level").first()
        if model is None:
            raise ModelRequired(
                f"No model is the default for a {self.machine_type_id} here: name one as model_id."
            )
        return model
