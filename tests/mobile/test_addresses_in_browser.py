"""Every screen of the field app has an address, and Back goes back."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.field_app_browser import (
    PHONE,
    analyze,
    browser,
    button,
    choose,
    fill_in,
    open_tab,
    picture,
    shown,
    sign_in,
    verdict,
)
from tests.support.plant import EMAIL, PASSWORD


@pytest.fixture
def result(plant, page, microphone) -> str:
    """The id of an analysis that the engineer may read."""
    return analyze(page, plant, microphone.path)


def test_back_returns_from_a_result_to_the_list_it_was_opened_from(plant, page, result):
    sign_in(page, plant)
    open_tab(page, "History")
    expect(page).to_have_url(f"{plant.url}/app/history")
    page.get_by_test_id("history-row").first.click()
    expect(verdict(page)).to_be_visible()
    expect(page).to_have_url(f"{plant.url}/app/results/{result}")
    page.go_back()
    expect(shown(page, "history-row").first).to_be_visible()
    expect(page).to_have_url(f"{plant.url}/app/history")
    page.go_forward()
    expect(verdict(page)).to_be_visible()
    button(page, "Back").click()
    expect(page).to_have_url(f"{plant.url}/app/history")


def test_what_the_history_shows_stands_in_its_address(plant, page, result):
    sign_in(page, plant)
    open_tab(page, "History")
    expect(page.get_by_test_id("history-row").first).to_be_visible()
    page.get_by_role("radio", name="Cooling water pump 7").click()
    page.get_by_label("Search").fill("no such pump")
    expect(page.get_by_text("No result holds these words.")).to_be_visible()
    address = f"{plant.url}/app/history?machine=pump-07&search=no%20such%20pump"
    expect(page).to_have_url(address)
    open_tab(page, "Settings")
    open_tab(page, "History")
    expect(page).to_have_url(address)
    page.reload()
    expect(page.get_by_label("Search")).to_have_value("no such pump")
    expect(page.get_by_role("radio", name="Cooling water pump 7")).to_be_checked()
    expect(page.get_by_text("No result holds these words.")).to_be_visible()
    page.get_by_label("Search").fill("")
    expect(page).to_have_url(f"{plant.url}/app/history?machine=pump-07")
    page.get_by_test_id("history-row").first.click()
    expect(verdict(page)).to_be_visible()
    page.go_back()
    expect(page).to_have_url(f"{plant.url}/app/history?machine=pump-07")


def test_a_shared_address_shows_the_result_to_whoever_signs_in(plant, page, result):
    page.goto(f"{plant.url}/app/results/{result}")
    fill_in(page, EMAIL, PASSWORD)
    expect(verdict(page)).to_be_visible()
    expect(page).to_have_url(f"{plant.url}/app/results/{result}")
    expect(page).to_have_title("Result · SignalCraft")
    button(page, "Back").click()
    expect(button(page, "Model: ", exact=False)).to_be_visible()
    expect(page).to_have_url(f"{plant.url}/app/")


def test_a_link_to_a_result_is_copied(plant, page, result):
    sign_in(page, plant)
    page.goto(f"{plant.url}/app/results/{result}")
    button(page, "Copy the link").click()
    expect(button(page, "Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{plant.url}/app/results/{result}"


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("machine", "No machine"),
        ("model", "All types"),
        ("model/suggestion", "The models are ranked"),
        ("settings", "Signed in as"),
        ("help", "How to record"),
        ("no/such/screen", "This address shows nothing"),
    ],
)
def test_an_address_shows_its_screen_and_leads_back_to_the_first(plant, page, address, what):
    sign_in(page, plant)
    page.goto(f"{plant.url}/app/{address}")
    expect(page.get_by_text(what).filter(visible=True).first).to_be_visible()
    page.reload()
    expect(page.get_by_text(what).filter(visible=True).first).to_be_visible()
    way_back = page.get_by_role("tab", name="Diagnose").or_(button(page, "Back"))
    way_back.click()
    expect(button(page, "Model: ", exact=False)).to_be_visible()
    expect(page).to_have_url(f"{plant.url}/app/")


def test_a_model_is_chosen_on_a_screen_of_its_own_and_back_keeps_it(plant, page):
    sign_in(page, plant)
    choose(page, device="pump-07", model="pump_forest")
    button(page, "Model: ", exact=False).click()
    expect(page).to_have_url(f"{plant.url}/app/model")
    page.go_back()
    expect(button(page, "Model: Cooling water pump")).to_be_visible()


def test_what_was_half_typed_survives_back_and_a_reload(plant, page, result):
    sign_in(page, plant)
    page.goto(f"{plant.url}/app/results/{result}")
    page.get_by_role("radio", name="Machine is faulty").click()
    page.get_by_label("Comment").fill("Outer race of the")
    button(page, "Back").click()
    expect(button(page, "Model: ", exact=False)).to_be_visible()
    page.goto(f"{plant.url}/app/results/{result}")
    expect(page.get_by_label("Comment")).to_have_value("Outer race of the")
    button(page, "Save").click()
    expect(page.get_by_text(re.compile("^Saved, "))).to_be_visible()


def test_whoever_signs_out_leaves_no_address_behind(plant, page):
    sign_in(page, plant)
    open_tab(page, "Settings")
    button(page, "Sign out").click()
    expect(page.get_by_label("Password", exact=True)).to_be_visible()
    expect(page).to_have_url(f"{plant.url}/app/")


def test_an_address_opens_without_the_server(plant, page):
    sign_in(page, plant)
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    plant.stop()
    try:
        page.goto(f"{plant.url}/app/help")
        expect(page.get_by_text("How to record")).to_be_visible()
    finally:
        plant.start()


@pytest.mark.parametrize(
    ("name", "viewport"),
    [("landscape", {"width": 844, "height": 390}), ("tablet", {"width": 1180, "height": 820})],
)
def test_the_tabs_stand_at_the_side_where_height_is_scarce(
    plant, tmp_path, microphone, name, viewport
):
    with browser(tmp_path / "profile", microphone, **(PHONE | {"viewport": viewport})) as context:
        page = context.pages[0]
        sign_in(page, plant)
        choose(page, device="pump-07", model="pump_forest")
        tabs = page.get_by_role("tablist").bounding_box()
        assert tabs
        assert tabs["height"] > tabs["width"]
        picture(page, f"ready-{name}")
