"""The first minute of a field engineer: from the front door to a verdict, counted in taps."""

from playwright.sync_api import expect

from tests.support.field_app_browser import button, fill_in, verdict
from tests.support.plant import ADMIN_EMAIL, EMAIL, PASSWORD

COUNT_TAPS = """addEventListener("click", () => {
  sessionStorage.taps = Number(sessionStorage.taps ?? 0) + 1;
}, true)"""


def test_from_the_front_door_to_the_first_verdict(plant, page, microphone):
    microphone.hears_a_pump(is_broken=True)
    page.goto(plant.url)
    page.get_by_role("link", name="Field app").click()
    fill_in(page, EMAIL, PASSWORD)
    expect(button(page, "Machine: ", exact=False)).to_be_visible()
    page.evaluate(COUNT_TAPS)

    button(page, "Machine: ", exact=False).click()
    page.get_by_test_id("device-pump-07").click()
    # The machine brought its model.
    expect(page.get_by_text("chosen for this machine")).to_be_visible()
    button(page, "Record").click()
    expect(verdict(page)).not_to_have_text("Normal")
    assert int(page.evaluate("sessionStorage.taps")) <= 5


def test_one_sign_in_for_every_page_of_the_server(plant, page):
    page.goto(f"{plant.url}/app/")
    fill_in(page, EMAIL, PASSWORD)
    expect(button(page, "Machine: ", exact=False)).to_be_visible()
    page.goto(plant.url)
    expect(page.get_by_text(f"Signed in as {EMAIL}")).to_be_visible()
    # Who is signed in to the server is so in the app, too.
    page.evaluate("localStorage.clear()")
    page.goto(f"{plant.url}/app/")
    expect(button(page, "Machine: ", exact=False)).to_be_visible()


def test_signing_out_of_the_app_ends_it_everywhere(plant, page):
    page.goto(f"{plant.url}/app/")
    fill_in(page, EMAIL, PASSWORD)
    page.get_by_role("tab", name="Settings").click()
    button(page, "Sign out").click()
    expect(button(page, "Sign in")).to_be_visible()
    page.reload()
    expect(button(page, "Sign in")).to_be_visible()
    page.goto(plant.url)
    expect(page.get_by_text("Signed in as")).to_be_hidden()


def test_signing_out_of_the_admin_ends_it_in_the_app(plant, page):
    page.goto(f"{plant.url}/app/")
    fill_in(page, ADMIN_EMAIL, PASSWORD)
    expect(button(page, "Machine: ", exact=False)).to_be_visible()
    admin = page.context.new_page()
    admin.goto(f"{plant.url}/admin/")
    admin.get_by_role("button", name="Log out").click()
    expect(admin.get_by_role("link", name="Log in again")).to_be_visible()
    admin.close()
    # Whatever the open app asks next is refused.
    page.get_by_role("tab", name="History").click()
    expect(page.get_by_text("Your session has expired.", exact=False)).to_be_visible()
    page.reload()
    expect(button(page, "Sign in")).to_be_visible()


def test_signing_out_of_the_app_ends_it_in_the_admin(plant, page):
    page.goto(f"{plant.url}/admin/")
    page.get_by_label("E-mail address").fill(ADMIN_EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.goto(f"{plant.url}/app/")
    page.get_by_role("tab", name="Settings").click()
    button(page, "Sign out").click()
    expect(button(page, "Sign in")).to_be_visible()
    page.goto(f"{plant.url}/admin/")
    expect(page.get_by_label("E-mail address")).to_be_visible()


def test_signing_out_without_the_server_is_told_to_it_later(plant, page):
    page.goto(f"{plant.url}/app/")
    fill_in(page, EMAIL, PASSWORD)
    page.get_by_role("tab", name="Settings").click()
    page.route("**/api/v1/auth/session", lambda route: route.abort())
    button(page, "Sign out").click()
    expect(button(page, "Sign in")).to_be_visible()
    page.unroute("**/api/v1/auth/session")
    page.reload()
    expect(button(page, "Sign in")).to_be_visible()
    page.goto(plant.url)
    expect(page.get_by_text("Signed in as")).to_be_hidden()
