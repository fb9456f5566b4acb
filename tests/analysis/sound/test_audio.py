"""Every format becomes the same waveform, and everything else is refused by name, soon and cheaply."""

import io
import random
import struct
import time
import tracemalloc
from contextlib import suppress
from functools import cache

import numpy as np
import pytest
import soundfile
import soxr

from analysis.errors import (
    ChannelsCancel,
    EmptyRecording,
    NotFinite,
    RecordingTooLong,
    RecordingTooShort,
    Silent,
    TooLarge,
    TooManyChannels,
    Truncated,
    UndecodableAudio,
    UnsupportedFormat,
)
from analysis.sound.audio import SAMPLE_RATE_HZ, Clip, Limits, decode
from core.errors import SignalCraftError
from tests.support.places import REAL
from tests.support.recordings import FORMATS, damaged, encode, machine, recording

needs_real = pytest.mark.skipif(
    not REAL.is_dir(), reason="the real recordings (../shared/data) are not here"
)
LOSSLESS = (
    "wav",
    "wav_24",
    "wav_float",
    "aiff",
    "flac",
    "flac_streamed",
    "m4a_alac",
    "caf_alac",
    "caf_pcm",
)
# Without a length and without sizes inside, nothing shows that the end is missing.
UNSEEN_WHEN_CUT = ("flac_streamed",)


def wav(samples, rate_hz=16_000, subtype="PCM_16"):
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, format="WAV", subtype=subtype)
    return file.getvalue()


def raw_wav(channels, rate_hz, body, data_size=None):
    block = 2 * channels
    fmt = struct.pack("<HHIIHH", 1, channels, rate_hz, rate_hz * block, block, 16)
    size = len(body) if data_size is None else data_size
    riff = size if size in (0, 0xFFFFFFFF) else 36 + size
    return (
        struct.pack("<4sI4s4sI", b"RIFF", riff, b"WAVE", b"fmt ", 16)
        + fmt
        + struct.pack("<4sI", b"data", size)
        + body
    )


def caf_of_doubles(body):
    desc = struct.pack(">d4sIIIII", 16_000.0, b"lpcm", 1, 8, 1, 1, 64)
    chunks = (
        b"desc"
        + struct.pack(">q", len(desc))
        + desc
        + b"data"
        + struct.pack(">qI", 4 + len(body), 0)
        + body
    )
    return b"caff\x00\x01\x00\x00" + chunks


def flac(samples, rate_hz):
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, format="FLAC")
    return file.getvalue()


def ogg_checksum(page):
    remainder = 0
    for byte in page:
        remainder ^= byte << 24
        for _ in range(8):
            remainder = (remainder << 1) ^ (0x104C11DB7 if remainder & 0x80000000 else 0)
    return remainder


def best_match(waveform, source, rate_hz):
    """Return (correlation, gain) of a waveform to its source at the best shift, as codecs delay a little."""
    source = soxr.resample(source, rate_hz, SAMPLE_RATE_HZ, "HQ")
    middle = source[8000:32000]
    shifts = np.correlate(waveform, middle, "valid")
    shift = int(np.argmax(shifts))
    heard = waveform[shift : shift + len(middle)]
    return np.corrcoef(heard, middle)[0, 1], heard.std() / middle.std()


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_becomes_the_same_waveform(name):
    rate_hz = FORMATS[name][2]
    clip = decode(recording(name))
    correlation, gain = best_match(clip.waveform, machine(rate_hz), rate_hz)
    assert clip.waveform.dtype == np.float32
    assert (clip.sample_rate_hz, clip.channels, clip.clipped_fraction) == (rate_hz, 1, 0.0)
    assert correlation > (0.9999 if name in LOSSLESS else 0.97)
    assert gain == pytest.approx(
        1.0, abs=0.001 if name in LOSSLESS else 0.25 if "amr" in name else 0.03
    )
    assert clip.duration_s == pytest.approx(2.5, abs=0.01 if name in LOSSLESS else 0.08)
    assert len(clip.waveform) == pytest.approx(clip.duration_s * SAMPLE_RATE_HZ, abs=1)


@pytest.mark.parametrize(
    "rate_hz", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000]
)
def test_the_resampled_waveform_equals_soxr_in_one_piece(rate_hz):
    source = machine(rate_hz, 5.0)
    clip = decode(wav(source, rate_hz, "FLOAT"))
    assert len(clip.waveform) == 5 * SAMPLE_RATE_HZ
    np.testing.assert_allclose(
        clip.waveform, soxr.resample(source, rate_hz, SAMPLE_RATE_HZ, "HQ"), atol=1e-6
    )


