"""Database triggers that refuse to change or delete history, whoever asks.

A model declares `guard = Guard(...)`. The triggers are created after every migration, because
SQLite drops those of a table that it rebuilds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

CREATE_REFUSAL_ON_POSTGRESQL = """
    CREATE OR REPLACE FUNCTION registry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% rows are never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
    END $$
"""
LIST_TRIGGERS = {
    "sqlite": """
        SELECT name, tbl_name FROM sqlite_master
        WHERE type = 'trigger' AND name LIKE 'registry_keeps_%'
    """,
    "postgresql": """
        SELECT tgname, tgrelid::regclass::text FROM pg_trigger
        WHERE tgname LIKE 'registry_keeps_%%'
    """,
}


@dataclass(frozen=True, slots=True)
class Guard:
    """The columns of a guarded table that may change, until a row meets a condition (SQL)."""

    mutable: frozenset[str] = frozenset()
    closed_when: str = ""


def create_triggers(*, apps: Apps = installed_apps, using: str, **_signal: Any) -> None:
    """Replace the triggers of all guarded tables that exist by now."""
    connection = connections[using]
    # In one transaction: if it were interrupted, history would be unguarded.
    with transaction.atomic(using), connection.cursor() as cursor:
        drop_triggers(using)
        if connection.vendor == "postgresql":
            cursor.execute(CREATE_REFUSAL_ON_POSTGRESQL)
        for label, guard in list_guards():
            try:
                model = apps.get_model(label)
            except LookupError:  # `migrate` was told to stop before this table
                continue
            for statement in _build_triggers(connection.vendor, model, guard).values():
                cursor.execute(statement)


def find_missing_triggers(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Return the names of triggers that should exist and do not, as after a partial restore."""
    connection = connections[using]
    existing = {name for name, _ in list_triggers(connection)}
    expected: set[str] = set()
    for label, guard in list_guards():
        model = installed_apps.get_model(label)
        expected |= _build_triggers(connection.vendor, model, guard).keys()
    return sorted(expected - existing)


def drop_triggers(using: str = DEFAULT_DB_ALIAS) -> None:
    """Drop the triggers: for tests, which empty the whole database between them."""
    connection = connections[using]
    with transaction.atomic(using), connection.cursor() as cursor:
        for name, table in list_triggers(connection):
            on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {name}{on_table}")


def list_triggers(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    """Return the name and the table of each trigger that exists."""
    with connection.cursor() as cursor:
        cursor.execute(LIST_TRIGGERS[connection.vendor])
        return [(name, table) for name, table in cursor.fetchall()]


def list_guards() -> Iterator[tuple[str, Guard]]:
    """Yield the label and the guard of each model that declares one."""
    for model in installed_apps.get_models():
        guard = getattr(model, "guard", None)
        if isinstance(guard, Guard):
            yield model._meta.label, guard


def _build_triggers(vendor: str, model: type[models.Model], guard: Guard) -> dict[str, str]:
    """Write the CREATE statements of a table's triggers, by name."""
    table = model._meta.db_table
    prefix = f"registry_keeps_{table}"
    triggers = {
        f"{prefix}_{kind}": _build_row_trigger(vendor, table, f"{prefix}_{kind}", event, condition)
        for kind, event, condition in _list_events(vendor, model, guard)
    }
    if vendor == "postgresql":
        triggers[f"{prefix}_truncate"] = (
            f"CREATE TRIGGER {prefix}_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION registry_refuse()"
        )
    return triggers


def _list_events(
    vendor: str, model: type[models.Model], guard: Guard
) -> Iterator[tuple[str, str, str]]:
    """Yield each event to refuse: its name, the SQL of the event and of the condition."""
    columns = [str(field.column) for field in model._meta.concrete_fields]
    fixed = [column for column in columns if column not in guard.mutable]
    yield "delete", "DELETE", ""
    yield "fixed", f"UPDATE OF {', '.join(fixed)}", ""
    if guard.closed_when:
        yield "closed", "UPDATE", guard.closed_when
    if vendor == "sqlite":
        # REPLACE silently deletes the row that is in its way.
        key = model._meta.pk.column
        table = model._meta.db_table
        yield "replace", "INSERT", f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"


def _build_row_trigger(vendor: str, table: str, name: str, event: str, condition: str) -> str:
    when = f"WHEN ({condition}) " if condition else ""
    head = f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW {when}"
    if vendor == "postgresql":
        return f"{head}EXECUTE FUNCTION registry_refuse()"
    return f"{head}BEGIN SELECT RAISE(ABORT, '{table} rows are never changed or deleted'); END"
