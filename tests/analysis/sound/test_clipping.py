"""Clipping is a flat top, at full scale or below; loud peaks, coarse steps and rests are none."""

import numpy as np
import pytest

from analysis.sound.audio import AVERAGE, decode
from analysis.sound.quality import assess_quality
from tests.support.recordings import machine, wav

RATE_HZ = 16_000
SINE = np.sin(2 * np.pi * 440 * np.arange(2 * RATE_HZ) / RATE_HZ)
CUT_OFF = np.clip(2 * SINE, -1, 1)
HISS = np.random.default_rng(3).uniform(-1, 1, 2 * RATE_HZ) ** 3
MACHINE = machine(RATE_HZ, 2.0).astype(np.float64)


def measure(samples, subtype="PCM_16", **options):
    return decode(wav(samples, RATE_HZ, subtype), **options).clipped_fraction


def cut_off(sound, share):
    limit = np.quantile(np.abs(sound), 1 - share)
    return np.clip(sound, -limit, limit)


@pytest.mark.parametrize("gain", [1.0, 0.5, 0.03])
@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT"])
def test_what_was_cut_off_below_full_scale_is_clipped(gain, subtype):
    assert measure(gain * CUT_OFF, subtype) == pytest.approx(2 / 3, abs=0.06)


@pytest.mark.parametrize("gain", [1e-9, 2.0, 32_768.0])
def test_floating_point_has_flat_tops_at_any_scale(gain):
    assert measure(gain * CUT_OFF, "FLOAT") == pytest.approx(2 / 3, abs=0.06)


def test_an_amplifier_may_cut_off_one_side_only():
    assert measure(np.minimum(0.8 * SINE, 0.3)) == pytest.approx(0.38, abs=0.04)
    assert measure(0.2 + np.maximum(0.6 * SINE, -0.3)) == pytest.approx(1 / 3, abs=0.04)


@pytest.mark.parametrize("share", [0.02, 0.1])
def test_a_machine_that_overdrives_the_microphone_is_clipped(share):
    slow = np.cumsum(MACHINE)
    slow = 0.5 * (slow - slow.mean()) / np.abs(slow).max()
    quality = assess_quality(decode(wav(cut_off(slow, share), RATE_HZ)))
    assert "clipped" in quality.warnings


@pytest.mark.parametrize("share", [0.02, 0.1])
def test_most_flat_tops_of_a_hissing_machine_have_one_sample(share):
    assert measure(0.5 * cut_off(HISS, share)) == pytest.approx(share, rel=0.05)


def test_each_channel_has_its_own_extreme():
    both = np.stack([CUT_OFF, 0.1 * CUT_OFF], axis=1)
    assert measure(both, pick=AVERAGE) == pytest.approx(2 / 3, abs=0.06)
    assert measure(np.stack([0.1 * SINE, CUT_OFF], axis=1), pick=1) == 0


LOUD_OR_COARSE = {
    "a sine of full scale": (SINE, "PCM_16"),
    "a hissing machine of full scale": (HISS, "PCM_16"),
    "impulses that are all the same": (np.tile([0.9, 0.9, 0.4, -0.3] + 60 * [0.0], 500), "PCM_16"),
    "one so slow that its peak fills several samples": (
        np.sin(2 * np.pi * 2 * np.arange(2 * RATE_HZ) / RATE_HZ),
        "PCM_16",
    ),
    "a slow sine in 8 bits": (
        0.1 * np.sin(2 * np.pi * 31 * np.arange(2 * RATE_HZ) / RATE_HZ),
        "PCM_U8",
    ),
    "a quiet machine in 8 bits": (0.05 * MACHINE / np.abs(MACHINE).max(), "PCM_U8"),
    "a machine in telephony's steps": (0.9 * MACHINE / np.abs(MACHINE).max(), "ULAW"),
    "a quiet machine in 16 bits": (1e-3 * MACHINE / np.abs(MACHINE).max(), "PCM_16"),
    "pulses that rest at zero": (0.5 * (np.arange(2 * RATE_HZ) % 500 < 20) * np.abs(SINE), "FLOAT"),
}


@pytest.mark.parametrize(("sound", "subtype"), LOUD_OR_COARSE.values(), ids=LOUD_OR_COARSE)
def test_loud_peaks_coarse_steps_and_rests_are_not_clipped(sound, subtype):
    assert measure(sound, subtype) == 0


def test_clipping_within_a_long_recording_is_found_wherever_it_is():
    quiet = np.tile(0.3 * SINE, 10)
    quiet[150_000:170_000] = np.clip(2 * np.tile(0.5 * SINE, 10), -0.6, 0.6)[150_000:170_000]
    assert measure(quiet) == pytest.approx(20_000 * 0.59 / len(quiet), rel=0.1)
