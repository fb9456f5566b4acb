"""The first minute of a curator and of an ML engineer in a browser, counted in clicks."""

import re

import pytest
from playwright.sync_api import expect

from registry.models import RegisteredModel

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "correct horse battery"
# Of this window, over all its pages.
COUNT_CLICKS = """addEventListener("click", () => {
  sessionStorage.clicks = Number(sessionStorage.clicks ?? 0) + 1;
}, true)"""


def open_counted(browse, address):
    window = browse()
    window.add_init_script(COUNT_CLICKS)
    window.goto(address)
    return window


def sign_in(window, email):
    window.get_by_label("E-mail address").fill(email)
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_role("button", name="Log in").click()


def clicks(window):
    return int(window.evaluate("sessionStorage.clicks"))


def test_a_curator_rolls_a_model_back(browse, curator, publish, pump_artifact):
    for _ in range(2):
        publish("pump_hall_3", content=pump_artifact, by=curator)
    window = open_counted(browse, "/")
    window.get_by_role("link", name="Administration").click()
    sign_in(window, curator.email)
    window.get_by_role("link", name="Registered models").first.click()
    window.get_by_role("link", name="pump_hall_3").first.click()
    window.get_by_role("button", name="Roll back to v1").first.click()
    window.get_by_label("Reason").fill("False alarms since yesterday")
    window.locator(".confirmation input[type=submit]").click()
    expect(window.get_by_text("v1 is serving")).to_be_visible()
    assert RegisteredModel.objects.get().serving_version.number == 1
    assert clicks(window) <= 8


def test_an_ml_engineer_sees_the_new_model(browse, curator, train, media, live_server):
    (media / "served-at.txt").write_text(live_server.url)
    printed = train("train_mahalanobis", model_id="my_pump")
    (address,) = re.findall(r"see the model on the server: (\S+)", printed)
    window = open_counted(browse, address)
    sign_in(window, curator.email)
    expect(window.get_by_text("v1 is serving")).to_be_visible()
    expect(window.get_by_role("heading", name=re.compile("my_pump"))).to_be_visible()
    assert clicks(window) == 1


def test_one_sign_in_opens_the_admin_and_the_front_door_knows_who_came(browse, curator):
    window = open_counted(browse, "/admin/")
    sign_in(window, curator.email)
    window.goto("/")
    expect(window.get_by_text(f"Signed in as {curator.email}")).to_be_visible()
    first = window.get_by_role("link").nth(0)
    expect(first).to_contain_text("Administration")
