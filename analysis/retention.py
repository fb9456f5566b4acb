"""How long recordings are kept: their bytes are deleted in time, their analyses stay."""

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
    """What has been deleted so far (in a dry run: would be), and what could not be."""

    n_recordings: int = 0
    n_bytes: int = 0
    n_failed: int = 0


def compute_cutoff(days: int) -> datetime:
    """Return the moment before which recordings are old enough to be deleted."""
    return timezone.now() - timedelta(days=days)


def purge_recordings(*, before: datetime, is_dry_run: bool = False) -> Iterator[PurgeTotals]:
    """Delete the bytes of recordings that arrived before a moment, oldest first.

    Yields the totals after each batch.
    """
    totals = PurgeTotals()
    last: Recording | None = None
    expired = Recording.objects.stored().arrived_before(before)
    while batch := list(expired.page_after(last)[:BATCH_SIZE]):
        # Go on after the last one even if it could not be deleted; the next run tries it again.
        last = batch[-1]
        deleted = batch if is_dry_run else delete_batch(batch)
        totals = PurgeTotals(
            n_recordings=totals.n_recordings + len(deleted),
            n_bytes=totals.n_bytes + sum(recording.size_bytes for recording in deleted),
            n_failed=totals.n_failed + len(batch) - len(deleted),
        )
        yield totals


def delete_batch(batch: list[Recording]) -> list[Recording]:
    """Delete the bytes of these recordings and mark the rows; return those that are gone."""
    deleted = [recording for recording in batch if delete_bytes(recording)]
    # Bytes first: after a crash in between, the next run finds none to delete and marks the rows.
    Recording.objects.filter(pk__in=[recording.pk for recording in deleted]).mark_purged()
    return deleted


def delete_bytes(recording: Recording) -> bool:
    """Delete the bytes of a recording; return whether they are gone."""
    try:
        storages["recordings"].delete(recording.path)
    except Exception:  # every remote storage raises errors of its own
        logger.exception("The recording %s could not be deleted.", recording.pk)
        return False
    return True
