"""What the recorder lost is found; what a machine, a coarse format or clipping does is not."""

import io

import av
import numpy as np
import pytest
import soundfile

from analysis.detectors.compatibility import check_intact_length
from analysis.errors import Interrupted, Truncated
from analysis.sound.audio import SAMPLE_RATE_HZ, decode
from analysis.sound.decoding.gaps import Gap, find_longest_stretch, split_samples
from analysis.sound.quality import assess_quality
from tests.support.pump_sounds import pump
from tests.support.recordings import encode

RATES = (8_000, 16_000, 44_100, 48_000)


def hum(rate_hz=SAMPLE_RATE_HZ, seconds=3.0, level=0.1, seed=0):
    """A machine: three tones of a shaft and its noise."""
    times = np.arange(round(seconds * rate_hz)) / rate_hz
    tones = sum(np.sin(2 * np.pi * 49 * n * times + n) / n for n in (1, 2, 7))
    noise = np.random.default_rng(seed).standard_normal(len(times))
    return level * (0.5 * tones + noise) / 2


def lose(samples, start_s, end_s, rate_hz=SAMPLE_RATE_HZ, value=0.0):
    lossy = samples.copy()
    lossy[round(start_s * rate_hz) : round(end_s * rate_hz)] = value
    return lossy


def wav(samples, rate_hz=SAMPLE_RATE_HZ, subtype="PCM_16"):
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, format="WAV", subtype=subtype)
    return file.getvalue()


def gaps_of(samples, rate_hz=SAMPLE_RATE_HZ, subtype="PCM_16"):
    return decode(wav(samples, rate_hz, subtype)).gaps


@pytest.mark.parametrize("rate_hz", RATES)
@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT", "ULAW", "ALAW", "PCM_U8"])
def test_a_gap_is_found_in_any_format_and_at_its_time(rate_hz, subtype):
    ((start_s, end_s, _),) = gaps_of(lose(hum(rate_hz), 1.2, 1.25, rate_hz), rate_hz, subtype)
    assert (start_s, end_s) == pytest.approx((1.2, 1.25), abs=0.003)


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_U8", "ULAW", "FLOAT"])
def test_a_whole_recording_has_no_gap(subtype):
    assert not gaps_of(hum(), subtype=subtype)
    assert not decode(pump(seconds=4.0)).gaps


@pytest.mark.parametrize("seconds", [0.006, 0.01, 0.3])
def test_gaps_of_five_milliseconds_and_more_are_found(seconds):
    places = (0.5, 1.0, 1.5)
    samples = hum()
    for start_s in places:
        samples = lose(samples, start_s, start_s + seconds)
    assert [gap.start_s for gap in gaps_of(samples)] == pytest.approx(places, abs=0.003)


def test_the_ends_are_lost_too():
    samples = lose(lose(hum(), 0, 0.3), 2.1, 3.0)
    first, last = gaps_of(samples)
    assert first[:2] == pytest.approx((0, 0.3), abs=0.003)
    assert last[:2] == pytest.approx((2.1, 3.0), abs=0.003)


def test_a_gap_may_hold_any_value_but_the_extreme():
    assert gaps_of(lose(hum(), 1.0, 1.1, value=0.03))
    assert not gaps_of(np.clip(hum(), -0.02, 0.02))
    square = 0.5 * np.sign(np.sin(2 * np.pi * 10 * np.arange(48_000) / SAMPLE_RATE_HZ))
    assert not gaps_of(square)


def test_a_gap_may_hold_the_noise_of_the_last_bit():
    step = 2.0**-15
    noise = np.random.default_rng(1).integers(-1, 2, 16_000) * step
    samples = hum(level=0.02)
    samples[16_000 : 16_000 + 1600] = noise[:1600]
    ((start_s, end_s, _),) = gaps_of(samples)
    assert (start_s, end_s) == pytest.approx((1.0, 1.1), abs=0.003)


def test_the_beginning_may_hold_the_noise_of_the_last_bit():
    step = 2.0**-15
    samples = hum(level=0.002)
    samples[:4800] = np.random.default_rng(1).integers(-1, 2, 4800) * step
    ((start_s, end_s, _),) = gaps_of(samples)
    assert (start_s, end_s) == pytest.approx((0, 0.3), abs=0.003)
    # A machine that is as quiet between its sounds may begin so.
    samples[16_000:20_800] = np.roll(samples[:4800], 1)
    samples[13_000:16_000] *= np.linspace(1, 0, 3000) ** 3
    assert not gaps_of(samples)


def test_a_sound_may_fade_away_before_it_is_lost():
    times = np.arange(48_000) / SAMPLE_RATE_HZ
    fading = np.clip(np.abs(times - 1.5) * 10 - 2, 0, 1)
    ((start_s, end_s, _),) = gaps_of(hum() * fading)
    assert (start_s, end_s) == pytest.approx((1.3, 1.7), abs=0.01)


