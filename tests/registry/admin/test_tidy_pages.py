"""Pages of the admin show what is needed: nothing twice, no link that leads nowhere."""

import pytest

from registry.models import Promotion, Proposal
from tests.support.admin_desk import LOG, MODELS, PROPOSALS, VERSIONS, choose_action, get_page

pytestmark = pytest.mark.django_db


def test_versions_are_filtered_by_whether_they_are_archived(desk, publish):
    archived = publish("pump_a")
    serving = publish("pump_a")
    serving.registered_model.archive(archived, by=None)
    for query, listed in [
        ("?archived=yes", [archived]),
        ("?archived=no", [serving]),
        ("", [serving, archived]),
    ]:
        assert list(desk.get(VERSIONS + query).context["cl"].result_list) == listed


def test_a_page_leads_to_no_history_that_is_kept_elsewhere(desk, publish):
    version = publish("pump_a")
    version.registered_model.protect(by=None)
    version.registered_model.decide("deactivate", by=None)
    promotion = Promotion.objects.first()
    proposal = Proposal.objects.get()
    for url in [
        f"{MODELS}pump_a/",
        f"{VERSIONS}{version.pk}/",
        f"{LOG}{promotion.pk}/",
        f"{PROPOSALS}{proposal.pk}/",
    ]:
        assert "historylink" not in get_page(desk, f"{url}change/")


def test_a_row_of_the_log_and_a_proposal_say_who_and_why_once(desk, publish, curator, make_user):
    model = publish("pump_a").registered_model
    model.protect(by=None, why="in use")
    proposal = model.decide("deactivate", by=curator, why="out of order")
    row = f"{LOG}{Promotion.objects.first().pk}/change/"
    assert '<div class="readonly">a command</div>' in get_page(desk, row)
    assert "None" not in get_page(desk, f"{PROPOSALS}{proposal.pk}/change/")
    proposal.approve(
        by=make_user("curator", username="colleague", is_staff=True), why="heard it too"
    )
    for url in [f"{LOG}{Promotion.objects.first().pk}/", f"{PROPOSALS}{proposal.pk}/"]:
        text = get_page(desk, f"{url}change/")
        assert text.count(f'<div class="readonly">{curator.email}</div>') == 1
        assert "colleague@plant.example: “heard it too”" in text


def test_what_cannot_be_edited_has_no_button_to_save_it(desk, publish):
    model = publish("pump_a").registered_model
    assert 'name="_save"' in get_page(desk, f"{MODELS}pump_a/change/")
    model.protect(by=None)
    assert 'name="_save"' not in get_page(desk, f"{MODELS}pump_a/change/")
    assert 'name="_continue"' not in get_page(desk, f"{MODELS}pump_a/change/")


def test_what_is_protected_can_be_proposed_as_default_before_it_serves(desk, publish):
    model = publish("pump_a", serve=False).registered_model
    button = 'value="make_default" class="button"'
    assert button not in get_page(desk, f"{MODELS}pump_a/change/")
    model.protect(by=None)
    assert button in get_page(desk, f"{MODELS}pump_a/change/")


def test_nothing_stands_beside_what_serves_where_nothing_would_answer_yet(desk, publish):
    publish("pump_b").registered_model.make_default(by=None)
    model = publish("pump_a", serve=False).registered_model
    model.protect(by=None)
    text = choose_action(desk, MODELS, "make_default", model).content.decode()
    assert "Cannot be approved yet" in text
    assert "before-after" not in text
