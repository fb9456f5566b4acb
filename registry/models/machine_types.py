"""Machine types: rows, not choices, so that a new one needs no code."""

from typing import Any

from django.apps import apps as every_app
from django.apps.registry import Apps
from django.core.validators import RegexValidator
from django.db import models

from registry.errors import UnknownMachineType

SEED_MACHINE_TYPES = {
    "pump": ("Pump", "펌프"),
    "fan": ("Fan", "팬"),
    "valve": ("Valve", "밸브"),
    "slider": ("Slide rail", "슬라이더"),
    "compressor": ("Compressor", "압축기"),
    "motor": ("Motor", "모터"),
    "belt": ("Belt", "벨트"),
    "engine": ("Engine", "엔진"),
    "bearing": ("Bearing", "베어링"),
    "unspecified": ("Unspecified", "미지정"),
}


class MachineTypeQuerySet(models.QuerySet["MachineType"]):
    def lock(self, slug: str) -> "MachineType":
        """Lock the row until the transaction ends and return it, or raise UnknownMachineType."""
        try:
            # no_key: analyses and devices may still refer to the row meanwhile.
            return self.select_for_update(no_key=True).get(pk=slug)
        except MachineType.DoesNotExist as exc:
            known = ", ".join(self.values_list("slug", flat=True))
            raise UnknownMachineType(f"There is no machine type {slug!r}. Known: {known}.") from exc


class MachineType(models.Model):
    """A type of machine, such as a pump."""

    slug = models.SlugField(
        primary_key=True,
        max_length=50,
        validators=[
            RegexValidator(
                r"^[a-z0-9][a-z0-9-]*\Z",
                "Use small letters, digits and -, a letter or digit first.",
            )
        ],
        help_text="Cannot be changed later.",
    )
    name = models.CharField(max_length=100)
    name_ko = models.CharField("name in Korean", max_length=100, blank=True)

    objects = MachineTypeQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


def seed_machine_types(*, apps: Apps = every_app, using: str, **_signal: Any) -> None:
    """Create the types that are missing; what a person renamed stays renamed."""
    try:
        # The table as it is now: `migrate` may stop before or between our migrations.
        machine_type = apps.get_model("registry", "MachineType")
    except LookupError:
        return
    rows = [
        machine_type(slug=slug, name=name, name_ko=name_ko)
        for slug, (name, name_ko) in SEED_MACHINE_TYPES.items()
    ]
    machine_type.objects.using(using).bulk_create(rows, ignore_conflicts=True)
