"""Steady tones too weak for their mel band: found in a long spectrum, and told from the machine's own lines."""

from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from analysis import detectors
from analysis.sound.features import FeatureSpec
from analysis.sound.tonal_peaks import (
    LINE_N_FFT,
    MAX_STRETCHES,
    TonalProfile,
    extract_tonal_peaks,
    find_strongest_by_band,
    stretches,
)
from tests.analysis.sound.test_explanation import TONE_HZ, with_tone
from tests.support.trained_detectors import (
    DETECTOR_TYPES,
    FOREST,
    N_TAKES,
    OTHER_TAKES,
    SECONDS,
    artifact,
    fitter,
    front_end,
    grouping,
    heard,
    recordings,
    training_clips,
)
from tests.support.trained_pump import of_format_2
from training.datasets.grouping import group_clips
from training.fitters.building import build_artifact
from training.fitters.tonal_peaks import (
    MIN_CLIPS,
    compute_group_peaks,
    compute_reference,
    fit_tonal_profile,
)

RATE_HZ = 16_000
SPEC = FeatureSpec(clip_seconds=3.0)
FAINT_DB = -26


@pytest.fixture(params=DETECTOR_TYPES)
def judge(request):
    return artifact(request.param)


def noise(seconds=3.0, seed=0):
    return (np.random.default_rng(seed).standard_normal(round(seconds * RATE_HZ)) * 0.1).astype(
        np.float32
    )


def frequency_of(line):
    return SPEC.low_hz + line * RATE_HZ / LINE_N_FFT


@pytest.mark.parametrize("frequency_hz", [250.0, 1800.0, 6000.5])
def test_a_faint_tone_in_noise_is_the_strongest_line(frequency_hz):
    t = np.arange(3 * RATE_HZ) / RATE_HZ
    lines = extract_tonal_peaks(
        (noise() + 0.01 * np.sin(2 * np.pi * frequency_hz * t)).astype(np.float32), SPEC
    )
    assert frequency_of(int(np.argmax(lines))) == pytest.approx(frequency_hz, abs=1.5)
    assert lines.max() > extract_tonal_peaks(noise(), SPEC).max() + 3


@pytest.mark.parametrize("seconds", [2.7, 3.0, 30.0])
def test_lines_are_as_many_whatever_the_length_and_as_strong_whatever_the_level(seconds):
    loud = noise(seconds)
    lines = extract_tonal_peaks(loud, SPEC)
    assert (lines.shape, lines.dtype) == (extract_tonal_peaks(noise(), SPEC).shape, np.float32)
    assert extract_tonal_peaks(loud * np.float32(0.01), SPEC) == pytest.approx(lines, abs=0.01)


@pytest.mark.parametrize("silent_s", [1.2, 3.0])
def test_what_is_silent_for_a_stretch_is_not_listened_to_for_lines(silent_s):
    waveform = noise()
    waveform[len(waveform) - round(silent_s * RATE_HZ) :] = 0
    assert extract_tonal_peaks(waveform, SPEC) is None


def test_a_tone_as_steady_as_any_is_the_strongest_line_of_a_clip_without_noise():
    t = np.arange(3 * RATE_HZ) / RATE_HZ
    lines = extract_tonal_peaks(np.sin(2 * np.pi * 1000 * t).astype(np.float32), SPEC)
    assert frequency_of(int(np.argmax(lines))) == pytest.approx(1000, abs=1.5)


def as_clips(waveforms):
    return [
        SimpleNamespace(lines=extract_tonal_peaks(waveform, front_end().spec))
        for waveform in waveforms
    ]


def of_noise(first_seed):
    return [noise(SECONDS - 0.2, seed=first_seed + n) for n in range(40)]


@pytest.fixture(scope="module")
def noise_lines():
    """What training learns of steady noise."""
    learnt, held_out = as_clips(of_noise(0)), as_clips(of_noise(100))
    reference = compute_reference(learnt, front_end())
    peaks = np.array([compute_group_peaks(clip.lines, reference, front_end()) for clip in held_out])
    return fit_tonal_profile(learnt, peaks, 0.975, front_end())


def n_with_bands(profile, waveforms):
    return sum(
        bool(
            (
                profile.strength(profile.excess(clip.lines, front_end().band_hz, front_end().spec))
                > 1
            ).any()
        )
        for clip in as_clips(waveforms)
    )


