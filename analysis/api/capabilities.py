"""API view of the limits and constants of this server, so that clients need no copies of them."""

import tomllib
from functools import cache
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.current_user import get_current_user
from analysis.api.examples import CAPABILITIES
from analysis.demo import list_demo_devices
from analysis.detectors.calibration import HEALTH_AT
from analysis.detectors.device_calibration import MAX_DEVICE_CLIPS, MIN_DEVICE_CLIPS
from analysis.detectors.score_distribution import MIN_P_VALUE
from analysis.loading import get_limits
from analysis.models.feedback import COMMON_FAULT_CODES, MAX_COMMENT_LENGTH
from analysis.sound import spectrogram
from analysis.sound.file_types import PICKED_MEDIA_TYPES
from analysis.sound.quality import QUIET_DBFS


class RecordingLimitsOut(serializers.Serializer[Any]):
    """What a recording must keep to, whatever the model; many models need more seconds."""

    min_seconds = serializers.FloatField()
    max_seconds = serializers.FloatField()
    max_bytes = serializers.IntegerField()
    quiet_dbfs = serializers.FloatField(help_text="Below this level there is a warning.")
    media_types = serializers.ListField(
        child=serializers.CharField(), help_text="What a file chooser should offer."
    )


class DeviceCalibrationLimitsOut(serializers.Serializer[Any]):
    """How many recordings calibrate a device."""

    min_clips = serializers.IntegerField()
    max_clips = serializers.IntegerField()


class PictureLimitsOut(serializers.Serializer[Any]):
    """The sizes in which a spectrogram is drawn, in pixels."""

    min_width = serializers.IntegerField()
    max_width = serializers.IntegerField()
    min_height = serializers.IntegerField()
    max_height = serializers.IntegerField()
    min_em = serializers.IntegerField()
    max_em = serializers.IntegerField()


class VerdictConstantsOut(serializers.Serializer[Any]):
    """What the numbers of a verdict are to be read by."""

    health_at_warning = serializers.FloatField()
    health_at_critical = serializers.FloatField()
    min_p_value = serializers.FloatField(help_text="No smaller one is claimed.")


class FeedbackLimitsOut(serializers.Serializer[Any]):
    """What feedback may hold."""

    max_comment_length = serializers.IntegerField()
    fault_codes = serializers.ListField(
        child=serializers.CharField(), help_text="Common ones, to choose from; others are accepted."
    )


class CapabilitiesOut(serializers.Serializer[Any]):
    """The limits and constants of this server."""

    version = serializers.CharField(help_text="The version of the server.")
    includes_colleagues = serializers.BooleanField(
        help_text="Whether lists of analyses hold those of others too."
    )
    demo_devices = serializers.ListField(
        child=serializers.CharField(),
        help_text="The demo's machines of which there are recordings to try.",
    )
    recording = RecordingLimitsOut()
    device_calibration = DeviceCalibrationLimitsOut()
    spectrogram = PictureLimitsOut()
    verdict = VerdictConstantsOut()
    feedback = FeedbackLimitsOut()


class Capabilities(APIView):
    """The limits and constants of this server."""

    permission_classes = [IsAuthenticated]

    @extend_schema(responses=CapabilitiesOut, examples=[CAPABILITIES])
    def get(self, request: Request) -> Response:
        """Get limits and constants. They change with the server's version and settings only."""
        limits = get_limits()
        _, health_at_warning, health_at_critical, _ = HEALTH_AT
        picture = {
            f"{end}_{side}": getattr(spectrogram, f"{end}_{side}".upper())
            for end in ("min", "max")
            for side in ("width", "height", "em")
        }
        answer = {
            "version": read_version(),
            "includes_colleagues": get_current_user(request).is_staff,
            "demo_devices": list_demo_devices(),
            "recording": {
                "min_seconds": limits.min_seconds,
                "max_seconds": limits.max_seconds,
                "max_bytes": limits.max_bytes,
                "quiet_dbfs": QUIET_DBFS,
                "media_types": PICKED_MEDIA_TYPES,
            },
            "device_calibration": {"min_clips": MIN_DEVICE_CLIPS, "max_clips": MAX_DEVICE_CLIPS},
            "spectrogram": picture,
            "verdict": {
                "health_at_warning": health_at_warning,
                "health_at_critical": health_at_critical,
                "min_p_value": MIN_P_VALUE,
            },
            "feedback": {
                "max_comment_length": MAX_COMMENT_LENGTH,
                "fault_codes": COMMON_FAULT_CODES,
            },
        }
        return Response(CapabilitiesOut(answer).data)


@cache
def read_version() -> str:
    """Return the version that the project's own file states."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text("utf-8"))
    return str(project["project"]["version"])
