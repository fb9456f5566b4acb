"""What only the older app knows of a device."""

from typing import ClassVar

from django.db import models, transaction
from django.utils import timezone

from analysis.models import Device, Feedback
from older_app.errors import UnknownMachineType
from registry.models import MachineType

# A machine type for what a plant has not sorted.
UNSPECIFIED = "unspecified"


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

    @classmethod
    def set_reference(cls, device: Device, level_dbfs: float, n_samples: int) -> "DeviceProfile":
        """Store how loud a machine is."""
        columns = {
            "reference_dbfs": level_dbfs,
            "reference_n": n_samples,
            "reference_at": timezone.now(),
        }
        return cls.objects.update_or_create(device=device, defaults=columns)[0]


@transaction.atomic
def add_device(
    *, device_id: str, name: str, device_type: str, model: str, location: str, store_id: str | None
) -> Device:
    """Make a device, or put one that was taken out of use back to use."""
    machine_type = find_machine_type(device_type or model, is_asked_for=bool(device_type))
    device = Device.objects.add(
        device_id=device_id, name=name or device_id, machine_type=machine_type
    )
    profile = {
        "model": model,
        "location": location,
        "store_id": store_id or "",
        "reference_dbfs": None,
        "reference_n": 0,
        "reference_at": None,
    }
    DeviceProfile.objects.update_or_create(device=device, defaults=profile)
    return device


def find_machine_type(name: str, *, is_asked_for: bool) -> MachineType:
    """Return the machine type of this name, or raise UnknownMachineType.

    Where the name is only the make of the machine, a plant's "unspecified" type will do.
    """
    names = [name.lower()] if is_asked_for else [name.lower(), UNSPECIFIED]
    found = {row.pk: row for row in MachineType.objects.filter(pk__in=names)}
    for each in names:
        if each in found:
            return found[each]
    known = ", ".join(MachineType.objects.order_by("pk").values_list("pk", flat=True))
    raise UnknownMachineType(f"Name the machine type as device_type, one of: {known}.")


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
        ordering = ["-pk"]
        default_permissions = ["view"]

    def __str__(self) -> str:
        return f"{self.feedback.analysis}"
