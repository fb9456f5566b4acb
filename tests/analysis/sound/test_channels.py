"""Of several channels one is judged, chosen by its sound: channels are never mixed."""

import numpy as np
import pytest

from analysis.errors import ChannelsCancel, Silent
from analysis.sound.audio import AVERAGE, Clip, decode, read_at_own_rate
from analysis.sound.channels import MAX_POSITION_DB
from analysis.sound.decoding import mixing
from analysis.sound.quality import assess_quality
from tests.support.recordings import encode, machine, wav

RATE_HZ = 48_000
MACHINE = machine(RATE_HZ, 3.0)
TIME_S = np.arange(len(MACHINE)) / RATE_HZ


def decode_channels(*channels, subtype="FLOAT", **options) -> Clip:
    return decode(wav(np.stack(channels, axis=1), RATE_HZ, subtype), **options)


def hum(level_db, mains_hz=50.0):
    """Return the hum of an unplugged input, so many dB below the machine."""
    lines = sum(np.sin(2 * np.pi * mains_hz * n * TIME_S + n) / n for n in range(1, 15))
    return scale_to(level_db, lines + hiss(-60))


def hiss(level_db, seed=0):
    return scale_to(level_db, np.random.default_rng(seed).standard_normal(len(MACHINE)))


def scale_to(level_db, sound):
    return sound * MACHINE.std() / sound.std() * 10 ** (level_db / 20)


SPOILT = {
    "delayed": np.roll(MACHINE, 21),
    "delayed and inverted": -np.roll(MACHINE, 21),
    "inverted": -MACHINE,
    "dead": np.zeros_like(MACHINE),
    "constant": np.full_like(MACHINE, 0.25),
    "mains hum": hum(0),
    "faint mains hum": hum(-20),
    "American hum": hum(-6, 60.1),
    "hum on the machine": MACHINE + hum(0),
    "hiss": hiss(0),
    "loud hiss": hiss(10),
    "faint hiss": hiss(-20),
}


@pytest.mark.parametrize("other", SPOILT.values(), ids=SPOILT)
def test_a_spoilt_second_channel_changes_nothing(other):
    clip = decode_channels(MACHINE, other)
    assert (clip.channel, clip.channels) == (1, 2)
    np.testing.assert_allclose(clip.waveform, decode_channels(MACHINE).waveform, atol=1e-6)


UNFIT = ("dead", "constant", "mains hum", "faint mains hum", "American hum", "hiss", "loud hiss")


@pytest.mark.parametrize("name", UNFIT)
def test_a_first_channel_without_a_machine_is_passed_over(name):
    clip = decode_channels(SPOILT[name], MACHINE)
    assert (clip.channel, clip.has_different_channels) == (2, False)


def test_a_clipped_channel_is_passed_over():
    clipped = np.clip(8 * MACHINE, -1, 1)
    clip = decode_channels(clipped, MACHINE / 4, subtype="PCM_16")
    assert (clip.channel, clip.clipped_fraction) == (2, 0)
    only_clipped = decode_channels(clipped, np.zeros_like(MACHINE), subtype="PCM_16")
    assert only_clipped.channel == 1
    assert only_clipped.clipped_fraction > 0.1


@pytest.mark.parametrize(("gain_db", "channel"), [(0.5, 1), (0.9, 1), (1.1, 2), (20, 2)])
def test_the_louder_channel_is_judged_and_of_equals_the_first(gain_db, channel):
    louder = MACHINE / 20
    clip = decode_channels(louder, 10 ** (gain_db / 20) * louder)
    assert clip.channel == channel
    assert not clip.has_different_channels


def test_only_channels_that_hold_another_sound_differ():
    tones = sum(np.sin(2 * np.pi * hz * TIME_S) for hz in (3100, 4200, 5300))
    other = scale_to(0, tones) + hiss(-30)
    assert assess_quality(decode_channels(MACHINE, other)).warnings == ("channels_differ",)
    assert not decode_channels(MACHINE, hum(0)).has_different_channels
    # A place farther away: quieter, and duller by 6 dB.
    farther = np.convolve(MACHINE, [0.15, 0.1, 0.05])[: len(MACHINE)]
    assert not decode_channels(MACHINE, farther).has_different_channels
    assert MAX_POSITION_DB > 1.7  # of real arrays: docs/decisions/sound-channels.md


def test_where_all_channels_are_unfit_the_least_unfit_is_judged():
    assert decode_channels(np.zeros_like(MACHINE), hum(0)).channel == 2
    with pytest.raises(Silent):
        decode_channels(np.zeros_like(MACHINE), np.zeros_like(MACHINE))


def test_versions_of_earlier_releases_judge_the_mean_of_all():
    clip = decode_channels(MACHINE, MACHINE / 2, pick=AVERAGE, subtype="PCM_24")
    assert clip.channel is None
    alone = decode_channels(MACHINE, subtype="PCM_24")
    np.testing.assert_allclose(clip.waveform, 0.75 * alone.waveform, atol=1e-6)
    for gain in (-1, -0.9):
        with pytest.raises(ChannelsCancel):
            decode_channels(MACHINE, gain * MACHINE, pick=AVERAGE)


def test_a_recording_too_long_to_hold_all_channels_is_decoded_twice(monkeypatch):
    channels = [hum(0), MACHINE, MACHINE / 2]
    whole = decode_channels(*channels)
    monkeypatch.setattr(mixing, "MAX_HELD_SAMPLES", 20_000)
    twice = decode_channels(*channels)
    assert twice.channel == whole.channel == 2
    np.testing.assert_allclose(twice.waveform, whole.waveform, atol=1e-6)


@pytest.mark.parametrize("name", ["flac", "m4a", "caf_pcm"])
def test_every_decoder_chooses_the_same_channel(name):
    content = encode(np.stack([hum(0), MACHINE], axis=1).astype(np.float32), RATE_HZ, name)
    clip = decode(content)
    assert clip.channel == 2
    samples, rate_hz = read_at_own_rate(content, pick=clip.channel)
    assert rate_hz == RATE_HZ
    assert abs(samples.std() / MACHINE.std() - 1) < 0.05
