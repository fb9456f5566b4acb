"""A curator decides in admin: by verbs only, confirmed and reasoned, and nothing is deleted."""

import pytest

from registry.admin import curation
from registry.models import Promotion, Proposal, RegisteredModel
from tests.support.admin_desk import (
    MODELS,
    PROPOSALS,
    VERSIONS,
    choose_action,
    confirm_action,
    get_page,
    get_shown_digest,
    list_messages,
)

pytestmark = pytest.mark.django_db


def edit(browser, model, **fields):
    form = {"name": model.name, "description": model.description}
    return browser.post(f"{MODELS}{model.pk}/change/", form | fields)


def test_the_default_is_made_by_an_action_and_logged_with_its_reason(desk, publish, curator):
    model = publish("pump_a").registered_model
    response = confirm_action(desk, MODELS, "make_default", model, why="quietest in hall 3")
    assert list_messages(response) == [("success", "pump_a is now the default.")]
    promotion = Promotion.objects.get(kind="make_default")
    assert (promotion.model, promotion.by, promotion.why) == (model, curator, "quietest in hall 3")


@pytest.mark.parametrize(
    ("action", "column", "value"),
    [("deactivate", "is_active", False), ("clear_default", "is_default", False)],
)
def test_the_other_verbs_are_actions_too(desk, publish, action, column, value):
    model = publish("pump_a").registered_model
    model.make_default(by=None)
    confirm_action(desk, MODELS, action, model)
    model.refresh_from_db()
    assert getattr(model, column) is value


def test_several_models_are_activated_at_once(desk, publish):
    models = [publish(name).registered_model for name in ("pump_a", "pump_b")]
    for model in models:
        model.deactivate(by=None)
    response = confirm_action(desk, MODELS, "activate", *models)
    assert len(list_messages(response)) == RegisteredModel.objects.selectable().count() == 2


def test_what_a_verb_refuses_is_told_and_the_rest_is_done(desk, publish):
    candidate = publish("pump_a", serve=False).registered_model
    model = publish("pump_b").registered_model
    response = confirm_action(desk, MODELS, "make_default", candidate, model)
    assert [level for level, _ in list_messages(response)] == ["error", "success"]
    assert "no serving version" in list_messages(response)[0][1]
    assert RegisteredModel.objects.defaults().get() == model


def test_a_verb_without_effect_is_told(desk, publish):
    response = confirm_action(desk, MODELS, "activate", publish("pump_a").registered_model)
    assert list_messages(response) == [("error", "pump_a is already active.")]


def test_name_and_description_are_edited(desk, publish):
    model = publish("pump_a").registered_model
    assert (
        edit(desk, model, name="Hall 3", description="The loud one", is_protected="on").status_code
        == 302
    )
    model.refresh_from_db()
    assert (model.name, model.description, model.is_protected) == ("Hall 3", "The loud one", False)


def test_nobody_alone_rewords_a_protected_model(desk, publish):
    model = publish("pump_a").registered_model
    model.protect(by=None)
    edit(desk, model, name="Not a pump at all")
    model.refresh_from_db()
    assert model.name == "pump_a"
    assert "Protected: remove the protection before editing" in get_page(
        desk, f"{MODELS}pump_a/change/"
    )


def test_an_edit_writes_no_column_of_a_verb(desk, publish, monkeypatch):
    """Another curator makes the model the default while the page is open."""
    from registry.admin.registered_models import RegisteredModelAdmin

    model = publish("pump_a").registered_model
    save_model = RegisteredModelAdmin.save_model

    def promote_then_save(self, request, obj, form, change):
        RegisteredModel.objects.get(pk=obj.pk).make_default(by=None)
        save_model(self, request, obj, form, change)

    monkeypatch.setattr(RegisteredModelAdmin, "save_model", promote_then_save)
    edit(desk, model, name="Hall 3")
    model.refresh_from_db()
    assert (model.name, model.is_default) == ("Hall 3", True)


