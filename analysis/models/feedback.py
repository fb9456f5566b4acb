"""Feedback: what each reviewer found out about a machine after its analysis, with its history."""

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from analysis.models.analyses import Analysis
from core.append_only import AppendOnlyModel
from core.triggers import Guard
from core.verbs import alters_data

MAX_FAULT_CODE_LENGTH = 60
MAX_COMMENT_LENGTH = 2000
# What clients offer to choose from; a plant may have others.
COMMON_FAULT_CODES = (
    "bearing",
    "imbalance",
    "misalignment",
    "looseness",
    "gear",
    "belt",
    "lubrication",
    "cavitation",
    "leak",
    "blockage",
    "electrical",
)


class FeedbackContent(models.Model):
    """The columns that a reviewer fills in; fault codes are the plant's own."""

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
    """Queries for feedback, and the one way to give it."""

    def of(self, analysis: Analysis, reader: User) -> "Feedback | None":
        """Return this reader's feedback on an analysis, from the prefetched rows if there are."""
        if analysis.is_new:
            return None
        given = analysis.feedbacks.all()
        return next((feedback for feedback in given if feedback.reviewer_id == reader.pk), None)

    @alters_data
    @transaction.atomic
    def give(
        self,
        analysis: Analysis,
        reviewer: User,
        *,
        verdict: str,
        fault_code: str = "",
        comment: str = "",
    ) -> "Feedback":
        """Set or replace a reviewer's feedback; the same content again changes nothing."""
        content = {"verdict": verdict, "fault_code": fault_code, "comment": comment}
        # Two requests of one reviewer: lock the row, so that the newest revision is what it holds.
        feedback, is_new = self.select_for_update().get_or_create(
            analysis=analysis, reviewer=reviewer, defaults=content
        )
        if is_new or not feedback.has_content(**content):
            feedback._revise(**content)
        return feedback


class Feedback(FeedbackContent):
    """One reviewer's present feedback on one analysis."""

    analysis = models.ForeignKey(Analysis, models.PROTECT, related_name="feedbacks")
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="feedbacks")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "feedback"
        # Whoever may read an analysis gives feedback in their own name, and for nobody else.
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
        """Whether these columns hold these values already."""
        return all(getattr(self, column) == value for column, value in columns.items())

    @alters_data
    def _revise(self, **columns: str) -> None:
        """Set these columns and add a revision, under the lock of give()."""
        for column, value in columns.items():
            setattr(self, column, value)

        revision = self.revisions.create(**columns)
        self.updated_at = revision.created_at
        self.save(update_fields=[*columns, "updated_at"])


class FeedbackRevision(AppendOnlyModel, FeedbackContent):
    """The content of a feedback from one moment on."""

    feedback = models.ForeignKey(Feedback, models.PROTECT, related_name="revisions")
    created_at = models.DateTimeField(default=timezone.now)

    guard = Guard()

    class Meta:
        ordering = ["-pk"]
        default_permissions = ["view"]
