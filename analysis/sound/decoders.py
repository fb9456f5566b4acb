"""Decode the bytes of a known container to blocks of samples, with libsndfile or FFmpeg."""

import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import av
import numpy as np
import numpy.typing as npt
import soundfile

from analysis.errors import Truncated, UndecodableAudio
from analysis.sound.containers import Container

Samples = npt.NDArray[np.float32]  # (n, channels), full scale = 1

BLOCK_SAMPLES = 65_536
# What recorders write and nothing else: no video and no exotic decoder is ever opened.
CODECS = frozenset(
    {"aac", "alac", "amrnb", "amrwb", "flac", "mp3", "mp3float", "opus", "vorbis"}
    | {"pcm_alaw", "pcm_mulaw", "pcm_u8", "pcm_s8"}
    | {f"pcm_{kind}le" for kind in ("s16", "s24", "s32", "f32", "f64")}
    | {f"pcm_{kind}be" for kind in ("s16", "s24", "s32", "f32", "f64")}
)
FFMPEG_OPTIONS = {
    "codec_whitelist": ",".join(sorted(CODECS)),
    # The bytes are in memory: nothing in them may name another file or host.
    "protocol_whitelist": "none",
    "probesize": "1000000",
}


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive samples of the recording, possibly none."""

    samples: Samples
    sample_rate_hz: int


EMPTY_BLOCK = Block(np.empty((0, 1), np.float32), 0)


@dataclass(frozen=True, slots=True)
class Sound:
    """An opened recording: what its header declares, and its samples, decoded as they are read.

    `seconds` is None where the header has no length.
    """

    channels: int
    seconds: float | None
    blocks: Iterator[Block]


@contextmanager
def open_sound(content: bytes, container: Container) -> Iterator[Sound]:
    """Open a recording; raises UndecodableAudio, here or while its blocks are read, if damaged."""
    demuxer = container.demuxer
    opened = _open_ffmpeg(content, demuxer) if demuxer else _open_sndfile(content)
    try:
        with opened as sound:
            yield sound
    except (soundfile.LibsndfileError, av.error.FFmpegError) as exc:
        raise UndecodableAudio(
            f"The {container.name} file is damaged, or its encoding is not supported."
        ) from exc


class _Memory(io.BytesIO):
    """Bytes that ignore a seek before their beginning, which damaged files make libsndfile do.

    An exception could not leave its callback: it would be printed, once for each hostile upload.
    """

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        with suppress(ValueError):
            return super().seek(offset, whence)
        return self.tell()


@contextmanager
def _open_sndfile(content: bytes) -> Iterator[Sound]:
    raw = _Memory(content)
    with soundfile.SoundFile(raw) as file:
        yield Sound(file.channels, file.frames / file.samplerate, _read_sndfile(file, raw))


def _read_sndfile(file: soundfile.SoundFile, raw: io.BytesIO) -> Iterator[Block]:
    n = max(BLOCK_SAMPLES // file.channels, 1)
    try:
        while len(samples := file.read(n, dtype="float32", always_2d=True)):
            yield Block(samples, file.samplerate)
    except soundfile.LibsndfileError as exc:
        # A flac declares no sizes. If decoding failed at the last byte, the rest is missing.
        if raw.tell() == len(raw.getbuffer()):
            raise Truncated("The file is cut off: its end is missing.") from exc
        raise


@contextmanager
def _open_ffmpeg(content: bytes, demuxer: str) -> Iterator[Sound]:
    with av.open(
        io.BytesIO(content), "r", format=demuxer, options=FFMPEG_OPTIONS, metadata_errors="ignore"
    ) as container:
        stream = next(iter(container.streams.audio), None)
        # FFmpeg leaves the codec out where it does not know it.
        codec = stream.codec_context if stream else None
        if stream is None or codec is None or codec.name not in CODECS:
            raise UndecodableAudio("The file has no sound in a supported codec.")
        seconds = None
        if stream.duration and stream.time_base:
            seconds = float(stream.duration * stream.time_base)
        yield Sound(stream.channels, seconds, _read_ffmpeg(container, stream))


def _read_ffmpeg(container: av.container.InputContainer, stream: av.AudioStream) -> Iterator[Block]:
    for packet in container.demux():
        # Even if no packet ever decodes, the reader must be able to check its deadline.
        yield EMPTY_BLOCK
        if packet.stream_index == stream.index:
            for frame in stream.decode(packet):
                yield Block(_to_float(frame), frame.sample_rate)


_FULL_SCALE = {"u8": 2.0**7, "s16": 2.0**15, "s32": 2.0**31, "flt": 1.0, "dbl": 1.0}


def _to_float(frame: av.AudioFrame) -> Samples:
    values = frame.to_ndarray()
    values = values.T if frame.format.is_planar else values.reshape(-1, frame.layout.nb_channels)
    full_scale = _FULL_SCALE[frame.format.name.removesuffix("p")]
    if full_scale == 1.0:
        with np.errstate(over="ignore"):  # becomes infinite, and is refused as that
            return values.astype(np.float32, copy=False)
    offset = 128 if values.dtype == np.uint8 else 0
    return (values.astype(np.float32) - offset) / np.float32(full_scale)
