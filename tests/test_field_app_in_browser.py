"""The field app as a person uses it: a browser, a microphone, a real server, models that were really trained.

Screenshots are kept in test-output/, to be looked at.
"""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from playwright.sync_api import BrowserContext, Locator, Page, expect, sync_playwright

from signalcraft import web_build
from tests.node import need_chromium, need_node
from tests.plant import EMAIL, PASSWORD, ROOT, Plant
from training.demo_sounds import FAN, PUMP, Machine, Take, outer_race_defect, record, write_machine

SCREENSHOTS = ROOT / "test-output"
RECORDING_SECONDS = 10
PATIENCE_MS = 30_000
PHONE = {"width": 412, "height": 915}

FLAGS = [
    *["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
    *["--disable-background-networking", "--disable-component-update", "--disable-sync"],
    *["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
]


@pytest.fixture(scope="module")
def plant(tmp_path_factory) -> Iterator[Plant]:
    """Two models, trained on the sounds of a pump and of a fan; the app is built."""
    need_node()
    need_chromium()
    assert web_build.main() is None, "the web build failed"
    sounds = tmp_path_factory.mktemp("sounds")
    for machine in (PUMP, FAN):
        write_machine(sounds / machine.machine_type, machine)
    plant = Plant(tmp_path_factory.mktemp("media"))
    plant.train(sounds / "pump", "pump_forest", "--name=Pump, forest", "--make_default", "--description=Cooling water.")
    plant.train(sounds / "fan", "fan_forest", "--name=Fan, forest", "--make_default")
    plant.sounds = sounds
    plant.start()
    yield plant
    plant.stop()


class Microphone:
    """A file that the browser takes for its microphone, read anew whenever it is opened."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def hears(self, *, fault: bool = False, machine: Machine = PUMP, seed: int = 5) -> np.ndarray:
        rng = np.random.default_rng(seed)
        seconds = RECORDING_SECONDS + 2
        broken = outer_race_defect if fault else None
        sound = record(rng, machine, Take.draw(rng), seconds=seconds, fault=broken)
        soundfile.write(self.path, sound, 16_000, subtype="PCM_16")
        return sound


@pytest.fixture
def microphone(tmp_path) -> Microphone:
    return Microphone(tmp_path / "microphone.wav")


@contextlib.contextmanager
def browser_of(profile: Path, microphone: Microphone, **options: Any) -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=need_chromium(),
            args=[*FLAGS, f"--use-file-for-fake-audio-capture={microphone.path}"],
            permissions=["microphone"],
            **{"locale": "en-US", "viewport": PHONE, "device_scale_factor": 2} | options,
        )
        context.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        try:
            yield context
        finally:
            context.close()


@pytest.fixture
def page(plant, tmp_path, microphone) -> Iterator[Page]:
    microphone.hears()
    with browser_of(tmp_path / "profile", microphone) as context:
        page = context.pages[0]
        mistakes: list[str] = []
        page.on("pageerror", lambda error: mistakes.append(str(error)))
        yield page
        assert mistakes == []


def picture(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def picture_of_all(page: Page, name: str) -> None:
    """Make the window as tall as what it holds: the page scrolls within it."""
    before = page.viewport_size
    height = page.evaluate("Math.max(...[...document.querySelectorAll('div')].map((each) => each.scrollHeight))")
    page.set_viewport_size({"width": before["width"], "height": min(int(height) + 200, 6000)})
    page.wait_for_timeout(300)
    picture(page, name)
    page.set_viewport_size(before)


def button(page: Page, name: str, *, exact: bool = True) -> Locator:
    return page.get_by_role("button", name=name, exact=exact)


def sign_in(page: Page, plant: Plant) -> None:
    page.goto(f"{plant.url}/app")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    button(page, "Sign in").click()
    expect(button(page, "Model: ", exact=False)).to_be_visible()


def choose(page: Page, *, device: str | None = None, model: str) -> None:
    if device:
        button(page, "Machine: ", exact=False).click()
        page.get_by_test_id(f"device-{device}").click()
    button(page, "Model: ", exact=False).click()
    page.get_by_test_id(f"model-{model}").click()
    expect(button(page, "Record")).to_be_enabled()


def record_until_it_stops(page: Page) -> None:
    button(page, "Record").click()
    expect(button(page, "Stop")).to_be_visible()


def verdict(page: Page) -> Locator:
    return page.get_by_test_id("verdict-label")


def offered_models(plant: Plant) -> set[str]:
    query = "SELECT id FROM registry_registeredmodel WHERE is_active AND serving_version_id IS NOT NULL"
    return {f"model-{model_id}" for (model_id,) in plant.rows(query)}


def listed_models(page: Page) -> set[str]:
    rows = page.get_by_test_id("model-", exact=False) if False else page.locator("[data-testid^='model-']")
    return {str(row.get_attribute("data-testid")) for row in rows.all()}


def level_db(samples: np.ndarray) -> float:
    return 10 * np.log10(np.mean(samples**2))


def stored_recording(plant: Plant, number: int) -> Path:
    """The bytes that the server keeps of its recording of this number, counted from the newest."""
    rows = plant.rows("SELECT path FROM analysis_recording ORDER BY id DESC LIMIT 1 OFFSET ?", number)
    return plant.media / "recordings" / rows[0][0]


def test_a_normal_and_a_faulty_machine_are_told_apart(plant, page, microphone):
    sign_in(page, plant)
    button(page, "Model: ", exact=False).click()
    expect(page.get_by_test_id("model-pump_forest")).to_be_visible()
    assert listed_models(page) == offered_models(plant)
    picture(page, "models")
    button(page, "Close").click()

    choose(page, device="pump-07", model="pump_forest")
    picture(page, "ready")
    source = microphone.hears()
    record_until_it_stops(page)
    page.wait_for_timeout(3000)
    picture(page, "recording")
    expect(verdict(page)).to_have_text("Normal")
    expect(page.get_by_test_id("spectrogram")).to_be_visible()
    shown = float(page.get_by_test_id("recorded").inner_text().split()[1])
    picture_of_all(page, "normal")

    samples, rate = soundfile.read(stored_recording(plant, 0))
    assert abs(len(samples) / rate - shown) < 0.1
    assert abs(level_db(samples) - level_db(source)) < 0.5

    button(page, "New recording").click()
    microphone.hears(fault=True)
    record_until_it_stops(page)
    expect(verdict(page)).not_to_have_text("Normal")
    expect(page.get_by_test_id("spectrogram")).to_be_visible()
    picture_of_all(page, "faulty")
