"""A browser that tests drive: Debian's Chromium, headless, and its screenshots."""

import pytest
from playwright.sync_api import sync_playwright

from tests.support.needs import need_chromium
from tests.support.places import PROJECT

PICTURES = PROJECT / "test-output"
# It looks up nobody and updates nothing; as root it has no sandbox of its own.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
]


@pytest.fixture(scope="module")
def chromium():
    """The browser."""
    where = need_chromium()
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright runs an event loop in this thread, and Django takes that for asynchronous code.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=where, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium, live_server):
    """Open windows of the browser, each of somebody else, that begin at the admin."""
    contexts = []

    def open_window():
        context = chromium.new_context(
            base_url=live_server.url, viewport={"width": 1280, "height": 900}
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        window = context.new_page()
        window.goto("/admin/")
        return window

    yield open_window
    for context in contexts:
        context.close()


def picture(window, name):
    """Keep what the window shows, for people."""
    PICTURES.mkdir(exist_ok=True)
    window.screenshot(path=PICTURES / f"admin-{name}.png", full_page=True)
