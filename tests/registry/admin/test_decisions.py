"""What curators see before deciding: figures side by side, proposers, and refusals."""

import pytest

from analysis.loading import detector_for
from analysis.models import CalibrationRecord
from core.admin.tables import format_value
from registry.admin import decision_table
from registry.models import Promotion, Proposal
from tests.support.admin_desk import (
    LOG,
    MODELS,
    PROPOSALS,
    VERSIONS,
    choose_action,
    confirm_action,
    get_page,
    list_messages,
)

pytestmark = pytest.mark.django_db


def test_what_is_about_to_serve_stands_beside_what_serves(
    desk, pump_version, publish, pump_artifact
):
    version = publish(
        "pump_forest",
        type="level1_isolation_forest",
        content=pump_artifact,
        metrics={"auc": 0.9127, "false_alarm_rate": 0.12},
        sample_count=55,
        serve=False,
    )
    text = choose_action(desk, VERSIONS, "serve", version).content.decode()
    for name, now, then in [
        ("version", "pump_forest v1", "pump_forest v2"),
        ("recordings", "40", "55"),
        ("AUC", "0.970", "0.913"),
        ("false alarms", "–", "0.120"),
    ]:
        assert (
            f'<tr class="differs"><th scope="row">{name}</th><td>{now}</td><td>{then}</td></tr>'
            in text
        )
    warning = format_value(detector_for(version).calibration.warning)
    assert f'<tr><th scope="row">WARNING from</th><td>{warning}</td><td>{warning}</td></tr>' in text
    assert '<th scope="row">calibration sessions</th><td>6</td>' in text


def test_figures_of_other_thresholds_are_not_decided_on(desk, pump_version, publish, pump_artifact):
    metrics = {"auc": 0.9, "false_alarm_rate": 0.12, "detection_rate": 0.8}
    version = publish(
        "pump_forest",
        type="level1_isolation_forest",
        content=pump_artifact,
        metrics=metrics,
        serve=False,
    )
    row = CalibrationRecord.record(detector_for(version).calibration, version=version, by=None)
    text = choose_action(desk, VERSIONS, "serve", version).content.decode()
    assert f"<td><small>not measured since calibration #{row.pk}</small></td>" in text
    assert "0.900" in text
    assert "0.120" not in text


def test_a_default_is_made_beside_the_one_it_takes_the_place_of(desk, publish):
    publish("pump_b", metrics={"auc": 0.8}).registered_model.make_default(by=None)
    model = publish("pump_a").registered_model
    text = choose_action(desk, MODELS, "make_default", model).content.decode()
    assert '<th scope="row">AUC</th><td>0.800</td><td>0.970</td>' in text


def test_many_decisions_are_shown_without_tables(desk, publish, monkeypatch):
    monkeypatch.setattr(decision_table, "MAX_TABLES", 1)
    models = [publish(name).registered_model for name in ("pump_a", "pump_b")]
    assert (
        "before-after" not in choose_action(desk, MODELS, "make_default", *models).content.decode()
    )
    assert "before-after" in choose_action(desk, MODELS, "make_default", models[0]).content.decode()


def test_a_version_that_gives_no_verdicts_is_told_before_it_serves(
    desk, uncalibrated_version, publish
):
    version = publish("pump_forest", type="level1_isolation_forest", serve=False)
    text = choose_action(desk, VERSIONS, "serve", version).content.decode()
    assert "no: pump_forest v2 has no calibration" in text


@pytest.mark.parametrize(
    ("url", "action", "about", "why_not"),
    [
        (
            VERSIONS,
            "archive",
            "serving",
            "Version pump_a v3 is serving: serve another version first.",
        ),
        (VERSIONS, "serve", "serving", "Version pump_a v3 is already serving."),
        (VERSIONS, "serve", "archived", "Version pump_a v1 is archived: restore it first."),
        (VERSIONS, "restore", "serving", "Version pump_a v3 is not archived."),
        (MODELS, "make_default", "at_rest", "Model at_rest is not active."),
    ],
)
def test_what_would_be_refused_is_refused_before_a_reason_is_asked_for(
    desk, publish, url, action, about, why_not
):
    archived, _, serving = (publish("pump_a") for _ in range(3))
    serving.registered_model.archive(archived, by=None)
    at_rest = publish("at_rest", machine_type="fan").registered_model
    at_rest.deactivate(by=None)
    rows = {"serving": serving, "archived": archived, "at_rest": at_rest}
    response = choose_action(desk, url, action, rows[about])
    assert (response.status_code, list_messages(response)) == (302, [("error", why_not)])


def test_what_would_change_nothing_is_refused_for_a_protected_model_too(desk, publish):
    version = publish("pump_a")
    version.registered_model.make_default(by=None)
    version.registered_model.protect(by=None)
    for url, action, row in [
        (MODELS, "make_default", version.registered_model),
        (VERSIONS, "serve", version),
    ]:
        (level, sentence), *_ = list_messages(choose_action(desk, url, action, row))
        assert (level, " is already " in sentence) == ("error", True)
    assert not Proposal.objects.exists()


