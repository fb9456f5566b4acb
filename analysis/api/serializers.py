"""An analysis as the API takes its parts and gives it back."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from analysis.api.summary import summarize
from analysis.models import Analysis, Feedback
from analysis.models.feedback import MAX_COMMENT_LENGTH, MAX_FAULT_CODE_LENGTH
from analysis.pipeline import LEVELS
from analysis.sound import spectrogram

# A phone whose clock was never set says 1970; one in another plant's time zone may be a day ahead.
EARLIEST_RECORDING = datetime(2000, 1, 1, tzinfo=UTC)
CLOCK_SLACK = timedelta(days=1)


class InstantField(serializers.DateTimeField):
    """A moment with its UTC offset; without one it could be off by half a day, so it is refused."""

    default_error_messages = {
        "no_offset": "Give the UTC offset too, as in 2026-08-01T09:30:00+09:00.",
        "unlikely": "No recording was made then.",
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        """Refuse a naive or an impossible moment; return the rest in UTC."""
        if value.utcoffset() is None:
            self.fail("no_offset")
        if not EARLIEST_RECORDING <= value <= timezone.now() + CLOCK_SLACK:
            self.fail("unlikely")
        return value.astimezone(UTC)


class RecordingField(serializers.FileField):
    """One recording; what is in it is not looked at here."""

    default_error_messages = {
        # A chunked body cannot be bounded beforehand, and arrives here empty.
        "required": "Send the recording as a file, in a request that says its Content-Length."
    }

    def __init__(self, **options: Any) -> None:
        help_text = "The recording: wav, flac, mp3, ogg, m4a, aac, 3gp, amr, webm, aiff or caf."
        super().__init__(**({"allow_empty_file": True, "help_text": help_text} | options))


class AnalysisRequest(serializers.Serializer):
    """The form around one recording."""

    file = RecordingField()
    model_id = serializers.CharField(
        required=False, max_length=100, help_text="The model to ask; wins over everything else."
    )
    device_id = serializers.CharField(
        required=False,
        max_length=100,
        help_text="The machine; without model_id it names the model.",
    )
    model_preference = serializers.ChoiceField(
        required=False,
        choices=list(LEVELS),
        help_text="The level of model to take for the machine.",
    )
    recorded_at = InstantField(required=False, help_text="When it was recorded, with UTC offset.")


class AnalysisFilter(serializers.Serializer):
    """Which analyses to list."""

    device_id = serializers.CharField(required=False, max_length=100)
    model_id = serializers.CharField(required=False, max_length=100)
    label = serializers.ChoiceField(required=False, choices=Analysis.Label.choices)
    cursor = serializers.UUIDField(
        required=False, help_text="Where the page before ended, as its next says."
    )


class PictureSize(serializers.Serializer):
    """How large a picture to draw, in pixels."""

    width = serializers.IntegerField(
        min_value=spectrogram.MIN_WIDTH,
        max_value=spectrogram.MAX_WIDTH,
        default=spectrogram.DEFAULT_WIDTH,
    )
    height = serializers.IntegerField(
        min_value=spectrogram.MIN_HEIGHT,
        max_value=spectrogram.MAX_HEIGHT,
        default=spectrogram.DEFAULT_HEIGHT,
    )
    em = serializers.IntegerField(
        min_value=spectrogram.MIN_EM,
        max_value=spectrogram.MAX_EM,
        default=None,
        help_text="The height of the letters, as far as they leave room; without it they suit the size.",
    )


class ThresholdsOut(serializers.Serializer):
    """What the anomaly score was held against, in its units."""

    warning = serializers.FloatField(source="warning_threshold")
    critical = serializers.FloatField(source="critical_threshold", allow_null=True)


class VersionUsed(serializers.Serializer):
    """The exact version that gave the verdict."""

    id = serializers.CharField(source="registered_model_id")
    version = serializers.IntegerField(source="number")
    sha256 = serializers.CharField(
        source="serving_sha256", help_text="Of the serving form, the file that was used."
    )


class CalibrationOut(serializers.Serializer):
    """What gave the thresholds; id is null when it was the version's own calibration.

    notes: few_takes, extrapolated, few_clips, far_from_training; device_calibration_lapsed: the device's calibration
    is for another version of the model, so the version's own was used.
    """

    id = serializers.IntegerField(source="calibration_id", allow_null=True)
    method = serializers.CharField(source="calibration_method")
    n = serializers.IntegerField(source="calibration_n", help_text="Normal recordings behind it.")
    notes = serializers.ListField(source="calibration_notes", child=serializers.CharField())


class StoredJSON(serializers.Serializer):
    """JSON that the pipeline wrote, answered as it lies: the fields tell a reader of the schema what is in it."""

    def to_representation(self, instance: dict[str, Any]) -> dict[str, Any]:
        return instance


class QualityOut(StoredJSON):
    """Facts about the recording, whatever the machine did."""

    duration_s = serializers.FloatField()
    sample_rate_hz = serializers.IntegerField()
    channels = serializers.IntegerField()
    level_dbfs = serializers.FloatField()
    clipped_fraction = serializers.FloatField()
    bandwidth_hz = serializers.FloatField()
    warnings = serializers.ListField(child=serializers.CharField())


class CurveOut(serializers.Serializer):
    """How unusual each moment is, in the detector's units: one value every step_s, the first at start_s."""

    start_s = serializers.FloatField()
    step_s = serializers.FloatField()
    values = serializers.ListField(child=serializers.FloatField())


class SegmentOut(serializers.Serializer):
    """A stretch of time that stands out."""

    start_s = serializers.FloatField()
    end_s = serializers.FloatField()


