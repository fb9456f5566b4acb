"""What recorders write wrong, or in an older kind of header, is still the whole sound."""

import io
import struct

import av
import numpy as np
import pytest
import soundfile

from analysis.errors import Truncated, UndecodableAudio, UnsupportedFormat
from analysis.sound.audio import decode
from analysis.sound.quality import assess_quality
from tests.support.recordings import machine, recording

RATE_HZ = 16_000
SOUND = (machine(RATE_HZ, 2.0) * 2**15).astype("<i2").tobytes()
FORMAT = struct.pack("<HHIIHH", 1, 1, RATE_HZ, 2 * RATE_HZ, 2, 16)


def chunk(name, content, size=None, *, pad=True):
    length = len(content) if size is None else size
    return struct.pack("<4sI", name, length) + content + b"\0" * (pad and len(content) % 2)


def riff(*chunks, kind=b"RIFF"):
    body = b"WAVE" + b"".join(chunks)
    return struct.pack("<4sI", kind, len(body)) + body


FMT = chunk(b"fmt ", FORMAT)
DATA = chunk(b"data", SOUND)


def with_long_size(kind):
    ds64 = struct.pack("<QQQI", 0, len(SOUND), len(SOUND) // 2, 0)
    return riff(chunk(b"ds64", ds64), FMT, chunk(b"data", SOUND, 0xFFFF_FFFF), kind=kind)


def w64():
    file = io.BytesIO()
    soundfile.write(file, np.frombuffer(SOUND, "<i2"), RATE_HZ, format="W64", subtype="PCM_16")
    return file.getvalue()


def decoded(content):
    clip = decode(content)
    return clip, assess_quality(clip).warnings


DAMAGED = {
    "half of the size": riff(FMT, chunk(b"data", SOUND, len(SOUND) // 2)),
    "half of the size, a large header": riff(
        chunk(b"JUNK", bytes(8_000)), FMT, chunk(b"data", SOUND, len(SOUND) // 2)
    ),
    "no size": riff(FMT, chunk(b"data", SOUND, 0)),
    "no size, a large header": riff(chunk(b"bext", bytes(6_000)), FMT, chunk(b"data", SOUND, 0)),
    "an odd chunk without its pad byte": riff(chunk(b"LIST", b"odd", pad=False), FMT, DATA),
}
RIGHT = {
    "plain": riff(FMT, DATA),
    "chunks behind": riff(FMT, DATA, chunk(b"LIST", b"INFO"), chunk(b"xyz ", b"1234")),
    "half a chunk behind": riff(FMT, DATA, chunk(b"LIST", b"INFO", 4_000)),
    "an odd chunk": riff(chunk(b"LIST", b"odd"), FMT, DATA),
    "a tag behind": riff(FMT, DATA) + b"ID3\4\0\0\0\0\0\2ab",
    "zeros behind": riff(FMT, DATA) + bytes(300),
    "RF64": with_long_size(b"RF64"),
    "BW64": with_long_size(b"BW64"),
    "W64": w64(),
    "of a pipe": riff(FMT, chunk(b"data", SOUND, 0xFFFF_FFFF)),
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_behind_a_wrong_header_the_whole_sound_is_judged_and_that_is_said(content):
    clip, warnings = decoded(content)
    np.testing.assert_array_equal(clip.waveform, decode(RIGHT["plain"]).waveform)
    assert "damaged_header" in warnings


@pytest.mark.parametrize("content", RIGHT.values(), ids=RIGHT)
def test_behind_a_right_header_of_any_kind_nothing_is_said(content):
    clip, warnings = decoded(content)
    np.testing.assert_array_equal(clip.waveform, decode(RIGHT["plain"]).waveform)
    assert "damaged_header" not in warnings


@pytest.mark.parametrize("name", ["plain", "RF64", "W64"])
def test_a_missing_end_is_still_missed(name):
    with pytest.raises(Truncated, match="cut off"):
        decode(RIGHT[name][: len(SOUND) // 2])


def test_an_mp3_inside_a_wav_is_heard():
    file = io.BytesIO()
    with av.open(file, "w", format="wav") as container:
        stream = container.add_stream("libmp3lame", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(
            machine(48_000, 2.04)[np.newaxis], format="fltp", layout="mono"
        )
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    clip = decode(file.getvalue())
    assert (clip.container, clip.codec) == ("wav", "mp3float")
    assert clip.duration_s == pytest.approx(2.04, abs=0.1)


TAG = b"ID3\4\0\0\0\0\0\x0a0123456789"


@pytest.mark.parametrize("name", ["mp3", "aac"])
@pytest.mark.parametrize(
    "change",
    {
        "two tags": lambda content: TAG + TAG + content,
        "zeros": lambda content: bytes(1_000) + content,
        "half a frame": lambda content: content[150:],
        "a tag, then zeros": lambda content: TAG + bytes(64) + content,
    }.values(),
)
def test_a_stream_is_found_behind_what_stands_before_it(name, change):
    plain = decode(recording(name))
    clip = decode(change(recording(name)))
    assert (clip.container, clip.codec) == (plain.container, plain.codec)
    assert clip.duration_s == pytest.approx(plain.duration_s, abs=0.05)


@pytest.mark.parametrize("box", [b"skip", b"wide", b"free"])
def test_a_mov_that_begins_with_room_is_read(box):
    content = recording("m4a")
    size = int.from_bytes(content[:4], "big")
    without_ftyp = struct.pack(">I4s", size, box) + content[8:]
    assert decode(without_ftyp).container == "mp4"


def mux(muxer, encoder, rate_hz):
    file = io.BytesIO()
    with av.open(file, "w", format=muxer) as container:
        stream = container.add_stream(encoder, rate=rate_hz, layout="mono", bit_rate=64_000)
        samples = (machine(rate_hz, 2.0) * 2**15).astype(np.int16)
        kind = stream.codec_context.format.name
        whole = av.AudioFrame.from_ndarray(samples[np.newaxis], format="s16", layout="mono")
        whole.sample_rate = rate_hz
        for frame in av.AudioResampler(format=kind, layout="mono", rate=rate_hz).resample(whole):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def ogg_page(number, packet, flags=0):
    """One page with one packet, and its checksum."""
    header = struct.pack("<4sBBqIII", b"OggS", 0, flags, 0, 1, number, 0)
    lacing = bytes([255] * (len(packet) // 255) + [len(packet) % 255])
    page = header + bytes([len(lacing)]) + lacing + packet
    checksum = 0
    for byte in page:
        checksum ^= byte << 24
        for _ in range(8):
            checksum = checksum << 1 ^ (0x104C11DB7 if checksum & 0x80000000 else 0)
    return page[:22] + struct.pack("<I", checksum & 0xFFFFFFFF) + page[26:]


def speex():
    header = struct.pack(
        "<8s20siiiiiiiiiiiii",
        *(b"Speex   ", b"1.2", 1, 80, 16_000, 1, 4, 1, -1, 320, 0, 1, 0, 0, 0),
    )
    comments = struct.pack("<I4sI", 4, b"none", 0)
    frames = [ogg_page(2 + n, bytes(42)) for n in range(60)]
    return b"".join([ogg_page(0, header, 2), ogg_page(1, comments), *frames])


@pytest.mark.parametrize(
    ("build", "name"),
    [
        (speex, "Speex"),
        (lambda: mux("mov", "adpcm_ima_qt", 16_000), "IMA ADPCM"),
        (lambda: mux("wav", "wmav2", 22_050), "wma"),
    ],
)
def test_a_codec_that_is_not_read_is_named(build, name):
    with pytest.raises(UndecodableAudio, match=name):
        decode(build())


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (bytes.fromhex("3026b2758e66cf11") + bytes(100), "wma"),
        (b"wvpk" + bytes(100), "WavPack"),
        (b"hello, I am no recording at all", "no recording"),
    ],
)
def test_a_format_that_is_not_read_is_named_with_those_that_are(content, name):
    with pytest.raises(UnsupportedFormat, match=f"{name}.*Supported are wav, w64, flac"):
        decode(content)