@pytest.mark.parametrize("name", ["wav", "flac", "ogg_vorbis", "m4a", "aac", "webm", "caf_pcm"])
def test_stereo_is_averaged(name):
    rate_hz = FORMATS[name][2]
    left, right = machine(rate_hz), 0.5 * machine(rate_hz)
    clip = decode(encode(np.stack([left, right], axis=1), rate_hz, name))
    _, gain = best_match(clip.waveform, machine(rate_hz), rate_hz)
    assert clip.channels == 2
    assert gain == pytest.approx(0.75, abs=0.03)


def test_sixteen_channels_are_averaged():
    channels = np.outer(machine(16_000), np.arange(16) / 16).astype(np.float32)
    clip = decode(wav(channels, subtype="FLOAT"))
    np.testing.assert_allclose(clip.waveform, channels.mean(axis=1), atol=1e-6)


@needs_real
def test_sixteen_microphones_that_hear_different_sounds_do_not_cancel():
    apart = 0.1 * np.random.default_rng(0).standard_normal((32_000, 16))
    assert decode(wav(apart)).channels == 16


@pytest.mark.parametrize(
    "path", sorted((REAL / "eight_channel").glob("*.wav")), ids=lambda path: path.name
)
def test_real_eight_channel_files_are_averaged(path):
    clip = decode(path)
    assert (clip.channels, clip.sample_rate_hz, clip.duration_s) == (8, 16_000, 10.0)
    np.testing.assert_allclose(clip.waveform, soundfile.read(path)[0].mean(axis=1), atol=1e-6)


@pytest.mark.slow
@needs_real
def test_every_real_recording_decodes():
    paths = [path for path in REAL.rglob("*") if path.suffix in (".wav", ".flac", ".ogg")]
    clips = [decode(path) for path in paths]
    assert len(clips) > 500
    assert all(np.isfinite(clip.waveform).all() and clip.duration_s >= 1.0 for clip in clips)


def test_a_path_and_its_bytes_give_the_same_clip(tmp_path):
    path = tmp_path / "named wrongly.txt"
    path.write_bytes(recording("m4a"))
    np.testing.assert_array_equal(decode(path).waveform, decode(path.read_bytes()).waveform)


def test_an_id3_tag_before_the_sound_is_passed_over():
    tag = b"ID3\x04\x00\x00\x00\x00\x10\x00" + bytes(2048)
    for name in ("mp3", "aac", "flac"):
        np.testing.assert_array_equal(
            decode(tag + recording(name)).waveform, decode(recording(name)).waveform
        )


@pytest.mark.parametrize("name", ["m4a", "mp3", "aac", "wav", "aiff", "caf_pcm"])
def test_a_tag_behind_the_sound_does_no_harm(name):
    tagged = recording(name) + b"TAG" + b"a title".ljust(125, b"\0")
    assert decode(tagged).duration_s == pytest.approx(2.5, abs=0.08)


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF])
def test_a_wav_from_a_pipe_need_not_know_its_length(size):
    body = (machine(16_000) * 32767).astype("<i2").tobytes()
    assert decode(raw_wav(1, 16_000, body, size)).duration_s == 2.5


