"""A machine is known by its lines, whatever the microphone; another machine has others."""

import numpy as np
import pytest

from analysis.sound.audio import SAMPLE_RATE_HZ
from analysis.sound.line_fingerprint import (
    FIRST_BIN,
    HIGHEST_DB,
    LINE_N_FFT,
    LOWEST_DB,
    N_LINES,
    LineFingerprint,
    compute_cosines,
    extract_lines,
)
from tests.support.trained_detectors import CLIPS_PER_SESSION, OTHER_SESSIONS, recordings
from training.demo_sounds import FAN, RecordingSession, record

SESSIONS = range(10)


def make_noise(seed, *, seconds=2.0):
    n_samples = round(seconds * SAMPLE_RATE_HZ)
    return np.random.default_rng(seed).normal(0, 0.1, n_samples).astype(np.float32)


def add_tone(waveform, frequency_hz):
    times = np.arange(len(waveform)) / SAMPLE_RATE_HZ
    return waveform + (0.1 * np.sin(2 * np.pi * frequency_hz * times)).astype(np.float32)


def record_fan(seed):
    rng = np.random.default_rng([8, seed])
    sound = record(rng, FAN, RecordingSession.sample(rng), seconds=2.0, fault=None)
    return sound.astype(np.float32)


@pytest.fixture(scope="module")
def fingerprint():
    lines = [extract_lines(each) for session in SESSIONS for each in recordings(session)]
    return LineFingerprint.fit(lines, np.repeat(np.arange(len(SESSIONS)), CLIPS_PER_SESSION))


def test_a_tone_is_a_line_and_noise_has_none():
    noise = make_noise(0, seconds=20.0)
    lines = extract_lines(add_tone(noise, 1000))
    assert lines.shape == (N_LINES,)
    at = 1000 * LINE_N_FFT // SAMPLE_RATE_HZ - FIRST_BIN
    assert lines[at] == HIGHEST_DB
    assert (lines == HIGHEST_DB).sum() <= 5
    assert extract_lines(noise).max() < 6
    assert extract_lines(noise).min() >= LOWEST_DB


@pytest.mark.parametrize("session", OTHER_SESSIONS)
def test_its_machine_is_known_on_another_day_and_with_another_microphone(fingerprint, session):
    for waveform in recordings(session):
        brighter = np.diff(waveform, prepend=np.float32(0))
        for heard in (waveform, 0.01 * waveform, brighter):
            assert not fingerprint.is_unlike(extract_lines(heard))


def test_another_machine_is_not_taken_for_it(fingerprint):
    fans = [fingerprint.is_unlike(extract_lines(record_fan(seed))) for seed in range(10)]
    assert np.mean(fans) >= 0.9
    noises = [
        fingerprint.is_unlike(extract_lines(make_noise(seed, seconds=4.0))) for seed in range(10)
    ]
    assert all(noises)


def test_the_limit_is_below_what_sessions_that_were_not_learnt_have():
    lines = [extract_lines(each) for session in SESSIONS for each in recordings(session)]
    by_clip = LineFingerprint.fit(lines, np.arange(len(lines)))
    by_session = LineFingerprint.fit(lines, np.repeat(np.arange(len(SESSIONS)), CLIPS_PER_SESSION))
    assert by_session.limit < by_clip.limit
    assert (by_session.mean == by_clip.mean).all()


def test_a_long_recording_has_the_lines_of_all_of_it():
    noise = make_noise(0, seconds=60.0)
    early = np.concatenate([add_tone(noise[: len(noise) // 2], 1000), noise[len(noise) // 2 :]])
    late = np.concatenate([noise[: len(noise) // 2], add_tone(noise[len(noise) // 2 :], 1000)])
    for waveform in (early, late):
        assert extract_lines(waveform).max() == HIGHEST_DB


@pytest.mark.parametrize("waveform", [np.zeros(16_000, np.float32), np.zeros(4_000, np.float32)])
def test_what_has_no_sound_has_no_lines(waveform):
    lines = extract_lines(waveform)
    assert not lines.any()
    assert compute_cosines([lines], lines) == [0.0]
