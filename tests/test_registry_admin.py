"""A curator decides in admin: by verbs only, with what came of it told, and nothing is deleted."""

from functools import partialmethod

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.utils import timezone

from registry.machine_types import MachineTypeQuerySet
from registry.models import MachineType, ModelVersion, Promotion, RegisteredModel

pytestmark = pytest.mark.django_db
MODELS = "/admin/registry/registeredmodel/"
VERSIONS = "/admin/registry/modelversion/"
LOG = "/admin/registry/promotion/"
MACHINE_TYPES = "/admin/registry/machinetype/"


@pytest.fixture
def desk(client, curator):
    """A browser at which a curator sits."""
    client.force_login(curator)
    return client


@pytest.fixture
def visitor(client, make_user):
    """A browser of someone who may look and no more."""
    client.force_login(make_user("viewer", is_staff=True))
    return client


@pytest.fixture
def editor(client, make_user):
    """A browser of someone who may word models and not decide which version serves."""
    user = make_user(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="change_registeredmodel"))
    client.force_login(user)
    return client


def act(browser, url, action, *rows, why=""):
    """Choose rows in a list, an action and a reason, and go."""
    chosen = [str(row.pk) for row in rows]
    return browser.post(url, {"action": action, "_selected_action": chosen, "why": why})


def edit(browser, model, **fields):
    inlines = {"versions-TOTAL_FORMS": "0", "versions-INITIAL_FORMS": "0"}
    form = {"name": model.name, "description": model.description, "serve": "", "why": ""}
    return browser.post(f"{MODELS}{model.pk}/change/", form | inlines | fields)


def told(response):
    return [(message.level_tag, str(message)) for message in get_messages(response.wsgi_request)]


def page(browser, url):
    response = browser.get(url)
    assert response.status_code == 200
    return response.content.decode()


# Models


def test_the_default_is_made_by_an_action_and_logged_with_its_reason(desk, publish, curator):
    model = publish("pump_a").registered_model
    response = act(desk, MODELS, "make_default", model, why="quietest in hall 3")
    assert told(response) == [("success", "pump_a is the default.")]
    promotion = Promotion.objects.get(kind="make_default")
    assert (promotion.model, promotion.by, promotion.why) == (model, curator, "quietest in hall 3")


@pytest.mark.parametrize(
    ("action", "column", "value"), [("deactivate", "is_active", False), ("clear_default", "is_default", False)]
)
def test_the_other_verbs_are_actions_too(desk, publish, action, column, value):
    model = publish("pump_a").registered_model
    model.make_default(by=None)
    act(desk, MODELS, action, model)
    model.refresh_from_db()
    assert getattr(model, column) is value


def test_several_models_are_activated_at_once(desk, publish):
    models = [publish(name).registered_model for name in ("pump_a", "pump_b")]
    for model in models:
        model.deactivate(by=None)
    response = act(desk, MODELS, "activate", *models)
    assert len(told(response)) == RegisteredModel.objects.offered().count() == 2


def test_what_a_verb_refuses_is_told_and_the_rest_is_done(desk, publish):
    candidate = publish("pump_a", serve=False).registered_model
    model = publish("pump_b").registered_model
    response = act(desk, MODELS, "make_default", candidate, model)
    assert [level for level, _ in told(response)] == ["error", "success"]
    assert "no serving version" in told(response)[0][1]
    assert RegisteredModel.objects.defaults().get() == model


def test_a_verb_without_effect_is_told(desk, publish):
    response = act(desk, MODELS, "activate", publish("pump_a").registered_model)
    assert told(response) == [("success", "pump_a is active. It was so already.")]


def test_name_and_description_are_edited(desk, publish):
    model = publish("pump_a").registered_model
    assert edit(desk, model, name="Hall 3", description="The loud one", is_protected="on").status_code == 302
    model.refresh_from_db()
    assert (model.name, model.description, model.is_protected) == ("Hall 3", "The loud one", True)


