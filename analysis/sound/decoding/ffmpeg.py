"""Decode everything that libsndfile does not, with FFmpeg; imported by the decoding child alone."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import av
import av.filter.graph
import av.subtitles.codeccontext
import av.subtitles.stream
import av.video.codeccontext
import av.video.stream
import numpy as np

from analysis.errors import UndecodableAudio
from analysis.sound.containers import Container
from analysis.sound.decoding.blocks import (
    EMPTY_BLOCK,
    LOSSLESS,
    STEP_OF_16_BITS,
    Block,
    Samples,
    Sound,
)
from analysis.sound.decoding.ogg_pages import find_lost_pages

# What recorders write and nothing else: no video and no exotic decoder is ever opened.
LOSSY_CODECS = frozenset({"aac", "amrnb", "amrwb", "mp3", "mp3float", "opus", "vorbis"})
CODECS = (
    LOSSY_CODECS
    | {"alac", "flac", "pcm_alaw", "pcm_mulaw", "pcm_u8", "pcm_s8"}
    | {f"pcm_{kind}le" for kind in ("s16", "s24", "s32", "f32", "f64")}
    | {f"pcm_{kind}be" for kind in ("s16", "s24", "s32", "f32", "f64")}
)
# What people send too.
CODEC_NAMES = {
    **dict.fromkeys(("speex", "libspeex"), "Speex"),
    **dict.fromkeys(("wmav1", "wmav2", "wmapro", "wmalossless"), "Windows Media (wma)"),
    "adpcm_ima_qt": "IMA ADPCM (ima4)",
    **dict.fromkeys(("ac3", "eac3"), "Dolby Digital (ac3)"),
    "qdm2": "QDesign Music",
}
# As in analysis.sound.decoding.sndfile. Others store 16 bits, or what flac and alac do not tell.
STEPS = {
    **dict.fromkeys(("pcm_u8", "pcm_s8"), 2.0**-7),
    **dict.fromkeys(("pcm_s24le", "pcm_s24be"), 2.0**-23),
    **dict.fromkeys(("pcm_s32le", "pcm_s32be"), 2.0**-31),
    **dict.fromkeys(("pcm_f32le", "pcm_f32be", "pcm_f64le", "pcm_f64be"), 0.0),
    "pcm_mulaw": 2.0**-12,
    "pcm_alaw": 2.0**-11,
}
FFMPEG_OPTIONS = {
    "codec_whitelist": ",".join(sorted(CODECS)),
    # The bytes are in memory: nothing in them may name another file or host.
    "protocol_whitelist": "none",
    "probesize": "1000000",
    # A phone writes one, with pictures and chapters a few.
    "max_streams": "16",
}
# PyAV imports the modules above when it meets such a stream, and a sandbox opens no file.
# PyAV looks for planes until it finds none, and after the eighth it finds something else.
MAX_PLANES = 7


@contextmanager
def open_with_ffmpeg(content: bytes, container: Container) -> Iterator[Sound]:
    """Open a recording; raises UndecodableAudio, here or while its blocks are read, if damaged."""
    try:
        with _open(content, container.demuxer) as sound:
            yield sound
    except av.error.FFmpegError as exc:
        raise UndecodableAudio(
            f"The {container.name} file is damaged, or its encoding is not supported."
        ) from exc


@contextmanager
def _open(content: bytes, demuxer: str | None) -> Iterator[Sound]:
    with av.open(
        io.BytesIO(content), "r", format=demuxer, options=FFMPEG_OPTIONS, metadata_errors="ignore"
    ) as container:
        stream = next(iter(container.streams.audio), None)
        # FFmpeg leaves the codec out where it does not know it.
        codec = stream.codec_context if stream else None
        if stream is None or codec is None or codec.name not in CODECS:
            raise UndecodableAudio(describe_sound(stream))
        channels = _forget_places_of_channels(codec)
        lost = find_lost_pages(content)
        seconds = None
        if stream.duration and stream.time_base:
            seconds = float(stream.duration * stream.time_base) - lost.seconds
        name = codec.name if codec.name in LOSSY_CODECS else LOSSLESS
        step = None if name in LOSSY_CODECS else STEPS.get(codec.name, STEP_OF_16_BITS)
        yield Sound(name, channels, seconds, _read(container, stream), lost.places, step)


def describe_sound(stream: av.AudioStream | None) -> str:
    """Say why a file's sound is not read, by the name of its codec where FFmpeg knows it."""
    if stream is None:
        return "The file has no sound."
    codec = stream.codec_context
    name = CODEC_NAMES.get(codec.name, codec.name) if codec else "of an unknown kind"
    return f"The file's sound is {name}, which is not read. Record wav, flac, mp3, aac or opus."


def _forget_places_of_channels(codec: av.AudioCodecContext) -> int:
    """Give the decoder a layout that says only how many channels there are; return their number.

    Where a file names the place of each channel (a caf of eight does), PyAV frees the list with
    every look at the layout, also with each frame. After the first look it must be replaced.
    """
    channels = codec.layout.nb_channels
    # 0 where only decoding will tell.
    if channels:
        codec.layout = f"{channels} channels"
    return channels


def _read(container: av.container.InputContainer, stream: av.AudioStream) -> Iterator[Block]:
    packer = _Packer()
    for packet in container.demux():
        # Even if no packet ever decodes, the reader must be able to check its deadline.
        yield EMPTY_BLOCK
        if packet.stream_index == stream.index:
            for frame in stream.decode(packet):
                for packed in packer.pack(frame):
                    yield Block(_to_float(packed), packed.sample_rate)


class _Packer:
    """Turns frames of more planes than PyAV can count into frames of one plane."""

    def __init__(self) -> None:
        self._resampler: av.AudioResampler | None = None

    def pack(self, frame: av.AudioFrame) -> list[av.AudioFrame]:
        """Return the same samples, in one plane if there are many."""
        if not frame.format.is_planar or frame.layout.nb_channels <= MAX_PLANES:
            return [frame]
        if self._resampler is None:
            self._resampler = av.AudioResampler(
                format=frame.format.packed, layout=frame.layout, rate=frame.sample_rate
            )
        try:
            return self._resampler.resample(frame)
        except ValueError as exc:
            raise UndecodableAudio(
                "The sample rate or the number of channels changes within the recording."
            ) from exc


_FULL_SCALE = {"u8": 2.0**7, "s16": 2.0**15, "s32": 2.0**31, "flt": 1.0, "dbl": 1.0}


def _to_float(frame: av.AudioFrame) -> Samples:
    values = frame.to_ndarray()
    values = values.T if frame.format.is_planar else values.reshape(-1, frame.layout.nb_channels)
    full_scale = _FULL_SCALE[frame.format.name.removesuffix("p")]
    if full_scale == 1.0:
        # Doubles stay what they are: they may have any scale.
        return cast(Samples, values)
    offset = 128 if values.dtype == np.uint8 else 0
    return (values.astype(np.float32) - offset) / np.float32(full_scale)
