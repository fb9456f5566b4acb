"""What a person does with the field app: a phone-sized browser, a microphone that plays a file."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
import soundfile
from playwright.sync_api import BrowserContext, FilePayload, Locator, Page, expect, sync_playwright

from tests.support.needs import need_chromium
from tests.support.places import PROJECT
from tests.support.plant import EMAIL, PASSWORD, Plant
from training.demo_sounds import PUMP, RecordingSession, outer_race_defect, record

SCREENSHOTS = PROJECT / "test-output"
RECORDING_SECONDS = 10
TRAINING_SECONDS = 4
PATIENCE_MS = 30_000
PHONE: dict[str, Any] = {
    "locale": "en-US",
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
}
# What a browser that shows everything twice as large leaves of that.
ENLARGED = {"viewport": {"width": 195, "height": 422}, "device_scale_factor": 4}

BEYOND_THE_SCREEN = """() => {
  const isScroller = (view) => /auto|scroll/.test(getComputedStyle(view).overflowX);
  const scrolls = (view) => view && (isScroller(view) || scrolls(view.parentElement));
  const views = [...document.querySelectorAll("div, span, h1, h2")];
  const words = views.filter((view) => !view.children.length && view.innerText);
  const isBeyond = (view) => view.getBoundingClientRect().right > window.innerWidth;
  const isCut = (view) => isBeyond(view) && !scrolls(view.parentElement);
  const cut = words.filter((view) => view.checkVisibility() && isCut(view));
  return cut.map((view) => view.innerText);
}"""

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


class Microphone:
    """A file that the browser takes for its microphone, read anew whenever it is opened."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def hears(self, sound: np.ndarray, rate_hz: int = 16_000) -> None:
        soundfile.write(self.path, sound, rate_hz, subtype="PCM_16")

    def hears_a_pump(self, *, is_broken: bool = False) -> np.ndarray:
        rng = np.random.default_rng(5)
        fault = outer_race_defect if is_broken else None
        sound = record(
            rng, PUMP, RecordingSession.sample(rng), seconds=RECORDING_SECONDS + 2, fault=fault
        )
        self.hears(sound)
        return sound


@contextlib.contextmanager
def browser(profile: Path, microphone: Microphone, **options: Any) -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=need_chromium(),
            args=[*FLAGS, f"--use-file-for-fake-audio-capture={microphone.path}"],
            permissions=["microphone", "clipboard-read", "clipboard-write"],
            **PHONE | options,
        )
        context.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        try:
            yield context
        finally:
            context.close()


def picture(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    page.wait_for_timeout(500)  # what slides in has arrived
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def note(name: str, line: str) -> None:
    """Keep a figure beside the screenshots."""
    SCREENSHOTS.mkdir(exist_ok=True)
    (SCREENSHOTS / name).write_text(f"{line}\n")


def picture_of_all(page: Page, name: str) -> None:
    """Make the window as tall as what it holds, because the page scrolls within it."""
    before = page.viewport_size
    assert before
    heights = "[...document.querySelectorAll('div')].map((each) => each.scrollHeight)"
    height = page.evaluate(f"Math.max(...{heights})")
    page.set_viewport_size({"width": before["width"], "height": height + 200})
    picture(page, name)
    page.set_viewport_size(before)


def button(page: Page, name: str, *, exact: bool = True) -> Locator:
    return page.get_by_role("button", name=name, exact=exact)


def sign_in(page: Page, plant: Plant, email: str = EMAIL) -> None:
    page.goto(f"{plant.url}/app")
    fill_in(page, email, PASSWORD)
    expect(button(page, "Model: ", exact=False)).to_be_visible()


def fill_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    button(page, "Sign in").click()


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


def record_shortly(page: Page) -> None:
    """Record as long as the training recordings are."""
    button(page, "Record").click()
    stop_shortly(page)


def stop_shortly(page: Page) -> None:
    """Stop by hand a recording that has begun."""
    expect(button(page, "Stop")).to_be_visible()
    page.wait_for_timeout(1000 * TRAINING_SECONDS)
    button(page, "Stop").click()


def verdict(page: Page) -> Locator:
    return shown(page, "verdict-label")


def shown(page: Page, test_id: str) -> Locator:
    """What is on the screen: the tab behind it is still there."""
    return page.get_by_test_id(test_id).filter(visible=True)


def listed_models(page: Page) -> set[str]:
    rows = page.locator("[data-testid^='model-']").all()
    return {str(row.get_attribute("data-testid")).removeprefix("model-") for row in rows}


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def analyze(page: Page, plant: Plant, recording: Path, email: str = EMAIL) -> str:
    """Have the server judge a recording, as somebody does with another phone; return its id."""
    form = {"email": email, "password": PASSWORD}
    tokens = page.request.post(f"{plant.url}/api/v1/auth/token", data=form).json()
    upload = FilePayload(name=recording.name, mimeType="audio/wav", buffer=recording.read_bytes())
    response = page.request.post(
        f"{plant.url}/api/v1/analyses",
        headers={"Authorization": f"Bearer {tokens['access']}"},
        multipart={"file": upload, "model_id": "pump_forest", "device_id": "pump-07"},
    )
    assert response.status == 201, response.text()
    return str(response.json()["id"])


def offered_models(plant: Plant) -> set[str]:
    query = (
        "SELECT id FROM registry_registeredmodel WHERE is_active AND serving_version_id IS NOT NULL"
    )
    return {model_id for (model_id,) in plant.rows(query)}


def level_db(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(samples**2)))


