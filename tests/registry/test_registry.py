"""The registry's rows: what the database enforces, what verbs do and refuse, what the log tells."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from registry.errors import (
    IncompleteVersion,
    InvalidName,
    ModelInactive,
    ModelProtected,
    ModelTypeMismatch,
    NoServingVersion,
    UnknownMachineType,
    UnknownModel,
    VersionArchived,
    VersionOfAnotherModel,
    VersionServes,
)
from registry.models import (
    Action,
    MachineType,
    ModelVersion,
    Promotion,
    RegisteredModel,
    VersionFile,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def pump(publish):
    return publish("pump_a").registered_model


@pytest.fixture
def other_pump(publish):
    return publish("pump_b").registered_model


def log():
    return list(Promotion.objects.order_by("pk").values_list("kind", "model"))


# Machine types


def test_machine_types_come_seeded_with_korean_names():
    assert MachineType.objects.count() == 10
    assert MachineType.objects.get(slug="pump").name_ko == "펌프"


def test_seeding_again_keeps_what_a_person_renamed():
    MachineType.objects.filter(slug="pump").update(name="Big pump")
    MachineType.objects.filter(slug="fan").delete()
    call_command("migrate", verbosity=0)
    assert MachineType.objects.get(slug="pump").name == "Big pump"
    assert MachineType.objects.filter(slug="fan").exists()


# Publishing


def test_publishing_registers_numbers_and_serves(publish):
    first = publish("pump_a")
    second = publish("pump_a")
    model = RegisteredModel.objects.get_by_id("pump_a")
    assert (first.number, second.number) == (1, 2)
    assert model.get_version_to_serve() == second
    assert model.level == 2
    assert [(file.role, file.name) for file in second.files.all()] == [
        ("exchange", "detector.pth"),
        ("serving", "detector.npz"),
        ("sidecar", "detector_meta.json"),
    ]


def test_a_candidate_does_not_serve(publish):
    first = publish("pump_a")
    publish("pump_a", serve=False)
    assert RegisteredModel.objects.get_by_id("pump_a").serving_version == first


def test_a_model_with_only_a_candidate_is_not_offered(publish):
    model = publish("pump_a", serve=False).registered_model
    assert not RegisteredModel.objects.selectable().exists()
    with pytest.raises(NoServingVersion):
        model.get_version_to_serve()


@pytest.mark.parametrize(
    "model_id", ["../../x", "match", "", "Pump", "-pump", "pump a", "pump\n", "p" * 101, "펌프"]
)
def test_a_bad_model_id_is_refused_in_a_sentence(publish, model_id):
    with pytest.raises(InvalidName, match="A model id has at most 100 characters"):
        publish(model_id)


@pytest.mark.parametrize(
    "detector_type", ["autoencoder", "level0_x", "level2", "level2_", "level10_x", "level2_A"]
)
def test_a_type_must_begin_with_its_level(publish, detector_type):
    with pytest.raises(InvalidName, match="begins with its level"):
        publish(type=detector_type)
    assert not RegisteredModel.objects.exists()


def test_an_unknown_machine_type_is_refused_with_the_known_ones(publish):
    with pytest.raises(UnknownMachineType, match=r"teapot.*bearing, belt"):
        publish(machine_type="teapot")


@pytest.mark.parametrize("change", [{"type": "level1_isolation_forest"}, {"machine_type": "fan"}])
def test_an_existing_id_keeps_its_kind(publish, pump, change):
    with pytest.raises(ModelTypeMismatch, match="needs another id"):
        publish("pump_a", **change)
    assert pump.versions.count() == 1


def test_publishing_keeps_the_name_a_curator_gave(publish, pump):
    RegisteredModel.objects.filter(pk=pump.pk).update(name="The pump in hall 3")
    publish("pump_a")
    assert RegisteredModel.objects.get_by_id("pump_a").name == "The pump in hall 3"


def test_a_version_needs_a_serving_form(publish):
    with pytest.raises(IncompleteVersion):
        publish(files=[])


def test_a_failed_publication_leaves_no_row(publish):
    with pytest.raises(IntegrityError), transaction.atomic():
        publish(sample_count=None)
    assert not RegisteredModel.objects.exists()


def test_publishing_joins_the_transaction_of_its_caller(publish):
    with transaction.atomic():
        publish()
        transaction.set_rollback(True)
    assert not RegisteredModel.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_publishers_at_the_same_time_get_a_number_each(publish):
    ready = threading.Barrier(4)

    def number_of_a_new_version(_):
        ready.wait()
        try:
            return publish("pump_a").number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        numbers = list(threads.map(number_of_a_new_version, range(4)))
    assert sorted(numbers) == [1, 2, 3, 4]
    served = RegisteredModel.objects.served_at(timezone.now()).get().to_version
    assert RegisteredModel.objects.get_by_id("pump_a").serving_version == served
    assert VersionFile.objects.count() == 12


# Verbs


def test_an_earlier_version_can_be_put_back(publish, curator):
    first = publish()
    second = publish()
    promotion = first.registered_model.serve(first, by=curator, why="v2 cries wolf")
    assert RegisteredModel.objects.get_by_id("pump_a").get_version_to_serve() == first
    assert (promotion.from_version, promotion.to_version) == (second, first)
    assert (promotion.by, promotion.by_email, promotion.why) == (
        curator,
        curator.email,
        "v2 cries wolf",
    )


def test_serving_what_serves_already_changes_nothing(publish):
    version = publish()
    assert version.registered_model.serve(version, by=None) is None
    assert log() == [("serve", "pump_a")]


def test_a_version_of_another_model_is_refused(pump, other_pump):
    with pytest.raises(VersionOfAnotherModel):
        pump.serve(other_pump.serving_version, by=None)


def test_an_archived_version_is_refused_until_it_is_restored(publish):
    first = publish()
    publish()
    assert first.registered_model.archive(first, by=None)
    stale = ModelVersion(pk=first.pk, registered_model=first.registered_model, number=1)
    with pytest.raises(VersionArchived):
        first.registered_model.serve(stale, by=None)
    assert first.registered_model.restore(first, by=None)
    assert first.registered_model.serve(first, by=None)


def test_the_serving_version_cannot_be_archived(pump):
    with pytest.raises(VersionServes):
        pump.archive(pump.serving_version, by=None)


def test_archiving_twice_keeps_the_first_moment(publish):
    version = publish(serve=False)
    version.registered_model.archive(version, by=None)
    moment = version.archived_at
    assert version.registered_model.archive(version, by=None) is None
    assert version.archived_at == moment


def test_a_new_default_takes_the_place_of_the_old(pump, other_pump, curator):
    pump.make_default(by=curator)
    other_pump.make_default(by=curator)
    assert [model.pk for model in RegisteredModel.objects.defaults()] == ["pump_b"]
    assert log()[2:] == [
        ("make_default", "pump_a"),
        ("clear_default", "pump_a"),
        ("make_default", "pump_b"),
    ]


def test_defaults_of_other_levels_and_machine_types_stay(publish, pump):
    pump.make_default(by=None)
    for version in [
        publish("pump_c", type="level1_isolation_forest"),
        publish("fan_a", machine_type="fan"),
    ]:
        version.registered_model.make_default(by=None)
    assert RegisteredModel.objects.defaults().count() == 3


def test_what_cannot_serve_cannot_be_the_default(publish, pump):
    pump.deactivate(by=None)
    with pytest.raises(ModelInactive):
        pump.make_default(by=None)
    with pytest.raises(NoServingVersion):
        publish("pump_c", serve=False).registered_model.make_default(by=None)


def test_deactivating_a_default_gives_the_default_up_first(pump):
    pump.make_default(by=None)
    pump.deactivate(by=None, why="out of order")
    assert log()[1:] == [
        ("make_default", "pump_a"),
        ("clear_default", "pump_a"),
        ("deactivate", "pump_a"),
    ]
    with pytest.raises(ModelInactive):
        RegisteredModel.objects.get_by_id("pump_a").get_version_to_serve()


def test_an_inactive_model_comes_back_as_it_was(pump):
    pump.deactivate(by=None)
    pump.activate(by=None)
    assert RegisteredModel.objects.selectable().get().get_version_to_serve() == pump.serving_version


def test_verbs_without_effect_leave_no_trace(pump):
    assert pump.activate(by=None) is None
    assert pump.clear_default(by=None) is None
    pump.make_default(by=None)
    assert pump.make_default(by=None) is None
    assert log() == [("serve", "pump_a"), ("make_default", "pump_a")]


def test_a_protected_model_stays_active(pump):
    pump.is_protected = True
    pump.save()
    with pytest.raises(ModelProtected):
        pump.deactivate(by=None)


def test_a_verb_sees_what_another_process_did_meanwhile(pump, other_pump):
    stale = RegisteredModel.objects.get_by_id("pump_a")
    pump.make_default(by=None)
    other_pump.make_default(by=None)
    assert stale.make_default(by=None)
    assert RegisteredModel.objects.defaults().get().pk == "pump_a"


def test_an_unknown_model_is_named():
    with pytest.raises(UnknownModel, match="no model 'teapot'"):
        RegisteredModel.objects.get_by_id("teapot")


# What the database enforces


def test_database_refuses_a_second_default(pump, other_pump):
    pump.make_default(by=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        RegisteredModel.objects.filter(pk="pump_b").update(is_default=True)


@pytest.mark.parametrize("columns", [{"is_active": False}, {"serving_version": None}])
def test_database_refuses_a_default_that_cannot_serve(pump, columns):
    pump.make_default(by=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        RegisteredModel.objects.filter(pk="pump_a").update(**columns)


def test_database_refuses_a_number_twice(pump):
    version = pump.serving_version
    with pytest.raises(IntegrityError), transaction.atomic():
        ModelVersion.objects.create(
            registered_model=pump,
            number=version.number,
            dataset_path="",
            dataset_fingerprint="",
            sample_count=1,
        )


def test_database_refuses_a_path_twice(publish):
    publish("pump_a")
    stored = list(VersionFile.objects.all())
    with pytest.raises(IntegrityError), transaction.atomic():
        publish("pump_b", files=stored)


def test_database_refuses_a_type_without_level():
    with pytest.raises(DatabaseError), transaction.atomic():
        RegisteredModel.objects.create(id="x", type="forest", machine_type_id="pump")


def test_database_refuses_the_reserved_id():
    with pytest.raises(IntegrityError), transaction.atomic():
        RegisteredModel.objects.create(id="match", type="level1_x", machine_type_id="pump")


def test_database_refuses_a_promotion_of_another_kind(pump):
    with pytest.raises(IntegrityError), transaction.atomic():
        Promotion.objects.create(kind="retire", model=pump)


@pytest.mark.parametrize("kind", Action.values)
def test_database_takes_a_promotion_of_every_kind_with_its_versions_alone(pump, kind):
    columns = {
        "serve": "to_version",
        "roll_back": "to_version",
        "restore": "to_version",
        "archive": "from_version",
    }
    version = {columns[kind]: pump.serving_version} if kind in columns else {}
    assert Promotion.objects.create(kind=kind, model=pump, **version).pk
    wrong = {} if version else {"to_version": pump.serving_version}
    with pytest.raises(IntegrityError), transaction.atomic():
        Promotion.objects.create(kind=kind, model=pump, **wrong)


def test_what_has_a_history_cannot_be_deleted(pump):
    for row in [pump.machine_type, pump]:
        with pytest.raises(ProtectedError):
            row.delete()
