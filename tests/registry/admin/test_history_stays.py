"""What nobody may do in admin: add or delete history, or decide without permission."""

import pytest

from registry.models import MachineType, ModelVersion, Promotion, RegisteredModel
from tests.support.admin_desk import (
    LOG,
    MACHINE_TYPES,
    MODELS,
    VERSIONS,
    confirm_action,
    get_page,
)

pytestmark = pytest.mark.django_db


def edit(browser, model, **fields):
    form = {"name": model.name, "description": model.description}
    return browser.post(f"{MODELS}{model.pk}/change/", form | fields)


@pytest.mark.parametrize("url", [MODELS, VERSIONS, LOG])
def test_nothing_is_added_by_hand(desk, url):
    assert desk.get(f"{url}add/").status_code == 403


@pytest.mark.parametrize("who", ["curator", "superuser"])
def test_nothing_is_deleted(client, curator, make_user, publish, who):
    client.force_login(curator if who == "curator" else make_user(is_staff=True, is_superuser=True))
    version = publish("pump_a")
    rows = {
        MODELS: version.registered_model,
        VERSIONS: version,
        LOG: Promotion.objects.get(),
        MACHINE_TYPES: MachineType.objects.get(pk="fan"),
    }
    for url, row in rows.items():
        assert client.post(f"{url}{row.pk}/delete/", {"post": "yes"}).status_code == 403
        confirm_action(client, url, "delete_selected", row)
        assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("url", [VERSIONS, LOG])
def test_history_is_only_read(desk, publish, url):
    version = publish("pump_a")
    row = version if url == VERSIONS else Promotion.objects.get()
    assert desk.post(f"{url}{row.pk}/change/", {"why": "forged"}).status_code == 403


def test_a_visitor_looks_and_decides_nothing(visitor, publish):
    version = publish("pump_a")
    model = version.registered_model
    get_page(visitor, f"{MODELS}{model.pk}/change/")
    get_page(visitor, f"{VERSIONS}{version.pk}/change/")
    confirm_action(visitor, MODELS, "make_default", model)
    confirm_action(visitor, VERSIONS, "archive", publish("pump_a", serve=False))
    assert edit(visitor, model, name="mine").status_code == 403
    assert not RegisteredModel.objects.defaults().exists()
    assert not ModelVersion.objects.exclude(archived_at=None).exists()


def test_an_editor_words_a_model_and_decides_nothing(editor, publish):
    first = publish("pump_a")
    second = publish("pump_a")
    model = first.registered_model
    assert "Roll back" not in get_page(editor, f"{MODELS}{model.pk}/change/")
    assert edit(editor, model, name="Hall 3").status_code == 302
    confirm_action(editor, MODELS, "roll_back", model)
    model.refresh_from_db()
    assert (model.name, model.serving_version) == ("Hall 3", second)


def test_a_new_kind_of_machine_is_a_new_row_whose_slug_stays(desk):
    desk.post(f"{MACHINE_TYPES}add/", {"slug": "crane", "name": "Crane", "name_ko": "크레인"})
    desk.post(
        f"{MACHINE_TYPES}crane/change/", {"slug": "derrick", "name": "Derrick", "name_ko": ""}
    )
    assert MachineType.objects.get(name="Derrick").slug == "crane"
