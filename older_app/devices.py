"""Devices, their settings and their reference level in the older API."""

from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.current_user import get_current_user
from accounts.models import User
from accounts.permissions import require_permissions
from analysis.errors import DeviceExists, UnknownDevice
from analysis.models import Analysis, Device
from analysis.models.devices import MAX_THRESHOLD_MULTIPLIER, MIN_THRESHOLD_MULTIPLIER
from older_app.errors import UnknownMachineType
from older_app.examples import (
    CALIBRATED,
    CALIBRATION,
    CONFIG,
    CONFIGURED,
    DEVICE,
    DEVICES,
    NEW_DEVICE,
    REFERENCE,
    REMOVED,
    TAG,
)
from older_app.models import DeviceProfile, add_device
from older_app.results import to_dbfs
from older_app.roles import AdminChangesOthersRead

UNKNOWN = "UNKNOWN"
MAX_DEVICES = 1000
# The columns of a device by their names in the form.
COLUMNS = {"threshold_multiplier": "threshold_multiplier", "sensitivity_level": "sensitivity"}
MIN_RMS = -200.0
MAX_SAMPLES = 1000


class OlderDeviceOut(serializers.Serializer[Any]):
    """One machine; status is its last verdict that the reader may read, or UNKNOWN."""

    id = serializers.IntegerField()
    device_id = serializers.CharField()
    name = serializers.CharField()
    model = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField([*Analysis.Label.values, UNKNOWN])
    location = serializers.CharField(allow_blank=True)
    store_id = serializers.CharField(allow_null=True)
    last_reading_at = serializers.DateTimeField(allow_null=True)


class NewDeviceForm(serializers.Serializer[Any]):
    """A new machine."""

    device_id = serializers.SlugField(max_length=100)
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    device_type = serializers.CharField(
        max_length=100,
        required=False,
        allow_blank=True,
        default="",
        help_text="The machine type, such as pump. Without it, `model` must be one.",
    )
    model = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text="Make and model."
    )
    location = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    store_id = serializers.CharField(
        max_length=100, required=False, allow_null=True, allow_blank=True, default=""
    )


class ConfigForm(serializers.Serializer[Any]):
    """How careful the verdicts of this machine are; what is left out stays."""

    threshold_multiplier = serializers.FloatField(
        required=False,
        min_value=MIN_THRESHOLD_MULTIPLIER,
        max_value=MAX_THRESHOLD_MULTIPLIER,
        help_text="Stretches the distance from an ordinary normal recording to the thresholds.",
    )
    sensitivity_level = serializers.ChoiceField(
        Device.Sensitivity.choices,
        required=False,
        allow_blank=True,
        help_text="Target rates of false alarms: HIGH 10 %, MEDIUM 5 %, LOW 2 %; empty: as made.",
    )


class ConfigOut(serializers.Serializer[Any]):
    """The settings as they are now; they hold from the next recording on."""

    success = serializers.BooleanField()
    device_id = serializers.CharField()
    threshold_multiplier = serializers.FloatField()
    sensitivity_level = serializers.CharField(allow_blank=True)


class LevelSample(serializers.Serializer[Any]):
    """How loud the machine was once."""

    rms = serializers.FloatField(
        min_value=MIN_RMS,
        max_value=1.0,
        help_text=(
            "A fraction of full scale, above 0 and at most 1; or dBFS, below 0. "
            "The mean in dB counts."
        ),
    )


class ReferenceForm(serializers.Serializer[Any]):
    """Some measurements of how loud the machine is."""

    samples = LevelSample(many=True, allow_empty=False)

    def validate_samples(self, samples: list[dict[str, float]]) -> list[dict[str, float]]:
        if len(samples) > MAX_SAMPLES:
            raise serializers.ValidationError(f"Send at most {MAX_SAMPLES} samples.")
        if any(sample["rms"] == 0 for sample in samples):
            raise serializers.ValidationError("A level of 0 is silence, or the loudest there is.")
        if len({sample["rms"] > 0 for sample in samples}) > 1:
            raise serializers.ValidationError("Send all levels in dBFS, or none.")
        return samples


class ReferenceOut(serializers.Serializer[Any]):
    """The reference level of a machine. It is for a note and decides no verdict."""

    success = serializers.BooleanField()
    device_id = serializers.CharField()
    is_calibrated = serializers.BooleanField()
    reference_dbfs = serializers.FloatField(allow_null=True)
    n_samples = serializers.IntegerField()
    calibrated_at = serializers.DateTimeField(allow_null=True)
    message = serializers.CharField()


class RemovedOut(serializers.Serializer[Any]):
    """That a machine is out of use."""

    success = serializers.BooleanField()
    message = serializers.CharField()


class Devices(APIView):
    """The machines of the plant in the older app."""

    permission_classes = [AdminChangesOthersRead]
    error_responses = {"POST": [DeviceExists, UnknownMachineType]}

    @extend_schema(
        operation_id="older_devices_list",
        tags=[TAG],
        responses=OlderDeviceOut(many=True),
        examples=[DEVICES],
    )
    def get(self, request: Request) -> Response:
        """List devices, in the older app. The first 1000 in use, each with its last verdict."""
        readable = Analysis.objects.visible_to(get_current_user(request))
        devices = Device.objects.in_use().with_last_verdict(readable).order_by("device_id")
        profiles = {row.device_id: row for row in DeviceProfile.objects.all()}
        return Response(
            [
                describe_device(each, profiles.get(each.pk, DeviceProfile()))
                for each in devices[:MAX_DEVICES]
            ]
        )

    @extend_schema(
        tags=[TAG],
        request=NewDeviceForm,
        responses={201: OlderDeviceOut},
        examples=[NEW_DEVICE, DEVICE],
    )
    def post(self, request: Request) -> Response:
        """Add a device, in the older app. Only an administrator may."""
        form = NewDeviceForm(data=request.data)
        form.is_valid(raise_exception=True)
        device = add_device(**form.validated_data)
        return Response(find_described(request, device.device_id), status=201)


