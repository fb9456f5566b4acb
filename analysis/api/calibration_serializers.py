"""Serializers of calibrations: requests and answers."""

from math import isfinite
from typing import Any

from django.db.models import Model
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from analysis.detectors.calibration import MAX_FALSE_ALARM_RATE, MIN_FALSE_ALARM_RATE
from analysis.detectors.device_calibration import MAX_DEVICE_CLIPS, MIN_DEVICE_CLIPS
from analysis.models.calibrations import CalibrationRecord
from core.queries import ListQuery
from registry.models.promotions import MAX_REASON_LENGTH


class WhyField(serializers.CharField):
    """The reason, which is saved with the calibration."""

    def __init__(self, **options: Any) -> None:
        defaults: dict[str, Any] = {
            "required": False,
            "allow_blank": True,
            "default": "",
            "max_length": MAX_REASON_LENGTH,
            "help_text": "The reason, for whoever reads the log later.",
        }
        super().__init__(**(defaults | options))


class RateRequest(serializers.Serializer[Any]):
    """The false-alarm rate that the serving version is to have."""

    target_rate = serializers.FloatField(
        min_value=MIN_FALSE_ALARM_RATE,
        max_value=MAX_FALSE_ALARM_RATE,
        help_text="The fraction of normal recordings that may raise an alarm.",
    )
    why = WhyField()

    def validate_target_rate(self, rate: float) -> float:
        """Refuse NaN, which no limit refuses."""
        if not isfinite(rate):
            raise serializers.ValidationError("A valid number is required.")
        return rate


class ClipsRequest(serializers.Serializer[Any]):
    """Clips of one device while it is healthy."""

    files = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True),
        min_length=MIN_DEVICE_CLIPS,
        max_length=MAX_DEVICE_CLIPS,
        help_text="Different recordings of the healthy machine, made as its analyses will be.",
    )
    model_id = serializers.CharField(
        required=False,
        max_length=100,
        help_text="The model to calibrate; by default the model of the device.",
    )
    why = WhyField()


class UndoRequest(serializers.Serializer[Any]):
    """The reason to undo a calibration."""

    why = WhyField()


class CalibrationFilter(ListQuery):
    """The query of a page of calibrations."""

    cursor = serializers.IntegerField(
        required=False, min_value=1, help_text="The id that the previous page ended with."
    )


class CalibratedVersion(serializers.Serializer[Model]):
    """The version that a calibration is for."""

    id = serializers.CharField(source="registered_model_id")
    version = serializers.IntegerField(source="number")


class LimitsOut(serializers.Serializer[Any]):
    """The anomaly scores from which on a recording is WARNING and CRITICAL."""

    warning = serializers.FloatField()
    critical = serializers.FloatField()


class CalibrationRecordOut(serializers.ModelSerializer[CalibrationRecord]):
    """One calibration.

    A withdrawn one is empty: the calibration for all devices, or that of the version, applies.
    """

    model = CalibratedVersion(source="version")
    device_id = serializers.CharField(
        source="device.device_id", read_only=True, allow_null=True, default=None
    )
    thresholds = serializers.SerializerMethodField()
    notes = serializers.ListField(child=serializers.CharField())
    restores = serializers.IntegerField(
        source="restores_id",
        allow_null=True,
        help_text="Of an undo: the id of the calibration that applies again.",
    )
    by = serializers.CharField(source="by_email")

    class Meta:
        model = CalibrationRecord
        fields = [
            "id",
            "model",
            "device_id",
            "target_rate",
            "thresholds",
            "n",
            "n_groups",
            "method",
            "notes",
            "restores",
            "by",
            "why",
            "created_at",
        ]
        read_only_fields = fields

    @extend_schema_field(LimitsOut(allow_null=True))
    def get_thresholds(self, record: CalibrationRecord) -> dict[str, Any] | None:
        """Return both, null if the calibration is withdrawn."""
        return None if record.is_withdrawn else LimitsOut(record).data


class CountsOut(serializers.Serializer[Any]):
    """Number of recordings by label."""

    NORMAL = serializers.IntegerField()
    WARNING = serializers.IntegerField()
    CRITICAL = serializers.IntegerField()


class EffectOut(serializers.Serializer[Any]):
    """How a calibration labels the clips of the request, and the device's newest analyses.

    At most 200 analyses, all of this version.
    """

    thresholds = LimitsOut(source="calibration")
    history = CountsOut()
    clips = CountsOut()


class DeviceCalibrationOut(serializers.Serializer[Any]):
    """The new calibration of a device, and what it changes."""

    calibration = CalibrationRecordOut(source="record")
    before = EffectOut()
    after = EffectOut()


class CalibrationPage(serializers.Serializer[Any]):
    """One page of calibrations, newest first."""

    calibrations = CalibrationRecordOut(many=True)
    next = serializers.URLField(allow_null=True)
