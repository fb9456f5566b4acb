"""Health checks for load balancers and bootstrap.py: is the process up, and can it work?"""

import logging
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.core.files.storage import FileSystemStorage, storages
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from analysis.sound.decoding.pool import get_decoders

logger = logging.getLogger(__name__)
MIN_FREE_BYTES = 64 * 1024 * 1024


def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer 200 as long as the process can answer at all."""
    return JsonResponse({"status": "ok"})


def readyz(_request: HttpRequest) -> HttpResponse:
    """Answer 200 if an analysis is possible now, else 503 and the parts that fail.

    Where the front serves, it answers from its last look and this view is never asked.
    """
    status, answer = describe(check_parts())
    return JsonResponse(answer, status=status)


def describe(failed: Mapping[str, str], **facts: Any) -> tuple[int, dict[str, Any]]:
    """Return the status and the content of an answer about readiness."""
    confined = get_decoders().sandbox
    # Not before the first recording needed one.
    known = {} if confined is None else {"decoders_confined_in": list(confined)}
    if failed:
        return 503, {"status": "unavailable", "failed": dict(failed), **facts, **known}
    return 200, {"status": "ok", **facts, **known}


def check_parts() -> dict[str, str]:
    """Return what is wrong, by part of the server; nothing if all of it works."""
    parts = {
        "database": check_database(),
        "cache": check_cache(),
        "artifacts": check_storage("artifacts"),
        "recordings": check_storage("recordings"),
    }
    return {part: fault for part, fault in parts.items() if fault}


def check_database() -> str | None:
    """Return what is wrong with the database, None if nothing is."""
    try:
        executor = MigrationExecutor(connection)
    except DatabaseError:
        return "unreachable"
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return "migrations are not applied" if waiting else None


def check_cache() -> str | None:
    """Return what is wrong with the cache that counts requests."""
    try:
        cache.get("ready")
    except Exception:  # each cache raises errors of its own
        logger.exception("The cache does not answer.")
        return "unreachable"
    return None


def check_storage(alias: str) -> str | None:
    """Return what is wrong with a storage."""
    storage = storages[alias]
    if isinstance(storage, FileSystemStorage):
        return check_folder(Path(storage.location))
    try:
        storage.exists("ready")
    except Exception:  # each remote storage raises errors of its own
        logger.exception("The storage %s does not answer.", alias)
        return "unreachable"
    return None


def check_folder(folder: Path) -> str | None:
    """Return what is wrong with a folder, which the first write may have to create."""
    existing = next(place for place in [folder, *folder.parents] if place.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        return "not writable"
    if shutil.disk_usage(existing).free < MIN_FREE_BYTES:
        return "full"
    return None