def test_an_ogg_without_an_end_mark_is_whole():
    """As Android's recorder leaves it."""
    content = recording("ogg_opus")
    start = content.rfind(b"OggS")
    page = bytearray(content[start:])
    page[5] &= ~0x04
    page[22:26] = bytes(4)
    page[22:26] = struct.pack("<I", ogg_checksum(page))
    assert decode(content[:start] + page).duration_s == pytest.approx(2.5, abs=0.08)


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in UNSEEN_WHEN_CUT])
def test_a_cut_file_is_truncated(name):
    content = recording(name)
    with pytest.raises(Truncated):
        decode(content[: len(content) * 6 // 10])


def test_an_mp3_cut_between_two_frames_is_truncated():
    content = recording("mp3", seconds=5.0)
    sync = content[:2]
    with pytest.raises(Truncated, match=r"lasts 5\.\d+ s, but only [23]\.\d+ s"):
        decode(content[: content.index(sync, len(content) * 6 // 10)])


def test_a_cut_inside_what_follows_the_sound_does_no_harm():
    body = (machine(16_000) * 32767).astype("<i2").tobytes()
    assert decode(raw_wav(1, 16_000, body) + b"LIST\xff\x00\x00\x00INFO").duration_s == 2.5


def test_clipping_is_a_flat_top_not_a_loud_peak():
    t = np.arange(32_000) / 16_000
    loud = np.sin(2 * np.pi * 440 * t)
    assert decode(wav(loud)).clipped_fraction == 0.0
    assert decode(wav(np.clip(2 * loud, -1, 1))).clipped_fraction == pytest.approx(2 / 3, abs=0.06)


def test_clipping_is_seen_before_channels_are_mixed_and_resampled():
    t = np.arange(96_000) / 48_000
    clipped = np.clip(2 * np.sin(2 * np.pi * 440 * t), -1, 1)
    clip = decode(wav(np.stack([clipped, 0.1 * clipped], axis=1), 48_000))
    assert clip.clipped_fraction == pytest.approx(1 / 3, abs=0.02)


def test_float_samples_beyond_full_scale_are_held_to_it():
    clip = decode(wav(1e30 * machine(16_000).astype(np.float64), subtype="DOUBLE"))
    assert np.abs(clip.waveform).max() == 1.0
    assert clip.clipped_fraction > 0.9


def test_opposite_offsets_are_no_channels_that_cancel():
    sound = 0.01 * np.sin(2 * np.pi * 440 * np.arange(150_000) / 48_000)
    clip = decode(wav(np.stack([sound + 0.2, sound - 0.2], axis=1), 48_000))
    assert np.abs(clip.waveform[1600:-1600]).max() == pytest.approx(0.01, rel=0.02)


SDP = b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n"
REFUSED = {
    "nothing": (lambda: b"", EmptyRecording),
    "sdp": (lambda: SDP, UnsupportedFormat),
    "playlist": (lambda: b"#EXTM3U\nhttp://127.0.0.1:1/x.wav\n", UnsupportedFormat),
    "concat": (lambda: b"ffconcat version 1.0\nfile '/etc/hostname'\n", UnsupportedFormat),
    "text": (lambda: b"hello", UnsupportedFormat),
    "zeros": (lambda: bytes(100_000), UnsupportedFormat),
    "random bytes": (lambda: random.Random(0).randbytes(100_000), UnsupportedFormat),
    "wav header only": (lambda: b"RIFF\x24\x00\x00\x00WAVE", UndecodableAudio),
    "flac magic": (lambda: b"fLaC" + random.Random(0).randbytes(1000), UndecodableAudio),
    "webm magic": (lambda: b"\x1a\x45\xdf\xa3\x84" + bytes(2000), UndecodableAudio),
    "mp4 magic": (lambda: b"\x00\x00\x00\x14ftypM4A \x00\x00\x00\x00M4A ", UndecodableAudio),
    "short": (lambda: wav(machine(16_000, 0.4)), RecordingTooShort),
    "short m4a": (lambda: recording("m4a", seconds=0.5), RecordingTooShort),
    "long": (lambda: wav(np.tile(machine(8_000, 10.0), 13), 8_000), RecordingTooLong),
    "long amr": (lambda: b"#!AMR\n" + recording("amr")[6:] * 50, RecordingTooLong),
    "long webm": (lambda: recording("webm_live", seconds=125.0), RecordingTooLong),
    "17 channels": (lambda: wav(np.tile(machine(16_000)[:, None], 17)), TooManyChannels),
    "silent": (lambda: wav(np.zeros(32_000)), Silent),
    "two steps loud": (lambda: wav(np.resize(np.array([2, -2], np.int16), 32_000)), Silent),
    "constant": (lambda: wav(np.full(96_000, 0.5), 48_000), Silent),
    "out of phase": (lambda: wav(np.outer(machine(16_000), [1, -1])), ChannelsCancel),
    "nearly out of phase": (
        lambda: wav(np.outer(machine(48_000), [1, -0.9]), 48_000),
        ChannelsCancel,
    ),
    "out of phase on an offset": (
        lambda: wav(0.3 + np.outer(machine(16_000) / 4, [1, -1])),
        ChannelsCancel,
    ),
    "opposite constants": (lambda: wav(np.tile([0.2, -0.2], (96_000, 1)), subtype="FLOAT"), Silent),
    "NaN": (lambda: wav(np.where(np.arange(32_000) == 9, np.nan, 0.1), subtype="FLOAT"), NotFinite),
    "infinite": (
        lambda: wav(np.where(np.arange(32_000) == 9, np.inf, 0.1), subtype="FLOAT"),
        NotFinite,
    ),
    "1 Hz": (lambda: raw_wav(1, 1, bytes(20)), UndecodableAudio),
    "2 GHz": (lambda: raw_wav(1, 2_000_000_000, bytes(20)), UndecodableAudio),
    "33 MB": (lambda: bytes(33 * 1024 * 1024), TooLarge),
}


@pytest.mark.parametrize(("build", "error"), REFUSED.values(), ids=REFUSED)
def test_what_says_nothing_is_refused_by_name(build, error):
    with pytest.raises(SignalCraftError) as caught:
        decode(build())
    assert type(caught.value) is error


def test_messages_carry_the_numbers():
    with pytest.raises(
        RecordingTooShort, match=r"^The recording is 0\.4 s long; at least 1\.0 s is needed\.$"
    ):
        decode(wav(machine(16_000, 0.4)))


def test_an_empty_sound_is_too_short_even_where_nothing_is_required():
    with pytest.raises(RecordingTooShort):
        decode(wav(np.zeros(0)), Limits(min_seconds=0.0))


def test_doubles_that_no_float_can_hold_are_not_finite():
    samples = np.where(np.arange(32_000) == 9, 1e300, 0.1).astype(">f8")
    with pytest.raises(NotFinite):
        decode(caf_of_doubles(samples.tobytes()))


def test_three_steps_of_sixteen_bits_are_sound():
    assert isinstance(decode(wav(np.resize(np.array([3, 0, -3, 0], np.int16), 32_000))), Clip)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UndecodableAudio, match="cannot be read"):
        decode(tmp_path / "gone.wav")


def test_limits_are_the_callers():
    content = wav(machine(16_000, 2.0))
    assert decode(content, Limits(min_seconds=2.0, max_seconds=2.0)).duration_s == 2.0
    for limits, error in (
        (Limits(max_bytes=len(content) - 1), TooLarge),
        (Limits(max_seconds=1.9), RecordingTooLong),
        (Limits(min_seconds=2.1), RecordingTooShort),
        (Limits(max_channels=0), TooManyChannels),
    ):
        with pytest.raises(error):
            decode(content, limits)


def test_decoding_ends_when_its_time_is_over():
    with pytest.raises(UndecodableAudio, match="given up"):
        decode(recording("m4a"), Limits(max_decode_seconds=0.0))


@cache
def eight_silent_hours():
    return flac(np.zeros(8 * 3600 * 8_000, np.int16), 8_000)


def many(unit, begin=b""):
    return begin + unit * ((16 * 1024 * 1024 - len(begin)) // len(unit))


def mp4_with(count_of, count):
    content = recording("m4a")
    at = content.index(count_of)
    return content[: at + 8] + struct.pack(">II", 1, count) + content[at + 16 :]


HOSTILE = {
    "eight silent hours": (eight_silent_hours, RecordingTooLong),
    "eight hours of unknown length": (
        lambda: without_length(eight_silent_hours()),
        RecordingTooLong,
    ),
    "a million chunks": (lambda: many(b"JUNK\0\0\0\0", b"RIFF\0\0\0\x70WAVE"), UndecodableAudio),
    "a million boxes": (lambda: many(b"\0\0\0\x08free", b"\0\0\0\x0cftypM4A "), UndecodableAudio),
    "a million voids": (lambda: many(b"\xec\x80", b"\x1a\x45\xdf\xa3\x80"), UndecodableAudio),
    "a million frames of nothing": (lambda: many(b"\x7c", b"#!AMR\n"), RecordingTooLong),
    "a million tags": (lambda: many(b"ID3\x04\0\0\0\0\0\0"), UnsupportedFormat),
    "two thousand million samples": (lambda: mp4_with(b"stsz", 0x7FFFFFFF), UndecodableAudio),
}


def without_length(content):
    streaminfo = bytearray(content)
    streaminfo[21] &= 0xF0
    streaminfo[22:26] = bytes(4)
    return bytes(streaminfo)


@pytest.mark.slow
@pytest.mark.parametrize(("build", "error"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_costs_little(build, error):
    content = build()
    tracemalloc.start()
    started = time.process_time()
    with pytest.raises(error):
        decode(content)
    seconds = time.process_time() - started
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < 5.0  # tracing makes it several times slower
    assert peak_bytes < 40 * 1024 * 1024


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_damaged_bytes_give_a_clip_or_a_named_error(name):
    chance, content = random.Random(name), recording(name, seconds=1.5)
    slowest = 0.0
    for _ in range(200):
        broken = damaged(content, chance)
        started = time.process_time()
        with suppress(SignalCraftError):
            assert decode(broken).waveform.size
        slowest = max(slowest, time.process_time() - started)
    assert slowest < 2.0