class BandOut(serializers.Serializer):
    """A range of frequencies that differs; excess_db is against the mean of normal, negative where sound is missing.

    Where a steady tone gave it away, it is against the strongest that normal recordings have there: at least so much.
    """

    low_hz = serializers.FloatField()
    high_hz = serializers.FloatField()
    excess_db = serializers.FloatField()


class BandPowerOut(serializers.Serializer):
    """The fraction of the recording's power that lies in one band."""

    name = serializers.CharField()
    low_hz = serializers.FloatField()
    high_hz = serializers.FloatField()
    fraction = serializers.FloatField()


class EnvelopePeakOut(serializers.Serializer):
    """A rhythm: how often a second the sound swells, and how much (1: between nothing and twice the mean)."""

    frequency_hz = serializers.FloatField()
    amplitude = serializers.FloatField()


class TraitOut(serializers.Serializer):
    """A kind of feature that stands out, and by how many standard deviations of normal recordings.

    level (balance of pitches), spread (unsteady), quiet (a background sound), loud (bursts), change (rough), jump
    (knocks, clicks), modulation (a slow beat), tonality (a whine, a hum), envelope (fast regular knocking).
    """

    name = serializers.CharField()
    deviations = serializers.FloatField()


class EvidenceOut(serializers.Serializer):
    """What was measured without any model."""

    level_dbfs = serializers.FloatField()
    bands = BandPowerOut(many=True)
    envelope_peaks = EnvelopePeakOut(many=True)


class ExplanationOut(StoredJSON):
    """Where in time and frequency the recording is unusual, and what anyone can check by ear or instrument."""

    curve = CurveOut()
    segments = SegmentOut(many=True)
    bands = BandOut(many=True)
    traits = TraitOut(many=True)
    evidence = EvidenceOut()

    def to_representation(self, instance: dict[str, Any]) -> dict[str, Any]:
        """Analyses of the first release told of no traits."""
        return instance if "traits" in instance else instance | {"traits": []}


class FeedbackRequest(serializers.Serializer):
    """What one thinks of an analysis, whole: what is left out is empty from then on."""

    verdict = serializers.ChoiceField(
        choices=list(Feedback.Outcome),
        help_text="TRUE_POSITIVE: the machine is faulty; FALSE_POSITIVE: it is healthy; IGNORE: the recording tells "
        "nothing.",
    )
    fault_code = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=MAX_FAULT_CODE_LENGTH,
        default="",
        help_text="In the plant's own code.",
    )
    comment = serializers.CharField(
        required=False, allow_blank=True, max_length=MAX_COMMENT_LENGTH, default=""
    )


class FeedbackOut(serializers.ModelSerializer):
    """What one thinks of an analysis."""

    class Meta:
        model = Feedback
        fields = ["verdict", "fault_code", "comment", "created_at", "updated_at"]
        read_only_fields = fields


class AnalysisOut(serializers.ModelSerializer):
    """One finished analysis."""

    status = serializers.SerializerMethodField()
    thresholds = ThresholdsOut(source="*")
    summary = serializers.SerializerMethodField(help_text="Korean or English, by Accept-Language.")
    finding = serializers.SerializerMethodField(
        help_text="The summary for whoever knows what to do next: it does not ask to record again to confirm."
    )
    model = VersionUsed(source="version")
    device_id = serializers.CharField(
        source="device.device_id", read_only=True, allow_null=True, default=None
    )
    calibration = CalibrationOut(source="*")
    quality = QualityOut()
    explanation = ExplanationOut()
    timing_ms = serializers.DictField(child=serializers.FloatField())
    recorded_at = serializers.DateTimeField(source="recording.recorded_at", allow_null=True)
    feedback = serializers.SerializerMethodField()

    class Meta:
        model = Analysis
        fields = [
            "id",
            "status",
            "label",
            "score",
            "anomaly_score",
            "thresholds",
            "p_value",
            "health_score",
            "summary",
            "finding",
            "model",
            "device_id",
            "calibration",
            "quality",
            "explanation",
            "timing_ms",
            "recorded_at",
            "created_at",
            "feedback",
        ]
        read_only_fields = ["created_at"]

    @extend_schema_field({"type": "string", "enum": ["completed"]})
    def get_status(self, _analysis: Analysis) -> str:
        """Analyses are answered in the same request: a stored one is finished."""
        return "completed"

    def get_summary(self, analysis: Analysis) -> str:
        """Render the summary for this reader."""
        return summarize(analysis, self.context["request"].LANGUAGE_CODE)

    def get_finding(self, analysis: Analysis) -> str:
        """Render the summary for a reader to whom this recording may be the one that confirms another."""
        return summarize(analysis, self.context["request"].LANGUAGE_CODE, asks_to_confirm=False)

    @extend_schema_field(FeedbackOut(allow_null=True))
    def get_feedback(self, analysis: Analysis) -> dict[str, Any] | None:
        """Show the reader's own feedback, null if there is none."""
        feedback = analysis.feedback_of(self.context["request"].user)
        return FeedbackOut(feedback).data if feedback else None


class AnalysisRenderer(threading.local):
    """Renders analyses with one serializer a thread: to make its fields takes longer than to fill them."""

    def __init__(self) -> None:
        self._context: dict[str, Any] = {}
        self._serializer = AnalysisOut(context=self._context)

    def render(self, analysis: Analysis, request: Request) -> dict[str, Any]:
        """Render an analysis for whoever asks."""
        self._context["request"] = request
        try:
            rendered: dict[str, Any] = self._serializer.to_representation(analysis)
        finally:
            # Nothing of a request outlives it.
            self._context.clear()
        return rendered


analysis_renderer = AnalysisRenderer()


class AnalysisPage(serializers.Serializer):
    """One page of analyses, newest first."""

    analyses = AnalysisOut(many=True)
    next = serializers.URLField(allow_null=True)
