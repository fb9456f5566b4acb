"""API views of devices: the machines, their models and their last verdicts."""

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.current_user import get_current_user
from accounts.permissions import require_permissions
from analysis.api.examples import DEVICE, DEVICE_CHANGE, DEVICES, NEW_DEVICE
from analysis.api.paging import build_page
from analysis.errors import DeviceExists, UnknownDevice
from analysis.models import Analysis, Device
from core.queries import ListQuery
from registry.models import MachineType, RegisteredModel

PAGE_SIZE = 200


class DeviceFilter(ListQuery):
    """The query of a page of devices."""

    cursor = serializers.SlugField(
        required=False,
        max_length=100,
        default="",
        help_text="The device_id that the previous page ended with.",
    )


class PreferredModelOut(serializers.ModelSerializer[RegisteredModel]):
    """The model that judges a device unless another is named."""

    level = serializers.IntegerField()

    class Meta:
        model = RegisteredModel
        fields = ["id", "name", "level"]
        read_only_fields = fields


class LastVerdictOut(serializers.Serializer[Device]):
    """The newest analysis of a device that the reader may read."""

    analysis_id = serializers.UUIDField(source="last_analysis_id")
    label = serializers.ChoiceField(  # type: ignore[assignment]  # a field of this name
        source="last_label", choices=Analysis.Label.choices
    )
    health_score = serializers.FloatField(source="last_health_score")
    created_at = serializers.DateTimeField(source="last_analyzed_at")


class DeviceOut(serializers.ModelSerializer[Device]):
    """One physical machine."""

    preferred_model = PreferredModelOut(allow_null=True)
    last_verdict = serializers.SerializerMethodField()

    class Meta:
        model = Device
        fields = ["device_id", "name", "machine_type", "preferred_model", "last_verdict"]
        read_only_fields = fields

    @extend_schema_field(LastVerdictOut(allow_null=True))
    def get_last_verdict(self, device: Any) -> dict[str, Any] | None:
        """Return the last verdict, null if there is none."""
        return LastVerdictOut(device).data if device.last_analysis_id else None


class DevicePage(serializers.Serializer[Any]):
    """One page of devices, in order of device_id."""

    devices = DeviceOut(many=True)
    next = serializers.URLField(allow_null=True)


@extend_schema_field({"type": "string", "maxLength": 100})
class ById(serializers.PrimaryKeyRelatedField[Any]):
    """Names one of what the registry has."""


class NewDevice(serializers.Serializer[Any]):
    """A machine that is new, or in use again."""

    device_id = serializers.SlugField(max_length=100, help_text="What the machine is labelled.")
    machine_type = ById(queryset=MachineType.objects.all())
    name = serializers.CharField(max_length=200, required=False, help_text="Else its device_id.")
    preferred_model = ById(queryset=RegisteredModel.objects.all(), required=False, allow_null=True)


class DeviceChange(serializers.Serializer[Any]):
    """What changes of a machine; what is not named stays."""

    name = serializers.CharField(max_length=200, required=False)
    preferred_model = ById(queryset=RegisteredModel.objects.all(), required=False, allow_null=True)
    is_in_use = serializers.BooleanField(
        required=False,
        help_text="false: no longer listed and no longer judged; its analyses stay. A machine is "
        "put back to use by adding it again.",
    )


class DeviceList(APIView):
    """The machines of the plant."""

    permission_classes = [
        require_permissions(GET="analysis.view_device", POST="analysis.add_device")
    ]
    error_responses = {"POST": [DeviceExists]}

    @extend_schema(
        operation_id="devices_list",
        parameters=[DeviceFilter],
        responses=DevicePage,
        examples=[DEVICES],
    )
    def get(self, request: Request) -> Response:
        """List devices.

        Each with its preferred model and the last verdict that the reader may read.
        """
        # An empty cursor, as in `?cursor=`, asks for the first page.
        params = {name: value for name, value in request.query_params.items() if value}
        query = DeviceFilter(data=params)
        query.is_valid(raise_exception=True)

        readable = Analysis.objects.visible_to(get_current_user(request))
        devices = Device.objects.in_use().page_after(query.validated_data["cursor"])
        page = build_page(
            request,
            "devices",
            devices.with_last_verdict(readable),
            size=PAGE_SIZE,
            get_cursor=lambda device: device.device_id,
        )
        return Response(DevicePage(page).data)

    @extend_schema(request=NewDevice, responses={201: DeviceOut}, examples=[NEW_DEVICE, DEVICE])
    def post(self, request: Request) -> Response:
        """Add a device.

        Or put one of the same machine type that was out of use back to use.
        """
        form = NewDevice(data=request.data)
        form.is_valid(raise_exception=True)
        fields = form.validated_data
        with transaction.atomic():
            device = Device.objects.add(
                device_id=fields["device_id"],
                name=fields.get("name", fields["device_id"]),
                machine_type=fields["machine_type"],
            )
            device.preferred_model = fields.get("preferred_model")
            device.save(update_fields=["preferred_model"])
        return Response(describe(request, device), status.HTTP_201_CREATED)


class DeviceDetail(APIView):
    """One machine of the plant."""

    permission_classes = [
        require_permissions(GET="analysis.view_device", PATCH="analysis.change_device")
    ]
    error_responses = {"GET": [UnknownDevice], "PATCH": [UnknownDevice]}

    @extend_schema(responses=DeviceOut, examples=[DEVICE])
    def get(self, request: Request, device_id: str) -> Response:
        """Get a device.

        With its preferred model and the last verdict that the reader may read.
        """
        return Response(describe(request, Device.objects.get_by_device_id(device_id)))

    @extend_schema(request=DeviceChange, responses=DeviceOut, examples=[DEVICE_CHANGE, DEVICE])
    def patch(self, request: Request, device_id: str) -> Response:
        """Change a device.

        Its name, its preferred model, or that it is out of use.
        """
        device = Device.objects.get_by_device_id(device_id)
        form = DeviceChange(data=request.data)
        form.is_valid(raise_exception=True)
        columns = {**form.validated_data}
        is_in_use = columns.pop("is_in_use", True)
        for name, value in columns.items():
            setattr(device, name, value)
        with transaction.atomic():
            device.save(update_fields=[*columns])
            if not is_in_use:
                device.retire()
        return Response(describe(request, device))


def describe(request: Request, device: Device) -> dict[str, Any]:
    """Return a device with the last verdict that the reader may read."""
    readable = Analysis.objects.visible_to(get_current_user(request))
    return DeviceOut(Device.objects.with_last_verdict(readable).get(pk=device.pk)).data
