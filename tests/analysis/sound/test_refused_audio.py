"""Recordings that cannot be judged are refused by name, soon and cheaply, hostile ones too."""

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

from analysis.errors import (
    EmptyRecording,
    NotFinite,
    RecordingTooLong,
    RecordingTooShort,
    Silent,
    TooLarge,
    TooManyChannels,
    UndecodableAudio,
    UnsupportedFormat,
)
from analysis.sound.audio import Clip, Limits, decode
from core.errors import SignalCraftError
from tests.support.recordings import FORMATS, damaged, machine, raw_wav, recording, wav


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
def test_an_unusable_recording_is_refused_by_name(build, error):
    with pytest.raises(SignalCraftError) as caught:
        decode(build())
    assert type(caught.value) is error


def test_messages_contain_the_numbers():
    with pytest.raises(
        RecordingTooShort, match=r"^The recording is 0\.4 s long; at least 1\.0 s is needed\.$"
    ):
        decode(wav(machine(16_000, 0.4)))


def test_an_empty_sound_is_too_short_even_where_nothing_is_required():
    with pytest.raises(RecordingTooShort):
        decode(wav(np.zeros(0)), Limits(min_seconds=0.0))


def test_doubles_of_which_one_dwarfs_all_others_are_silent():
    samples = np.where(np.arange(32_000) == 9, 1e300, 0.1).astype(">f8")
    with pytest.raises(Silent):
        decode(caf_of_doubles(samples.tobytes()))


def test_doubles_that_are_no_numbers_are_refused():
    samples = np.where(np.arange(32_000) == 9, np.inf, 0.1).astype(">f8")
    with pytest.raises(NotFinite):
        decode(caf_of_doubles(samples.tobytes()))


def test_three_steps_of_sixteen_bits_are_sound():
    assert isinstance(decode(wav(np.resize(np.array([3, 0, -3, 0], np.int16), 32_000))), Clip)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UndecodableAudio, match="cannot be read"):
        decode(tmp_path / "gone.wav")


def test_the_caller_sets_the_limits():
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
    with pytest.raises(UndecodableAudio, match="took longer"):
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


def mp4_of(n_tracks, n_samples):
    """Repeat the track of a file, each time with a table that declares so many samples."""
    content = recording("m4a")
    moov = find_box(content, b"moov")
    trak = find_box(content, b"trak", moov.start + 8)
    track = content[trak.start : trak.stop]
    at = track.index(b"stsz")
    track = track[: at + 8] + struct.pack(">II", 1, n_samples) + track[at + 16 :]
    inside = content[moov.start + 8 : trak.start] + track * n_tracks
    inside += content[trak.stop : moov.stop]
    return content[: moov.start] + struct.pack(">I4s", 8 + len(inside), b"moov") + inside


def find_box(content, name, after=0):
    start = content.index(name, after) - 4
    return range(start, start + int.from_bytes(content[start : start + 4], "big"))


HOSTILE = {
    "forty tracks": (lambda: mp4_of(40, 10), UndecodableAudio),
    "tables that add up": (lambda: mp4_of(8, 200_000), UndecodableAudio),
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
    chance = random.Random(name)
    content = recording(name, seconds=1.5)
    slowest = 0.0
    for _ in range(200):
        broken = damaged(content, chance)
        started = time.process_time()
        with suppress(SignalCraftError):
            assert decode(broken).waveform.size
        slowest = max(slowest, time.process_time() - started)
    assert slowest < 2.0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(mp4_of(9, 10), "more than 8 tracks"), (mp4_of(8, 200_000), "more than 1000000 samples")],
)
def test_tracks_and_tables_are_counted_over_the_whole_file(content, sentence):
    with pytest.raises(UndecodableAudio, match=sentence):
        decode(content)
