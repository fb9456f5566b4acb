"""Decode wav, flac and aiff with libsndfile, in the process that asks."""

import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import soundfile

from analysis.errors import Truncated, UndecodableAudio
from analysis.sound.containers import Container
from analysis.sound.decoding.blocks import (
    BLOCK_SAMPLES,
    LOSSLESS,
    STEP_OF_16_BITS,
    Block,
    Sound,
)

# Telephony's steps grow with the sound: these are the smallest.
STEPS = {
    "PCM_S8": 2.0**-7,
    "PCM_U8": 2.0**-7,
    "PCM_16": STEP_OF_16_BITS,
    "PCM_24": 2.0**-23,
    "PCM_32": 2.0**-31,
    "FLOAT": 0.0,
    "DOUBLE": 0.0,
    "ULAW": 2.0**-12,
    "ALAW": 2.0**-11,
}


@contextmanager
def open_with_sndfile(content: bytes, container: Container) -> Iterator[Sound]:
    """Open a recording; raises UndecodableAudio, here or while its blocks are read, if damaged."""
    raw = _Memory(content)
    try:
        with soundfile.SoundFile(raw) as file:
            # The few lossy subtypes of wav (telephony) change the sound less than any microphone.
            seconds = file.frames / file.samplerate
            blocks = _read(file, raw)
            step = STEPS.get(file.subtype, STEP_OF_16_BITS)
            yield Sound(LOSSLESS, file.channels, seconds, blocks, step=step)
    except soundfile.LibsndfileError as exc:
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


def _read(file: soundfile.SoundFile, raw: io.BytesIO) -> Iterator[Block]:
    n = max(BLOCK_SAMPLES // file.channels, 1)
    try:
        dtype = "float64" if file.subtype == "DOUBLE" else "float32"
        while len(samples := file.read(n, dtype=dtype, always_2d=True)):
            yield Block(samples, file.samplerate)
    except soundfile.LibsndfileError as exc:
        # A flac declares no sizes. If decoding failed at the last byte, the rest is missing.
        if raw.tell() == len(raw.getbuffer()):
            raise Truncated("The file is cut off: its end is missing.") from exc
        raise
