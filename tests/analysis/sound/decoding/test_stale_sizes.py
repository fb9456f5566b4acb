"""A header that counts less sound than a file holds, in every format that counts it."""

import io
import struct

import numpy as np
import pytest
import soundfile

from analysis.errors import RecordingRefused, Truncated, UndecodableAudio
from analysis.sound.audio import decode
from analysis.sound.decoding.headers.flac import compute_crc8, mend_flac
from analysis.sound.quality import assess_quality
from tests.support.recordings import encode, machine, recording

RATE_HZ = 16_000
SOUND = machine(RATE_HZ, 2.0)
N = len(SOUND)
HALF, ALL, TWICE = N // 2, N, 2 * N
UNKNOWN = 0xFFFF_FFFF


def written(kind, subtype="PCM_16", endian=None):
    file = io.BytesIO()
    soundfile.write(file, SOUND, RATE_HZ, format=kind, subtype=subtype, endian=endian)
    return file.getvalue()


def put(content, at, form, number):
    size = struct.calcsize(form)
    return content[:at] + struct.pack(form, number) + content[at + size :]


def aiff(n_in_sound, n_in_common, *, plain=None):
    """Of bytes of a sample: an AIFC of floats has four."""
    plain = plain or written("AIFF")
    width = 4 if b"FL32" in plain or b"fl32" in plain else 2
    n_bytes = n_in_sound if n_in_sound == UNKNOWN else 8 + width * n_in_sound
    changed = put(plain, plain.index(b"SSND") + 4, ">I", n_bytes)
    return put(changed, plain.index(b"COMM") + 10, ">I", n_in_common)


def caf(n_bytes, plain=None):
    plain = plain or written("CAF")
    return put(plain, plain.index(b"data") + 4, ">q", n_bytes)


def flac(n_samples, plain=None):
    plain = plain or written("FLAC")
    numbers = int.from_bytes(plain[18:26], "big") >> 36 << 36
    return put(plain, 18, ">Q", numbers | n_samples)


def rf64(n_bytes, kind=b"RF64"):
    plain = written("RF64")
    return kind + put(plain, plain.index(b"ds64") + 16, "<Q", n_bytes)[4:]


def w64(n_bytes):
    plain = written("W64")
    return put(plain, plain.index(b"data") + 16, "<Q", n_bytes)


def rifx(n_bytes):
    plain = written("WAV", endian="BIG")
    assert plain.startswith(b"RIFX")
    return put(plain, plain.index(b"data") + 4, ">I", n_bytes)


def mp3(share):
    plain = encode(SOUND, RATE_HZ, "mp3")
    at = max(plain.find(b"Xing"), plain.find(b"Info")) + 8
    (n_frames,) = struct.unpack_from(">I", plain, at)
    return put(plain, at, ">I", round(share * n_frames))


