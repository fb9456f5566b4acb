"""What people found out about a machine after its analysis: one opinion a reviewer, and everything it has been."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from core.append_only import AppendOnlyModel
from core.triggers import Guard

if TYPE_CHECKING:
    from accounts.models import User
    from analysis.models import Analysis

MAX_FAULT_CODE_LENGTH = 60
MAX_COMMENT_LENGTH = 2000


class FeedbackContent(models.Model):
    """What can be said of an analysis; a fault code is the plant's own."""

    class Outcome(models.TextChoices):
        TRUE_POSITIVE = "TRUE_POSITIVE", "true positive: the machine is faulty"
        FALSE_POSITIVE = "FALSE_POSITIVE", "false positive: the machine is healthy"
        IGNORE = "IGNORE", "ignore: the recording tells nothing"

    verdict = models.CharField(max_length=14, choices=Outcome)
    fault_code = models.CharField(max_length=MAX_FAULT_CODE_LENGTH, blank=True)
    comment = models.TextField(max_length=MAX_COMMENT_LENGTH, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.verdict} {self.fault_code}".strip()


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    @transaction.atomic
    def give(
        self,
        analysis: "Analysis",
        reviewer: "User",
        *,
        verdict: str,
        fault_code: str = "",
        comment: str = "",
    ) -> "Feedback":
        """Note what a reviewer thinks now; saying the same again changes nothing."""
        said = {"verdict": verdict, "fault_code": fault_code, "comment": comment}
        # Two of one reviewer at once queue up here, so that the last revision is what stands.
        feedback, is_new = self.select_for_update().get_or_create(
            analysis=analysis, reviewer=reviewer, defaults=said
        )
        if is_new or not feedback.has_content(**said):
            feedback._revise(**said)
        return feedback

    give.alters_data = True


class Feedback(FeedbackContent):
    """What one reviewer thinks of one analysis now."""

    analysis = models.ForeignKey("analysis.Analysis", models.PROTECT, related_name="feedbacks")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="feedbacks")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "feedback"
        # Given by whoever may read the analysis, under that person's name; nobody writes it for another.
        default_permissions = ["view"]
        indexes = [models.Index(fields=["-updated_at"], name="analysis_newest_feedback")]
        constraints = [
            models.UniqueConstraint(
                fields=["analysis", "reviewer"], name="analysis_one_feedback_per_reviewer"
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=["TRUE_POSITIVE", "FALSE_POSITIVE", "IGNORE"]),
                name="analysis_feedback_is_a_verdict",
            ),
        ]

    def has_content(self, **columns: str) -> bool:
        """Tell whether this is what it says already."""
        return all(getattr(self, column) == value for column, value in columns.items())

    def _revise(self, **columns: str) -> None:
        """Say this from now on, under give()'s lock."""
        for column, value in columns.items():
            setattr(self, column, value)
        revision = self.revisions.create(**columns)
        self.updated_at = revision.created_at
        self.save(update_fields=[*columns, "updated_at"])


class FeedbackRevision(AppendOnlyModel, FeedbackContent):
    """What a feedback said from one moment on."""

    feedback = models.ForeignKey(Feedback, models.PROTECT, related_name="revisions")
    created_at = models.DateTimeField(default=timezone.now)

    guard = Guard()

    class Meta:
        ordering = ["-pk"]
        default_permissions = ["view"]
