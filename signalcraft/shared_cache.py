"""The cache of one machine: a SQLite file that its processes share, with atomic counting.

Django's database and file caches read, add and write back, so two processes lose each other's
counts; and each count costs ten times as much.
"""

import json
import random
import sqlite3
import threading
import time
from collections.abc import Mapping
from math import inf
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

BUSY_SECONDS = 10.0
# The share of new entries that also remove what has expired.
SWEEP_SHARE = 0.01
PREPARE = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS entries (
    key TEXT PRIMARY KEY,
    value,
    expires_at REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entries_expire ON entries (expires_at);
"""


class JsonSerializer:
    """What Django's Redis cache keeps; its own serializer would run whatever is written there."""

    def dumps(self, value: Any) -> int | bytes:
        """A number stays a number, so that Redis can count."""
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, stored: bytes) -> Any:
        """Read a value; ValueError where it is no JSON."""
        return json.loads(stored)


class SqliteCache(BaseCache):
    """Stores values as JSON."""

    def __init__(self, location: str, params: Mapping[str, Any]) -> None:
        super().__init__(dict(params))
        self._path = str(location)

    def add(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Store a value unless there is one."""
        is_new = self._write(key, value, timeout, version, "WHERE entries.expires_at <= :now")
        if is_new and random.random() < SWEEP_SHARE:
            self._execute("DELETE FROM entries WHERE expires_at <= ?", time.time())
        return is_new

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Return the stored value, if it has not expired."""
        sql = "SELECT value FROM entries WHERE key = ? AND expires_at > ?"
        row = self._execute(sql, self._make_key(key, version), time.time()).fetchone()
        # A number is stored as a number, so that SQL can count.
        return default if row is None else json.loads(str(row[0]))

    def set(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        """Store a value in place of any other."""
        self._write(key, value, timeout, version, "")

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Store a value for longer."""
        now = time.time()
        full_key = self._make_key(key, version)
        sql = "UPDATE entries SET expires_at = ? WHERE key = ? AND expires_at > ?"
        return self._execute(sql, self._expires_at(timeout), full_key, now).rowcount > 0

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Add to a number in one statement, so that no count is lost."""
        sql = (
            "UPDATE entries SET value = value + ? WHERE key = ? AND expires_at > ? RETURNING value"
        )
        rows = self._execute(sql, delta, self._make_key(key, version), time.time()).fetchall()
        if not rows:
            raise ValueError(f"Key '{key}' not found")
        return int(rows[0][0])

    def delete(self, key: str, version: int | None = None) -> bool:
        """Remove a value."""
        return (
            self._execute(
                "DELETE FROM entries WHERE key = ?", self._make_key(key, version)
            ).rowcount
            > 0
        )

    def clear(self) -> None:
        """Remove every value."""
        self._execute("DELETE FROM entries")

    def _write(
        self, key: str, value: Any, timeout: Any, version: int | None, condition: str
    ) -> bool:
        sql = f"""
            INSERT INTO entries VALUES (:key, :value, :expires_at)
            ON CONFLICT (key) DO UPDATE SET value = :value, expires_at = :expires_at {condition}
        """
        row = {
            "key": self._make_key(key, version),
            "value": value if type(value) is int else json.dumps(value),
            "expires_at": self._expires_at(timeout),
            "now": time.time(),
        }
        return self._connection().execute(sql, row).rowcount > 0

    def _make_key(self, key: str, version: int | None) -> str:
        return self.make_and_validate_key(key, version=version)

    def _expires_at(self, timeout: Any) -> float:
        expires_at = self.get_backend_timeout(timeout)
        return inf if expires_at is None else expires_at

    def _execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        return self._connection().execute(sql, values)

    def _connection(self) -> sqlite3.Connection:
        # Django makes cache objects at any time, and opening a file costs more than counting.
        opened: dict[str, sqlite3.Connection] = vars(_thread_local)
        if self._path not in opened:
            connection = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)
            _prepare(connection)
            opened[self._path] = connection
        return opened[self._path]


def _prepare(connection: sqlite3.Connection) -> None:
    # SQLite ignores the timeout while another process changes the mode of the journal.
    give_up_at = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.executescript(PREPARE)
            return
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                raise
            time.sleep(random.uniform(0.001, 0.01))


_thread_local = threading.local()