def test_an_action_asks_for_a_reason_first_and_says_what_would_change(desk, publish):
    publish("pump_b").registered_model.make_default(by=None)
    model = publish("pump_a").registered_model
    text = choose_action(desk, MODELS, "make_default", model).content.decode()
    assert "It replaces pump_b as the default for pump, level 2." in text
    shown = get_shown_digest(choose_action(desk, MODELS, "make_default", model))
    assert (
        choose_action(
            desk, MODELS, "make_default", model, confirmed="yes", why=" ", shown=shown
        ).status_code
        == 200
    )
    assert RegisteredModel.objects.defaults().get().pk == "pump_b"


def test_after_an_action_one_is_where_one_was_and_nowhere_else(desk, publish):
    model = publish("pump_a").registered_model
    page_of_model = f"{MODELS}pump_a/change/"
    for action, back, then in [
        ("deactivate", page_of_model, page_of_model),
        ("activate", "https://elsewhere.example/", MODELS),
    ]:
        said = {
            "confirmed": "yes",
            "why": "tested",
            "shown": get_shown_digest(choose_action(desk, MODELS, action, model)),
        }
        assert choose_action(desk, MODELS, action, model, back=back, **said).url == then


def test_more_than_can_be_looked_at_is_not_decided_at_once(desk, publish, monkeypatch):
    monkeypatch.setattr(curation, "MAX_DECISIONS", 1)
    models = [publish(name).registered_model for name in ("pump_a", "pump_b")]
    assert list_messages(confirm_action(desk, MODELS, "deactivate", *models)) == [
        ("error", "Choose at most 1 rows.")
    ]
    assert RegisteredModel.objects.selectable().count() == 2


def test_a_model_is_rolled_back(desk, publish):
    for _ in range(3):
        publish("pump_a")
    model = RegisteredModel.objects.get()
    assert (
        "v2 will serve instead of v3."
        in choose_action(desk, MODELS, "roll_back", model).content.decode()
    )
    response = confirm_action(desk, MODELS, "roll_back", model, why="v3 cries wolf")
    assert list_messages(response) == [("success", "Version pump_a v2 serves again.")]
    assert Promotion.objects.first().why == "v3 cries wolf"


def say_yes_after(meanwhile, desk, url, action, *rows):
    """Look at what would change, and say yes to it after a colleague did something."""
    shown = get_shown_digest(choose_action(desk, url, action, *rows))
    meanwhile()
    return choose_action(desk, url, action, *rows, confirmed="yes", why="tested", shown=shown)


def test_what_was_not_to_be_done_is_not_done_because_a_colleague_made_it_possible(desk, publish):
    archived = publish("pump_a")
    serving = publish("pump_a")
    fan = publish("fan_a", serve=False)
    model = serving.registered_model
    model.archive(archived, by=None)
    response = say_yes_after(
        lambda: model.restore(archived, by=None), desk, VERSIONS, "serve", archived, fan
    )
    assert list_messages(response) == [
        ("warning", "This has changed since you opened the page. Please check it again.")
    ]
    model.refresh_from_db()
    assert (
        model.serving_version,
        Promotion.objects.filter(kind="serve", by__isnull=False).exists(),
    ) == (
        serving,
        False,
    )


def test_what_was_not_to_be_done_is_not_done_because_what_was_done_before_it_made_it_possible(
    desk, publish
):
    model = publish("pump_a", serve=False).registered_model
    model.protect(by=None)
    default = model.decide("make_default", by=None)
    serve = model.decide("serve", model.versions.get(), by=None)
    response = confirm_action(desk, PROPOSALS, "approve", serve, default)
    assert ("error", "Model pump_a has no serving version.") in list_messages(response)
    assert list(Proposal.objects.pending()) == [default]


def test_what_was_to_wait_for_approval_is_not_done_at_once(desk, publish, curator, make_user):
    model = publish("pump_a").registered_model
    model.protect(by=None)
    colleague = make_user("curator", username="colleague", is_staff=True)
    unprotect = model.decide("unprotect", by=None)
    response = say_yes_after(
        lambda: unprotect.approve(by=colleague), desk, MODELS, "deactivate", model
    )
    assert list_messages(response) == [
        ("warning", "This has changed since you opened the page. Please check it again.")
    ]
    assert RegisteredModel.objects.get().is_active


