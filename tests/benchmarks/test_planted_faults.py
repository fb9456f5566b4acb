"""Faults and nuisances of the benchmarks: their level, their length, the same for a seed."""

import numpy as np
import pytest
import soundfile

from benchmarks.support.nuisances import BARK_DB, DOG_BARK, disturb, halve, make_nuisances
from benchmarks.support.planted_faults import FAULT_TYPES, LEVELS_DB, compute_rms, plant

SAMPLE_RATE_HZ = 16_000
ADDED_SOUNDS = ("bearing", "knocks", "tone", "leak", "hum")


def noise(seconds=2.0, seed=0):
    return (np.random.default_rng(seed).normal(size=round(seconds * SAMPLE_RATE_HZ)) * 0.1).astype(
        np.float32
    )


@pytest.fixture
def recording(tmp_path):
    """Two seconds of noise in a file, at their level."""
    path = tmp_path / "noise.wav"
    soundfile.write(path, noise(), SAMPLE_RATE_HZ, subtype="PCM_24")
    return path


def decibels(added, clip):
    return 20 * np.log10(compute_rms(added) / compute_rms(clip))


NUISANCES = make_nuisances([noise(5.0, seed=1)])


@pytest.mark.parametrize("level_db", LEVELS_DB)
@pytest.mark.parametrize("fault_type", ADDED_SOUNDS)
def test_an_added_sound_has_the_level_asked_for(fault_type, level_db):
    clip = noise()
    assert decibels(plant(clip, fault_type, level_db, 3) - clip, clip) == pytest.approx(
        level_db, abs=0.01
    )


@pytest.mark.parametrize("level_db", LEVELS_DB)
def test_modulation_has_the_level_asked_for(level_db):
    clip = noise(10.0)
    assert decibels(plant(clip, "modulation", level_db, 3) - clip, clip) == pytest.approx(
        level_db, abs=0.5
    )


def test_a_dropout_loses_twice_its_level():
    clip = np.ones(2 * SAMPLE_RATE_HZ, np.float32)
    changed = plant(clip, "dropouts", -20, 3)
    assert changed.min() == pytest.approx(0.8)
    assert np.mean(changed < 0.9) == pytest.approx(0.12, abs=0.001)


def test_a_speed_change_is_half_its_level():
    tone = np.sin(2 * np.pi * 1000 * np.arange(2 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ).astype(
        np.float32
    )
    spectra = [
        np.abs(np.fft.rfft(plant(tone, "speed", -20, seed) * np.hanning(len(tone))))
        for seed in range(8)
    ]
    assert {round(float(np.argmax(spectrum) / 2)) for spectrum in spectra} == {950, 1050}


@pytest.mark.parametrize("fault_type", FAULT_TYPES)
def test_a_planted_fault_keeps_the_length_and_comes_again_with_its_seed(fault_type):
    clip = noise()
    changed = plant(clip, fault_type, -13, 3)
    assert (changed.shape, changed.dtype) == (clip.shape, np.float32)
    assert np.isfinite(changed).all()
    assert np.array_equal(changed, plant(clip, fault_type, -13, 3))
    others = [plant(clip, fault_type, -13, seed) for seed in range(8)]
    assert not all(np.array_equal(changed, other) for other in others)


@pytest.mark.parametrize("name", NUISANCES)
def test_a_disturbance_keeps_the_length_and_comes_again_with_its_seed(recording, name):
    changed = disturb(recording, NUISANCES[name], 3).waveform
    assert changed.dtype == np.float32
    # Encoders pad to whole frames.
    assert len(changed) / SAMPLE_RATE_HZ == pytest.approx(
        1 if name == "half length" else 2, abs=0.1
    )
    assert np.array_equal(changed, disturb(recording, NUISANCES[name], 3).waveform)
    assert not np.array_equal(changed, noise())


def test_half_a_clip_is_never_under_a_second():
    assert len(halve(noise(1.5), np.random.default_rng(0))) == SAMPLE_RATE_HZ


def test_a_quiet_clip_is_20_db_quieter_in_16_bits(recording):
    changed = disturb(recording, NUISANCES["gain -20 dB"], 0).waveform
    assert decibels(changed, noise()) == pytest.approx(-20, abs=0.01)
    assert np.array_equal(changed * 2**15, np.round(changed * 2**15))


def test_a_dog_is_10_db_below_the_machine(recording):
    clip = noise()
    assert decibels(
        disturb(recording, NUISANCES[DOG_BARK], 0).waveform - clip, clip
    ) == pytest.approx(BARK_DB, abs=0.01)


def test_without_a_dog_there_is_no_bark():
    assert DOG_BARK not in make_nuisances([])
