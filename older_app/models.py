"""What only the older app knows of a device."""

from typing import ClassVar

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from analysis.models import Device, Feedback
from older_app.errors import DeviceExists, UnknownMachineType
from registry.models import MachineType


class DeviceProfile(models.Model):
    """The columns of a device that the older app sends and shows, and its reference level.

    The reference level is how loud the machine was when an engineer calibrated the phone. It is
    for a note beside a result and never decides a verdict.
    """

    device = models.OneToOneField(Device, models.CASCADE, related_name="older_app_profile")
    model = models.CharField("make and model", max_length=200, blank=True)
    location = models.CharField(max_length=200, blank=True)
    store_id = models.CharField(max_length=100, blank=True)
    reference_dbfs = models.FloatField("reference level (dBFS)", null=True, blank=True)
    reference_n = models.PositiveIntegerField("samples of the reference level", default=0)
    reference_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ["view"]

    def __str__(self) -> str:
        return f"{self.device_id}"

    @classmethod
    def of(cls, device: Device) -> "DeviceProfile":
        """Return the profile of a device, an empty one that is not stored if it has none."""
        return cls.objects.filter(device=device).first() or cls(device=device)

    def set_reference(self, level_dbfs: float, n_samples: int) -> None:
        """Store how loud the machine is."""
        self.reference_dbfs = level_dbfs
        self.reference_n = n_samples
        self.reference_at = timezone.now()
        self.save()


def add_device(
    *, device_id: str, name: str, device_type: str, model: str, location: str, store_id: str | None
) -> Device:
    """Make a device, or put one that was taken out of use back to use."""
    machine_type = find_machine_type(device_type or model)
    columns = {"name": name or device_id, "machine_type": machine_type, "retired_at": None}
    try:
        with transaction.atomic():
            retired = Device.objects.exclude(retired_at=None).filter(device_id=device_id)
            if not retired.update(**columns):
                Device.objects.create(device_id=device_id, **columns)
            device = Device.objects.get(device_id=device_id)
            profile = {"model": model, "location": location, "store_id": store_id or ""}
            DeviceProfile.objects.update_or_create(device=device, defaults=profile)
    except IntegrityError as exc:
        raise DeviceExists(f"There is a device {device_id} already.") from exc
    return device


def find_machine_type(name: str) -> MachineType:
    """Return the machine type of this name, or raise UnknownMachineType."""
    machine_type = MachineType.objects.filter(pk=name.lower()).first()
    if machine_type is None:
        known = ", ".join(MachineType.objects.order_by("pk").values_list("pk", flat=True))
        raise UnknownMachineType(f"Name the machine type as device_type, one of: {known}.")
    return machine_type


class RetrainingCandidateQuerySet(models.QuerySet["RetrainingCandidate"]):
    """Marks of recordings that a model should be trained on."""

    def mark(self, feedback: Feedback, *, is_candidate: bool) -> None:
        """Set or remove the mark that goes with a feedback."""
        if is_candidate:
            self.get_or_create(feedback=feedback)
        else:
            self.filter(feedback=feedback).delete()


class RetrainingCandidate(models.Model):
    """A reviewer's wish that the recording of an analysis be trained on."""

    feedback = models.OneToOneField(Feedback, models.CASCADE, related_name="retraining_candidate")
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar = RetrainingCandidateQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        default_permissions = ["view"]

    def __str__(self) -> str:
        return f"{self.feedback.analysis}"
