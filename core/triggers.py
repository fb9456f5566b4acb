"""Rows that the database itself keeps as they were written, whoever asks: triggers refuse to change or delete them.

Put up after every migration: where SQLite rebuilds a table, the triggers of the old one are gone with it.
"""

from typing import Any

from django.apps import apps as every_app
from django.apps.registry import Apps
from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

# Columns that may change, and until when (SQL; None: for ever). Apps add their own when they are loaded.
MUTABLE_COLUMNS: dict[str, tuple[set[str], str | None]] = {}
REFUSE_ON_POSTGRESQL = """
    CREATE OR REPLACE FUNCTION registry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% rows are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$
"""


def create_triggers(*, apps: Apps = every_app, using: str, **_signal: Any) -> None:
    """Create the triggers anew, as far as their tables exist by now."""
    connection = connections[using]
    # At one go: killed in between, it would leave history unguarded.
    with transaction.atomic(using), connection.cursor() as cursor:
        drop_triggers(using)
        if connection.vendor == "postgresql":
            cursor.execute(REFUSE_ON_POSTGRESQL)
        for name in MUTABLE_COLUMNS:
            try:
                model = apps.get_model(name)
            except LookupError:  # `migrate` was told to stop before it is made
                continue
            for sql in _triggers(connection.vendor, model, *MUTABLE_COLUMNS[name]).values():
                cursor.execute(sql)


def find_missing_triggers(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Name the triggers that should stand and do not, as after a restore that left them out."""
    connection = connections[using]
    standing = {name for name, _ in list_triggers(connection)}
    wanted = (
        _triggers(connection.vendor, every_app.get_model(name), *MUTABLE_COLUMNS[name])
        for name in MUTABLE_COLUMNS
    )
    return sorted(name for triggers in wanted for name in triggers if name not in standing)


def drop_triggers(using: str = DEFAULT_DB_ALIAS) -> None:
    """Drop the triggers: for tests, which empty the whole database between them."""
    connection = connections[using]
    with transaction.atomic(using), connection.cursor() as cursor:
        for name, table in list_triggers(connection):
            on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {name}{on_table}")


def list_triggers(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    """Name the triggers that stand, each with its table."""
    catalogue = {
        "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'registry_keeps_%'",
        "postgresql": "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'registry_keeps_%%'",
    }
    with connection.cursor() as cursor:
        cursor.execute(catalogue[connection.vendor])
        return [(name, table) for name, table in cursor.fetchall()]


def _triggers(
    vendor: str, model: type[models.Model], may_change: set[str], closed: str | None
) -> dict[str, str]:
    table = model._meta.db_table
    fixed = [
        field.column for field in model._meta.concrete_fields if field.column not in may_change
    ]
    events = {"delete": ("DELETE", ""), "fixed": (f"UPDATE OF {', '.join(fixed)}", "")}
    if closed:
        events["closed"] = ("UPDATE", closed)
    if vendor == "sqlite":
        # REPLACE deletes the row in its way without a word.
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {model._meta.pk.column} = NEW.{model._meta.pk.column})"
        events["replace"] = ("INSERT", taken)
    named = {f"registry_keeps_{table}_{kind}": event for kind, event in events.items()}
    triggers = {name: _row_trigger(vendor, table, name, *event) for name, event in named.items()}
    if vendor == "postgresql":
        name = f"registry_keeps_{table}_truncate"
        triggers[name] = (
            f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION registry_refuse()"
        )
    return triggers


def _row_trigger(vendor: str, table: str, name: str, event: str, condition: str) -> str:
    when = f"WHEN ({condition}) " if condition else ""
    head = f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW {when}"
    if vendor == "postgresql":
        return f"{head}EXECUTE FUNCTION registry_refuse()"
    return f"{head}BEGIN SELECT RAISE(ABORT, '{table} rows are never changed or deleted'); END"
