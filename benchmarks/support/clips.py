"""Ten-second clips for the benchmarks of speed: real recordings where a folder names them, else a synthesised pump."""

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile

from analysis.sound.audio import SAMPLE_RATE_HZ, decode
from benchmarks.main_job import recordings
from training.demo_sounds import PUMP, write_machine

SECONDS = 10


@contextmanager
def set_of_clips(data: Path | None) -> Iterator[Path]:
    """Give a folder with train_normal, test_normal and test_abnormal."""
    if data:
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="signalcraft-clips-") as folder:
        write_machine(Path(folder), PUMP, seconds=SECONDS)
        yield Path(folder)


def ten_second_wavs(folder: Path, count: int) -> list[bytes]:
    """Normal clips as wav files of ten seconds, 16 kHz, 16 bits: 320 KB each; shorter recordings are repeated."""
    paths = recordings(folder, "test_normal")
    return [ten_second_wav(paths[number % len(paths)]) for number in range(count)]


def ten_second_wav(path: Path) -> bytes:
    """One of them."""
    file = io.BytesIO()
    samples = np.resize(decode(path).waveform, SECONDS * SAMPLE_RATE_HZ)
    soundfile.write(file, samples, SAMPLE_RATE_HZ, format="WAV", subtype="PCM_16")
    return file.getvalue()
