"""The bytes of recordings, read back as they came, from whatever storage holds them."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

from django.core.files.base import File
from django.core.files.storage import storages

from analysis.errors import RecordingGone, RecordingUnavailable
from analysis.models import Recording

BLOCK_BYTES = 64 * 1024
MAX_STEM = 80
# What players call the containers that analysis.containers tells apart; the names are the suffixes of stored paths.
MEDIA_TYPES = {
    "wav": "audio/wav",
    "aiff": "audio/aiff",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "mp4": "audio/mp4",
    "webm": "audio/webm",
    "caf": "audio/x-caf",
    "amr": "audio/amr",
    "aac": "audio/aac",
    "mp3": "audio/mpeg",
}
# Where a file with sound alone is called otherwise.
SUFFIXES = {"mp4": "m4a"}
NOT_THE_ANALYSED_BYTES = "The stored recording is not the one that was analysed."


class FileSlice:
    """Consecutive bytes of a stored recording, block by block; whoever has read enough closes it."""

    def __init__(self, file: File, length: int) -> None:
        self._file, self._left = file, length
        self.close = file.close

    def __iter__(self) -> Iterator[bytes]:
        while block := self._file.read(min(BLOCK_BYTES, self._left)):
            self._left -= len(block)
            yield block


def read_recording(recording: Recording) -> bytes:
    """Return the bytes that were analysed, and no others."""
    with open_recording(recording) as file, translate_storage_errors():
        content: bytes = file.read(recording.size_bytes)
    if hashlib.sha256(content).hexdigest() != recording.sha256:
        raise RecordingUnavailable(NOT_THE_ANALYSED_BYTES)
    return content


def open_slice(recording: Recording, asked: range) -> FileSlice:
    """Make ready to send these bytes; what can fail has failed before the first is sent."""
    file = open_recording(recording)
    with translate_storage_errors():
        # A remote storage fetches the bytes now.
        file.seek(asked.start)
    return FileSlice(file, len(asked))


def open_recording(recording: Recording) -> File:
    """Open the stored bytes; RecordingGone or RecordingUnavailable says why not."""
    with translate_storage_errors():
        file: File = storages["recordings"].open(recording.path)
        size = file.size
    if size != recording.size_bytes:
        file.close()
        raise RecordingUnavailable(NOT_THE_ANALYSED_BYTES)
    return file


@contextmanager
def translate_storage_errors() -> Iterator[None]:
    """Say in our words what a storage could not do."""
    try:
        yield
    except FileNotFoundError as exc:
        raise RecordingGone("The recording of this analysis is no longer kept.") from exc
    except Exception as exc:  # every remote storage fails in its own kinds of errors
        raise RecordingUnavailable("The recording cannot be read now.") from exc


def get_media_type(recording: Recording) -> str:
    """Name the kind of file that a recording is."""
    return MEDIA_TYPES[get_container(recording)]


def build_download_name(recording: Recording) -> str:
    """Name the file as its sender did, as far as any system may write that, and by what it really is."""
    container = get_container(recording)
    stem = re.sub(r"[^\w-]+", "_", PurePosixPath(recording.original_name).stem).strip("_")[
        :MAX_STEM
    ]
    return f"{stem or f'recording-{recording.pk}'}.{SUFFIXES.get(container, container)}"


def get_container(recording: Recording) -> str:
    return PurePosixPath(recording.path).suffix.removeprefix(".")
