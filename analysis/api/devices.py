"""API views of devices: the machines, their models and their last verdicts."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.current_user import get_current_user
from accounts.permissions import require_permissions
from analysis.api.examples import DEVICE, DEVICES
from analysis.api.paging import build_page
from analysis.models import Analysis, Device, DeviceQuerySet
from core.queries import ListQuery
from registry.models import RegisteredModel

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


class DeviceList(APIView):
    """The machines of the plant."""

    permission_classes = [require_permissions(GET="analysis.view_device")]

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


@extend_schema_view(get=extend_schema(examples=[DEVICE]))
class DeviceDetail(RetrieveAPIView[Device]):
    """Get a device.

    With its preferred model and the last verdict that the reader may read.
    """

    permission_classes = [require_permissions(GET="analysis.view_device")]
    serializer_class = DeviceOut
    lookup_field = "device_id"

    def get_queryset(self) -> DeviceQuerySet:
        readable = Analysis.objects.visible_to(get_current_user(self.request))
        return Device.objects.in_use().with_last_verdict(readable)