FLOATS = written("AIFF", "FLOAT")
STALE = {
    "aiff": (aiff(ALL, ALL), aiff(HALF, HALF)),
    "aiff, the sound's size": (aiff(ALL, ALL), aiff(HALF, ALL)),
    "aiff, the count": (aiff(ALL, ALL), aiff(ALL, HALF)),
    "aiff, nothing filled in": (aiff(ALL, ALL), aiff(0, 0)),
    "aifc of floats": (FLOATS, aiff(HALF, HALF, plain=FLOATS)),
    "caf": (written("CAF"), caf(4 + N)),
    "caf, nothing filled in": (written("CAF"), caf(0)),
    "flac": (written("FLAC"), flac(HALF)),
    "flac, by one": (written("FLAC"), flac(ALL - 1)),
    "rf64": (rf64(2 * N), rf64(N)),
    "bw64": (rf64(2 * N), rf64(N, b"BW64")),
    "w64": (written("W64"), w64(24 + N)),
    "w64, nothing filled in": (written("W64"), w64(0)),
    "rifx": (written("WAV"), rifx(N)),
    "mp3": (mp3(1), mp3(0.5)),
    "mp3, by a few frames": (mp3(1), mp3(0.96)),
}
RIGHT = {
    "aiff": aiff(ALL, ALL),
    "aiff of a pipe": aiff(UNKNOWN, UNKNOWN),
    "aiff, a tag behind": written("AIFF") + b"APETAGEX" + bytes(40),
    "aifc of floats": FLOATS,
    "aifc of mu-law": written("AIFF", "ULAW"),
    "aifc, the lowest byte first": written("AIFF", endian="LITTLE"),
    "caf": written("CAF"),
    "caf of a pipe": caf(-1),
    "flac": written("FLAC"),
    "flac of a pipe": flac(0),
    "flac that counts all it can": flac((1 << 36) - 1),
    "rifx": written("WAV", endian="BIG"),
    "mp3": mp3(1),
    "mp3 without a count": mp3(0),
}
TOO_MANY = {
    "aiff": aiff(TWICE, TWICE),
    "aiff, the count": aiff(ALL, TWICE),
    "caf": caf(4 + 4 * N),
    "flac": flac(TWICE),
    "rf64": rf64(4 * N),
    "w64": w64(24 + 4 * N),
    "rifx": rifx(4 * N),
    "mp3": mp3(2),
    "mp3, of a day": mp3(100_000),
}


@pytest.mark.parametrize(("right", "stale"), STALE.values(), ids=STALE)
def test_all_the_sound_is_judged_and_the_answer_says_that_the_header_is_damaged(right, stale):
    clip = decode(stale)
    np.testing.assert_array_equal(clip.waveform, decode(right).waveform)
    assert "damaged_header" in assess_quality(clip).warnings


@pytest.mark.parametrize("content", RIGHT.values(), ids=RIGHT)
def test_a_right_header_or_none_is_not_called_damaged(content):
    clip = decode(content)
    assert clip.duration_s == pytest.approx(2.0, abs=0.15)
    assert "damaged_header" not in assess_quality(clip).warnings


@pytest.mark.parametrize("content", TOO_MANY.values(), ids=TOO_MANY)
def test_what_counts_more_than_it_holds_is_truncated(content):
    with pytest.raises(Truncated):
        decode(content)


