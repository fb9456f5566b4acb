"""Analyses: what one version said about one recording."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from analysis.models.calibrations import CalibrationRecord
from analysis.models.devices import Device
from analysis.models.recordings import Recording
from analysis.sound.audio import AVERAGE, Pick
from core.verbs import alters_data
from registry.models import ModelVersion, RegisteredModel

NEXT_NUMBER = "SELECT COALESCE(MAX(sequence_number), 0) + 1 FROM analysis_analysis"


class AnalysisQuerySet(models.QuerySet["Analysis"]):
    """Queries for many analyses."""

    def visible_to(self, user: User) -> "AnalysisQuerySet":
        """Filter to what this user may read: their own, or all for staff."""
        return self if user.is_staff else self.filter(owner=user)

    def filter_by(
        self,
        *,
        device_id: str = "",
        model_id: str = "",
        label: str = "",
        created_after: datetime | None = None,
        created_before: datetime | None = None,
    ) -> "AnalysisQuerySet":
        """Filter by device, by model (any version of it), label and time; what is empty is not."""
        lookups = {
            "device__device_id": device_id,
            "version__registered_model": model_id,
            "label": label,
            "created_at__gt": created_after,
            "created_at__lt": created_before,
        }
        return self.filter(**{lookup: value for lookup, value in lookups.items() if value})

    def sent_by(self, user: User) -> "AnalysisQuerySet":
        """Filter to what this user sent."""
        return self.filter(owner=user)

    def page_after(self, last: "Analysis | None") -> "AnalysisQuerySet":
        """Order newest first and start after this one."""
        rows = self.newest_first()
        if last is None:
            return rows
        # Two of the same number are ordered by id, so none is lost between two pages.
        number = last.sequence_number
        return rows.filter(
            Q(sequence_number__lt=number) | Q(sequence_number=number, id__lt=last.id)
        )

    def newest_first(self) -> "AnalysisQuerySet":
        """Order by arrival: a clock that was ahead for a while leaves none on top for ever."""
        return self.order_by("-sequence_number", "-id")

    @alters_data
    def take_in(self, analysis: "Analysis") -> None:
        """Store a new analysis as the newest of all, whatever the clock says."""
        # Two at the same moment may get the same number. Counted by the insert itself, which holds
        # the lock of an embedded database no longer than it must.
        analysis.sequence_number = RawSQL(NEXT_NUMBER, ())
        analysis.save(force_insert=True)
        # Read when it is asked for.
        del analysis.sequence_number

    def newest_of(self, model: RegisteredModel, n: int) -> "AnalysisQuerySet":
        """Return the newest n by any version of a model, newest first."""
        return self.among_newest(model, n).newest_first()[:n]

    def among_newest(self, model: RegisteredModel, n: int) -> "AnalysisQuerySet":
        """Filter to the newest n of a model and a few more, so that the rest need not be sorted."""
        nth_newest = Analysis.objects.filter(version=OuterRef("pk")).newest_first()
        nth = Subquery(nth_newest.values("sequence_number")[n - 1 : n])
        versions = ModelVersion.objects.filter(registered_model=model).annotate(nth=nth)

        # Once one version has made n analyses since some other, nothing older can be among them.
        since = versions.filter(nth__isnull=False).order_by("-nth").values("nth")[:1]
        recent = self.filter(sequence_number__gte=Coalesce(Subquery(since), Value(0)))
        return recent.filter(version__registered_model=model)

    def with_related(self) -> "AnalysisQuerySet":
        """Fetch the rows that the JSON of an analysis refers to."""
        rows = self.select_related("recording", "version", "device", "owner")
        return rows.prefetch_related("feedbacks")


class Analysis(models.Model):
    """What one version said about one recording, with the thresholds that gave the label."""

    class Label(models.TextChoices):
        NORMAL = "NORMAL"
        WARNING = "WARNING"
        CRITICAL = "CRITICAL"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recording = models.ForeignKey(Recording, models.PROTECT, related_name="analyses")
    # An index below, of version and time, serves this foreign key too.
    version = models.ForeignKey(
        ModelVersion, models.PROTECT, related_name="analyses", db_index=False
    )
    # The digest of the file that judged: evidence that stands without the version's own rows.
    serving_sha256 = models.CharField(max_length=64)
    owner = models.ForeignKey(User, models.PROTECT, related_name="analyses")
    device = models.ForeignKey(Device, models.PROTECT, null=True, related_name="analyses")

    label = models.CharField(max_length=8, choices=Label)
    score = models.FloatField()
    anomaly_score = models.FloatField()
    p_value = models.FloatField()
    health_score = models.FloatField()
    warning_threshold = models.FloatField()
    critical_threshold = models.FloatField(null=True)
    # None: the thresholds come from the version's artifact.
    calibration = models.ForeignKey(
        CalibrationRecord, models.PROTECT, null=True, related_name="analyses"
    )
    calibration_notes = models.JSONField(default=list)
    calibration_method = models.CharField(max_length=60)
    calibration_n = models.PositiveIntegerField()
    # None: an analysis of an older release.
    calibration_n_groups = models.PositiveIntegerField(null=True)

    quality = models.JSONField()
    explanation = models.JSONField()
    timing_ms = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)
    # In the order of arrival, which clocks do not keep; set by take_in().
    sequence_number = models.PositiveBigIntegerField(editable=False)

    # Made by this very request, so there is no feedback to look for: saves a query.
    is_new = False

    objects = AnalysisQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "analyses"
        # Analyses are never changed or deleted.
        default_permissions = ["add", "view"]
        indexes = [
            models.Index(fields=["-sequence_number", "-id"], name="analysis_latest"),
            models.Index(
                fields=["version", "-sequence_number", "-id"], name="analysis_latest_of_version"
            ),
            models.Index(
                fields=["owner", "-sequence_number", "-id"], name="analysis_latest_of_owner"
            ),
            models.Index(
                fields=["device", "-sequence_number", "-id"], name="analysis_latest_of_device"
            ),
            models.Index(
                fields=["device", "owner", "-sequence_number", "-id"],
                name="analysis_latest_device_owner",
            ),
            # Counts of the last days.
            models.Index(fields=["version", "-created_at"], name="analysis_newest_of_version"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(label__in=["NORMAL", "WARNING", "CRITICAL"]),
                name="analysis_label_is_a_verdict",
            ),
            models.CheckConstraint(
                condition=Q(score__range=(0, 1)), name="analysis_score_is_a_fraction"
            ),
            models.CheckConstraint(
                condition=Q(p_value__range=(0, 1)), name="analysis_p_value_is_a_fraction"
            ),
            models.CheckConstraint(
                condition=Q(health_score__range=(0, 100)), name="analysis_health_is_a_percentage"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.created_at:%Y-%m-%d %H:%M:%S %Z}"

    @property
    def pick(self) -> Pick:
        """Which channel of the recording was judged; before channels were chosen, their mean."""
        return self.quality.get("channel") or AVERAGE
