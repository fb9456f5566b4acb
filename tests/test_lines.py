"""Steady tones too weak for their mel band: found in a long spectrum, and told from the machine's own lines."""

from dataclasses import replace

import numpy as np
import pytest

from analysis import detectors
from analysis.features import FeatureSpec
from analysis.lines import LINE_N_FFT, MAX_STRETCHES, LineProfile, are_as_many, prominence, strongest_by_band
from tests.test_explanation import TONE_HZ, with_tone
from tests.trained_detectors import DETECTOR_TYPES, OTHER_TAKES, artifact, recordings
from tests.trained_pump import of_format_2

RATE_HZ = 16_000
SPEC = FeatureSpec(clip_seconds=3.0)
FAINT_DB = -26


@pytest.fixture(params=DETECTOR_TYPES)
def judge(request):
    return artifact(request.param)


def noise(seconds=3.0, seed=0):
    return (np.random.default_rng(seed).standard_normal(round(seconds * RATE_HZ)) * 0.1).astype(np.float32)


def frequency_of(line):
    return SPEC.low_hz + line * RATE_HZ / LINE_N_FFT


@pytest.mark.parametrize("frequency_hz", [250.0, 1800.0, 6000.5])
def test_a_faint_tone_in_noise_is_the_strongest_line(frequency_hz):
    t = np.arange(3 * RATE_HZ) / RATE_HZ
    lines = prominence((noise() + 0.01 * np.sin(2 * np.pi * frequency_hz * t)).astype(np.float32), SPEC)
    assert frequency_of(int(np.argmax(lines))) == pytest.approx(frequency_hz, abs=1.5)
    assert lines.max() > prominence(noise(), SPEC).max() + 3


@pytest.mark.parametrize("seconds", [0.5, 1.0, 3.0, 30.0])
def test_lines_are_as_many_whatever_the_length_and_as_strong_whatever_the_level(seconds):
    loud = noise(seconds)
    lines = prominence(loud, SPEC)
    assert (lines.shape, lines.dtype) == (prominence(noise(), SPEC).shape, np.float32)
    assert prominence(loud * np.float32(0.01), SPEC) == pytest.approx(lines, abs=0.01)


def test_silence_has_no_lines():
    assert np.abs(prominence(np.zeros(3 * RATE_HZ, np.float32), SPEC)).max() == 0


def test_the_strongest_line_of_each_band_is_that_nearest_to_its_centre(judge):
    spec, band_hz = judge.front_end.spec, judge.front_end.band_hz
    lines = np.zeros_like(judge.profile.lines.reference)
    lines[round((band_hz[61] - spec.low_hz) * LINE_N_FFT / RATE_HZ)] = 1
    assert np.flatnonzero(strongest_by_band(lines, band_hz, spec)).tolist() == [60]


@pytest.mark.parametrize(("seconds", "is_heard"), [(1.0, False), (1.5, False), (3.0, True), (60.0, True)])
def test_a_shorter_clip_than_training_had_is_not_listened_to_for_lines(seconds, is_heard):
    assert are_as_many(noise(seconds), SPEC) is is_heard


def test_long_clips_cost_no_more_than_short_ones():
    assert are_as_many(noise(60.0), FeatureSpec(clip_seconds=120.0))
    assert MAX_STRETCHES * LINE_N_FFT / RATE_HZ < 5


def test_a_line_that_normal_clips_have_too_is_never_shown(judge):
    spec, band_hz = judge.front_end.spec, judge.front_end.band_hz
    none = np.zeros_like(judge.profile.lines.reference)
    everywhere = np.ones(spec.n_mels, np.float32)
    lines = LineProfile(none, -30 * everywhere, everywhere, 3.0)
    assert lines.strength(lines.excess(none - 1, band_hz, spec)).max() <= 1
    assert lines.strength(lines.excess(none, band_hz, spec)).max() <= 1
    assert lines.strength(lines.excess(none + 1, band_hz, spec)).min() > 1


@pytest.mark.parametrize("take", OTHER_TAKES)
def test_a_tone_too_faint_for_its_band_is_pointed_at_by_its_line(judge, take):
    (waveform,) = recordings(take, n_clips=1)
    heard = with_tone(waveform, db=FAINT_DB)
    by_bands = replace(judge, profile=replace(judge.profile, lines=None))
    assert not any(band.low_hz < TONE_HZ < band.high_hz for band in by_bands.listen(heard).explanation.bands)
    (found,) = (band for band in judge.listen(heard).explanation.bands if band.low_hz < TONE_HZ < band.high_hz)
    assert found.excess_db > 3


def test_a_version_of_an_older_release_has_no_lines_and_is_heard_without(pump_artifact):
    older, waveform = detectors.read(of_format_2(pump_artifact)), noise()
    assert older.profile.lines is None
    assert older.anomaly_score(waveform) == detectors.read(pump_artifact).anomaly_score(waveform)
    assert older.listen(waveform).explanation.curve.size


def test_a_version_without_lines_is_written_and_read_without(pump_artifact):
    older = detectors.read(of_format_2(pump_artifact))
    again = detectors.read(detectors.write(detectors.read(detectors.write(older))))
    assert again.profile.lines is None
    assert detectors.write(again) == detectors.write(older)
