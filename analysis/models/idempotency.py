"""Uploads that may be sent again: one key of one user leads to one analysis."""

import hashlib

from django.db import models
from django.utils import timezone

from accounts.models import User
from analysis.errors import IdempotencyKeyReused
from analysis.models.analyses import Analysis

MAX_KEY_LENGTH = 128


class IdempotencyKey(models.Model):
    """A user's key for a request, a digest of the request, and the analysis that it led to.

    The row is inserted in the transaction of its analysis and never before: a refusal is not
    remembered, and a process that dies half-way leaves the key free.
    """

    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=MAX_KEY_LENGTH)
    digest = models.CharField(max_length=64)
    analysis = models.OneToOneField(Analysis, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        # Only the pipeline handles keys.
        default_permissions = ()
        constraints = [
            # Of several requests at once, this lets one through.
            models.UniqueConstraint(fields=["owner", "key"], name="analysis_one_upload_per_key"),
        ]

    def __str__(self) -> str:
        return self.key

    @classmethod
    def build(cls, owner: User, key: str, *params: str) -> "IdempotencyKey":
        """Return an unsaved row for a request with these parameters."""
        # No parameter can hold a zero byte, so no two requests have the same digest.
        digest = hashlib.sha256("\0".join(params).encode()).hexdigest()
        return cls(owner=owner, key=key, digest=digest)

    def find_analysis(self) -> Analysis | None:
        """Return the analysis of this key, None if the key is free.

        Raises IdempotencyKeyReused where the key was used for another request.
        """
        rows = type(self).objects.filter(owner=self.owner, key=self.key)
        taken = rows.select_related("analysis").first()
        if taken is None:
            return None
        if taken.digest != self.digest:
            raise IdempotencyKeyReused(
                "This Idempotency-Key was used for another recording, model or device."
            )
        return taken.analysis