class DeviceByName(APIView):
    """One machine of the plant in the older app."""

    permission_classes = [AdminChangesOthersRead]
    error_responses = {"GET": [UnknownDevice], "DELETE": [UnknownDevice]}

    @extend_schema(
        operation_id="older_device", tags=[TAG], responses=OlderDeviceOut, examples=[DEVICE]
    )
    def get(self, request: Request, device_id: str) -> Response:
        """Get a device, in the older app. With its last verdict."""
        return Response(find_described(request, device_id))

    @extend_schema(tags=[TAG], responses={200: RemovedOut}, examples=[REMOVED])
    def delete(self, request: Request, device_id: str) -> Response:
        """Take a device out of use, in the older app. Its analyses stay."""
        Device.objects.get_by_device_id(device_id).retire()
        return Response(
            {"success": True, "message": f"{device_id} is out of use. Its analyses are kept."}
        )


class DeviceConfig(APIView):
    """The settings of a machine in the older app."""

    permission_classes = [require_permissions(PATCH="analysis.calibrate_device")]
    error_responses = {"PATCH": [UnknownDevice]}

    @extend_schema(
        tags=[TAG], request=ConfigForm, responses=ConfigOut, examples=[CONFIG, CONFIGURED]
    )
    def patch(self, request: Request, device_id: str) -> Response:
        """Set how careful a machine's verdicts are, in the older app. Holds from now on."""
        form = ConfigForm(data=request.data)
        form.is_valid(raise_exception=True)
        device = Device.objects.get_by_device_id(device_id)
        sent = form.validated_data
        columns = {COLUMNS[name]: value for name, value in sent.items() if name in COLUMNS}
        change_settings(device, columns, by=get_current_user(request))
        return Response(
            {
                "success": True,
                "device_id": device.device_id,
                "threshold_multiplier": device.threshold_multiplier,
                "sensitivity_level": device.sensitivity,
            }
        )


class StoreReference(APIView):
    """The reference level of a machine, stored by the older app."""

    permission_classes = [require_permissions(POST="analysis.calibrate_device")]
    error_responses = {"POST": [UnknownDevice]}

    @extend_schema(
        tags=[TAG], request=ReferenceForm, responses=ReferenceOut, examples=[REFERENCE, CALIBRATED]
    )
    def post(self, request: Request, device_id: str) -> Response:
        """Store how loud a device is, in the older app. It decides no verdict."""
        form = ReferenceForm(data=request.data)
        form.is_valid(raise_exception=True)
        device = Device.objects.get_by_device_id(device_id)
        levels = [to_dbfs(sample["rms"]) for sample in form.validated_data["samples"]]
        profile = DeviceProfile.set_reference(device, sum(levels) / len(levels), len(levels))
        return Response(describe_reference(profile))


class ShowReference(APIView):
    """The reference level of a machine, shown in the older app."""

    permission_classes = [require_permissions(GET="analysis.view_device")]
    error_responses = {"GET": [UnknownDevice]}

    @extend_schema(tags=[TAG], responses=ReferenceOut, examples=[CALIBRATION])
    def get(self, request: Request, device_id: str) -> Response:
        """Get how loud a device is, in the older app. It decides no verdict."""
        profile = DeviceProfile.of(Device.objects.get_by_device_id(device_id))
        return Response(describe_reference(profile))


@transaction.atomic
def change_settings(device: Device, columns: dict[str, Any], *, by: User) -> None:
    """Set what was sent, and keep who did it where the admin shows the history of a device."""
    if not columns:
        return
    for column, value in columns.items():
        setattr(device, column, value)
    device.save(update_fields=list(columns))
    LogEntry.objects.log_actions(
        user_id=by.pk,
        queryset=Device.objects.filter(pk=device.pk),
        action_flag=CHANGE,
        change_message=", ".join(f"{column}: {value}" for column, value in columns.items()),
        single_object=True,
    )


def find_described(request: Request, device_id: str) -> dict[str, Any]:
    """Return a device in use as the older app shows it; UnknownDevice if there is none."""
    readable = Analysis.objects.visible_to(get_current_user(request))
    device = Device.objects.in_use().with_last_verdict(readable).filter(device_id=device_id).first()
    if device is None:
        raise UnknownDevice("There is no device with this device_id.")
    return describe_device(device, DeviceProfile.of(device))


def describe_device(device: Any, profile: DeviceProfile) -> dict[str, Any]:
    """Return a device with its last verdict as the older app shows it."""
    return {
        "id": device.pk,
        "device_id": device.device_id,
        "name": device.name,
        "model": profile.model,
        "status": device.last_label or UNKNOWN,
        "location": profile.location,
        "store_id": profile.store_id or None,
        "last_reading_at": device.last_analyzed_at,
    }


def describe_reference(profile: DeviceProfile) -> dict[str, Any]:
    """Return the reference level of a device, and what it is for."""
    is_calibrated = profile.reference_dbfs is not None
    message = (
        "The reference level is noted beside results; it decides no verdict."
        if is_calibrated
        else "This machine has no reference level yet."
    )
    return {
        "success": True,
        "device_id": profile.device.device_id,
        "is_calibrated": is_calibrated,
        "reference_dbfs": profile.reference_dbfs,
        "n_samples": profile.reference_n,
        "calibrated_at": profile.reference_at,
        "message": message,
    }
