"""What the field app keeps while the server is away, and what it does not keep."""

import time
from datetime import UTC, datetime

import soundfile
from playwright.sync_api import expect

from tests.support.field_app_browser import (
    analyze,
    browser,
    button,
    choose,
    choose_file,
    open_tab,
    picture,
    picture_of_all,
    record_shortly,
    sign_in,
    verdict,
    waits_for_the_server,
)

COUNTS = """
    SELECT (SELECT count(*) FROM analysis_analysis), (SELECT count(*) FROM analysis_recording)
"""


def test_a_recording_waits_for_the_server_through_a_restart_and_is_sent_once(
    plant, tmp_path, microphone
):
    ((n_analyses, n_recordings),) = plant.rows(COUNTS)
    with browser(tmp_path / "profile", microphone) as context:
        page = context.pages[0]
        sign_in(page, plant)
        choose(page, model="pump_forest")
        page.wait_for_function("navigator.serviceWorker.controller !== null")

        plant.stop()
        recorded_from = datetime.now(UTC)
        record_shortly(page)
        expect(page.get_by_text("The recording is saved on this device")).to_be_visible()
        recorded_by = datetime.now(UTC)
        picture(page, "waiting")

        check_it_still_waits_after_a_reload(page, plant)

    with browser(tmp_path / "profile", microphone) as context:
        page = context.pages[0]
        page.goto(f"{plant.url}/app/")
        waits_for_the_server(page)
        plant.start()
        expect(page.get_by_text("1 recording was sent")).to_be_visible(timeout=70_000)
        expect(page.get_by_test_id("outbox-item")).to_have_count(0)
        picture(page, "sent")
        page.reload()
        expect(button(page, "Record")).to_be_enabled()
        time.sleep(5)  # a second sending would have come by now
    assert plant.rows(COUNTS) == [(n_analyses + 1, n_recordings + 1)]
    assert recorded_from <= newest_recorded_at(plant) <= recorded_by


def check_it_still_waits_after_a_reload(page, plant):
    """With no server at all, and with a proxy whose server is away."""
    page.reload()
    waits_for_the_server(page)
    picture(page, "waiting-after-reload")
    with plant.proxy_without_server():
        page.reload()
        waits_for_the_server(page)
        button(page, "Send now").click()
        waits_for_the_server(page)


def newest_recorded_at(plant):
    newest = "SELECT recorded_at FROM analysis_recording ORDER BY created_at DESC LIMIT 1"
    ((recorded_at,),) = plant.rows(newest)
    return datetime.fromisoformat(recorded_at).replace(tzinfo=UTC)


def test_three_refused_files_do_not_pile_up_and_a_good_one_is_judged(
    plant, page, sounds, tmp_path, microphone
):
    (tmp_path / "notes.wav").write_text("these are notes")
    soundfile.write(tmp_path / "short.wav", soundfile.read(microphone.path)[0][:5000], 16_000)
    (tmp_path / "empty.wav").write_bytes(b"")
    refusals = {
        "notes.wav": "The server does not support this file type.",
        "short.wav": "record for 1.0 s or more",
        "empty.wav": "The file is empty.",
    }
    sign_in(page, plant)
    choose(page, model="pump_forest")
    for name, words in refusals.items():
        choose_file(page, tmp_path / name)
        refusal = page.get_by_role("alert").filter(has_text=words)
        expect(refusal).to_contain_text(f"{name} was not sent")
        expect(page.get_by_test_id("outbox-item")).to_have_count(0)
        picture_of_all(page, "refused")
        button(page, "Try another one").click()
    choose_file(page, sorted((sounds / "pump" / "test_normal").iterdir())[0])
    expect(verdict(page)).to_have_text("Normal")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_test_id("outbox-item")).to_have_count(0)


BREAK_AN_ENTRY = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open("signalcraft", 1);
  opening.onsuccess = () => {
    const writing = opening.result.transaction("outbox", "readwrite");
    writing.objectStore("outbox").put({ key: "cut", parcel: { key: "cut" } });
    writing.oncomplete = resolve;
    writing.onabort = reject;
  };
})"""


def test_a_damaged_entry_of_the_outbox_is_marked_and_the_others_go_on(plant, page):
    sign_in(page, plant)
    choose(page, model="pump_forest")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    plant.stop()
    record_shortly(page)
    waits_for_the_server(page)
    page.evaluate(BREAK_AN_ENTRY)
    plant.start()
    button(page, "Send now").click()
    expect(page.get_by_test_id("outbox-item")).to_have_count(0, timeout=70_000)
    damaged = page.get_by_test_id("outbox-damaged")
    expect(damaged).to_contain_text("This recording is damaged and cannot be read any more.")
    picture_of_all(page, "damaged")
    damaged.get_by_role("button", name="Delete").click()
    expect(damaged).to_have_count(0)


def test_history_and_models_are_readable_without_the_server(plant, page, microphone):
    result = analyze(page, plant, microphone.path)
    sign_in(page, plant)
    button(page, "Model: ", exact=False).click()
    expect(page.get_by_test_id("model-pump_forest")).to_be_visible()
    button(page, "Back").click()
    open_tab(page, "History")
    n_rows = page.get_by_test_id("history-row").count()
    expect(page.get_by_test_id("history-row").first).to_be_visible()
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.wait_for_timeout(2000)  # answers are stored once a second
    plant.stop()
    try:
        page.reload()
        expect(page.get_by_text("This is what it sent on").filter(visible=True)).to_be_visible()
        assert page.get_by_test_id("history-row").count() >= max(n_rows, 1)
        picture(page, "history-offline")
        page.goto(f"{plant.url}/app/results/{result}")
        expect(verdict(page)).to_be_visible()
        page.goto(f"{plant.url}/app/model")
        expect(page.get_by_test_id("model-pump_forest")).to_be_visible()
        expect(page.get_by_text("This is what it sent on").filter(visible=True)).to_be_visible()
    finally:
        plant.start()