def test_what_another_proposal_will_make_possible_is_proposed_by_the_page(desk, publish):
    model = publish("pump_a", serve=False).registered_model
    model.protect(by=None)
    model.decide("serve", model.versions.get(), by=None)
    text = choose_action(desk, MODELS, "make_default", model).content.decode()
    assert "Cannot be approved yet: <strong>Model pump_a has no serving version.</strong>" in text
    (proposed,) = list_messages(confirm_action(desk, MODELS, "make_default", model))
    assert proposed == (
        "success",
        "Proposed: “Make Default: pump_a”. Another curator has to approve it.",
    )
    assert Proposal.objects.pending().get(kind="make_default").model == model
    (_, again) = list_messages(confirm_action(desk, MODELS, "make_default", model))[-1]
    assert "is already proposed" in again


def test_a_roll_back_of_what_never_served_is_not_proposed(desk, publish):
    model = publish("pump_a").registered_model
    model.protect(by=None)
    (refused,) = list_messages(choose_action(desk, MODELS, "roll_back", model))
    assert (refused[0], "No other version of pump_a served before v1." in refused[1]) == (
        "error",
        True,
    )
    assert not Proposal.objects.exists()


def test_the_approval_of_a_roll_back_that_names_no_version_says_which_serves_then(desk, publish):
    publish("pump_a")
    model = publish("pump_a").registered_model
    model.protect(by=None)
    proposal = model.decide("roll_back", by=None)
    assert (
        "The version that served before will serve again."
        in choose_action(desk, PROPOSALS, "approve", proposal).content.decode()
    )


def test_among_several_the_page_says_which_will_be_refused(desk, publish):
    old = publish("pump_a")
    serving = publish("pump_a")
    text = choose_action(desk, VERSIONS, "archive", old, serving).content.decode()
    assert "Not possible: Version pump_a v2 is serving: serve another version first." in text
    assert text.count("Not possible:") == 1


def test_a_default_that_is_deactivated_is_no_default_and_everybody_is_told(desk, publish):
    model = publish("pump_a").registered_model
    model.make_default(by=None)
    text = choose_action(desk, MODELS, "deactivate", model).content.decode()
    assert "It is the default for pump, level 2; there will be none." in text
    response = confirm_action(desk, MODELS, "deactivate", model, why="out of order")
    assert list_messages(response) == [
        (
            "success",
            "pump_a was deactivated; the app no longer offers it. "
            "It is no longer the default for pump, level 2.",
        )
    ]
    assert Promotion.objects.filter(kind="clear_default", model=model, why="out of order").exists()


def test_an_approval_tells_who_proposed_what_why_and_since_when(
    desk, client, publish, curator, make_user
):
    publish("pump_a", metrics={"auc": 0.8})
    model = publish("pump_a").registered_model
    model.protect(by=curator)
    proposal = model.decide(
        "roll_back", model.find_rollback_target(), by=curator, why="v2 cries wolf"
    )
    text = choose_action(desk, PROPOSALS, "approve", proposal)
    assert list_messages(text)[-1][0] == "error"  # one's own
    client.force_login(make_user("curator", username="colleague", is_staff=True))
    text = choose_action(client, PROPOSALS, "approve", proposal).content.decode()
    for said in [curator.email, "v2 cries wolf", "0\xa0minutes", "<td>0.970</td><td>0.800</td>"]:
        assert said in text
    confirm_action(client, PROPOSALS, "approve", proposal, why="heard it too")
    for url in [LOG, f"{MODELS}pump_a/change/"]:
        assert "colleague@plant.example: “heard it too”" in get_page(client, url)
    assert "heard it too" in client.get(f"{LOG}export.csv").getvalue().decode()


def test_a_decided_proposal_is_not_decided_again(desk, publish, curator):
    model = publish("pump_a").registered_model
    model.protect(by=curator)
    proposal = model.decide("deactivate", by=None)
    proposal.turn_down(by=curator)
    for action in ("approve", "turn_down"):
        assert list_messages(choose_action(desk, PROPOSALS, action, proposal))[-1] == (
            "error",
            "“Deactivate: pump_a” was already turned down.",
        )


def test_what_waits_for_a_second_curator_is_announced_to_those_who_may_approve(
    desk, client, publish, curator, make_user
):
    model = publish("pump_a").registered_model
    model.protect(by=curator)
    pages = ["/admin/", MODELS]
    colleague = make_user("curator", username="colleague", is_staff=True)
    client.force_login(colleague)
    assert not any("for a second curator" in get_page(client, url) for url in pages)
    model.decide("deactivate", by=curator)
    for user, sentence in [
        (curator, None),
        (make_user("viewer", is_staff=True), None),
        (colleague, "1 proposal is waiting for a second curator."),
    ]:
        client.force_login(user)
        for url in pages:
            text = get_page(client, url)
            assert ("waiting for a second curator." in text) == bool(sentence)
            assert (
                sentence is None
                or f'<a href="{PROPOSALS}?state__exact=pending">{sentence}</a>' in text
            )
    model.decide("unprotect", by=curator)
    assert "Waiting for a second curator: Deactivate: pump_a" in get_page(
        client, f"{MODELS}pump_a/change/"
    )
    assert "2 proposals are waiting for a second curator." in get_page(client, "/admin/")
