"""The log and the versions are history: the database itself refuses to change them."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from core.errors import RowIsImmutable
from core.triggers import drop_triggers, list_triggers
from registry.models import ModelVersion, Promotion, RegisteredModel, VersionFile

pytestmark = pytest.mark.django_db


@pytest.fixture
def pump(publish):
    return publish("pump_a").registered_model


@pytest.mark.parametrize("kind", [ModelVersion, VersionFile, Promotion])
def test_history_is_neither_changed_nor_deleted(pump, kind):
    row = kind.objects.first()
    with pytest.raises(RowIsImmutable):
        row.save()
    with pytest.raises(RowIsImmutable):
        row.delete()


def test_a_new_object_cannot_overwrite_history(pump):
    first = Promotion.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Promotion(pk=first.pk, kind="activate", model=pump).save()


@pytest.mark.parametrize(
    ("kind", "column"),
    [(ModelVersion, "dataset_path"), (VersionFile, "sha256"), (Promotion, "why")],
)
def test_history_is_neither_changed_nor_deleted_in_bulk(pump, kind, column):
    before = list(kind.objects.values())
    rows = list(kind.objects.all())
    with pytest.raises(RowIsImmutable, match="never deleted"):
        kind.objects.all().delete()
    for change in [
        lambda: kind.objects.update(**{column: ""}),
        lambda: kind.objects.bulk_update(rows, [column]),
        lambda: kind.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["pk"], update_fields=[column]
        ),
    ]:
        with pytest.raises(RowIsImmutable, match="never changed"), transaction.atomic():
            change()
    assert list(kind.objects.values()) == before


def test_the_versions_of_a_model_are_guarded_from_its_side_too(pump):
    with pytest.raises(RowIsImmutable):
        pump.versions.update(sample_count=0)
    with pytest.raises(RowIsImmutable):
        pump.serving_version.files.all().delete()


def test_who_is_in_the_log_cannot_be_deleted(pump, curator):
    pump.make_default(by=curator)
    with pytest.raises(ProtectedError):
        curator.delete()
    assert Promotion.objects.get(kind="make_default").by == curator


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("UPDATE registry_promotion SET why = 'forged'", Promotion),
        ("DELETE FROM registry_promotion", Promotion),
        ("UPDATE registry_modelversion SET metrics = '{}'", ModelVersion),
        ("DELETE FROM registry_modelversion", ModelVersion),
        ("UPDATE registry_versionfile SET sha256 = ''", VersionFile),
        ("DELETE FROM registry_versionfile", VersionFile),
    ],
)
def test_the_database_itself_neither_changes_nor_deletes_history(pump, sql, kind):
    before = list(kind.objects.values())
    with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
        connection.cursor().execute(sql)
    assert list(kind.objects.values()) == before


@pytest.mark.skipif(connection.vendor != "sqlite", reason="Only SQLite knows INSERT OR REPLACE.")
def test_a_row_of_the_log_is_not_replaced_either(pump):
    copy = "INSERT OR REPLACE INTO registry_promotion SELECT * FROM registry_promotion"
    with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
        connection.cursor().execute(copy)


def test_the_triggers_stand_again_after_a_migration_that_lost_them(pump):
    standing = list_triggers(connection)
    drop_triggers()
    assert list_triggers(connection) == []
    call_command("migrate", verbosity=0)
    assert sorted(list_triggers(connection)) == sorted(standing) != []


def test_what_served_at_a_moment_is_one_query(publish, django_assert_num_queries):
    before = timezone.now()
    first = publish("pump_a")
    fan = publish("fan_a", machine_type="fan")
    during_first = timezone.now()
    second = publish("pump_a")
    fan.registered_model.deactivate(by=None)
    during_second = timezone.now()
    fan.registered_model.activate(by=None)

    def served(moment):
        return {
            promotion.to_version
            for promotion in RegisteredModel.objects.served_at(moment).select_related("to_version")
        }

    assert served(before) == set()
    assert served(during_first) == {first, fan}
    assert served(during_second) == {second}
    with django_assert_num_queries(1):
        assert served(timezone.now()) == {second, fan}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="It reads SQLite's plan.")
def test_what_served_at_a_moment_is_found_by_an_index_for_each_question(pump):
    plan = RegisteredModel.objects.served_at(timezone.now()).explain()
    # One look a model into each, however much else was decided about it.
    for index in ("registry_moves_of_model", "registry_activity_of_model"):
        assert plan.count(f"USING INDEX {index} (model_id=?)") == 1, plan
