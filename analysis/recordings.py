"""The bytes of recordings, read back unchanged from whatever storage holds them."""

import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

import numpy as np
import soundfile
from django.core.files.base import File
from django.core.files.storage import storages

from analysis.errors import RecordingGone, RecordingUnavailable
from analysis.models import Recording
from analysis.sound.audio import Pick, read_at_own_rate
from analysis.sound.file_types import MEDIA_TYPES

BLOCK_BYTES = 64 * 1024
MAX_STEM_LENGTH = 80
# Where a file that holds sound alone is usually named otherwise.
SUFFIXES = {"mp4": "m4a"}
DIGEST_MISMATCH = "The stored recording is not the one that was analysed."


class FileSlice:
    """Consecutive bytes of a stored recording, in blocks; the reader closes it."""

    def __init__(self, file: File, length: int) -> None:
        self._file = file
        self._left = length
        self.close = file.close

    def __iter__(self) -> Iterator[bytes]:
        while block := self._file.read(min(BLOCK_BYTES, self._left)):
            self._left -= len(block)
            yield block


def read_recording(recording: Recording) -> bytes:
    """Return the bytes that were analysed, checked against their digest."""
    with open_recording(recording) as file, translate_storage_errors():
        content: bytes = file.read(recording.size_bytes)
    if hashlib.sha256(content).hexdigest() != recording.sha256:
        raise RecordingUnavailable(DIGEST_MISMATCH)
    return content


def extract_channel(recording: Recording, pick: Pick) -> bytes:
    """Return one channel of a recording, or the mean of all, as a mono wav of 16 bits."""
    samples, sample_rate_hz = read_at_own_rate(read_recording(recording), pick=pick)
    peak = max(float(np.abs(samples).max()), 1.0)
    wav = io.BytesIO()
    soundfile.write(wav, samples / peak, sample_rate_hz, format="WAV", subtype="PCM_16")
    return wav.getvalue()


def open_slice(recording: Recording, positions: range) -> FileSlice:
    """Open these bytes for sending; whatever can fail does so here, before the first is sent."""
    file = open_recording(recording)
    with translate_storage_errors():
        # A remote storage fetches the bytes now.
        file.seek(positions.start)
    return FileSlice(file, len(positions))


def open_recording(recording: Recording) -> File:
    """Open the stored bytes, or raise RecordingGone or RecordingUnavailable."""
    with translate_storage_errors():
        file: File = storages["recordings"].open(recording.path)
        size = file.size
    if size != recording.size_bytes:
        file.close()
        raise RecordingUnavailable(DIGEST_MISMATCH)
    return file


@contextmanager
def translate_storage_errors() -> Iterator[None]:
    """Raise the errors of a storage as RecordingGone or RecordingUnavailable."""
    try:
        yield
    except FileNotFoundError as exc:
        raise RecordingGone("The recording of this analysis is no longer kept.") from exc
    except Exception as exc:  # every remote storage raises errors of its own
        raise RecordingUnavailable("The recording cannot be read now.") from exc


def get_media_type(recording: Recording) -> str:
    """Return the media type of a recording, by its container."""
    return MEDIA_TYPES[get_container(recording)]


def build_download_name(recording: Recording) -> str:
    """Return its original name in characters that every system takes, with the true suffix."""
    container = get_container(recording)
    original_stem = PurePosixPath(recording.original_name).stem
    stem = re.sub(r"[^\w-]+", "_", original_stem).strip("_")[:MAX_STEM_LENGTH]
    return f"{stem or f'recording-{recording.pk}'}.{SUFFIXES.get(container, container)}"


def get_container(recording: Recording) -> str:
    return PurePosixPath(recording.path).suffix.removeprefix(".")
