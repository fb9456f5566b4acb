"""A protected model: one curator proposes, another approves, and the log names both."""

import pytest
from django.db import IntegrityError, connection, transaction

from registry.errors import (
    ModelProtected,
    NoServingVersion,
    NothingToRollBackTo,
    ProposalDecided,
    VersionArchived,
)
from registry.models import Promotion, Proposal, RegisteredModel

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(make_user):
    return make_user("curator", username="colleague", is_staff=True)


@pytest.fixture
def pump(publish, curator):
    """A protected model whose second version serves."""
    publish("pump_a")
    model = publish("pump_a").registered_model
    model.protect(by=curator, why="in use in hall 3")
    return model


def log():
    return list(Promotion.objects.order_by("pk").values_list("kind", flat=True))


@pytest.mark.parametrize(
    "verb", ["roll_back", "make_default", "clear_default", "activate", "deactivate", "unprotect"]
)
def test_nobody_changes_a_protected_model_alone(pump, curator, verb):
    before = log()
    for approved_by in [None, curator]:
        with pytest.raises(ModelProtected, match="another curator has to approve"):
            getattr(pump, verb)(by=curator, why="alone", approved_by=approved_by)
    assert log() == before


@pytest.mark.parametrize("verb", ["serve", "archive", "restore"])
def test_nor_what_becomes_of_its_versions(pump, curator, verb):
    with pytest.raises(ModelProtected):
        getattr(pump, verb)(pump.versions.last(), by=curator)


def test_a_change_is_proposed_and_done_once_a_colleague_approves(pump, curator, colleague):
    proposal = pump.decide("make_default", by=curator, why="the best we have")
    assert not RegisteredModel.objects.defaults().exists()
    promotion = proposal.approve(by=colleague, why="agreed")
    assert RegisteredModel.objects.defaults().get() == pump
    assert (promotion.by, promotion.why) == (curator, "the best we have")
    assert (promotion.approved_by, promotion.approved_by_email) == (colleague, colleague.email)
    assert promotion.approved_why == "agreed"
    assert (proposal.state, proposal.decided_by, proposal.decided_why) == (
        "approved",
        colleague,
        "agreed",
    )


def test_nobody_approves_an_own_proposal(pump, curator):
    proposal = pump.decide("deactivate", by=curator)
    with pytest.raises(ModelProtected, match="Another curator"):
        proposal.approve(by=curator)
    assert Proposal.objects.pending().get() == proposal


def test_the_database_refuses_whoever_approves_oneself(pump, curator):
    with pytest.raises(IntegrityError), transaction.atomic():
        Promotion.objects.create(kind="activate", model=pump, by=curator, approved_by=curator)
    proposal = pump.decide("deactivate", by=curator)
    with pytest.raises(IntegrityError), transaction.atomic():
        proposal._decide("approved", by=curator, why="")


def test_a_proposal_is_turned_down_and_nothing_changes(pump, curator, colleague):
    proposal = pump.decide("deactivate", by=curator)
    before = log()
    proposal.turn_down(by=colleague, why="it works")
    assert log() == before
    with pytest.raises(ProposalDecided, match="was already turned down"):
        proposal.approve(by=colleague)


def test_a_decided_proposal_stays_as_it_was_decided(pump, curator, colleague):
    pump.decide("deactivate", by=curator).turn_down(by=colleague)
    for sql in [
        "UPDATE registry_proposal SET state = 'approved'",
        "UPDATE registry_proposal SET decided_why = ''",
        "DELETE FROM registry_proposal",
    ]:
        with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
            connection.cursor().execute(sql)


def test_what_is_proposed_cannot_be_reworded(pump, curator):
    pump.decide("deactivate", by=curator)
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.update(kind="unprotect")


def test_the_same_is_proposed_once(pump, curator, colleague):
    assert pump.decide("deactivate", by=curator)
    assert pump.decide("deactivate", by=colleague) is None


@pytest.mark.parametrize("kind", ["serve", "make_default", "activate", "restore"])
def test_what_would_change_nothing_is_not_proposed(pump, curator, colleague, kind):
    pump.make_default(by=curator, approved_by=colleague)
    version = pump.serving_version if kind in ("serve", "restore") else None
    assert pump.decide(kind, version, by=curator) is None
    assert not Proposal.objects.exists()


def test_a_version_is_proposed_as_it_is_now_and_not_as_it_was_read(pump, curator, colleague):
    first = pump.versions.get(number=1)
    read_before = pump.versions.get(number=1)
    pump.archive(first, by=curator, approved_by=colleague)
    assert pump.decide("archive", read_before, by=curator) is None
    assert pump.decide("restore", read_before, by=curator)


