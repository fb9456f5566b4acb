"""Analyses: what one version said about one recording."""

import uuid
from datetime import UTC, datetime

from django.db import models
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from analysis.models.calibrations import CalibrationRecord
from analysis.models.devices import Device
from analysis.models.recordings import Recording
from registry.models import ModelVersion, RegisteredModel


class AnalysisQuerySet(models.QuerySet["Analysis"]):
    """Queries for many analyses."""

    def visible_to(self, user: User) -> "AnalysisQuerySet":
        """Filter to what this user may read: their own, or all for staff."""
        return self if user.is_staff else self.filter(owner=user)

    def filter_by(
        self, *, device_id: str = "", model_id: str = "", label: str = ""
    ) -> "AnalysisQuerySet":
        """Filter by device, by model (any version of it) and by label; an empty one is ignored."""
        lookups = {
            "device__device_id": device_id,
            "version__registered_model": model_id,
            "label": label,
        }
        return self.filter(**{lookup: value for lookup, value in lookups.items() if value})

    def sent_by(self, user: User) -> "AnalysisQuerySet":
        """Filter to what this user sent."""
        return self.filter(owner=user)

    def page_after(self, last: "Analysis | None") -> "AnalysisQuerySet":
        """Order newest first and start after this one."""
        rows = self.order_by("-created_at", "-id")
        if last is None:
            return rows
        # Two of the same microsecond are ordered by id, so none is lost between two pages.
        return rows.filter(
            Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, id__lt=last.id)
        )

    def newest_of(self, model: RegisteredModel, n: int) -> "AnalysisQuerySet":
        """Return the newest n by any version of a model, newest first."""
        return self.among_newest(model, n).order_by("-created_at", "-id")[:n]

    def among_newest(self, model: RegisteredModel, n: int) -> "AnalysisQuerySet":
        """Filter to the newest n of a model and a few more, so that the rest need not be sorted."""
        nth_newest = Analysis.objects.filter(version=OuterRef("pk")).order_by("-created_at")
        nth = Subquery(nth_newest.values("created_at")[n - 1 : n])
        versions = ModelVersion.objects.filter(registered_model=model).annotate(nth=nth)

        # Once one version has made n analyses since some moment, nothing older can be among them.
        since = versions.filter(nth__isnull=False).order_by("-nth").values("nth")[:1]
        beginning = Value(datetime.min.replace(tzinfo=UTC))
        recent = self.filter(created_at__gte=Coalesce(Subquery(since), beginning))
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

    # Made by this very request, so there is no feedback to look for: saves a query.
    is_new = False

    objects = AnalysisQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "analyses"
        # Analyses are never changed or deleted.
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
