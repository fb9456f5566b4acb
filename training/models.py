"""Stores training runs (every attempt to make a version) and evaluations of versions."""

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.append_only import AppendOnlyModel
from core.verbs import alters_data
from registry.models import ModelVersion

# A live run records a heartbeat every few seconds; one that has not for so long has died.
LOST_AFTER = timedelta(seconds=60)


def compute_alive_range() -> tuple[datetime, datetime]:
    """Return when the last heartbeat of a live run was; a later one is of a clock put right."""
    now = timezone.now()
    return now - LOST_AFTER, now + LOST_AFTER


class TrainingRunQuerySet(models.QuerySet["TrainingRun"]):
    def alive(self) -> "TrainingRunQuerySet":
        """Keep the runs that are going on."""
        return self.filter(
            state=TrainingRun.State.RUNNING, heartbeat_at__range=compute_alive_range()
        )

    def lost(self) -> "TrainingRunQuerySet":
        """Keep the runs whose process died without recording an end."""
        running = self.filter(state=TrainingRun.State.RUNNING)
        return running.exclude(heartbeat_at__range=compute_alive_range())


class TrainingRun(models.Model):
    """One attempt at training: its request, its progress, and the version or the error."""

    class State(models.TextChoices):
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"

    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    model_id = models.CharField(max_length=100)
    type = models.CharField(max_length=60)
    dataset_path = models.TextField()
    parameters = models.JSONField(default=dict)
    seed = models.PositiveIntegerField()
    stage = models.CharField(max_length=100, blank=True)
    # Of the stage, in [0, 1].
    progress = models.FloatField(default=0)
    epochs = models.JSONField(default=list)
    # Empty until the recordings were checked.
    data_check = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    version = models.OneToOneField(
        ModelVersion, models.PROTECT, null=True, related_name="training_run"
    )
    started_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = TrainingRunQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        default_permissions = ["view"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["running", "succeeded", "failed"]),
                name="training_known_state",
            ),
            models.CheckConstraint(
                condition=Q(state="succeeded", version__isnull=False)
                | ~Q(state="succeeded") & Q(version__isnull=True),
                name="training_a_run_with_a_version_succeeded",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model_id} run {self.pk}"

    @property
    def is_lost(self) -> bool:
        """Whether its process died without recording an end."""
        first, last = compute_alive_range()
        return self.state == self.State.RUNNING and not first <= self.heartbeat_at <= last

    @property
    def shown_state(self) -> str:
        """Return the state for people: a run whose process died is LOST."""
        return "LOST" if self.is_lost else self.state.upper()

    @alters_data
    def record_heartbeat(self, **columns: Any) -> None:
        """Record that the run is alive, and these columns."""
        self._set(heartbeat_at=timezone.now(), **columns)

    @alters_data
    def succeed(self, version: ModelVersion) -> None:
        """Record the version, in the transaction that publishes it."""
        self._set(
            state=self.State.SUCCEEDED, version=version, progress=1.0, finished_at=timezone.now()
        )

    @alters_data
    def fail(self, error: str) -> None:
        """Record why there is no version."""
        self._set(
            state=self.State.FAILED, error=error, finished_at=timezone.now(), epochs=self.epochs
        )

    def _set(self, **columns: Any) -> None:
        for column, value in columns.items():
            setattr(self, column, value)
        self.save(update_fields=list(columns))


class Evaluation(AppendOnlyModel):
    """How well a version separated normal from abnormal recordings, at the time."""

    version = models.ForeignKey(ModelVersion, models.PROTECT, related_name="evaluations")
    normal_path = models.TextField()
    normal_fingerprint = models.CharField(max_length=64)
    abnormal_path = models.TextField()
    abnormal_fingerprint = models.CharField(max_length=64)
    metrics = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        default_permissions = ["view"]

    def __str__(self) -> str:
        return f"{self.version} evaluation {self.pk}"
