"""What each role sees in admin, and who may decide."""

import pytest

from registry.models import Action, Promotion, Proposal, RegisteredModel
from tests.support.admin_desk import (
    LOG,
    MACHINE_TYPES,
    MODELS,
    PROPOSALS,
    VERSIONS,
    get_page,
    get_shown_digest,
)

pytestmark = pytest.mark.django_db

PAGES = {"models": MODELS, "versions": VERSIONS, "log": LOG, "proposals": PROPOSALS}
LOOKS = {"models", "versions", "machine types", "analyses", "devices"}


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("viewer", LOOKS | {"log", "export", "proposals"}),
        ("field engineer", LOOKS),
        ("engineer", LOOKS | {"log", "export", "proposals", "runs"}),
        ("curator", LOOKS | {"log", "export", "proposals", "runs"}),
    ],
)
def test_what_a_role_sees(client, make_user, publish, role, sees):
    publish("pump_a")
    client.force_login(make_user(role, is_staff=True))
    pages = PAGES | {
        "machine types": MACHINE_TYPES,
        "export": f"{LOG}export.csv",
        "analyses": "/admin/analysis/analysis/",
        "devices": "/admin/analysis/device/",
        "runs": "/admin/training/trainingrun/",
        "users": "/admin/accounts/user/",
    }
    assert {name for name, url in pages.items() if client.get(url).status_code == 200} == sees
    text = get_page(client, f"{MODELS}pump_a/change/")
    assert ("<h2>Decisions</h2>" in text) == ("log" in sees)


@pytest.fixture
def decidable(publish):
    """Rows about which each decision would change something."""
    serving = [publish("pump_a") for _ in range(3)][-1]
    for name in ("at_rest", "default", "guarded"):
        publish(name, machine_type="fan", serve=True)
    rows = {model.pk: model for model in RegisteredModel.objects.all()}
    rows["at_rest"].deactivate(by=None)
    rows["default"].make_default(by=None)
    rows["guarded"].protect(by=None)
    candidate, archived = serving.registered_model.versions.exclude(pk=serving.pk)
    rows["pump_a"].archive(archived, by=None)
    proposal = rows["guarded"].decide(Action.DEACTIVATE, by=None)
    return rows | {"archived": archived, "candidate": candidate, "proposal": proposal}


@pytest.mark.parametrize("role", ["viewer", "field engineer", "engineer", "curator"])
@pytest.mark.parametrize(
    ("url", "action", "about"),
    [
        *[
            (MODELS, action, "pump_a")
            for action in ("make_default", "deactivate", "protect", "roll_back")
        ],
        *[
            (MODELS, "activate", "at_rest"),
            (MODELS, "clear_default", "default"),
            (MODELS, "unprotect", "guarded"),
        ],
        *[(VERSIONS, action, "candidate") for action in ("serve", "archive")],
        (VERSIONS, "restore", "archived"),
        *[(PROPOSALS, action, "proposal") for action in ("approve", "turn_down")],
    ],
)
def test_only_a_curator_decides(client, make_user, decidable, role, url, action, about):
    chosen = {"action": action, "_selected_action": decidable[about].pk}
    # As if they knew the page that a curator sees.
    client.force_login(make_user("curator", username="another", is_staff=True))
    shown = get_shown_digest(client.post(url, chosen))
    client.force_login(make_user(role, is_staff=True))
    before = decided()
    client.post(url, chosen | {"confirmed": "yes", "why": "tested", "shown": shown})
    assert (decided() != before) == (role == "curator")


def decided():
    return Promotion.objects.count(), list(Proposal.objects.order_by("pk").values_list("state"))


@pytest.mark.parametrize("role", ["viewer", "field engineer", "engineer", "curator"])
def test_only_a_curator_is_offered_decisions(client, make_user, decidable, role):
    client.force_login(make_user(role, is_staff=True))
    assert ('value="roll_back"' in get_page(client, f"{MODELS}pump_a/change/")) == (
        role == "curator"
    )
    assert ('<option value="make_default">' in get_page(client, MODELS)) == (role == "curator")


@pytest.mark.parametrize("role", ["viewer", "field engineer", "engineer", "curator"])
def test_without_staff_status_nobody_comes_in(client, make_user, role):
    client.force_login(make_user(role))
    assert client.get(MODELS).status_code == 302


def test_users_are_deactivated_not_deleted(client, make_user, curator):
    client.force_login(make_user(is_staff=True, is_superuser=True))
    assert (
        client.post(f"/admin/accounts/user/{curator.pk}/delete/", {"post": "yes"}).status_code
        == 403
    )
