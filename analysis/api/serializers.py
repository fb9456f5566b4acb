"""Serializers of analyses and feedback: requests and answers."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from analysis.api.fields import InstantField, MomentField, RecordingField
from analysis.api.summary import summarize
from analysis.models import Analysis, Feedback
from analysis.models.feedback import MAX_COMMENT_LENGTH, MAX_FAULT_CODE_LENGTH
from analysis.pipeline import LEVELS
from analysis.sound import spectrogram
from core.queries import ListQuery

PAGE_SIZE = 50
MAX_PAGE_SIZE = 500


class AnalysisRequest(serializers.Serializer[Any]):
    """The form of an analysis."""

    file = RecordingField()
    model_id = serializers.CharField(
        required=False,
        max_length=100,
        help_text="The model that judges, whatever the device prefers.",
    )
    device_id = serializers.CharField(
        required=False,
        max_length=100,
        help_text="The machine. Without model_id, its model judges.",
    )
    model_preference = serializers.ChoiceField(
        required=False,
        choices=list(LEVELS),
        help_text="The level of the model to choose for the machine.",
    )
    recorded_at = InstantField(required=False, help_text="When it was recorded, with UTC offset.")


class AnalysisFilter(ListQuery):
    """The query of a page of analyses."""

    device_id = serializers.CharField(required=False, max_length=100)
    model_id = serializers.CharField(required=False, max_length=100)
    label = serializers.ChoiceField(  # type: ignore[assignment]  # a field of this name
        required=False, choices=Analysis.Label.choices
    )
    mine = serializers.BooleanField(
        required=False, default=False, help_text="Only those that the reader sent."
    )
    created_after = MomentField(
        required=False, help_text="Only those that are later, with UTC offset."
    )
    created_before = MomentField(
        required=False, help_text="Only those that are earlier, with UTC offset."
    )
    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_PAGE_SIZE, default=PAGE_SIZE
    )
    cursor = serializers.UUIDField(
        required=False, help_text="The id that the previous page ended with."
    )


class PictureSize(serializers.Serializer[Any]):
    """The size of a picture, in pixels."""

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
        help_text="The height of the letters; by default it suits the size of the picture.",
    )


class ThresholdsOut(serializers.Serializer[Any]):
    """The thresholds of the anomaly score, in its units."""

    warning = serializers.FloatField(source="warning_threshold")
    critical = serializers.FloatField(source="critical_threshold", allow_null=True)


class VersionUsed(serializers.Serializer[Any]):
    """The exact version that gave the verdict."""

    id = serializers.CharField(source="version.registered_model_id")
    version = serializers.IntegerField(source="version.number")
    sha256 = serializers.CharField(
        source="serving_sha256", help_text="The digest of the serving file that was used."
    )


class CalibrationOut(serializers.Serializer[Any]):
    """The calibration that set the thresholds; id is null for the one in the version's artifact.

    notes: few_takes, extrapolated, few_clips, far_from_training; device_calibration_lapsed: the
    device's calibration is for another version, so that of this version was used; device_settings:
    an engineer set the sensitivity of the device.
    """

    id = serializers.IntegerField(source="calibration_id", allow_null=True)
    method = serializers.CharField(source="calibration_method")
    n = serializers.IntegerField(
        source="calibration_n", help_text="Number of normal recordings behind it."
    )
    n_groups = serializers.IntegerField(
        source="calibration_n_groups",
        allow_null=True,
        help_text="Number of recording sessions that the thresholds rest on; null: not known.",
    )
    notes = serializers.ListField(source="calibration_notes", child=serializers.CharField())


class StoredJSON(serializers.Serializer[Any]):
    """JSON that the pipeline stored, sent unchanged; the fields are for the schema only."""

    def to_representation(self, instance: dict[str, Any]) -> dict[str, Any]:
        return instance


class QualityOut(StoredJSON):
    """The quality of the recording, whatever the machine did."""

    duration_s = serializers.FloatField()
    sample_rate_hz = serializers.IntegerField()
    channels = serializers.IntegerField()
    channel = serializers.IntegerField(
        allow_null=True,
        help_text="Which one was judged, counted from 1; null: the mean, by an older version.",
    )
    level_dbfs = serializers.FloatField()
    floor_dbfs = serializers.FloatField(allow_null=True)
    clipped_fraction = serializers.FloatField()
    bandwidth_hz = serializers.FloatField()
    warnings = serializers.ListField(child=serializers.CharField())
    dropouts = serializers.IntegerField(
        help_text="At how many places the recorder lost or doubled sound."
    )
    dropout_s = serializers.FloatField(help_text="For how many seconds in all, at least.")
    intact_s = serializers.FloatField(help_text="The longest stretch in which no sound is missing.")

    def to_representation(self, instance: dict[str, Any]) -> dict[str, Any]:
        """Add what analyses of earlier releases lack, in the same order."""
        found = {"dropouts": 0, "dropout_s": 0.0, "intact_s": instance["duration_s"]} | instance
        return {str(name): found.get(str(name)) for name in self.fields}


class CurveOut(serializers.Serializer[Any]):
    """The anomaly score over time: one value every step_s, the first at start_s."""

    start_s = serializers.FloatField()
    step_s = serializers.FloatField()
    values = serializers.ListField(child=serializers.FloatField())


class SegmentOut(serializers.Serializer[Any]):
    """A period of time that stands out."""

    start_s = serializers.FloatField()
    end_s = serializers.FloatField()
    p_value = serializers.FloatField(
        allow_null=True,
        help_text=(
            "How often such a period of a healthy recording is at least as unusual; never below "
            "the p_value of the recording. Null in analyses of earlier releases."
        ),
    )


class DisturbanceOut(serializers.Serializer[Any]):
    """A period in which something from beside the machine is heard."""

    start_s = serializers.FloatField()
    end_s = serializers.FloatField()


class BandOut(serializers.Serializer[Any]):
    """A range of frequencies that differs.

    excess_db is relative to the mean of normal recordings, negative where sound is missing. Where
    it is a steady tone, it is relative to the strongest tone of normal recordings there.
    """

    low_hz = serializers.FloatField()
    high_hz = serializers.FloatField()
    excess_db = serializers.FloatField()


class BandPowerOut(serializers.Serializer[Any]):
    """The fraction of the recording's power in one band."""

    name = serializers.CharField()
    low_hz = serializers.FloatField()
    high_hz = serializers.FloatField()
    fraction = serializers.FloatField()


