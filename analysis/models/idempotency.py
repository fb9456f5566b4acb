"""Uploads that may be sent again: one key of a user, one analysis, however often and however many at once."""

import hashlib
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone

from analysis.errors import IdempotencyKeyReused

if TYPE_CHECKING:
    from accounts.models import User
    from analysis.models import Analysis

MAX_KEY_LENGTH = 128


class IdempotencyKey(models.Model):
    """The key under which a user sent something, a digest of what it was, and the analysis that came of it.

    The row is inserted in the transaction of its analysis and never before: a refusal is not remembered, and a
    process that dies half-way leaves the key free.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=MAX_KEY_LENGTH)
    digest = models.CharField(max_length=64)
    analysis = models.OneToOneField("analysis.Analysis", models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        # Nobody handles keys but the pipeline.
        default_permissions = ()
        constraints = [
            # Of many requests at once, this is what lets one through.
            models.UniqueConstraint(fields=["owner", "key"], name="analysis_one_upload_per_key"),
        ]

    def __str__(self) -> str:
        return self.key

    @classmethod
    def build(cls, owner: "User", key: str, *asked: str) -> "IdempotencyKey":
        """Return a row, not inserted yet, for what decides the answer to a request."""
        # No field can hold a zero byte, so no two requests read the same.
        return cls(
            owner=owner, key=key, digest=hashlib.sha256("\0".join(asked).encode()).hexdigest()
        )

    def find_analysis(self) -> "Analysis | None":
        """Return the analysis that this key led to, None if it is free, or refuse it for something else."""
        taken = (
            type(self)
            .objects.filter(owner=self.owner, key=self.key)
            .select_related("analysis")
            .first()
        )
        if taken is None:
            return None
        if taken.digest != self.digest:
            raise IdempotencyKeyReused(
                "This Idempotency-Key was used for another recording, model or device."
            )
        return taken.analysis