def test_a_flac_of_frames_of_any_size_is_counted_by_its_last():
    blocks = [recording("flac_streamed"), recording("flac")]
    for plain in blocks:
        n_samples = round(2.5 * 48_000)
        whole = decode(flac(n_samples, plain))
        stale = decode(flac(n_samples // 2, plain))
        assert stale.is_header_damaged
        np.testing.assert_array_equal(stale.waveform, whole.waveform)


@pytest.mark.parametrize("name", ["wav", "aiff", "caf_pcm", "flac", "m4a"])
def test_files_appended_to_one_another_are_not_judged_by_the_first(name):
    with pytest.raises(UndecodableAudio, match="several pieces"):
        decode(2 * recording(name))


@pytest.mark.parametrize("kind", ["WAV", "W64", "AIFF", "CAF", "FLAC"])
@pytest.mark.parametrize("first", ["WAV", "AIFF", "CAF"])
def test_a_file_of_another_kind_behind_the_sound_is_no_sound(first, kind):
    with pytest.raises(UndecodableAudio, match="several pieces"):
        decode(written(first) + written(kind))


def test_two_w64_files_are_not_judged_as_one():
    with pytest.raises(UndecodableAudio, match="several pieces"):
        decode(2 * written("W64"))


def frame_of(number):
    """The beginning of a FLAC frame of 192 samples that says it is the one of this number."""
    digits = bytes([0xFE, *(0x80 | number >> shift & 0x3F for shift in range(30, -1, -6))])
    head = b"\xff\xf9\x19\x18" + digits
    return head + bytes([compute_crc8(head)]) + bytes(40)


@pytest.mark.parametrize("numbers", [(1000, 0), (0, (1 << 36) - 10)])
@pytest.mark.parametrize("n_declared", [1000, (1 << 36) - 1])
def test_frames_of_impossible_numbers_do_not_mend_a_flac(numbers, n_declared):
    blocks = written("FLAC")[:42]
    frames = b"".join(map(frame_of, numbers))
    content = flac(n_declared, b"fLaC\x80" + blocks[5:]) + frames
    assert mend_flac(content) == (content, False)
    with pytest.raises(RecordingRefused):
        decode(content)


# With a picture: 70 000 bytes, written in seven bits each.
LARGE_TAG = b"ID3\4\0\0" + bytes([0, 4, 34, 112]) + bytes(70_000)
BEFORE = {
    "zeros": bytes(900),
    "a mark": b"\xef\xbb\xbf",
    "a blank line": b"\r\n",
    "two tags": 2 * LARGE_TAG,
}


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
@pytest.mark.parametrize("name", ["wav", "flac", "aiff", "ogg_opus", "m4a", "caf_pcm", "amr"])
def test_what_a_program_put_before_a_file_is_left_out(name, before):
    clip = decode(before + recording(name))
    np.testing.assert_array_equal(clip.waveform, decode(recording(name)).waveform)


BEHIND = {
    "zeros": bytes(5_000),
    "a tag": b"TAG" + bytes(125),
    "an APE tag": b"APETAGEX" + bytes(60),
    "words": b"LYRICSBEGININD0000210000021LYRICS200",
}


@pytest.mark.parametrize("name", ["wav", "mp3", "aac", "flac"])
@pytest.mark.parametrize("behind", BEHIND.values(), ids=BEHIND)
def test_what_a_program_put_behind_a_file_is_no_sound(name, behind):
    clip = decode(recording(name) + behind)
    np.testing.assert_array_equal(clip.waveform, decode(recording(name)).waveform)
    assert not clip.is_header_damaged


def test_an_mp3_with_rubbish_in_it_is_heard_to_its_end():
    plain = recording("mp3")
    frame = plain.index(plain[:2], len(plain) // 2)
    clip = decode(plain[:frame] + bytes(700) + plain[frame:])
    assert clip.duration_s == pytest.approx(decode(plain).duration_s, abs=0.1)
    assert not clip.is_header_damaged


def extensible(tag, rest):
    form = struct.pack("<HHIIHHHHI", 0xFFFE, 1, RATE_HZ, 2 * RATE_HZ, 2, 16, 22, 16, 0)
    form += struct.pack("<H", tag) + rest
    sound = (SOUND * 2**15).astype("<i2").tobytes()
    chunks = struct.pack("<4sI", b"fmt ", len(form)) + form
    chunks += struct.pack("<4sI", b"data", len(sound)) + sound
    return struct.pack("<4sI", b"RIFF", 4 + len(chunks)) + b"WAVE" + chunks


MICROSOFT = bytes.fromhex("0000 0000 1000 8000 00aa 0038 9b71")
AMBISONIC = bytes.fromhex("0000 2107 d311 8644 c8c1 ca00 0000")


@pytest.mark.parametrize("rest", [MICROSOFT, AMBISONIC])
def test_the_codec_of_an_extensible_wav_is_the_one_in_its_identifier(rest):
    np.testing.assert_allclose(decode(extensible(1, rest)).waveform, SOUND, atol=2.0**-15)
    with pytest.raises(UndecodableAudio, match=r"g72[36]"):
        decode(extensible(0x45, MICROSOFT))


def test_an_extensible_wav_of_an_unknown_codec_says_so():
    with pytest.raises(UndecodableAudio, match="unknown kind"):
        decode(extensible(1, b"abcdefghijklmn"))


def test_a_w64_without_a_format_is_refused_by_name():
    plain = written("W64")
    with pytest.raises(UndecodableAudio):
        decode(plain.replace(b"fmt ", b"abcd"))