def newest_recording(plant: Plant) -> Path:
    """The bytes that the server keeps of what it got last."""
    rows = plant.rows("SELECT path FROM analysis_recording ORDER BY created_at DESC LIMIT 1")
    return plant.media / "recordings" / rows[0][0]


def letters_px(page: Page) -> float:
    """Compute how high the letters of the spectrogram are on the screen, in CSS pixels."""
    addresses = page.evaluate("performance.getEntriesByType('resource').map((each) => each.name)")
    asked = [address for address in addresses if "spectrogram.png" in address]
    em = int(parse_qs(urlparse(asked[-1]).query)["em"][0])
    shown_width, width = page.get_by_test_id("spectrogram").evaluate(
        "(view) => [view.clientWidth, view.querySelector('img').naturalWidth]"
    )
    return float(em * shown_width / width)


def cut_off(page: Page) -> list[str]:
    """Which words end neither within the screen nor within something that one can scroll."""
    return list(page.evaluate(BEYOND_THE_SCREEN))


def waits_for_the_server(page: Page) -> None:
    expect(page.get_by_test_id("outbox-item")).to_have_count(1)
    expect(page.get_by_test_id("outbox-item")).to_contain_text("Waiting for the server")


def check_the_server_got_what_was_recorded(page: Page, plant: Plant, source: np.ndarray) -> None:
    """As loud as it was played, and as long as the app shows."""
    samples, rate = soundfile.read(newest_recording(plant))
    shown_seconds = float(page.get_by_test_id("recorded").inner_text().split()[1])
    difference_db = level_db(samples) - level_db(source)
    seconds = len(samples) / rate

    note(
        "recording.txt",
        f"{difference_db:+.3f} dB against the source; {seconds:.3f} s, shown as {shown_seconds} s",
    )
    assert abs(difference_db) < 0.5
    assert abs(seconds - shown_seconds) < 0.1
    assert shown_seconds == pytest.approx(RECORDING_SECONDS, abs=0.1)


def open_details(page: Page) -> None:
    """Unfold what is below a verdict, the spectrogram first."""
    shown(page, "details").click()
    expect(page.get_by_test_id("spectrogram")).to_be_visible()


def choose_file(page: Page, *files: Path, label: str = "Choose a file") -> None:
    with page.expect_file_chooser() as chooser:
        button(page, label).last.click()
    chooser.value.set_files(files)


def play_and_pause(page: Page) -> None:
    button(page, "Play the recording").click()
    expect(button(page, "Pause")).to_be_visible()
    button(page, "Pause").click()
    expect(button(page, "Play the recording")).to_be_visible()


def give_feedback(page: Page, plant: Plant) -> None:
    page.get_by_role("radio", name="Machine is faulty").click()
    page.get_by_role("radio", name="Bearing", exact=True).click()
    page.get_by_label("Comment").fill("Outer race of the bearing")
    button(page, "Save").click()
    expect(page.get_by_text("You can change it at any time.")).to_be_visible()
    feedback = plant.rows("SELECT verdict, fault_code, comment FROM analysis_feedback")
    assert feedback == [("TRUE_POSITIVE", "bearing", "Outer race of the bearing")], feedback


def read_the_history_in_korean(page: Page) -> None:
    open_tab(page, "History")
    expect(page.get_by_test_id("history-row")).to_have_count(3)
    expect(page.get_by_test_id("trend")).to_have_count(1)
    expect(page.get_by_text("Machine is faulty: Bearing")).to_be_visible()
    picture(page, "history")
    open_tab(page, "Settings")
    picture(page, "settings")
    page.get_by_role("radio", name="한국어").click()
    picture(page, "settings-korean")
    open_tab(page, "기록")
    picture(page, "history-korean")
    page.get_by_test_id("history-row").last.click()
    expect(verdict(page)).to_have_text("정상")
    expect(verdict(page)).to_have_css("word-break", "keep-all")
    expect(shown(page, "finding")).to_contain_text("평소와 같은 소리입니다")
    open_details(page)
    expect(shown(page, "summary")).to_contain_text("평소와 같은 소리입니다")
    picture_of_all(page, "normal-korean")
