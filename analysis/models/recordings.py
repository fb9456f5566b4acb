"""Recordings: the uploaded bytes, until they are purged."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Max, Q
from django.utils import timezone

from core.verbs import alters_data


class RecordingQuerySet(models.QuerySet["Recording"]):
    """Queries for many recordings."""

    def stored(self) -> "RecordingQuerySet":
        """Filter to recordings whose bytes have not been purged."""
        return self.filter(purged_at=None)

    def arrived_before(self, moment: datetime) -> "RecordingQuerySet":
        """Filter by the server's clock; a client may say anything of when it recorded."""
        return self.filter(created_at__lt=moment)

    def dated_ahead(self, moment: datetime) -> "RecordingQuerySet":
        """Filter to what a clock that was ahead dated, and what arrived before this moment.

        An analysis that came later is from before the moment.
        """
        numbers = self.model.objects.filter(created_at__lt=moment).aggregate(
            newest=Max("analyses__sequence_number")
        )
        ahead = self.filter(created_at__gt=timezone.now())
        return ahead.filter(analyses__sequence_number__lt=numbers["newest"] or 0).distinct()

    def page_after(self, last: "Recording | None") -> "RecordingQuerySet":
        """Order oldest first and start after this one."""
        rows = self.order_by("created_at", "id")
        if last is None:
            return rows

        later = Q(created_at__gt=last.created_at) | Q(created_at=last.created_at, id__gt=last.id)
        # The first filter repeats part of the second, so that the index is entered at `last`.
        return rows.filter(created_at__gte=last.created_at).filter(later)

    @alters_data
    def mark_purged(self) -> int:
        """Record that the bytes have been deleted; return how many rows changed."""
        return self.stored().update(purged_at=timezone.now())


class Recording(models.Model):
    """An uploaded file, stored unchanged under a path of ours until it is purged."""

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
        # Recordings are reached only through their analyses.
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