def test_a_gap_may_lie_forty_decibels_below():
    samples = hum(level=0.3)
    samples[16_000:17_600] *= 0.003
    ((start_s, end_s, _),) = gaps_of(samples)
    assert (start_s, end_s) == pytest.approx((1.0, 1.1), abs=0.003)


@pytest.mark.parametrize("level", [2.0**-8, 2.0**-7, 2.0**-6])
def test_coarse_steps_hold_a_value_for_long(level):
    slow = np.convolve(hum(level=1.0, seed=3), np.hanning(160), mode="same")
    coarse = level * slow / np.abs(slow).max()
    clip = decode(wav(coarse, subtype="PCM_U8"))
    assert longest_run(clip.waveform) > 0.005 * SAMPLE_RATE_HZ
    assert not clip.gaps


def longest_run(values):
    changes = np.flatnonzero(np.diff(values))
    return int(np.diff(changes).max())


@pytest.mark.parametrize("decay_s", [0.0, 0.0005, 0.005, 0.02])
def test_impulses_on_exact_zeros_are_a_valve(decay_s):
    samples = np.zeros(64_000)
    for start in range(4_000, 64_000, 8_000):
        length = 1 if decay_s == 0 else round(8 * decay_s * SAMPLE_RATE_HZ)
        times = np.arange(length) / SAMPLE_RATE_HZ
        noise = np.random.default_rng(start).standard_normal(length)
        samples[start : start + length] = 0.2 * noise * np.exp(-times / (decay_s or 1))
    assert not gaps_of(samples)


def test_a_machine_that_stops_and_starts_has_no_gap():
    times = np.arange(48_000) / SAMPLE_RATE_HZ
    swells = np.clip(np.abs(times - 1.5) * 20 - 10, 0, 1)
    assert not gaps_of(hum() * swells + 1e-3 * hum(seed=2))


@pytest.mark.parametrize("form", ["m4a", "ogg_opus", "mp3", "webm"])
def test_a_codec_leaves_no_gap(form):
    quality = assess_quality(decode(encode(hum(48_000).astype(np.float32), 48_000, form)))
    assert "dropouts" not in quality.warnings


def encode_aac(samples, rate_hz):
    file = io.BytesIO()
    with av.open(file, "w", format="adts") as container:
        stream = container.add_stream("aac", rate=rate_hz, layout="mono")
        stream.bit_rate = 64_000
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis].astype(np.float32), "fltp", "mono")
        frame.sample_rate = rate_hz
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return file.getvalue()


def test_a_gap_is_found_through_a_codec():
    samples = lose(hum(44_100, level=0.3), 1.2, 1.4, 44_100)
    quality = assess_quality(decode(encode_aac(samples, 44_100)))
    assert quality.dropouts == 1
    assert quality.dropout_s == pytest.approx(0.2, abs=0.06)


def test_quality_tells_how_many_and_how_long():
    samples = lose(lose(hum(), 0.5, 0.55), 2.0, 2.1)
    quality = assess_quality(decode(wav(samples)))
    assert quality.warnings == ("dropouts",)
    assert quality.dropouts == 2
    assert quality.dropout_s == pytest.approx(0.15, abs=0.005)
    assert quality.intact_s == pytest.approx(1.45, abs=0.02)
    assert quality.level_dbfs == pytest.approx(
        assess_quality(decode(wav(hum()))).level_dbfs, abs=0.2
    )


def test_what_is_dropped_from_every_recording_is_not_told():
    quality = assess_quality(decode(wav(lose(hum(), 0, 0.08))))
    assert (quality.dropouts, quality.warnings) == (0, ())


def test_a_recording_without_a_whole_second_is_measured_as_it_is():
    samples = hum()
    for start_s in np.arange(0.3, 3.0, 0.3):
        samples = lose(samples, start_s, start_s + 0.02)
    clip = decode(wav(samples))
    assert len(clip.intact) == len(clip.waveform)
    quality = assess_quality(clip)
    assert quality.dropouts == 9
    assert quality.intact_s < 0.3
    with pytest.raises(Interrupted, match="9 times"):
        check_intact_length(quality, 3.0)


def test_stretches_keep_off_the_ends_of_gaps():
    (before, after) = split_samples(48_000, [Gap(1.0, 1.5)])
    assert before == (0, 15_920)
    assert after == (24_080, 48_000)
    assert find_longest_stretch(48_000, [Gap(1.0, 1.5)]) == after
    assert find_longest_stretch(48_000, []) == (0, 48_000)
    assert find_longest_stretch(48_000, [Gap(0.0, 3.0)]) == (0, 48_000)


def test_two_channels_lose_the_same():
    samples = lose(hum(), 1.2, 1.25)
    assert len(gaps_of(np.stack([samples, 0.5 * samples], axis=1))) == 1