@pytest.mark.parametrize(
    ("url", "action"), [(MODELS, "roll_back"), (VERSIONS, "serve"), (MODELS, "make_default")]
)
def test_what_a_colleague_decided_meanwhile_is_not_overwritten_unseen(desk, publish, url, action):
    first, second, _ = (publish("pump_a") for _ in range(3))
    model = RegisteredModel.objects.get()
    chosen = first if url == VERSIONS else model
    shown = get_shown_digest(choose_action(desk, url, action, chosen))
    model.serve(second, by=None)
    publish("pump_b").registered_model.make_default(by=None)
    n_decided = Promotion.objects.count()
    response = choose_action(desk, url, action, chosen, confirmed="yes", why="tested", shown=shown)
    assert list_messages(response) == [
        ("warning", "This has changed since you opened the page. Please check it again.")
    ]
    assert Promotion.objects.count() == n_decided
    again = choose_action(
        desk, url, action, chosen, confirmed="yes", why="tested", shown=get_shown_digest(response)
    )
    assert list_messages(again)[-1][0] == "success"
    assert Promotion.objects.count() > n_decided


def test_a_first_version_cannot_be_rolled_back(desk, publish):
    model = publish("pump_a").registered_model
    response = choose_action(desk, MODELS, "roll_back", model, back=f"{MODELS}pump_a/change/")
    sentence = (
        "No other version of pump_a served before v1. "
        "To return to a version that served later, serve it."
    )
    assert (list_messages(response), response.url) == (
        [("error", sentence)],
        f"{MODELS}pump_a/change/",
    )


def test_a_protected_model_is_changed_by_two_curators(desk, client, publish, curator, make_user):
    model = publish("pump_a").registered_model
    confirm_action(desk, MODELS, "protect", model)
    page = choose_action(desk, MODELS, "deactivate", model).content.decode()
    assert "which another curator has to approve" in page
    (_, proposed) = list_messages(confirm_action(desk, MODELS, "deactivate", model))[-1]
    assert "Another curator has to approve it." in proposed
    proposal = Proposal.objects.pending().get()
    assert list_messages(confirm_action(desk, PROPOSALS, "approve", proposal))[-1][0] == "error"
    client.force_login(make_user("curator", username="colleague", is_staff=True))
    assert "decide" in get_page(client, f"{MODELS}pump_a/change/")
    assert list_messages(confirm_action(client, PROPOSALS, "approve", proposal))[-1] == (
        "success",
        "Approved: Deactivate: pump_a.",
    )
    assert not RegisteredModel.objects.selectable().exists()


def test_a_proposal_is_turned_down_with_a_reason(desk, publish, curator):
    model = publish("pump_a").registered_model
    model.protect(by=curator)
    proposal = model.decide("deactivate", by=None)
    confirm_action(desk, PROPOSALS, "turn_down", proposal, why="it works")
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by, proposal.decided_why) == (
        "turned_down",
        curator,
        "it works",
    )


def test_id_type_and_machine_type_cannot_be_edited(desk, publish):
    model = publish("pump_a").registered_model
    edit(
        desk,
        model,
        id="pump_b",
        type="level1_x",
        machine_type="fan",
        is_default="on",
        name="Hall 3",
    )
    model = RegisteredModel.objects.get()
    assert (model.pk, model.type, model.machine_type_id, model.is_default) == (
        "pump_a",
        "level2_autoencoder",
        "pump",
        False,
    )


def test_models_are_searched_and_filtered(desk, publish):
    publish("pump_a")
    publish("fan_a", machine_type="fan")
    assert "pump_a" not in get_page(desk, f"{MODELS}?machine_type__slug__exact=fan")
    found = get_page(desk, f"{MODELS}?q=fan")
    assert "fan_a" in found
    assert "pump_a" not in found
