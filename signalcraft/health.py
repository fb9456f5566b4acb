"""Health checks for load balancers and bootstrap.py: is the process up, and can it work?"""

import logging
import os
import shutil
from pathlib import Path

from django.core.cache import cache
from django.core.files.storage import FileSystemStorage, storages
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

logger = logging.getLogger(__name__)
MIN_FREE_BYTES = 64 * 1024 * 1024


def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer 200 as long as the process can answer at all."""
    return JsonResponse({"status": "ok"})


def readyz(_request: HttpRequest) -> HttpResponse:
    """Answer 200 if an analysis is possible now, else 503 and the parts that fail."""
    parts = {
        "database": check_database(),
        "cache": check_cache(),
        "artifacts": check_storage("artifacts"),
        "recordings": check_storage("recordings"),
    }
    failed = {part: fault for part, fault in parts.items() if fault}
    if failed:
        return JsonResponse({"status": "unavailable", "failed": failed}, status=503)
    return JsonResponse({"status": "ok"})


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