def test_an_edit_writes_no_column_of_a_verb(desk, publish, monkeypatch):
    """Between the opening of the page and its saving, another curator makes the model the default."""
    from registry.admin import RegisteredModelAdmin

    model = publish("pump_a").registered_model
    save_model = RegisteredModelAdmin.save_model

    def promote_then_save(self, request, obj, form, change):
        RegisteredModel.objects.get(pk=obj.pk).make_default(by=None)
        save_model(self, request, obj, form, change)

    monkeypatch.setattr(RegisteredModelAdmin, "save_model", promote_then_save)
    edit(desk, model, name="Hall 3")
    model.refresh_from_db()
    assert (model.name, model.is_default) == ("Hall 3", True)


def test_another_version_is_served_from_the_page_of_the_model(desk, publish, curator):
    first, _ = publish("pump_a"), publish("pump_a")
    response = edit(desk, first.registered_model, serve=first.pk, why="v2 cries wolf")
    assert ("success", "pump_a v1 serves.") in told(response)
    promotion = Promotion.objects.first()
    assert (promotion.to_version, promotion.by, promotion.why) == (first, curator, "v2 cries wolf")


def test_the_page_offers_no_archived_and_no_foreign_version(desk, publish):
    archived, serving, foreign = publish("pump_a"), publish("pump_a"), publish("pump_b")
    archived.archive()
    for version in [archived, foreign]:
        response = edit(desk, serving.registered_model, serve=version.pk)
        assert "Select a valid choice" in response.content.decode()
    assert RegisteredModel.objects.named("pump_a").serving_version == serving


def test_a_version_archived_while_the_page_waits_its_turn_is_refused_on_the_page(desk, publish, monkeypatch):
    first, second = publish("pump_a"), publish("pump_a")
    locked = MachineTypeQuerySet.locked

    def lock_after_a_colleague(machine_types, slug):
        ModelVersion._base_manager.filter(pk=first.pk).update(archived_at=timezone.now())
        return locked(machine_types, slug)

    monkeypatch.setattr(MachineTypeQuerySet, "locked", lock_after_a_colleague)
    model = first.registered_model
    response = edit(desk, model, name="Hall 3", serve=first.pk)
    assert "Select a valid choice" in response.content.decode()
    assert told(response) == []
    model.refresh_from_db()
    assert (model.name, model.serving_version) == ("pump_a", second)


def test_id_type_and_machine_type_cannot_be_edited(desk, publish):
    model = publish("pump_a").registered_model
    edit(desk, model, id="pump_b", type="level1_x", machine_type="fan", is_default="on", name="Hall 3")
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
    assert "pump_a" not in page(desk, f"{MODELS}?machine_type__slug__exact=fan")
    found = page(desk, f"{MODELS}?q=fan")
    assert "fan_a" in found
    assert "pump_a" not in found


# Versions


def test_an_earlier_version_is_put_back_from_the_list(desk, publish):
    first, _ = publish("pump_a"), publish("pump_a")
    response = act(desk, VERSIONS, "serve", first, why="v2 cries wolf")
    assert told(response) == [("success", "pump_a v1 serves.")]
    assert RegisteredModel.objects.named("pump_a").serving_version == first


def test_two_versions_of_a_model_cannot_both_serve(desk, publish):
    first, second = publish("pump_a"), publish("pump_a", serve=False)
    response = act(desk, VERSIONS, "serve", first, second)
    assert [level for level, _ in told(response)] == ["error"]
    assert RegisteredModel.objects.named("pump_a").serving_version == first


def test_versions_are_archived_and_restored_unless_they_serve(desk, publish):
    old, serving = publish("pump_a"), publish("pump_a")
    levels = [level for level, _ in told(act(desk, VERSIONS, "archive", old, serving))]
    assert sorted(levels) == ["error", "success"]
    assert told(act(desk, VERSIONS, "serve", old))[-1][0] == "error"
    act(desk, VERSIONS, "restore", old)
    assert not ModelVersion.objects.exclude(archived_at=None).exists()


