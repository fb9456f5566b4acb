"""S3-compatible storage whose delays are bounded, and which can never hold up every thread."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.config import Config
from django.core.files.base import File
from storages.backends.s3 import S3Storage

from core.errors import ServerBusy

# With one retry a call ends after 14 s at most, whatever the other side does.
CONNECT_SECONDS = 2
READ_SECONDS = 5
ATTEMPTS = 2
# Of the threads of a process, so many may wait for the storage; the others do what needs none.
MAX_WAITING = 8
WAIT_SECONDS = 1.0

_places = threading.BoundedSemaphore(MAX_WAITING)


@contextmanager
def take_place() -> Iterator[None]:
    """Wait for the storage with few others; raises ServerBusy where too many do."""
    if not _places.acquire(timeout=WAIT_SECONDS):
        raise ServerBusy("Too many requests wait for the storage. Try again in a moment.")
    try:
        yield
    finally:
        _places.release()


class BoundedS3Storage(S3Storage):
    """Fetches a file when it is opened, so that no read waits for the network later."""

    def __init__(self, **options: Any) -> None:
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        )
        super().__init__(**{"client_config": config} | options)

    def _open(self, name: str, mode: str = "rb") -> File:
        with take_place():
            file = super()._open(name, mode)
            if "r" in mode:
                file.file  # noqa: B018  # a property that fetches
            return file

    def _save(self, name: str, content: Any) -> str:
        with take_place():
            return str(super()._save(name, content))

    def exists(self, name: str) -> bool:
        with take_place():
            return bool(super().exists(name))

    def delete(self, name: str) -> None:
        with take_place():
            super().delete(name)
