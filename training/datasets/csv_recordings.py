"""Reads a CSV file with one column of samples as the recording that it is."""

import csv
import io
from collections.abc import Iterable
from itertools import islice
from typing import TextIO

import numpy as np
import numpy.typing as npt
import soundfile

from analysis.errors import UndecodableAudio
from analysis.sound.audio import MAX_SOURCE_RATE_HZ, MIN_SOURCE_RATE_HZ, Limits
from training.errors import InvalidOption

Samples = npt.NDArray[np.float64]  # (n_samples,), any unit


def check_csv_sample_rate(sample_rate_hz: int) -> None:
    """Refuse a rate that no recording has."""
    if not MIN_SOURCE_RATE_HZ <= sample_rate_hz <= MAX_SOURCE_RATE_HZ:
        raise InvalidOption(
            f"--csv_sample_rate must be {MIN_SOURCE_RATE_HZ} to {MAX_SOURCE_RATE_HZ} Hz."
        )


def convert_csv_to_wav(content: bytes, sample_rate_hz: int, limits: Limits) -> bytes:
    """Write the samples of a CSV file as a wav file, which is then decoded like any other."""
    max_rows = int(limits.max_seconds * sample_rate_hz) + 1
    with io.TextIOWrapper(io.BytesIO(content), newline="", encoding="utf-8-sig") as file:
        samples = read_column(file, max_rows=max_rows)

    # In double precision, so that no unit and no offset costs digits.
    wav = io.BytesIO()
    soundfile.write(wav, samples, sample_rate_hz, format="WAV", subtype="DOUBLE")
    return wav.getvalue()


def read_column(file: TextIO, *, max_rows: int) -> Samples:
    """Read at most one number more than max_rows from a file with one column, header or not."""
    try:
        samples = parse_cells(read_cells(file, max_rows=max_rows))
    except (ValueError, IndexError, csv.Error) as exc:
        raise UndecodableAudio("The CSV file does not hold one column of numbers.") from exc

    if not len(samples) or not np.isfinite(samples).all():
        raise UndecodableAudio("The CSV file holds no numbers, or some that are not finite.")
    return samples


def read_cells(file: Iterable[str], *, max_rows: int) -> list[str]:
    """Return the first cell of each row that is not empty, if no row has a second one."""
    rows = list(islice(filter(None, csv.reader(file)), max_rows + 1))
    # Of a column of times and one of values, either could be taken for the sound.
    if any(any(others) for _first, *others in rows):
        raise UndecodableAudio(
            "The CSV file has more than one column: leave the one with the samples."
        )
    return [first for first, *_others in rows]


def parse_cells(cells: list[str]) -> Samples:
    """Parse the cells as numbers, without a header in the first one."""
    start = 0 if is_number(cells[0]) else 1
    return np.array([float(cell) for cell in cells[start:]])


def is_number(text: str) -> bool:
    """Whether float() takes the text."""
    try:
        float(text)
    except ValueError:
        return False
    return True
