"""How long recordings are kept: what was heard goes in time, what was said about it stays."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.files.storage import storages
from django.utils import timezone

from analysis.models import Recording

logger = logging.getLogger(__name__)

BATCH_SIZE = 500


@dataclass(frozen=True, slots=True)
class PurgeTotals:
    """What has been deleted so far, or would be, and what could not be."""

    n_recordings: int = 0
    n_bytes: int = 0
    n_failed: int = 0


def compute_cutoff(days: int) -> datetime:
    """Return the moment before which recordings have been kept for long enough."""
    return timezone.now() - timedelta(days=days)


def purge_recordings(*, before: datetime, is_dry_run: bool = False) -> Iterator[PurgeTotals]:
    """Delete the bytes of recordings that arrived before a moment, oldest first; yield the totals after each batch."""
    n_recordings = n_bytes = n_failed = 0
    last: Recording | None = None
    while batch := list(
        Recording.objects.stored().arrived_before(before).page_after(last)[:BATCH_SIZE]
    ):
        # Onwards from the last one, also from one that could not be deleted: that is for the next run.
        last = batch[-1]
        deleted = (
            batch if is_dry_run else [recording for recording in batch if delete_bytes(recording)]
        )
        if not is_dry_run:
            # Bytes first: after a crash in between, the next run finds nothing to delete and marks the rows.
            Recording.objects.filter(pk__in=[recording.pk for recording in deleted]).mark_purged()
        n_recordings += len(deleted)
        n_bytes += sum(recording.size_bytes for recording in deleted)
        n_failed += len(batch) - len(deleted)
        yield PurgeTotals(n_recordings, n_bytes, n_failed)


def delete_bytes(recording: Recording) -> bool:
    """Delete what a recording holds; tell whether it is gone."""
    try:
        storages["recordings"].delete(recording.path)
    except Exception:  # every remote storage fails in its own kinds of errors
        logger.exception("The recording %s could not be deleted.", recording.pk)
        return False
    return True
