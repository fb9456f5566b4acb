"""Analyses: what a version made of a recording."""

import uuid
from datetime import UTC, datetime

from django.db import models
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from analysis.models.calibrations import CalibrationRecord
from analysis.models.devices import Device
from analysis.models.feedback import Feedback
from analysis.models.recordings import Recording
from registry.models import ModelVersion, RegisteredModel


class AnalysisQuerySet(models.QuerySet["Analysis"]):
    """Questions about many analyses."""

    def visible_to(self, user: User) -> "AnalysisQuerySet":
        """Keep what this person may read: their own, or everything for staff."""
        return self if user.is_staff else self.filter(owner=user)

    def filter_by(
        self, *, device_id: str = "", model_id: str = "", label: str = ""
    ) -> "AnalysisQuerySet":
        """Keep those of one device, of any version of one model, with one verdict."""
        asked = {
            "device__device_id": device_id,
            "version__registered_model": model_id,
            "label": label,
        }
        return self.filter(**{lookup: value for lookup, value in asked.items() if value})

    def page_after(self, last: "Analysis | None") -> "AnalysisQuerySet":
        """Sort newest first, beginning behind the one that was read last."""
        rows = self.order_by("-created_at", "-id")
        if last is None:
            return rows
        # Two of one microsecond still have an order, so none is lost between two pages.
        return rows.filter(
            Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, id__lt=last.id)
        )

    def newest_of(self, model: RegisteredModel, n: int) -> "AnalysisQuerySet":
        """Find the newest n by any version of a model, newest first."""
        return self.among_newest(model, n).order_by("-created_at", "-id")[:n]

    def among_newest(self, model: RegisteredModel, n: int) -> "AnalysisQuerySet":
        """Keep the newest n by any version of a model and few more: all there ever were would take long to sort."""
        nth = (
            Analysis.objects.filter(version=OuterRef("pk"))
            .order_by("-created_at")
            .values("created_at")[n - 1 : n]
        )
        versions = ModelVersion.objects.filter(registered_model=model).annotate(nth=Subquery(nth))
        # A version that made n since then leaves no place for anything older.
        since = versions.filter(nth__isnull=False).order_by("-nth").values("nth")[:1]
        recent = self.filter(
            created_at__gte=Coalesce(Subquery(since), Value(datetime.min.replace(tzinfo=UTC)))
        )
        return recent.filter(version__registered_model=model)

    def with_related(self) -> "AnalysisQuerySet":
        """Fetch what the JSON of an analysis names with it."""
        return self.select_related("recording", "version", "device").prefetch_related(
            "version__files", "feedbacks"
        )


class Analysis(models.Model):
    """What one version of a model said about one recording, with the thresholds it was held against."""

    class Label(models.TextChoices):
        NORMAL = "NORMAL"
        WARNING = "WARNING"
        CRITICAL = "CRITICAL"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recording = models.ForeignKey(Recording, models.PROTECT, related_name="analyses")
    # Found by an index of its own, which tells the order too.
    version = models.ForeignKey(
        ModelVersion, models.PROTECT, related_name="analyses", db_index=False
    )
    owner = models.ForeignKey(User, models.PROTECT, related_name="analyses")
    device = models.ForeignKey(Device, models.PROTECT, null=True, related_name="analyses")

    label = models.CharField(max_length=8, choices=Label)
    score = models.FloatField()
    anomaly_score = models.FloatField()
    p_value = models.FloatField()
    health_score = models.FloatField()
    warning_threshold = models.FloatField()
    critical_threshold = models.FloatField(null=True)
    # None where the version's own calibration, in its artifact, gave the thresholds.
    calibration = models.ForeignKey(
        CalibrationRecord, models.PROTECT, null=True, related_name="analyses"
    )
    calibration_notes = models.JSONField(default=list)
    calibration_method = models.CharField(max_length=60)
    calibration_n = models.PositiveIntegerField()

    quality = models.JSONField()
    explanation = models.JSONField()
    timing_ms = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    # Made by this very request: nobody has said anything of it yet.
    is_new = False

    objects = AnalysisQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "analyses"
        # What was said stays said.
        default_permissions = ["add", "view"]
        indexes = [
            models.Index(fields=["-created_at"], name="analysis_newest"),
            models.Index(fields=["version", "-created_at"], name="analysis_newest_of_version"),
            models.Index(fields=["owner", "-created_at"], name="analysis_newest_of_owner"),
            models.Index(fields=["device", "-created_at"], name="analysis_newest_of_device"),
            models.Index(
                fields=["device", "owner", "-created_at"], name="analysis_newest_device_owner"
            ),
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

    def feedback_of(self, reader: User) -> Feedback | None:
        """Find what this person said of it among the (prefetched) feedback."""
        if self.is_new:
            return None
        return next((each for each in self.feedbacks.all() if each.reviewer_id == reader.pk), None)
