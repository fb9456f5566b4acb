"""Copy the database while it is in use, and put a copy in its place: SQLite and PostgreSQL."""

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.db import connections

from signalcraft.backup.errors import BackupRefused

if TYPE_CHECKING:
    from django.db.backends.postgresql.base import DatabaseWrapper

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
NAMES = {SQLITE: "database.sqlite3", POSTGRESQL: "database.pgdump"}
# What SQLite keeps beside a database; a log that belongs to another file would damage it.
BESIDE = ("-wal", "-shm", "-journal")


def get_engine() -> str:
    """Return which database is configured."""
    return SQLITE if connections["default"].vendor == "sqlite" else POSTGRESQL


def get_database() -> Mapping[str, Any]:
    return connections["default"].settings_dict


def get_size_bytes() -> int:
    """Return about how large a copy becomes."""
    with connections["default"].cursor() as cursor:
        if get_engine() == SQLITE:
            return Path(get_database()["NAME"]).stat().st_size
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def copy_database(target: Path) -> None:
    """Write a consistent copy of the database to this file."""
    unfinished = target.with_name(f"{target.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    if get_engine() == SQLITE:
        _copy_sqlite(Path(get_database()["NAME"]), unfinished)
    else:
        _run("pg_dump", "--format=custom", f"--file={unfinished}")
    with unfinished.open("rb+") as file:
        os.fsync(file.fileno())
    unfinished.replace(target)


def put_database(copy: Path, now: datetime) -> Path | None:
    """Put a copy in the place of the database; return where the old files were moved to."""
    connections.close_all()
    if get_engine() == POSTGRESQL:
        options = ("--clean", "--if-exists", "--no-owner", "--single-transaction")
        _run("pg_restore", *options, f"--dbname={get_database()['NAME']}", str(copy))
        return None
    database = Path(get_database()["NAME"])
    database.parent.mkdir(parents=True, exist_ok=True)
    ready = database.with_name(f"{database.name}.restored")
    shutil.copyfile(copy, ready)
    with ready.open("rb+") as file:
        os.fsync(file.fileno())
    replaced = _set_aside(database, now)
    ready.replace(database)
    return replaced


def check_nobody_else_is_connected(patience_s: float = 5.0) -> None:
    """Refuse where others use the same PostgreSQL database, after a moment for those who leave."""
    if get_engine() == SQLITE:
        return
    end = time.monotonic() + patience_s
    with _connect_alone() as connection:
        while n_others := _count_other_clients(connection):
            if time.monotonic() > end:
                raise BackupRefused(
                    f"The database is in use (other connections: {n_others})."
                    " Stop every server and worker first."
                )
            time.sleep(0.1)


def _connect_alone() -> Any:
    """Connect outside the pool, whose spare connections would look like somebody else's."""
    import psycopg  # there is none where SQLite serves

    database = cast("DatabaseWrapper", connections["default"])
    database.close()
    database.close_pool()
    return psycopg.connect(**database.get_connection_params(), autocommit=True)


def _count_other_clients(connection: Any) -> int:
    # The database's own workers (autovacuum) are no users: they give way to a restore.
    row = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    ).fetchone()
    return int(row[0])


def _copy_sqlite(source: Path, target: Path) -> None:
    # Page by page, while others read and write; the copy has no log beside it.
    reader = sqlite3.connect(f"file:{source}?mode=ro", uri=True)
    writer = sqlite3.connect(target)
    try:
        reader.backup(writer)
        writer.execute("PRAGMA journal_mode=DELETE")
        (verdict,) = writer.execute("PRAGMA quick_check(1)").fetchone()
    finally:
        reader.close()
        writer.close()
    if verdict != "ok":
        raise BackupRefused(f"The database is damaged: {verdict}")


def _set_aside(database: Path, now: datetime) -> Path | None:
    """Move a database away, with all that lies beside it, which a new one must not inherit."""
    folder = database.parent / f"replaced-{now:%Y%m%d-%H%M%S}"
    # The log first: the database without it is old, and it without the database is nothing.
    for name in (*(database.name + suffix for suffix in BESIDE), database.name):
        if (database.parent / name).exists():
            folder.mkdir(exist_ok=True)
            (database.parent / name).replace(folder / name)
    return folder if folder.exists() else None


def _run(program: str, *arguments: str) -> None:
    if shutil.which(program) is None:
        raise BackupRefused(f"{program} is not installed; it comes with PostgreSQL's client.")
    database = get_database()
    environment = settings.BARE_ENVIRONMENT | {
        "PGHOST": str(database["HOST"]),
        "PGPORT": str(database["PORT"] or 5432),
        "PGUSER": str(database["USER"]),
        "PGPASSWORD": str(database["PASSWORD"]),
        "PGDATABASE": str(database["NAME"]),
    }
    done = subprocess.run(
        [program, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupRefused(f"{program} failed: {done.stderr.strip()}")
