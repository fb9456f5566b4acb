"""Health checks for load balancers and bootstrap.py: is the process up, and can it work?"""

import logging
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, storages
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

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
    """Write, read back, and look whether the file that is open is still the one at its path."""
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return "migrations are not applied"
        token = uuid4().hex
        with transaction.atomic():
            # No browser's session: their keys are longer.
            Session.objects.update_or_create(
                session_key="readiness",
                defaults={"session_data": token, "expire_date": timezone.now()},
            )
            is_read_back = Session.objects.get(pk="readiness").session_data == token
    except DatabaseError:
        logger.exception("The database does not answer.")
        return "unreachable"
    if is_database_replaced():
        return "another file lies at its path"
    return None if is_read_back else "does not keep what is written"


def find_database_file() -> tuple[int, int] | None:
    """Return what identifies the file of an embedded database; None for a server's."""
    if connection.vendor != "sqlite":
        return None
    try:
        found = os.stat(connection.settings_dict["NAME"])
    except OSError:
        return (0, 0)
    return found.st_dev, found.st_ino


def is_database_replaced() -> bool:
    """Whether the file was deleted or replaced under this process, whose writes would be lost."""
    return opened_database.setdefault("file", find_database_file()) != find_database_file()


# As it was when this process first looked.
opened_database: dict[str, tuple[int, int] | None] = {}


def check_cache() -> str | None:
    """Return what is wrong with the cache that counts requests."""
    try:
        cache.set("readiness", 1, timeout=60)
        cache.get("readiness")
    except Exception:  # each cache raises errors of its own
        logger.exception("The cache does not answer.")
        return "unreachable"
    return None


def check_storage(alias: str) -> str | None:
    """Write a small file to a storage, read it back and delete it."""
    storage = storages[alias]
    if isinstance(storage, FileSystemStorage) and (fault := check_folder(Path(storage.location))):
        return fault
    token = uuid4().hex.encode()
    try:
        path = storage.save(f"readiness/{uuid4().hex}", ContentFile(token))
        with storage.open(path) as file:
            is_read_back = file.read() == token
        storage.delete(path)
    except Exception:  # each storage raises errors of its own
        logger.exception("The storage %s does not work.", alias)
        return "unreachable"
    return None if is_read_back else "does not keep what is written"


def check_folder(folder: Path) -> str | None:
    """Return what is wrong with a folder, which the first write may have to create."""
    existing = next(place for place in [folder, *folder.parents] if place.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        return "not writable"
    if shutil.disk_usage(existing).free < MIN_FREE_BYTES:
        return "full"
    return None
