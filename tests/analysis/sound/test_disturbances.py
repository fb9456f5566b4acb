"""Sounds from beside the machine are found and cut out; a machine's own rhythm is not."""

import numpy as np
import pytest

from analysis.sound.audio import SAMPLE_RATE_HZ
from analysis.sound.disturbances import MARGIN_FRAMES, SteadySound, cross_fade, cut_out, is_rhythm
from tests.support.trained_detectors import OTHER_SESSIONS, SECONDS, front_end, recordings

N_SAMPLES = round(SECONDS * SAMPLE_RATE_HZ)


def frames_of(waveform):
    return front_end().extract_frames(waveform)


@pytest.fixture(scope="module")
def steady_sound():
    clips = [frames_of(each) for session in range(10) for each in recordings(session)]
    return SteadySound.fit(clips, share=0.95, tolerance=1.1)


def with_voice(waveform, at_s, *, seconds=0.3, gain=4.0):
    """Add a falling tone with overtones, as loud as `gain` times the machine."""
    times = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    phase = 2 * np.pi * (600 * times - 300 * times**2)
    voice = sum(np.sin(k * phase) / k for k in (1, 2, 3, 5)) * np.hanning(len(times))
    heard = waveform.copy()
    start = round(at_s * SAMPLE_RATE_HZ)
    heard[start : start + len(voice)] += gain * waveform.std() * voice.astype(np.float32)
    return heard


@pytest.mark.parametrize("session", OTHER_SESSIONS)
@pytest.mark.parametrize("at_s", [0.3, 0.9, 1.5])
def test_a_voice_is_found_when_it_is_heard(steady_sound, session, at_s):
    (waveform,) = recordings(session, n_clips=1)
    ((first, end),) = steady_sound.find_disturbances(frames_of(with_voice(waveform, at_s)))
    step_s = front_end().spec.step_seconds
    assert first * step_s + 0.1 == pytest.approx(at_s, abs=0.2)
    assert end * step_s + 0.1 == pytest.approx(at_s + 0.3, abs=0.2)


@pytest.mark.parametrize("session", OTHER_SESSIONS)
def test_in_a_healthy_clip_nothing_is_found(steady_sound, session):
    found = [steady_sound.find_disturbances(frames_of(each)) for each in recordings(session)]
    assert sum(map(bool, found)) <= 1


def test_what_follows_in_time_is_the_machine():
    assert is_rhythm([(10, 14), (30, 34), (50, 54), (70, 74)], 90)
    assert not is_rhythm([(10, 14), (30, 34), (50, 54)], 90)
    assert not is_rhythm([(10, 14), (16, 20), (50, 54), (80, 84)], 90)
    assert not is_rhythm([(10, 14), (15, 19), (20, 24), (25, 29)], 90)


def test_regular_knocks_are_no_disturbance(steady_sound):
    (waveform,) = recordings(OTHER_SESSIONS[0], n_clips=1)
    for at_s in (0.2, 0.6, 1.0, 1.4):
        waveform = with_voice(waveform, at_s, seconds=0.1, gain=6.0)
    assert steady_sound.find_disturbances(frames_of(waveform)) == []
    irregular = recordings(OTHER_SESSIONS[0], n_clips=1)[0]
    for at_s in (0.2, 0.5, 1.5):
        irregular = with_voice(irregular, at_s, seconds=0.1, gain=6.0)
    assert steady_sound.find_disturbances(frames_of(irregular))


@pytest.mark.parametrize("hz", [1.0, 2.0, 6.0, 11.0])
@pytest.mark.parametrize("session", OTHER_SESSIONS)
def test_a_machine_that_swells_is_no_disturbance(steady_sound, session, hz):
    (waveform,) = recordings(session, n_clips=1)
    times = np.arange(len(waveform)) / SAMPLE_RATE_HZ
    swelling = waveform * (1 + 0.7 * np.sin(2 * np.pi * hz * times)).astype(np.float32)
    assert steady_sound.find_disturbances(frames_of(swelling)) == []


def test_the_rest_is_shorter_by_what_was_cut_and_has_its_ends():
    spec = front_end().spec
    waveform = np.arange(N_SAMPLES, dtype=np.float32)
    rest = cut_out(waveform, [(10, 20)], spec)
    fade = round(0.02 * SAMPLE_RATE_HZ)
    cut = 9 * spec.hop_length + spec.n_fft
    assert len(rest) == N_SAMPLES - cut - fade
    assert rest[0] == waveform[0]
    assert rest[-1] == waveform[-1]


def test_a_cut_makes_no_click():
    one = np.ones(4000, np.float32)
    joined = cross_fade([one, 3 * one], 320)
    assert len(joined) == 2 * 4000 - 320
    assert np.abs(np.diff(joined)).max() < 0.01


def test_nothing_may_be_left():
    spec = front_end().spec
    assert len(cross_fade([], 320)) == 0
    n_frames = spec.count_frames(SECONDS)
    assert len(cut_out(np.ones(N_SAMPLES, np.float32), [(0, n_frames)], spec)) < SAMPLE_RATE_HZ


def test_sounds_close_to_each_other_are_one(steady_sound):
    waveform = recordings(OTHER_SESSIONS[0], n_clips=1)[0]
    for at_s in (0.5, 0.8):
        waveform = with_voice(waveform, at_s)
    runs = steady_sound.find_disturbances(frames_of(waveform))
    assert len(runs) == 1
    assert runs[0][1] - runs[0][0] > 2 * MARGIN_FRAMES
