"""From the bytes of a known container to blocks of samples, by libsndfile or FFmpeg."""

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
# Only what recorders write: no video and no exotic decoder is ever opened.
CODECS = (
    *(
        "aac",
        "alac",
        "amrnb",
        "amrwb",
        "flac",
        "mp3",
        "mp3float",
        "opus",
        "vorbis",
        "pcm_alaw",
        "pcm_mulaw",
    ),
    *(
        "pcm_u8",
        "pcm_s8",
        "pcm_s16le",
        "pcm_s16be",
        "pcm_s24le",
        "pcm_s24be",
        "pcm_s32le",
        "pcm_s32be",
    ),
    *("pcm_f32le", "pcm_f32be", "pcm_f64le", "pcm_f64be"),
)
FFMPEG_OPTIONS = {
    "codec_whitelist": ",".join(CODECS),
    # The bytes are in memory: nothing in them may name another file or host.
    "protocol_whitelist": "none",
    "probesize": "1000000",
}


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive samples of the recording; it may be empty while the decoder has nothing to show."""

    samples: Samples
    sample_rate_hz: int


NOTHING = Block(np.empty((0, 1), np.float32), 0)


@dataclass(frozen=True, slots=True)
class Sound:
    """What a file says it holds, before anything is decoded, and its sound. `seconds` is None where it cannot say."""

    channels: int
    seconds: float | None
    blocks: Iterator[Block]


@contextmanager
def open_sound(content: bytes, container: Container) -> Iterator[Sound]:
    """Yield the sound of the file; UndecodableAudio, here or while its blocks are read, when it is damaged."""
    opened = _ffmpeg(content, container.demuxer) if container.demuxer else _libsndfile(content)
    try:
        with opened as sound:
            yield sound
    except (soundfile.LibsndfileError, av.error.FFmpegError) as exc:
        raise UndecodableAudio(
            f"The {container.name} file is damaged, or its sound is of a kind we do not read."
        ) from exc


class _Memory(io.BytesIO):
    """Bytes that stay where they are when a damaged file sends libsndfile before their beginning.

    An exception could not leave its callback: it would be printed, once for each hostile upload.
    """

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        with suppress(ValueError):
            return super().seek(offset, whence)
        return self.tell()


@contextmanager
def _libsndfile(content: bytes) -> Iterator[Sound]:
    raw = _Memory(content)
    with soundfile.SoundFile(raw) as file:
        yield Sound(file.channels, file.frames / file.samplerate, _libsndfile_blocks(file, raw))


def _libsndfile_blocks(file: soundfile.SoundFile, raw: io.BytesIO) -> Iterator[Block]:
    n = max(BLOCK_SAMPLES // file.channels, 1)
    try:
        while len(samples := file.read(n, dtype="float32", always_2d=True)):
            yield Block(samples, file.samplerate)
    except soundfile.LibsndfileError as exc:
        # A flac has no sizes to follow: that its last bytes were wanted when it failed is all there is to see.
        if raw.tell() == len(raw.getbuffer()):
            raise Truncated("The file is cut off: its sound ends in the middle.") from exc
        raise


@contextmanager
def _ffmpeg(content: bytes, demuxer: str) -> Iterator[Sound]:
    file = io.BytesIO(content)
    with av.open(
        file, "r", format=demuxer, options=FFMPEG_OPTIONS, metadata_errors="ignore"
    ) as container:
        stream = next(iter(container.streams.audio), None)
        # FFmpeg leaves the codec out where it does not know it.
        if (
            stream is None
            or stream.codec_context is None
            or stream.codec_context.name not in CODECS
        ):
            raise UndecodableAudio("The file holds no sound in a codec we read.")
        seconds = (
            float(stream.duration * stream.time_base)
            if stream.duration and stream.time_base
            else None
        )
        yield Sound(stream.channels, seconds, _ffmpeg_blocks(container, stream))


def _ffmpeg_blocks(
    container: av.container.InputContainer, stream: av.AudioStream
) -> Iterator[Block]:
    for packet in container.demux():
        # Lets the reader look at its clock even if nothing ever decodes.
        yield NOTHING
        for frame in stream.decode(packet) if packet.stream_index == stream.index else ():
            yield Block(_samples(frame), frame.sample_rate)


_SCALES = {"u8": 2.0**7, "s16": 2.0**15, "s32": 2.0**31, "flt": 1.0, "dbl": 1.0}


def _samples(frame: av.AudioFrame) -> Samples:
    values = frame.to_ndarray()
    values = values.T if frame.format.is_planar else values.reshape(-1, frame.layout.nb_channels)
    scale = _SCALES[frame.format.name.removesuffix("p")]
    if scale == 1.0:
        with np.errstate(over="ignore"):  # becomes infinite, and is refused as that
            return values.astype(np.float32, copy=False)
    offset = 128 if values.dtype == np.uint8 else 0
    return (values.astype(np.float32) - offset) / np.float32(scale)
