"""Every screen passes the rules of axe: names, roles, contrasts; light, dark and in Korean.

No word of it is cut off at the side.
"""

import pytest
from playwright.sync_api import Page, expect

from signalcraft.web_build import MODULES
from tests.support.field_app_browser import (
    PHONE,
    analyze,
    browser,
    cut_off,
    open_details,
    picture,
    shown,
)
from tests.support.plant import CALIBRATOR_EMAIL, PASSWORD

AXE = MODULES / "axe-core" / "axe.min.js"
RUN_AXE = """async () => {
  const runOnly = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];
  const { violations } = await axe.run(document, { runOnly });
  return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 200))]);
}"""
# Each screen with something that stands on it once it is there.
SCREENS = {
    "": "choice",
    "machine": "device-pump-07",
    "model": "model-pump_forest",
    "model/suggestion": "record",
    "calibration/pump-07/pump_forest": "current-calibration",
    "history": "history-row",
    "settings": "account",
    "help": "help",
    "no/such/screen": "not-found",
}


def violations(page: Page) -> list[object]:
    page.evaluate(AXE.read_text())  # a script tag would be refused by the page's policy
    return list(page.evaluate(RUN_AXE))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("light", {}),
        ("dark", {"color_scheme": "dark"}),
        ("korean", {"locale": "ko-KR"}),
    ],
)
def test_every_screen_passes_axe(plant, tmp_path, microphone, name, options):
    microphone.hears_a_pump(is_broken=True)
    found = {}
    with browser(tmp_path / "profile", microphone, **(PHONE | options)) as context:
        page = context.pages[0]
        result = analyze(page, plant, microphone.path, CALIBRATOR_EMAIL)
        page.goto(f"{plant.url}/app/")
        expect(page.locator("#password")).to_be_visible()
        found["sign-in"] = violations(page) + cut_off(page)
        page.locator("#username").fill(CALIBRATOR_EMAIL)
        page.locator("#password").fill(PASSWORD)
        page.locator("#password").press("Enter")
        expect(page.locator("#password")).to_have_count(0)
        for address, test_id in SCREENS.items():
            page.goto(f"{plant.url}/app/{address}")
            expect(shown(page, test_id).first).to_be_visible()
            found[address] = violations(page) + cut_off(page)
            picture(page, f"axe-{name}-{address.replace('/', '-') or 'diagnosis'}")
        page.goto(f"{plant.url}/app/results/{result}")
        open_details(page)
        found["result"] = violations(page) + cut_off(page)
        picture(page, f"axe-{name}-result")
    assert {screen: rules for screen, rules in found.items() if rules} == {}
