"""The front end gives librosa's numbers at any level, in windows as long as training clips."""

from dataclasses import replace

import librosa
import numpy as np
import pytest

from analysis.errors import Silent
from analysis.sound import audio, features
from analysis.sound.clip_features import count_clip_features, extract_clip_features
from analysis.sound.features import LONG_CLIP, FeatureSpec, compute_power_spectrum
from tests.support.trained_detectors import recordings
from training.fitters.front_end import build_front_end, make_front_end

CLIP_SECONDS = 2.0
SPEC = FeatureSpec(clip_seconds=CLIP_SECONDS)
SPECS = [
    SPEC,
    FeatureSpec(
        clip_seconds=CLIP_SECONDS, n_mels=64, n_fft=2048, hop_length=256, low_hz=50, high_hz=8000
    ),
]


def pump(seconds=CLIP_SECONDS, seed=0):
    return recordings(seed, n_clips=1, seconds=seconds)[0]


def tone(seconds=CLIP_SECONDS, frequency_hz=1000.0):
    t = np.arange(round(seconds * SPEC.sample_rate_hz)) / SPEC.sample_rate_hz
    return (0.1 * np.sin(2 * np.pi * frequency_hz * t)).astype(np.float32)


def librosa_mel_power(waveform, spec):
    power = librosa.feature.melspectrogram(
        y=waveform,
        sr=spec.sample_rate_hz,
        n_fft=spec.n_fft,
        hop_length=spec.hop_length,
        n_mels=spec.n_mels,
        fmin=spec.low_hz,
        fmax=spec.high_hz,
        center=False,
    )
    return power.T


def test_the_sample_rate_is_that_of_decoded_audio():
    assert features.SAMPLE_RATE_HZ == audio.SAMPLE_RATE_HZ


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{spec.n_mels} bands")
def test_decibels_are_librosas(spec):
    front_end = make_front_end(spec)
    expected = librosa_mel_power(front_end.trim(pump()), spec)
    floor = spec.relative_floor * expected.mean()
    expected_db = librosa.power_to_db(expected, ref=expected.mean(), amin=floor, top_db=None)
    assert front_end.compute_mel_power(pump()).shape == expected.shape
    assert np.abs(10 * np.log10(front_end.compute_mel_power(pump()) / expected)).max() < 1e-4
    assert np.abs(front_end.extract_frames(pump()) - expected_db).max() < 1e-4


def test_frames_are_float32_and_reach_down_to_the_floor_at_most():
    frames = make_front_end(SPEC).extract_frames(tone())
    assert frames.dtype == np.float32
    assert frames.min() == pytest.approx(-50, abs=1e-3)


@pytest.mark.parametrize("gain", [0.01, 10])
def test_frames_do_not_depend_on_the_level(gain):
    front_end = make_front_end(SPEC)
    assert (
        np.abs(
            front_end.extract_frames(np.float32(gain) * pump()) - front_end.extract_frames(pump())
        ).max()
        < 1e-3
    )


def test_a_tenth_of_a_second_at_either_end_is_ignored():
    waveform = pump()
    front_end = make_front_end(SPEC)
    knocked = waveform.copy()
    knocked[:1600] = 1
    knocked[-1600:] = -1
    assert len(front_end.trim(waveform)) == len(waveform) - 3200
    assert (front_end.extract_frames(knocked) == front_end.extract_frames(waveform)).all()


def test_a_recording_that_is_silent_but_for_its_ends_is_refused():
    waveform = np.zeros(32_000, np.float32)
    waveform[:1000] = waveform[-1000:] = 0.3
    with pytest.raises(Silent):
        make_front_end(SPEC).compute_mel_power(waveform)


def test_a_silent_part_of_a_long_recording_lies_at_the_floor():
    front_end = make_front_end(SPEC)
    half_silent = np.concatenate([np.zeros_like(pump(6)), pump(6)])
    windows = [window.frames for window in front_end.extract_windows(half_silent)]
    assert windows[0].max() == windows[0].min() == pytest.approx(-50, abs=1e-3)
    assert all(np.isfinite(frames).all() for frames in windows)


# Windows


def windows_of(n_frames):
    """Return the numbers of the frames in each window of a long clip."""
    numbered = np.repeat(
        np.arange(1, n_frames + 1, dtype=np.float32)[:, np.newaxis], SPEC.n_mels, axis=1
    )
    front_end = make_front_end(SPEC)
    numbers = []
    for window in front_end.cut_windows(
        np.zeros(n_frames * SPEC.hop_length + 2 * SPEC.n_fft, np.float32),
        numbered,
        [(0, n_frames)],
    ):
        powers = 10 ** (window.frames[:, 0] / 10)
        numbers.append(np.round(powers / np.diff(powers).mean()).astype(int))
    return numbers


@pytest.mark.parametrize("share", [0.3, 1.0, LONG_CLIP])
def test_a_clip_up_to_half_as_long_again_is_one_window(share):
    (window,) = windows_of(int(share * SPEC.clip_frames))
    assert len(window) == int(share * SPEC.clip_frames)


