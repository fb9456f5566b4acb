"""Calibrations as the API takes what they are made from and gives them back."""

from math import isfinite
from typing import Any

from django.db.models import Model
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from analysis.detectors.calibration import MAX_FALSE_ALARM_RATE, MIN_FALSE_ALARM_RATE
from analysis.detectors.device_calibration import MAX_DEVICE_CLIPS, MIN_DEVICE_CLIPS
from analysis.models.calibrations import CalibrationRecord
from registry.models.promotions import MAX_REASON_LENGTH


class WhyField(serializers.CharField):
    """The reason that goes into the log."""

    def __init__(self, **options: Any) -> None:
        defaults = {"required": False, "allow_blank": True, "default": "", "max_length": MAX_REASON_LENGTH}
        super().__init__(**(defaults | {"help_text": "For those who come later."} | options))


class RateRequest(serializers.Serializer[Any]):
    """How many false alarms the serving version is to give."""

    target_rate = serializers.FloatField(
        min_value=MIN_FALSE_ALARM_RATE,
        max_value=MAX_FALSE_ALARM_RATE,
        help_text="The share of normal recordings that alarm.",
    )
    why = WhyField()

    def validate_target_rate(self, rate: float) -> float:
        """Refuse what compares with no limit."""
        if not isfinite(rate):
            raise serializers.ValidationError("A valid number is required.")
        return rate


class ClipsRequest(serializers.Serializer[Any]):
    """Recordings of one device while it is healthy."""

    files = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True),
        min_length=MIN_DEVICE_CLIPS,
        max_length=MAX_DEVICE_CLIPS,
        help_text="Different recordings of the healthy machine, as its analyses will be recorded.",
    )
    model_id = serializers.CharField(
        required=False,
        max_length=100,
        help_text="The model to calibrate; without it the one that the device has.",
    )
    why = WhyField()


class UndoRequest(serializers.Serializer[Any]):
    """Why a calibration is taken back."""

    why = WhyField()


class CalibrationFilter(serializers.Serializer[Any]):
    """Which page of calibrations."""

    cursor = serializers.IntegerField(
        required=False, min_value=1, help_text="The id that the page before ended with."
    )


class CalibratedVersion(serializers.Serializer[Model]):
    """The version that it is for."""

    id = serializers.CharField(source="registered_model_id")
    version = serializers.IntegerField(source="number")


class LimitsOut(serializers.Serializer[Any]):
    """The lowest anomaly scores of each alarm."""

    warning = serializers.FloatField()
    critical = serializers.FloatField()


class CalibrationRecordOut(serializers.ModelSerializer[CalibrationRecord]):
    """One calibration; a withdrawn one is empty: what holds for all devices, or came with the version, holds again."""

    model = CalibratedVersion(source="version")
    device_id = serializers.CharField(
        source="device.device_id", read_only=True, allow_null=True, default=None
    )
    thresholds = serializers.SerializerMethodField()
    notes = serializers.ListField(child=serializers.CharField())
    restores = serializers.IntegerField(
        source="restores_id",
        allow_null=True,
        help_text="An undo: the calibration that holds again.",
    )
    by = serializers.CharField(source="by_email")

    class Meta:
        model = CalibrationRecord
        fields = [
            *[
                "id",
                "model",
                "device_id",
                "target_rate",
                "thresholds",
                "n",
                "n_groups",
                "method",
                "notes",
            ],
            *["restores", "by", "why", "created_at"],
        ]
        read_only_fields = fields

    @extend_schema_field(LimitsOut(allow_null=True))
    def get_thresholds(self, record: CalibrationRecord) -> dict[str, Any] | None:
        """Show both, null if it is withdrawn."""
        return None if record.is_withdrawn else LimitsOut(record).data


class CountsOut(serializers.Serializer[Any]):
    """How many recordings have each verdict."""

    NORMAL = serializers.IntegerField()
    WARNING = serializers.IntegerField()
    CRITICAL = serializers.IntegerField()


class EffectOut(serializers.Serializer[Any]):
    """What a calibration makes of a device's newest analyses by this version, up to 200, and of the clips sent now."""

    thresholds = LimitsOut(source="calibration")
    history = CountsOut()
    clips = CountsOut()


class DeviceCalibrationOut(serializers.Serializer[Any]):
    """The device's new calibration, and what it changes."""

    calibration = CalibrationRecordOut(source="record")
    before = EffectOut()
    after = EffectOut()


class CalibrationPage(serializers.Serializer[Any]):
    """One page of calibrations, newest first."""

    calibrations = CalibrationRecordOut(many=True)
    next = serializers.URLField(allow_null=True)
