"""Ten-second clips to time with: real recordings if a folder is given, else a synthesised pump."""

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile

from analysis.sound.audio import SAMPLE_RATE_HZ, decode
from benchmarks.support.levels import list_recordings
from training.demo_sounds import PUMP, write_machine

SECONDS = 10


@contextmanager
def provide_clips(data: Path | None) -> Iterator[Path]:
    """Give a folder with train_normal, test_normal and test_abnormal."""
    if data:
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="signalcraft-clips-") as folder:
        write_machine(Path(folder), PUMP, seconds=SECONDS)
        yield Path(folder)


def read_ten_second_wavs(folder: Path, count: int) -> list[bytes]:
    """Return normal clips as wav files of ten seconds, 16 kHz, 16 bits: 320 KB each."""
    paths = list_recordings(folder, "test_normal")
    return [read_ten_second_wav(paths[number % len(paths)]) for number in range(count)]


def read_ten_second_wav(path: Path) -> bytes:
    """Return one clip as such a file; a shorter recording is repeated."""
    samples = np.resize(decode(path).waveform, SECONDS * SAMPLE_RATE_HZ)
    file = io.BytesIO()
    soundfile.write(file, samples, SAMPLE_RATE_HZ, format="WAV", subtype="PCM_16")
    return file.getvalue()
