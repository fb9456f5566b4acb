"""API view of the demo's recordings, to be tried in the app."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.permissions import require_permissions
from analysis.api.examples import describe_binary_response
from analysis.api.media import IgnoreAccept
from analysis.demo import KINDS, read_demo_recording
from analysis.errors import UnknownDevice

KIND = OpenApiParameter("kind", OpenApiTypes.STR, OpenApiParameter.PATH, enum=KINDS)


class DemoRecording(APIView):
    """A recording of a demo machine."""

    permission_classes = [require_permissions(GET="analysis.add_analysis")]
    content_negotiation_class = IgnoreAccept
    error_responses = {"GET": [UnknownDevice]}

    @extend_schema(
        operation_id="demo_recording",
        parameters=[KIND],
        responses={(200, "audio/wav"): describe_binary_response("A wav file.")},
    )
    def get(self, request: Request, *, device_id: str, kind: str) -> HttpResponse:
        """Get a recording of a demo machine.

        Healthy or faulty, of a machine that `demo_devices` of the capabilities names.
        """
        return HttpResponse(read_demo_recording(device_id, kind), content_type="audio/wav")
