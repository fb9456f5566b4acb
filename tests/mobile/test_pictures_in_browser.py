"""The pictures of README and its pages: of the demo, taken by using the app and the admin.

`python -m pytest -n0 tests/mobile/test_pictures_in_browser.py` takes them again.
"""

import io
import re
from collections.abc import Iterator

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Page, expect

from tests.docs.pictures import IMAGES, MAX_BYTES
from tests.mobile.app_build import build_app
from tests.support.field_app_browser import (
    button,
    fill_in,
    open_details,
    open_tab,
    shown,
    verdict,
)
from tests.support.needs import need_chromium
from tests.support.plant import Plant

N_COLOURS = 128
# A picture that differs in fewer pixels shows the same: another time of day, another shade.
MAX_SAME = 0.03
DESK = {"width": 1280, "height": 720}
HEADER = "rgb(65, 118, 144)"  # nothing is shown without its style sheets
ENGINEER = "engineer@example.com"
ADMIN = "admin@example.com"


@pytest.fixture(scope="module")
def plant(tmp_path_factory) -> Iterator[Plant]:
    """A server as a first start makes it, with the demo; the app is built."""
    need_chromium()
    build_app()
    media = tmp_path_factory.mktemp("demo")
    passwords = str(media / "first-passwords.txt")
    plant = Plant(media, "make_demo", "--parallel", "--passwords_file", passwords)
    plant.manage("collectstatic", "--noinput", "--verbosity=0")  # the dress of the admin
    plant.start()
    yield plant
    plant.stop()


def password_of(plant: Plant, email: str) -> str:
    found = re.search(
        rf"{email}, password (\S+)", (plant.media / "first-passwords.txt").read_text()
    )
    assert found
    return found[1]


def take(page: Page, name: str) -> None:
    """Take a picture, and replace the stored one where that shows something else."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)  # what slides in has arrived
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    IMAGES.mkdir(exist_ok=True)
    path = IMAGES / f"{name}.png"
    if not (path.exists() and look_alike(Image.open(path).convert("RGB"), shot)):
        shot.quantize(N_COLOURS).save(path, optimize=True)
    assert path.stat().st_size < MAX_BYTES


def look_alike(stored: Image.Image, shot: Image.Image) -> bool:
    """Return whether few pixels differ more than colours that were rounded."""
    if stored.size != shot.size:
        return False
    difference = ImageChops.difference(stored, shot).convert("L")
    n_other = sum(difference.histogram()[48:])
    return n_other <= MAX_SAME * shot.width * shot.height


def test_pictures_of_the_field_app(plant, page):
    page.goto(f"{plant.url}/app/")
    fill_in(page, ENGINEER, password_of(plant, ENGINEER))
    button(page, "Machine: ", exact=False).click()
    page.get_by_test_id("device-demo-pump").click()
    expect(page.get_by_text("chosen for this machine")).to_be_visible()
    expect(button(page, "Faulty")).to_be_visible()
    take(page, "ready")

    button(page, "Faulty").click()
    expect(verdict(page)).to_have_text("Critical")
    take(page, "verdict")

    open_tab(page, "History")
    page.get_by_role("radio", name="Demo pump").click()
    expect(page.get_by_test_id("trend")).to_be_visible()
    take(page, "history")

    # The newest is the one of just now; the one before was found to be a bearing.
    page.get_by_test_id("history-row").nth(1).click()
    open_details(page)
    expect(shown(page, "spectrogram")).to_be_visible()
    different = page.get_by_text("What sounds different").filter(visible=True)
    different.evaluate("(words) => words.parentElement.scrollIntoView({ block: 'start' })")
    take(page, "details")


def test_pictures_of_the_admin(plant, page):
    page.set_viewport_size(DESK)
    page.goto(plant.url)
    take(page, "front-door")
    page.get_by_role("link", name="Administration").click()
    page.get_by_label("E-mail address").fill(ADMIN)
    page.get_by_label("Password").fill(password_of(plant, ADMIN))
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="Registered models").first.click()
    expect(page.get_by_role("link", name="pump_mahalanobis_demo")).to_be_visible()
    expect(page.locator("#header")).to_have_css("background-color", HEADER)
    take(page, "models")
    page.get_by_role("link", name="pump_mahalanobis_demo").click()
    expect(page.get_by_text("v1 is serving")).to_be_visible()
    take(page, "model")
