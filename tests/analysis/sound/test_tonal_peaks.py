"""Steady tones too weak for their mel band are found, apart from the machine's own tones."""

from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from analysis import detectors
from analysis.sound.features import SAMPLE_RATE_HZ, FeatureSpec
from analysis.sound.tonal_peaks import (
    MAX_SEGMENTS,
    PEAK_N_FFT,
    TonalProfile,
    extract_tonal_peaks,
    find_strongest_by_band,
    place_segments,
)
from tests.analysis.sound.test_explanation import TONE_HZ, with_tone
from tests.support.trained_detectors import (
    DETECTOR_TYPES,
    FOREST,
    N_SESSIONS,
    OTHER_SESSIONS,
    SECONDS,
    extract_clip,
    fitter,
    front_end,
    get_artifact,
    grouping,
    recordings,
    training_clips,
)
from tests.support.trained_pump import to_format_2
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
def artifact(request):
    return get_artifact(request.param)


def noise(seconds=3.0, seed=0):
    return (np.random.default_rng(seed).standard_normal(round(seconds * RATE_HZ)) * 0.1).astype(
        np.float32
    )


def to_hz(k):
    return SPEC.low_hz + k * RATE_HZ / PEAK_N_FFT


@pytest.mark.parametrize("frequency_hz", [250.0, 1800.0, 6000.5])
def test_a_faint_tone_in_noise_is_the_highest_peak(frequency_hz):
    t = np.arange(3 * RATE_HZ) / RATE_HZ
    peaks = extract_tonal_peaks(
        (noise() + 0.01 * np.sin(2 * np.pi * frequency_hz * t)).astype(np.float32), SPEC
    )
    assert to_hz(int(np.argmax(peaks))) == pytest.approx(frequency_hz, abs=1.5)
    assert peaks.max() > extract_tonal_peaks(noise(), SPEC).max() + 3


@pytest.mark.parametrize("seconds", [2.7, 3.0, 30.0])
def test_peaks_depend_on_neither_length_nor_level(seconds):
    loud = noise(seconds)
    peaks = extract_tonal_peaks(loud, SPEC)
    assert (peaks.shape, peaks.dtype) == (extract_tonal_peaks(noise(), SPEC).shape, np.float32)
    assert extract_tonal_peaks(loud * np.float32(0.01), SPEC) == pytest.approx(peaks, abs=0.01)


@pytest.mark.parametrize("silent_s", [1.2, 3.0])
def test_a_partly_silent_clip_has_no_tonal_peaks(silent_s):
    waveform = noise()
    waveform[len(waveform) - round(silent_s * RATE_HZ) :] = 0
    assert extract_tonal_peaks(waveform, SPEC) is None


def test_a_pure_tone_is_the_highest_peak():
    t = np.arange(3 * RATE_HZ) / RATE_HZ
    peaks = extract_tonal_peaks(np.sin(2 * np.pi * 1000 * t).astype(np.float32), SPEC)
    assert to_hz(int(np.argmax(peaks))) == pytest.approx(1000, abs=1.5)


def as_clips(waveforms):
    return [
        SimpleNamespace(tonal_peaks=extract_tonal_peaks(waveform, front_end().spec))
        for waveform in waveforms
    ]


def noises(first_seed):
    return [noise(SECONDS - 0.2, seed=first_seed + n) for n in range(40)]


@pytest.fixture(scope="module")
def noise_profile():
    """The tonal profile of steady noise."""
    learnt = as_clips(noises(0))
    held_out = as_clips(noises(100))
    reference = compute_reference(learnt, front_end())
    peaks = np.array(
        [compute_group_peaks(clip.tonal_peaks, reference, front_end()) for clip in held_out]
    )
    return fit_tonal_profile(learnt, peaks, 0.975, front_end())


def count_with_bands(profile, waveforms):
    return sum(
        bool(
            (
                profile.compute_strength(
                    profile.compute_excess(clip.tonal_peaks, front_end().band_hz, front_end().spec)
                )
                > 1
            ).any()
        )
        for clip in as_clips(waveforms)
    )


