"""The recordings of the demo machines that anybody may try, while the demo is there."""

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from analysis.errors import UnknownDevice
from analysis.models import Device

PREFIX = "demo-"
KINDS = ("healthy", "faulty")


def list_demo_devices() -> Sequence[str]:
    """Return the device_ids of the demo machines in use that have recordings to try."""
    devices = Device.objects.in_use().filter(device_id__startswith=PREFIX).order_by("-device_id")
    ids = devices.values_list("device_id", flat=True)
    return [device_id for device_id in ids if find_path(device_id, KINDS[0]).is_file()]


def read_demo_recording(device_id: str, kind: str) -> bytes:
    """Return a wav file; raise UnknownDevice where there is no such demo machine, or no more."""
    try:
        return find_path(device_id, kind).read_bytes()
    except FileNotFoundError as exc:
        raise UnknownDevice("There is no demo machine with this device_id.") from exc


def find_path(device_id: str, kind: str) -> Path:
    """Return where make_demo keeps a recording; both are slugs, so it lies below the demo."""
    return Path(settings.MEDIA_ROOT, "demo", device_id.removeprefix(PREFIX), f"{kind}.wav")
