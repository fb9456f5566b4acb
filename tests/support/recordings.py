"""A machine-like sound in every file format that a phone, browser or logger may send."""

import io
import struct

import av
import numpy as np
import soundfile
import soxr

# name: (FFmpeg's muxer, its encoder, sample rate).
# A muxer of None: written by libsndfile in this (format, subtype).
FORMATS = {
    "wav": (None, ("WAV", "PCM_16"), 48_000),
    "wav_24": (None, ("WAV", "PCM_24"), 44_100),
    "wav_float": (None, ("WAV", "FLOAT"), 16_000),
    "wav_adpcm": (None, ("WAV", "MS_ADPCM"), 22_050),
    "aiff": (None, ("AIFF", "PCM_16"), 44_100),
    "flac": (None, ("FLAC", "PCM_16"), 48_000),
    "flac_streamed": ("flac", "flac", 48_000),
    "mp3": (None, ("MP3", "MPEG_LAYER_III"), 48_000),
    "ogg_vorbis": (None, ("OGG", "VORBIS"), 44_100),
    "ogg_opus": (None, ("OGG", "OPUS"), 48_000),
    "m4a": ("ipod", "aac", 48_000),
    "m4a_alac": ("ipod", "alac", 44_100),
    "mp4_fragments": ("mp4", "aac", 48_000),
    "aac": ("adts", "aac", 44_100),
    "3gp_aac": ("3gp", "aac", 44_100),
    "3gp_amr": ("3gp", "amr_nb", 8_000),
    "amr": ("amr", "amr_nb", 8_000),
    "webm": ("webm", "libopus", 48_000),
    "webm_live": ("webm", "libopus", 48_000),
    "caf_alac": ("caf", "alac", 44_100),
    "caf_pcm": ("caf", "pcm_s16be", 48_000),
}
OPTIONS = {"mp4_fragments": {"movflags": "empty_moov+frag_keyframe+default_base_moof"}}
BIT_RATES = {"aac": 96_000, "libopus": 96_000, "amr_nb": 12_200}
# Written to a pipe: the muxer cannot go back to fill in a length.
PIPED = ("flac_streamed", "webm_live")


class Pipe:
    def __init__(self):
        self.content = b""

    def write(self, chunk):
        self.content += bytes(chunk)
        return len(chunk)

    def getvalue(self):
        return self.content


def machine(rate_hz, seconds=2.5):
    """Synthesise a 440 Hz whine, which speech codecs keep, swelling at 3 Hz, with a little hiss."""
    t = np.arange(round(rate_hz * seconds)) / rate_hz
    hiss = 0.002 * np.random.default_rng(1).standard_normal(t.size)
    return (
        0.3 * (1 + 0.5 * np.sin(2 * np.pi * 3 * t)) * np.sin(2 * np.pi * 440 * t) + hiss
    ).astype(np.float32)


def encode(samples, rate_hz, name):
    """Return `samples`, (n,) or (n, channels), as a file of the named format."""
    muxer, encoder, _ = FORMATS[name]
    file = Pipe() if name in PIPED else io.BytesIO()
    if muxer is None:
        soundfile.write(file, samples, rate_hz, format=encoder[0], subtype=encoder[1])
    else:
        _mux(samples, rate_hz, file, muxer, encoder, OPTIONS.get(name, {}))
    return file.getvalue()


def recording(name, seconds=2.5):
    """Return the machine in the named format, at the rate its devices use."""
    rate_hz = FORMATS[name][2]
    return encode(machine(rate_hz, seconds), rate_hz, name)


def read_samples(wav):
    """Return the samples of a wav and their rate."""
    return soundfile.read(io.BytesIO(wav), dtype="float32")


def at_rate(wav, rate_hz, gain=1.0):
    """Return the same sound as if recorded at another sample rate."""
    samples, source_rate_hz = read_samples(wav)
    file = io.BytesIO()
    written = gain * soxr.resample(samples, source_rate_hz, rate_hz, "HQ")
    soundfile.write(file, written, rate_hz, format="WAV", subtype="PCM_16")
    return file.getvalue()


def wav(samples, rate_hz=16_000, subtype="PCM_16"):
    """Return samples as a WAV file."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, format="WAV", subtype=subtype)
    return file.getvalue()


def raw_wav(channels, rate_hz, body, data_size=None):
    """Return a WAV file of 16 bits with this body, whatever its header declares."""
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


def damaged(content, chance):
    """Change a few bytes of a file, mostly in its headers: at the front, an m4a's at the end."""
    content = bytearray(content)
    reach = chance.choice((64, 1000, len(content)))
    for _ in range(chance.choice((1, 2, 8, 40))):
        at = chance.randrange(min(reach, len(content)))
        content[chance.choice((at, -1 - at))] = chance.choice((0, 127, 255, chance.randrange(256)))
    return bytes(content)


def _mux(samples, rate_hz, file, muxer, encoder, options):
    planes = np.ascontiguousarray(np.atleast_2d(samples.T), np.float32)
    layout = "mono" if len(planes) == 1 else "stereo"
    frame = av.AudioFrame.from_ndarray(planes, format="fltp", layout=layout)
    frame.sample_rate = rate_hz
    frame.pts = 0
    with av.open(file, "w", format=muxer, options=options) as container:
        stream = container.add_stream(encoder, rate=rate_hz, layout=layout)
        if encoder in BIT_RATES:
            stream.bit_rate = BIT_RATES[encoder]
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