def test_what_another_proposal_makes_possible_is_proposed_with_it(publish, curator, colleague):
    model = publish("pump_a", serve=False).registered_model
    model.protect(by=curator)
    version = publish("pump_a", by=curator)
    default = model.decide("make_default", by=curator)
    with pytest.raises(NoServingVersion):
        default.approve(by=colleague)
    for proposal in Proposal.objects.pending().order_by("pk"):
        proposal.approve(by=colleague)
    model.refresh_from_db()
    assert (model.serving_version, model.is_default) == (version, True)


def test_what_became_impossible_is_not_approved_and_waits(publish, curator, colleague):
    old = publish("pump_a")
    publish("pump_a")
    model = old.registered_model
    model.archive(old, by=curator)
    model.protect(by=curator)
    proposal = model.decide("serve", old, by=curator)
    with pytest.raises(VersionArchived):
        proposal.approve(by=colleague)
    assert Proposal.objects.pending().get() == proposal


def test_an_unprotected_model_is_changed_at_once(publish, curator):
    model = publish("pump_a").registered_model
    assert model.decide("make_default", by=curator) == Promotion.objects.first()


def test_the_default_is_not_taken_from_a_protected_model_by_one_curator(
    publish, curator, colleague
):
    protected, rival = (publish(name).registered_model for name in ("pump_a", "pump_b"))
    protected.make_default(by=curator)
    protected.protect(by=curator)
    with pytest.raises(ModelProtected):
        rival.make_default(by=curator)
    rival.decide("make_default", by=curator).approve(by=colleague)
    assert RegisteredModel.objects.defaults().get() == rival


def test_a_new_version_of_a_protected_model_waits_to_serve(pump, publish, colleague):
    version = publish("pump_a")
    assert RegisteredModel.objects.get_by_id("pump_a").serving_version != version
    proposal = Proposal.objects.pending().get()
    assert (proposal.kind, proposal.version, proposal.by) == ("serve", version, None)
    proposal.approve(by=colleague)
    assert RegisteredModel.objects.get_by_id("pump_a").serving_version == version


# Rolling back


def test_rolling_back_walks_back_through_what_served(publish, curator):
    first, second, third = (publish("pump_a") for _ in range(3))
    model = first.registered_model
    for expected in [second, first]:
        promotion = model.roll_back(by=curator, why="v3 cries wolf")
        assert (promotion.kind, promotion.to_version) == ("roll_back", expected)
    with pytest.raises(NothingToRollBackTo, match="No other version"):
        model.roll_back(by=curator)
    model.serve(third, by=curator)
    assert model.roll_back(by=curator).to_version == first


def test_rolling_back_never_goes_round_in_circles(publish, curator):
    first = publish("pump_a")
    second = publish("pump_a")
    model = first.registered_model
    model.serve(first, by=curator)
    served = []
    while before := model.find_rollback_target():
        model.roll_back(by=curator)
        served.append(before.number)
    assert served == [2, 1]
    model.serve(second, by=curator)
    assert model.find_rollback_target() == first


def test_rolling_back_to_a_named_version_refuses_another(publish, curator):
    first = publish("pump_a")
    publish("pump_a")
    publish("pump_a")
    with pytest.raises(NothingToRollBackTo, match="Meanwhile pump_a v2"):
        first.registered_model.roll_back(first, by=curator)


def test_what_served_is_told_after_a_roll_back_too(publish, curator):
    from django.utils import timezone

    first = publish("pump_a")
    publish("pump_a")
    first.registered_model.roll_back(by=curator)
    assert RegisteredModel.objects.served_at(timezone.now()).get().to_version == first


# Signals


def test_signals_tell_of_what_was_committed(publish, curator, django_capture_on_commit_callbacks):
    from registry import signals

    heard = []

    def listener(name):
        return lambda sender, signal, **said: heard.append((name, said))

    listeners = {
        name: listener(name) for name in ("version_published", "serving_changed", "default_changed")
    }
    for name, receive in listeners.items():
        getattr(signals, name).connect(receive)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            version = publish("pump_a")
            promotion = version.registered_model.make_default(by=curator)
            assert heard == []
    finally:
        for name, receive in listeners.items():
            getattr(signals, name).disconnect(receive)
    assert [name for name, _ in heard] == [
        "serving_changed",
        "version_published",
        "default_changed",
    ]
    assert heard[1][1] == {"version": version}
    assert heard[2][1] == {"model": version.registered_model, "promotion": promotion}
