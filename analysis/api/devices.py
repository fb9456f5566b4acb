"""The HTTP side of devices: which machines there are, the model of each, and how it sounded last."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from accounts.permissions import require_permissions
from analysis.api.examples import DEVICE, DEVICES
from analysis.models import Analysis, Device, DeviceQuerySet
from registry.models import RegisteredModel

PAGE_SIZE = 200


class DeviceFilter(serializers.Serializer[Any]):
    """Which page of devices."""

    cursor = serializers.SlugField(
        required=False,
        max_length=100,
        default="",
        help_text="The device_id that the page before ended with.",
    )


class PreferredModelOut(serializers.ModelSerializer[RegisteredModel]):
    """The model that is asked about a device unless another is named."""

    level = serializers.IntegerField()

    class Meta:
        model = RegisteredModel
        fields = ["id", "name", "level"]
        read_only_fields = fields


class LastVerdictOut(serializers.Serializer[Device]):
    """The newest analysis of a device among those that the reader may read."""

    analysis_id = serializers.UUIDField(source="last_analysis_id")
    label = serializers.ChoiceField(source="last_label", choices=Analysis.Label.choices)
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
        """Show what was said last, null if nothing was."""
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
        """List the machines, with the preferred model and the last verdict that one may read of each."""
        # `?cursor=` asks for the first page.
        query = DeviceFilter(
            data={name: value for name, value in request.query_params.items() if value}
        )
        query.is_valid(raise_exception=True)
        after = Device.objects.page_after(query.validated_data["cursor"])
        rows = list(
            after.with_last_verdict(Analysis.objects.visible_to(request.user))[: PAGE_SIZE + 1]
        )
        page = {"devices": rows[:PAGE_SIZE], "next": None}
        if len(rows) > PAGE_SIZE:
            page["next"] = replace_query_param(
                request.build_absolute_uri(), "cursor", rows[PAGE_SIZE - 1].device_id
            )
        return Response(DevicePage(page).data)


@extend_schema_view(get=extend_schema(examples=[DEVICE]))
class DeviceDetail(RetrieveAPIView[Device]):
    """Show one machine, with its preferred model and the last verdict that one may read."""

    permission_classes = [require_permissions(GET="analysis.view_device")]
    serializer_class = DeviceOut
    lookup_field = "device_id"

    def get_queryset(self) -> DeviceQuerySet:
        return Device.objects.with_last_verdict(Analysis.objects.visible_to(self.request.user))
