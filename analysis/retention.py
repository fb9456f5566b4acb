"""How long recordings are kept: their bytes are deleted in time, their analyses stay."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice

from django.core.files.storage import Storage, storages
from django.utils import timezone

from analysis.models import Recording, RecordingQuerySet

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
    stored = Recording.objects.stored()
    for batch in chain(
        read_batches(stored.arrived_before(before)), read_batches(stored.dated_ahead(before))
    ):
        deleted = batch if is_dry_run else delete_batch(batch)
        totals = PurgeTotals(
            n_recordings=totals.n_recordings + len(deleted),
            n_bytes=totals.n_bytes + sum(recording.size_bytes for recording in deleted),
            n_failed=totals.n_failed + len(batch) - len(deleted),
        )
        yield totals


def read_batches(recordings: RecordingQuerySet) -> Iterator[list[Recording]]:
    """Read recordings, oldest first; each batch may be deleted before the next is read."""
    last: Recording | None = None
    while batch := list(recordings.page_after(last)[:BATCH_SIZE]):
        # Go on after the last one even if it could not be deleted; the next run tries it again.
        last = batch[-1]
        yield batch


def purge_leftovers(*, before: datetime, is_dry_run: bool = False) -> PurgeTotals:
    """Delete what no row knows of: halves of interrupted writes, and what the doctor set aside.

    Only what was last written before the moment, so that nothing that is being written goes.
    """
    totals = PurgeTotals()
    storage = storages["recordings"]
    for paths in split_into_batches(walk(storage), BATCH_SIZE):
        known = set(Recording.objects.filter(path__in=paths).values_list("path", flat=True))
        for path in paths:
            if path in known or not is_older(storage, path, before):
                continue
            size = storage.size(path)
            is_deleted = is_dry_run or delete_path(path)
            totals = PurgeTotals(
                n_recordings=totals.n_recordings + is_deleted,
                n_bytes=totals.n_bytes + size * is_deleted,
                n_failed=totals.n_failed + (not is_deleted),
            )
    return totals


def walk(storage: Storage, folder: str = "") -> Iterator[str]:
    """Yield the path of every file of a storage, hidden ones too."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:  # nothing was ever stored
        return
    for name in sorted(files):
        yield f"{folder}/{name}".lstrip("/")
    for name in sorted(folders):
        yield from walk(storage, f"{folder}/{name}".lstrip("/"))


def split_into_batches(paths: Iterator[str], size: int) -> Iterator[list[str]]:
    """Yield the paths in lists of this size."""
    while batch := list(islice(paths, size)):
        yield batch


def is_older(storage: Storage, path: str, before: datetime) -> bool:
    """Whether a file was last written before a moment; False if it is gone by now."""
    try:
        return storage.get_modified_time(path) < before
    except FileNotFoundError:
        return False


def delete_batch(batch: list[Recording]) -> list[Recording]:
    """Delete the bytes of these recordings and mark the rows; return those that are gone."""
    deleted = [recording for recording in batch if delete_bytes(recording)]
    # Bytes first: after a crash in between, the next run finds none to delete and marks the rows.
    Recording.objects.filter(pk__in=[recording.pk for recording in deleted]).mark_purged()
    return deleted


def delete_bytes(recording: Recording) -> bool:
    """Delete the bytes of a recording; return whether they are gone."""
    return delete_path(recording.path)


def delete_path(path: str) -> bool:
    """Delete a file of the recordings; return whether it is gone."""
    try:
        storages["recordings"].delete(path)
    except Exception:  # every remote storage raises errors of its own
        logger.exception("The recording %s could not be deleted.", path)
        return False
    return True