class EnvelopePeakOut(serializers.Serializer[Any]):
    """A peak of the envelope spectrum: a rhythm of the loudness.

    amplitude is the modulation depth; 1: the loudness varies between zero and twice its mean.
    """

    frequency_hz = serializers.FloatField()
    amplitude = serializers.FloatField()


class TraitOut(serializers.Serializer[Any]):
    """A feature group that stands out, by how many standard deviations of normal recordings.

    level (spectral balance), spread (unsteadiness), quiet (background sound), loud (bursts),
    change (roughness), jump (knocks, clicks), modulation (a slow beat), tonality (a whine, a hum),
    envelope (fast regular knocking), sway (unsteadiness within a quarter of a second), crackle
    (crackling), drift (a sound that comes and goes), whole (unlike normal as a whole).
    """

    name = serializers.CharField()
    deviations = serializers.FloatField()


class EvidenceOut(serializers.Serializer[Any]):
    """What was measured without a model."""

    level_dbfs = serializers.FloatField()
    bands = BandPowerOut(many=True)
    envelope_peaks = EnvelopePeakOut(many=True)


class ExplanationOut(StoredJSON):
    """Where in time and frequency the recording differs, and evidence that anyone can check."""

    curve = CurveOut()
    segments = SegmentOut(many=True)
    bands = BandOut(many=True)
    traits = TraitOut(many=True)
    disturbances = DisturbanceOut(
        many=True,
        help_text="When something from beside the machine is heard, in an alarm `disturbed` by it.",
    )
    evidence = EvidenceOut()

    def to_representation(self, instance: dict[str, Any]) -> dict[str, Any]:
        """Add what analyses of earlier releases lack."""
        segments = [{"p_value": None} | segment for segment in instance["segments"]]
        missing: dict[str, Any] = {
            name: [] for name in ("traits", "disturbances") if name not in instance
        }
        return instance | {"segments": segments} | missing