@pytest.mark.parametrize("db", [-6, -20])
def test_noise_that_is_quieter_for_half_its_time_shows_lines_as_seldom_as_steady_noise(
    noise_lines, db
):
    steady, quieter = of_noise(200), of_noise(200)
    for waveform in quieter:
        waveform[len(waveform) // 2 :] *= 10 ** (db / 20)
    assert max(n_with_bands(noise_lines, steady), n_with_bands(noise_lines, quieter)) <= 3


def test_the_strongest_line_of_each_band_is_that_nearest_to_its_centre(judge):
    spec, band_hz = judge.front_end.spec, judge.front_end.band_hz
    lines = np.zeros_like(judge.profile.tonal_profile.reference)
    lines[round((band_hz[61] - spec.low_hz) * LINE_N_FFT / RATE_HZ)] = 1
    assert np.flatnonzero(find_strongest_by_band(lines, band_hz, spec)).tolist() == [60]


@pytest.mark.parametrize("clip_seconds", [1.0, 2.1, 3.0, 3.7, 4.4])
@pytest.mark.parametrize(
    ("share", "is_heard"), [(0.5, False), (0.75, False), (0.95, True), (1.0, True), (20.0, True)]
)
def test_a_shorter_clip_than_training_had_is_not_listened_to_for_lines(
    clip_seconds, share, is_heard
):
    spec = FeatureSpec(clip_seconds=clip_seconds)
    trimmed = noise(share * clip_seconds - 2 * spec.trim_seconds)
    assert (extract_tonal_peaks(trimmed, spec) is not None) is is_heard


def test_of_long_clips_as_much_is_enough_as_is_listened_to():
    assert extract_tonal_peaks(noise(5.0), FeatureSpec(clip_seconds=120.0)) is not None
    assert extract_tonal_peaks(noise(3.0), FeatureSpec(clip_seconds=120.0)) is None


@pytest.mark.parametrize("seconds", [6, 60, 600])
def test_long_clips_cost_no_more_than_short_ones(seconds):
    starts = stretches(seconds * RATE_HZ)
    assert len(starts) == MAX_STRETCHES == 4
    assert (starts[0], starts[-1]) == (0, seconds * RATE_HZ - LINE_N_FFT)
    assert all(after - start >= LINE_N_FFT for start, after in pairwise(starts))


def test_a_line_that_normal_clips_have_too_is_never_shown(judge):
    spec, band_hz = judge.front_end.spec, judge.front_end.band_hz
    none = np.zeros_like(judge.profile.tonal_profile.reference)
    everywhere = np.ones(spec.n_mels, np.float32)
    lines = TonalProfile(none, -30 * everywhere, everywhere, 3.0)
    assert lines.strength(lines.excess(none - 1, band_hz, spec)).max() <= 1
    assert lines.strength(lines.excess(none, band_hz, spec)).max() <= 1
    assert lines.strength(lines.excess(none + 1, band_hz, spec)).min() > 1


def test_a_clip_too_short_to_be_listened_to_teaches_no_lines():
    (short,) = recordings(N_TAKES, n_clips=1, seconds=1.0)
    clips = [*training_clips(FOREST), heard(short, FOREST)]
    groups = group_clips([f"take{n // 3}" for n in range(len(clips))], max_folds=3)
    learnt = build_artifact(fitter(FOREST), clips, groups, 0.05).artifact.profile.tonal_profile
    expected = artifact(FOREST).profile.tonal_profile
    assert clips[-1].lines is None
    np.testing.assert_array_equal(learnt.reference, expected.reference)
    assert np.isfinite([learnt.limit, *learnt.usual, *learnt.deviation]).all()


@pytest.mark.parametrize(
    ("n_clips", "is_learnt"), [(0, False), (MIN_CLIPS - 1, False), (MIN_CLIPS, True)]
)
def test_few_clips_with_lines_teach_none(n_clips, is_learnt):
    lines = [
        clip if n < n_clips else replace(clip, lines=None)
        for n, clip in enumerate(training_clips(FOREST))
    ]
    judge = build_artifact(fitter(FOREST), lines, grouping(), 0.05).artifact
    assert (judge.profile.tonal_profile is not None) is is_learnt
    assert judge.predict(recordings(OTHER_TAKES[0], n_clips=1)[0]).explanation.curve.size


def test_clips_of_a_single_fold_teach_no_lines():
    """Nothing else that has lines is there to hold them against."""
    groups = grouping()
    inside = set(groups.held_out_indices(0))
    clips = [
        clip if n in inside else replace(clip, lines=None)
        for n, clip in enumerate(training_clips(FOREST))
    ]
    assert (
        build_artifact(fitter(FOREST), clips, groups, 0.05).artifact.profile.tonal_profile is None
    )


@pytest.mark.parametrize("take", OTHER_TAKES)
def test_a_tone_too_faint_for_its_band_is_pointed_at_by_its_line(judge, take):
    (waveform,) = recordings(take, n_clips=1)
    heard = with_tone(waveform, db=FAINT_DB)
    by_bands = replace(judge, profile=replace(judge.profile, tonal_profile=None))
    assert not any(
        band.low_hz < TONE_HZ < band.high_hz for band in by_bands.predict(heard).explanation.bands
    )
    (found,) = (
        band
        for band in judge.predict(heard).explanation.bands
        if band.low_hz < TONE_HZ < band.high_hz
    )
    assert found.excess_db > 3


def test_a_version_of_an_older_release_has_no_lines_and_is_heard_without(pump_artifact):
    older, waveform = detectors.read(of_format_2(pump_artifact)), noise()
    assert older.profile.tonal_profile is None
    assert older.compute_anomaly_score(waveform) == detectors.read(
        pump_artifact
    ).compute_anomaly_score(waveform)
    assert older.predict(waveform).explanation.curve.size


def test_a_version_without_lines_is_written_and_read_without(pump_artifact):
    older = detectors.read(of_format_2(pump_artifact))
    again = detectors.read(detectors.write(detectors.read(detectors.write(older))))
    assert again.profile.tonal_profile is None
    assert detectors.write(again) == detectors.write(older)