@pytest.mark.parametrize("db", [-6, -20])
def test_noise_of_changing_level_shows_bands_as_rarely_as_steady_noise(noise_profile, db):
    steady = noises(200)
    quieter = noises(200)
    for waveform in quieter:
        waveform[len(waveform) // 2 :] *= 10 ** (db / 20)
    assert (
        max(count_with_bands(noise_profile, steady), count_with_bands(noise_profile, quieter)) <= 3
    )


def test_each_band_takes_the_bins_nearest_to_its_centre(artifact):
    spec = artifact.front_end.spec
    band_hz = artifact.front_end.band_hz
    peaks = np.zeros_like(artifact.profile.tonal_profile.reference)
    peaks[round((band_hz[61] - spec.low_hz) * PEAK_N_FFT / RATE_HZ)] = 1
    assert np.flatnonzero(find_strongest_by_band(peaks, band_hz, spec)).tolist() == [60]


@pytest.mark.parametrize("clip_seconds", [1.0, 2.1, 3.0, 3.7, 4.4])
@pytest.mark.parametrize(
    ("share", "has_peaks"), [(0.5, False), (0.75, False), (0.95, True), (1.0, True), (20.0, True)]
)
def test_a_clip_shorter_than_training_clips_has_no_tonal_peaks(clip_seconds, share, has_peaks):
    spec = FeatureSpec(clip_seconds=clip_seconds)
    trimmed = noise(share * clip_seconds - 2 * spec.trim_seconds)
    assert (extract_tonal_peaks(trimmed, spec) is not None) is has_peaks


def test_four_segments_are_enough_of_a_long_clip():
    assert extract_tonal_peaks(noise(5.0), FeatureSpec(clip_seconds=120.0)) is not None
    assert extract_tonal_peaks(noise(3.0), FeatureSpec(clip_seconds=120.0)) is None


@pytest.mark.parametrize("seconds", [6, 60, 600])
def test_long_clips_have_no_more_segments_than_short_ones(seconds):
    starts = place_segments(seconds * RATE_HZ)
    assert len(starts) == MAX_SEGMENTS == 4
    assert (starts[0], starts[-1]) == (0, seconds * RATE_HZ - PEAK_N_FFT)
    assert all(after - start >= PEAK_N_FFT for start, after in pairwise(starts))


def test_a_peak_of_normal_clips_is_never_abnormal(artifact):
    spec = artifact.front_end.spec
    band_hz = artifact.front_end.band_hz
    none = np.zeros_like(artifact.profile.tonal_profile.reference)
    everywhere = np.ones(spec.n_mels, np.float32)
    profile = TonalProfile(none, -30 * everywhere, everywhere, 3.0)
    assert profile.compute_strength(profile.compute_excess(none - 1, band_hz, spec)).max() <= 1
    assert profile.compute_strength(profile.compute_excess(none, band_hz, spec)).max() <= 1
    assert profile.compute_strength(profile.compute_excess(none + 1, band_hz, spec)).min() > 1


def test_a_clip_without_peaks_does_not_change_the_profile():
    (short,) = recordings(N_SESSIONS, n_clips=1, seconds=1.0)
    clips = [*training_clips(FOREST), extract_clip(short, FOREST)]
    groups = group_clips([f"take{n // 3}" for n in range(len(clips))], max_folds=3)
    trained = build_artifact(fitter(FOREST), clips, groups, 0.05, stored={})
    learnt = trained.artifact.profile.tonal_profile
    expected = get_artifact(FOREST).profile.tonal_profile
    assert clips[-1].tonal_peaks is None
    np.testing.assert_array_equal(learnt.reference, expected.reference)
    assert np.isfinite([learnt.limit, *learnt.center, *learnt.scale]).all()


@pytest.mark.parametrize(
    ("n_clips", "is_learnt"), [(0, False), (MIN_CLIPS - 1, False), (MIN_CLIPS, True)]
)
def test_a_profile_needs_enough_clips_with_peaks(n_clips, is_learnt):
    clips = [
        clip if n < n_clips else replace(clip, tonal_peaks=None)
        for n, clip in enumerate(training_clips(FOREST))
    ]
    artifact = build_artifact(fitter(FOREST), clips, grouping(), 0.05, stored={}).artifact
    assert (artifact.profile.tonal_profile is not None) is is_learnt
    assert artifact.predict(recordings(OTHER_SESSIONS[0], n_clips=1)[0]).explanation.curve.size


def test_clips_of_a_single_fold_give_no_profile():
    """No other clips have peaks that they could be compared with."""
    groups = grouping()
    inside = set(groups.held_out_indices(0))
    clips = [
        clip if n in inside else replace(clip, tonal_peaks=None)
        for n, clip in enumerate(training_clips(FOREST))
    ]
    trained = build_artifact(fitter(FOREST), clips, groups, 0.05, stored={})
    assert trained.artifact.profile.tonal_profile is None


@pytest.mark.parametrize("session", OTHER_SESSIONS)
def test_a_tone_too_faint_for_its_band_is_found_by_its_peak(artifact, session):
    (waveform,) = recordings(session, n_clips=1)
    waveform_with_tone = with_tone(waveform, db=FAINT_DB)
    by_bands = replace(artifact, profile=replace(artifact.profile, tonal_profile=None))
    assert not any(
        band.low_hz < TONE_HZ < band.high_hz
        for band in by_bands.predict(waveform_with_tone).explanation.bands
    )
    (found,) = (
        band
        for band in artifact.predict(waveform_with_tone).explanation.bands
        if band.low_hz < TONE_HZ < band.high_hz
    )
    assert found.excess_db > 3


def test_a_version_of_an_older_release_predicts_without_a_tonal_profile(pump_artifact):
    older = detectors.read(to_format_2(pump_artifact))
    waveform = noise()[: 2 * SAMPLE_RATE_HZ]
    assert older.profile.tonal_profile is None
    newer = detectors.read(pump_artifact)
    without_cost = replace(newer, detector=replace(newer.detector, shift_cost=0.0))
    assert older.compute_anomaly_score(waveform) == without_cost.compute_anomaly_score(waveform)
    assert older.predict(waveform).explanation.curve.size


def test_a_version_without_a_tonal_profile_is_written_and_read(pump_artifact):
    older = detectors.read(to_format_2(pump_artifact))
    again = detectors.read(detectors.write(detectors.read(detectors.write(older))))
    assert again.profile.tonal_profile is None
    assert detectors.write(again) == detectors.write(older)