class FeedbackRequest(serializers.Serializer[Any]):
    """The whole feedback of a reader: a field that is left out becomes empty."""

    verdict = serializers.ChoiceField(
        choices=list(Feedback.Outcome),
        help_text=(
            "TRUE_POSITIVE: the machine is faulty; FALSE_POSITIVE: it is healthy; "
            "IGNORE: the recording is of no use."
        ),
    )
    fault_code = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=MAX_FAULT_CODE_LENGTH,
        default="",
        help_text="The fault code of the plant.",
    )
    comment = serializers.CharField(
        required=False, allow_blank=True, max_length=MAX_COMMENT_LENGTH, default=""
    )


class FeedbackOut(serializers.ModelSerializer[Feedback]):
    """The feedback of a reader on an analysis."""

    class Meta:
        model = Feedback
        fields = ["verdict", "fault_code", "comment", "created_at", "updated_at"]
        read_only_fields = fields


class AnalysisOut(serializers.ModelSerializer[Analysis]):
    """One analysis."""

    status = serializers.SerializerMethodField()
    thresholds = ThresholdsOut(source="*")
    summary = serializers.SerializerMethodField(help_text="Korean or English, by Accept-Language.")
    finding = serializers.SerializerMethodField(
        help_text="The summary without the advice to record once more."
    )
    model = VersionUsed(source="*")
    device_id = serializers.CharField(
        source="device.device_id", read_only=True, allow_null=True, default=None
    )
    calibration = CalibrationOut(source="*")
    quality = QualityOut()
    explanation = ExplanationOut()
    timing_ms = serializers.DictField(child=serializers.FloatField())
    recorded_at = serializers.DateTimeField(source="recording.recorded_at", allow_null=True)
    recorded_by = serializers.SerializerMethodField(help_text="The name of who sent it.")
    is_own = serializers.SerializerMethodField(help_text="Whether the reader sent it.")
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
            "recorded_by",
            "is_own",
            "created_at",
            "feedback",
        ]
        read_only_fields = ["created_at"]

    @extend_schema_field({"type": "string", "enum": ["completed"]})
    def get_status(self, _analysis: Analysis) -> str:
        """Return "completed": an analysis is stored when it is finished."""
        return "completed"

    def get_summary(self, analysis: Analysis) -> str:
        """Return the summary in the language of the request."""
        return summarize(analysis, self.context["request"].LANGUAGE_CODE)

    def get_finding(self, analysis: Analysis) -> str:
        """Return the summary for a reader whose recording may itself confirm an earlier one."""
        return summarize(analysis, self.context["request"].LANGUAGE_CODE, asks_to_confirm=False)

    def get_recorded_by(self, analysis: Analysis) -> str:
        """Return the name of the owner."""
        return analysis.owner.get_full_name() or analysis.owner.username

    def get_is_own(self, analysis: Analysis) -> bool:
        """Return whether the reader is the owner."""
        return bool(analysis.owner_id == self.context["request"].user.pk)

    @extend_schema_field(FeedbackOut(allow_null=True))
    def get_feedback(self, analysis: Analysis) -> dict[str, Any] | None:
        """Return the reader's own feedback, null if there is none."""
        feedback = Feedback.objects.of(analysis, self.context["request"].user)
        return FeedbackOut(feedback).data if feedback else None


class ExplanationInRow(ExplanationOut):
    """Where the recording differs; the curve and the evidence come with the analysis itself."""

    # So the framework leaves a field out.
    curve = None  # type: ignore[assignment]
    evidence = None  # type: ignore[assignment]

    def to_representation(self, instance: dict[str, Any]) -> dict[str, Any]:
        """Leave out what makes most of the bytes."""
        whole = super().to_representation(instance)
        return {name: part for name, part in whole.items() if name not in ("curve", "evidence")}


class AnalysisRow(AnalysisOut):
    """One analysis in a list."""

    explanation = ExplanationInRow()


class AnalysisPage(serializers.Serializer[Any]):
    """One page of analyses, newest first."""

    analyses = AnalysisRow(many=True)
    next = serializers.URLField(allow_null=True)