def deep(rate_hz, seconds=3.0):
    """A machine with a deep tone and little hiss, in which a joint is a step."""
    times = np.arange(round(seconds * rate_hz)) / rate_hz
    hiss = np.random.default_rng(0).standard_normal(len(times))
    return 0.3 * np.sin(2 * np.pi * 24.7 * times) + 0.001 * hiss


@pytest.mark.parametrize("rate_hz", RATES)
def test_a_joint_that_leaves_a_step_is_found(rate_hz):
    samples = deep(rate_hz)
    start = round(1.234 * rate_hz)
    lossy = np.delete(samples, slice(start, start + round(0.02 * rate_hz)))
    assert gaps_of(lossy, rate_hz) == (
        Gap(round(start / rate_hz, 4), round(start / rate_hz, 4), True),
    )
    assert not gaps_of(samples, rate_hz)


@pytest.mark.parametrize("rate_hz", RATES)
def test_two_joints_near_each_other_are_found(rate_hz):
    """As where a piece of some milliseconds comes from elsewhere."""
    samples = deep(rate_hz)
    first = round(1.22 * rate_hz)
    end = first + round(0.008 * rate_hz)
    samples[first:end] -= 0.2
    places = [round(place / rate_hz, 4) for place in (first, end)]
    assert list(gaps_of(samples, rate_hz)) == [Gap(place, place, True) for place in places]


@pytest.mark.parametrize("ring_hz", [1500, 4000, 6500])
def test_knocks_that_ring_are_no_joints(ring_hz):
    samples = deep(SAMPLE_RATE_HZ)
    times = np.arange(60) / SAMPLE_RATE_HZ
    for start in range(1_000, 47_000, 9_000):
        samples[start : start + 60] += (
            0.3 * np.exp(-times / 0.0004) * np.sin(2 * np.pi * ring_hz * times)
        )
    assert not gaps_of(samples, SAMPLE_RATE_HZ)


@pytest.mark.parametrize("rate_hz", RATES)
@pytest.mark.parametrize("length_s", [0.01, 0.02, 0.05])
def test_a_buffer_that_is_there_twice_is_found(rate_hz, length_s):
    samples = hum(rate_hz)
    length = round(length_s * rate_hz)
    start = round(0.8 * rate_hz)
    samples[start + length : start + 2 * length] = samples[start : start + length]
    (gap,) = gaps_of(samples, rate_hz)
    assert gap[:2] == pytest.approx((0.8 + length_s, 0.8 + 2 * length_s), abs=0.001)
    assert gap.has_sound


@pytest.mark.parametrize("n_copies", [2, 4])
def test_a_buffer_may_be_there_several_times(n_copies):
    samples = hum()
    for copy in range(1, 1 + n_copies):
        samples[16_000 + 320 * copy : 16_320 + 320 * copy] = samples[16_000:16_320]
    (gap,) = gaps_of(samples)
    assert gap[:2] == pytest.approx((1.02, 1.02 + 0.02 * n_copies), abs=0.001)
    assert gap.has_sound


def test_knocks_are_no_joints():
    samples = hum(level=0.01)
    times = np.arange(400) / SAMPLE_RATE_HZ
    knock = np.exp(-times / 0.002) * np.sin(2 * np.pi * 2500 * times)
    for start in range(1_000, 47_000, 3_000):
        samples[start : start + 400] += 0.5 * knock
    assert not gaps_of(samples)


@pytest.mark.parametrize("period", [8, 100, 1000, 3000])
def test_what_repeats_by_nature_is_there_once(period):
    one = np.random.default_rng(0).standard_normal(period)
    assert not gaps_of(0.1 * np.tile(one, 48_000 // period))


def test_a_gap_with_sound_counts_only_where_enough_is_left():
    joints = [Gap(at, at, True) for at in (0.5, 1.0, 1.5, 2.0, 2.5)]
    assert find_longest_stretch(48_000, joints) == (0, 48_000)
    assert find_longest_stretch(48_000, joints[:1]) == (8_080, 48_000)


def drop_page(content, number):
    """Lose one page of an Ogg stream on the way."""
    starts = [at for at in range(len(content)) if content.startswith(b"OggS", at)]
    return content[: starts[number]] + content[starts[number + 1] :]


def test_lost_pages_of_an_opus_stream_are_told_at_their_place():
    whole = encode(hum(48_000, seconds=6.0).astype(np.float32), 48_000, "ogg_opus")
    assert decode(whole).gaps == ()
    clip = decode(drop_page(whole, 4))
    assert clip.gaps == (Gap(1.98, 1.98, True),)
    assert clip.duration_s == pytest.approx(5.0, abs=0.05)
    assert assess_quality(clip).dropouts == 1


def test_a_stream_that_ends_early_is_still_truncated():
    whole = encode(hum(48_000, seconds=6.0).astype(np.float32), 48_000, "ogg_opus")
    with pytest.raises(Truncated):
        decode(whole[: len(whole) // 2])