def test_metrics_and_parameters_read_as_a_table(desk, publish):
    version = publish(
        metrics={"auc": 0.97123456, "detection_rate": None, "parity": {"has_flips": False}},
        parameters={"layers": [128, 8], "losses": [0.5] * 50, "name": "<script>"},
    )
    text = page(desk, f"{VERSIONS}{version.pk}/change/")
    assert "<tr><th>auc</th><td>0.9712</td></tr>" in text
    assert "<tr><th>detection rate</th><td>unknown</td></tr>" in text
    assert "<tr><th>parity: has flips</th><td>no</td></tr>" in text
    assert "<tr><th>layers</th><td>128, 8</td></tr>" in text
    assert "... (50 in all)" in text
    assert "&lt;script&gt;" in text
    assert version.file("serving").sha256 in text


# What nobody may do


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
        act(client, url, "delete_selected", row)
        assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("url", [VERSIONS, LOG])
def test_history_is_only_read(desk, publish, url):
    version = publish("pump_a")
    row = version if url == VERSIONS else Promotion.objects.get()
    assert desk.post(f"{url}{row.pk}/change/", {"why": "forged"}).status_code == 403


def test_a_visitor_looks_and_decides_nothing(visitor, publish):
    version = publish("pump_a")
    model = version.registered_model
    page(visitor, f"{MODELS}{model.pk}/change/")
    page(visitor, f"{VERSIONS}{version.pk}/change/")
    act(visitor, MODELS, "make_default", model)
    act(visitor, VERSIONS, "archive", publish("pump_a", serve=False))
    assert edit(visitor, model, name="mine").status_code == 403
    assert not RegisteredModel.objects.defaults().exists()
    assert not ModelVersion.objects.exclude(archived_at=None).exists()


def test_an_editor_words_a_model_and_serves_no_version(editor, publish):
    first, second = publish("pump_a"), publish("pump_a")
    model = first.registered_model
    assert 'name="serve"' not in page(editor, f"{MODELS}{model.pk}/change/")
    assert edit(editor, model, name="Hall 3", serve=first.pk, why="mine").status_code == 302
    model.refresh_from_db()
    assert (model.name, model.serving_version) == ("Hall 3", second)


def test_a_form_that_holds_a_version_serves_none_without_the_right(editor, publish, monkeypatch):
    from registry.admin import RegisteredModelAdmin, ServingForm

    get_form = RegisteredModelAdmin.get_form
    monkeypatch.setattr(RegisteredModelAdmin, "get_form", partialmethod(get_form, form=ServingForm))
    first, second = publish("pump_a"), publish("pump_a")
    assert edit(editor, first.registered_model, serve=first.pk).status_code == 403
    assert RegisteredModel.objects.named("pump_a").serving_version == second


def test_a_new_kind_of_machine_is_a_new_row_whose_slug_stays(desk):
    desk.post(f"{MACHINE_TYPES}add/", {"slug": "crane", "name": "Crane", "name_ko": "크레인"})
    desk.post(f"{MACHINE_TYPES}crane/change/", {"slug": "derrick", "name": "Derrick", "name_ko": ""})
    assert MachineType.objects.get(name="Derrick").slug == "crane"


# Lists


@pytest.mark.parametrize("url", [MODELS, VERSIONS, LOG, MACHINE_TYPES])
def test_a_list_asks_a_constant_number_of_questions(desk, publish, curator, url, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def fill(first, last):
        for number in range(first, last):
            MachineType.objects.create(slug=f"kind-{number}", name=f"Kind {number}")
            publish(f"model_{number}", machine_type=f"kind-{number}", by=curator)

    fill(0, 2)
    page(desk, url)
    with CaptureQueriesContext(
        connection,
    ) as few:
        page(desk, url)
    fill(2, 12)
    with django_assert_num_queries(len(few)):
        page(desk, url)


def test_the_log_tells_who_changed_what_and_why(desk, publish, curator):
    publish("pump_a").registered_model.deactivate(by=curator, why="too many false alarms")
    text = page(desk, LOG)
    assert curator.email in text
    assert "too many false alarms" in text
    assert "Deactivate" in text


@pytest.mark.parametrize("url", [MODELS, VERSIONS, LOG])
def test_the_pages_speak_korean_too(desk, publish, url):
    publish("pump_a")
    assert desk.get(url, headers={"Accept-Language": "ko"}).headers["Content-Language"] == "ko"
