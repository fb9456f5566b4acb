"""Recordings: the bytes that clients sent, until they are purged."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone


class RecordingQuerySet(models.QuerySet["Recording"]):
    """Questions about many recordings."""

    def stored(self) -> "RecordingQuerySet":
        """Keep those whose bytes are there."""
        return self.filter(purged_at=None)

    def arrived_before(self, moment: datetime) -> "RecordingQuerySet":
        """Keep those that came before a moment by our own clock, whatever a client says of when they were made."""
        return self.filter(created_at__lt=moment)

    def page_after(self, last: "Recording | None") -> "RecordingQuerySet":
        """Sort oldest first, beginning behind one."""
        rows = self.order_by("created_at", "id")
        if last is None:
            return rows
        later = Q(created_at__gt=last.created_at) | Q(created_at=last.created_at, id__gt=last.id)
        # Said twice: by the first half alone the index is entered where the last batch ended.
        return rows.filter(created_at__gte=last.created_at).filter(later)

    def mark_purged(self) -> int:
        """Remember that the bytes are gone."""
        return self.stored().update(purged_at=timezone.now())

    mark_purged.alters_data = True  # type: ignore[attr-defined]


class Recording(models.Model):
    """The bytes a client sent, kept as they came under a name of our own, until they have been purged."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    path = models.CharField(max_length=200, unique=True)
    original_name = models.CharField(max_length=255, blank=True)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    recorded_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    purged_at = models.DateTimeField(null=True)

    objects = RecordingQuerySet.as_manager()

    class Meta:
        # Nobody handles recordings but through their analyses.
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["created_at", "id"],
                condition=Q(purged_at__isnull=True),
                name="recording_oldest_kept",
            )
        ]

    def __str__(self) -> str:
        return self.original_name or str(self.id)
