"""A recording with a hole ends and says why: the track of the microphone is muted or ends."""

import pytest
from playwright.sync_api import expect

from tests.support.field_app_browser import (
    button,
    choose,
    picture,
    record_shortly,
    record_until_it_stops,
    sign_in,
    verdict,
)

KEEP_THE_TRACK = """
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    const stream = await open(constraints);
    [window.microphoneTrack] = stream.getTracks();
    return stream;
  };
"""
# As the system does it; in the last case it tells nobody.
MUTED = "window.microphoneTrack.dispatchEvent(new Event('mute'))"
PULLED = "window.microphoneTrack.dispatchEvent(new Event('ended'))"
ZEROS = "window.microphoneTrack.enabled = false"


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (MUTED, "The microphone is muted."),
        (PULLED, "The microphone is gone."),
        (ZEROS, "The microphone delivers no sound at all."),
    ],
)
def test_a_microphone_that_goes_away_ends_the_recording_in_words(plant, page, event, reason):
    page.add_init_script(KEEP_THE_TRACK)
    sign_in(page, plant)
    choose(page, model="pump_forest")
    (before,) = plant.rows("SELECT count(*) FROM analysis_analysis")
    record_until_it_stops(page)
    page.wait_for_timeout(1500)
    page.evaluate(event)
    told = page.get_by_role("alert").get_by_text("The recording ended after")
    expect(told).to_contain_text(reason)
    expect(button(page, "Stop")).to_be_hidden()
    assert plant.rows("SELECT count(*) FROM analysis_analysis") == [before]
    picture(page, "muted")
    record_shortly(page)
    expect(verdict(page)).to_have_text("Normal")