@pytest.mark.parametrize("share", [1.52, 2.0, 2.3, 7.7])
def test_windows_of_a_longer_clip_are_as_long_as_training_clips_and_leave_nothing_out(share):
    n_frames = int(share * SPEC.clip_frames)
    windows = windows_of(n_frames)
    assert {len(window) for window in windows} == {SPEC.clip_frames}
    assert set(np.concatenate(windows)) == set(range(1, n_frames + 1))
    assert len(windows) == 1 + np.ceil((n_frames - SPEC.clip_frames) / SPEC.window_step)


def test_neighbouring_windows_overlap_by_half():
    starts = np.array([numbers[0] for numbers in windows_of(5 * SPEC.clip_frames)])
    assert np.diff(starts) == pytest.approx(SPEC.window_step, rel=0.15)
    assert SPEC.window_step == SPEC.clip_frames // 2
    assert replace(SPEC, has_overlap=False).window_step == SPEC.clip_frames


def test_each_window_is_relative_to_its_own_mean():
    front_end = make_front_end(SPEC)
    suddenly_louder = np.concatenate([pump(6), 100 * pump(6)])
    first, *_, last = front_end.extract_windows(suddenly_louder)
    assert first.frames.mean() == pytest.approx(last.frames.mean(), abs=1)


@pytest.mark.parametrize("seconds", [1.0, CLIP_SECONDS, 3.3 * CLIP_SECONDS])
def test_the_frames_of_a_window_are_computed_from_its_samples(seconds):
    front_end = make_front_end(SPEC)
    for window in front_end.extract_windows(pump(seconds)):
        frames = np.lib.stride_tricks.sliding_window_view(window.samples, SPEC.n_fft)[
            :: SPEC.hop_length
        ]
        from_samples = front_end.compute_log_mel(
            compute_power_spectrum(frames) @ front_end.mel_filterbank.T
        )
        np.testing.assert_allclose(from_samples, window.frames, atol=1e-3)


# Feature spec


def test_the_clip_length_is_the_median_of_the_training_clips():
    front_end = build_front_end([pump(seconds) for seconds in (1.0, 2.0, 2.5, 9.0, 2.0)])
    assert front_end.spec.clip_seconds == 2.0
    assert front_end.spec.clip_frames == len(front_end.extract_frames(pump(2.0)))


@pytest.mark.parametrize(
    "invalid",
    [
        {"clip_seconds": 0.3},
        {"clip_seconds": float("nan")},
        {"clip_seconds": float("inf")},
        {"n_mels": 0},
        {"n_mels": 100},
        {"n_mels": 128.0},
        {"n_mels": 1024},
        {"n_fft": 0},
        {"n_fft": 16_384},
        {"hop_length": 0},
        {"hop_length": 1025},
        {"hop_length": 100},
        {"hop_length": 511.5},
        {"sample_rate_hz": 8_000},
        {"low_hz": 0.0},
        {"low_hz": 7600.0},
        {"high_hz": 8001.0},
        {"high_hz": float("nan")},
        {"trim_seconds": -0.1},
        {"trim_seconds": 0.45},
        {"relative_floor": 0.0},
        {"relative_floor": 1.0},
        {"n_fft": 8192, "hop_length": 4096},
    ],
    ids=str,
)
def test_an_invalid_spec_is_refused(invalid):
    with pytest.raises(ValueError, match="not valid"):
        FeatureSpec(**({"clip_seconds": CLIP_SECONDS} | invalid))


# Clip features


@pytest.mark.parametrize("waveform", [pump(1.0), pump(2.0), pump(30.0), tone(1.0), tone(4.0)])
@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{spec.n_mels} bands")
def test_a_clip_of_any_length_has_as_many_features_all_finite(waveform, spec):
    features = extract_clip_features(make_front_end(spec).extract_frames(waveform), spec)
    assert features.shape == (count_clip_features(spec),)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()


def test_features_of_frames_that_never_change():
    frames = np.full((100, SPEC.n_mels), -7, np.float32)
    mean, std, low, high, change, jump, *_ = np.split(
        extract_clip_features(frames, SPEC), 128 * np.arange(1, 7)
    )
    assert (mean == low).all()
    assert (mean == high).all()
    assert (mean == -7).all()
    assert not std.any()
    assert not change.any()
    assert not jump.any()


def test_a_rhythm_is_measured_in_its_own_modulation_band():
    t = np.arange(200) * SPEC.step_seconds
    frames = np.repeat(
        np.sin(2 * np.pi * 3.0 * t).astype(np.float32)[:, np.newaxis], SPEC.n_mels, axis=1
    )
    energies = extract_clip_features(frames, SPEC)[6 * SPEC.n_mels :].reshape(5, 8)
    assert (np.argmax(energies, axis=0) == 2).all(), "3 Hz is in the band from 2 to 4 Hz"
