"""Every format decodes to the same waveform, whatever its channels and its sample rate."""

import struct

import numpy as np
import pytest
import soundfile
import soxr

from analysis.errors import (
    Truncated,
)
from analysis.sound import audio
from analysis.sound.audio import AVERAGE, CHOOSE, SAMPLE_RATE_HZ, decode
from tests.support.needs import needs_real
from tests.support.places import REAL
from tests.support.recordings import FORMATS, encode, machine, raw_wav, recording, wav

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
LOSSY = {
    "mp3": "mp3float",
    "ogg_vorbis": "vorbis",
    "ogg_opus": "opus",
    "m4a": "aac",
    "mp4_fragments": "aac",
    "aac": "aac",
    "3gp_aac": "aac",
    "3gp_amr": "amrnb",
    "amr": "amrnb",
    "webm": "opus",
    "webm_live": "opus",
}
# It has neither a length nor sizes, so that a missing end cannot be noticed.
UNSEEN_WHEN_CUT = ("flac_streamed",)


def ogg_checksum(page):
    remainder = 0
    for byte in page:
        remainder ^= byte << 24
        for _ in range(8):
            remainder = (remainder << 1) ^ (0x104C11DB7 if remainder & 0x80000000 else 0)
    return remainder


def best_match(waveform, source, rate_hz):
    """Return (correlation, gain) of a waveform to its source at the best shift: codecs delay."""
    source = soxr.resample(source, rate_hz, SAMPLE_RATE_HZ, "HQ")
    middle = source[8000:32000]
    shifts = np.correlate(waveform, middle, "valid")
    shift = int(np.argmax(shifts))
    decoded = waveform[shift : shift + len(middle)]
    return np.corrcoef(decoded, middle)[0, 1], decoded.std() / middle.std()


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_becomes_the_same_waveform(name):
    rate_hz = FORMATS[name][2]
    clip = decode(recording(name))
    correlation, gain = best_match(clip.waveform, machine(rate_hz), rate_hz)
    assert clip.waveform.dtype == np.float32
    assert (clip.sample_rate_hz, clip.channels, clip.clipped_fraction) == (rate_hz, 1, 0.0)
    assert correlation > (0.9999 if name in LOSSLESS else 0.97)
    assert gain / 10 ** (clip.gain_db / 20) == pytest.approx(
        1.0, abs=0.001 if name in LOSSLESS else 0.25 if "amr" in name else 0.03
    )
    assert clip.duration_s == pytest.approx(2.5, abs=0.01 if name in LOSSLESS else 0.08)
    assert len(clip.waveform) == pytest.approx(clip.duration_s * SAMPLE_RATE_HZ, abs=1)


@pytest.mark.parametrize("name", FORMATS)
def test_the_codec_is_told_by_what_is_inside_and_not_by_the_container(name):
    expected = LOSSY.get(name, audio.LOSSLESS)
    assert decode(recording(name)).codec == expected


@pytest.mark.parametrize(
    "rate_hz", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000]
)
def test_the_resampled_waveform_equals_soxr_in_one_piece(rate_hz):
    source = machine(rate_hz, 5.0)
    clip = decode(wav(source, rate_hz, "PCM_32"))
    assert len(clip.waveform) == 5 * SAMPLE_RATE_HZ
    np.testing.assert_allclose(
        clip.waveform, soxr.resample(source, rate_hz, SAMPLE_RATE_HZ, "HQ"), atol=1e-6
    )


@pytest.mark.parametrize("name", ["wav", "flac", "ogg_vorbis", "m4a", "aac", "webm", "caf_pcm"])
@pytest.mark.parametrize(("pick", "expected"), [(CHOOSE, 1.0), (AVERAGE, 0.75), (2, 0.5)])
def test_one_channel_of_stereo_is_taken_or_the_mean_of_both(name, pick, expected):
    rate_hz = FORMATS[name][2]
    left = machine(rate_hz)
    right = 0.5 * machine(rate_hz)
    clip = decode(encode(np.stack([left, right], axis=1), rate_hz, name), pick=pick)
    _, gain = best_match(clip.waveform, machine(rate_hz), rate_hz)
    assert (clip.channels, clip.channel) == (2, {CHOOSE: 1, AVERAGE: None}.get(pick, pick))
    assert gain == pytest.approx(expected, abs=0.03)


def test_sixteen_channels_are_averaged_for_versions_of_earlier_releases():
    channels = np.outer(machine(16_000), np.arange(16) / 16).astype(np.float32)
    clip = decode(wav(channels, subtype="PCM_24"), pick=AVERAGE)
    np.testing.assert_allclose(clip.waveform, channels.mean(axis=1), atol=1e-6)


def test_sixteen_channels_of_different_sounds_do_not_cancel():
    apart = 0.1 * np.random.default_rng(0).standard_normal((32_000, 16))
    assert decode(wav(apart)).channels == 16


@pytest.mark.parametrize(
    "path", sorted((REAL / "eight_channel").glob("*.wav")), ids=lambda path: path.name
)
def test_the_first_of_real_eight_channels_is_taken(path):
    clip = decode(path)
    assert (clip.channels, clip.sample_rate_hz, clip.duration_s) == (8, 16_000, 10.0)
    assert (clip.channel, clip.has_different_channels) == (1, False)
    np.testing.assert_array_equal(clip.waveform, soundfile.read(path, dtype="float32")[0][:, 0])


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


def test_an_id3_tag_before_the_sound_is_skipped():
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
    """As Android's recorder writes it."""
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
    with pytest.raises(Truncated, match=r"lasts 5\.\d+ s, but it holds only [23]\.\d+ s"):
        decode(content[: content.index(sync, len(content) * 6 // 10)])


def test_a_cut_inside_what_follows_the_sound_does_no_harm():
    body = (machine(16_000) * 32767).astype("<i2").tobytes()
    assert decode(raw_wav(1, 16_000, body) + b"LIST\xff\x00\x00\x00INFO").duration_s == 2.5


def test_clipping_is_a_flat_top_not_a_loud_peak():
    t = np.arange(32_000) / 16_000
    loud = np.sin(2 * np.pi * 440 * t)
    assert decode(wav(loud)).clipped_fraction == 0.0
    assert decode(wav(np.clip(2 * loud, -1, 1))).clipped_fraction == pytest.approx(2 / 3, abs=0.06)


def test_clipping_is_counted_before_mixing_and_resampling():
    t = np.arange(96_000) / 48_000
    clipped = np.clip(2 * np.sin(2 * np.pi * 440 * t), -1, 1)
    whole = 0.1 * np.sin(2 * np.pi * 440 * t)
    clip = decode(wav(np.stack([clipped, whole], axis=1), 48_000), pick=AVERAGE)
    assert clip.clipped_fraction == pytest.approx(1 / 3, abs=0.02)


def test_float_samples_beyond_full_scale_are_not_clipped():
    clip = decode(wav(1e30 * machine(16_000).astype(np.float64), subtype="DOUBLE"))
    correlation, _ = best_match(clip.waveform, machine(16_000), 16_000)
    assert correlation > 0.99999
    assert clip.clipped_fraction == 0


def test_channels_with_opposite_offsets_do_not_cancel():
    sound = 0.01 * np.sin(2 * np.pi * 440 * np.arange(150_000) / 48_000)
    clip = decode(wav(np.stack([sound + 0.2, sound - 0.2], axis=1), 48_000), pick=AVERAGE)
    assert np.abs(clip.waveform[1600:-1600]).max() == pytest.approx(0.01, rel=0.02)
