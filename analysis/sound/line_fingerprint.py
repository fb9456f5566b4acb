"""Tell one machine from another by its lines: the tones of what turns, hums and whines in it.

A microphone, a room or a codec changes broad bands of a spectrum, and hardly its lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.sound.features import (
    MIN_POWER,
    SAMPLE_RATE_HZ,
    FloatArray,
    Waveform,
    compute_power_spectrum,
    space_starts,
    spread_starts,
    to_decibels,
)

# (N_LINES,), dB above the neighbourhood, within LOWEST_DB and HIGHEST_DB.
Lines: TypeAlias = FloatArray
Cosines: TypeAlias = npt.NDArray[np.float64]  # (n_clips,), in [-1, 1]

# Bins of 2 Hz, from 49 Hz to 6.8 kHz: below is mains hum, above what codecs remove.
LINE_N_FFT = 8192
FIRST_BIN = 25
N_LINES = 3475
# More segments would take longer, and tell no more.
MAX_SEGMENTS = 16
EDGE_SECONDS = 0.1
# The neighbourhood of a bin is the median of so many, 120 Hz; found at every 32nd bin.
NEIGHBOURHOOD = 61
NEIGHBOURHOOD_STEP = 32
RELATIVE_FLOOR = np.float32(1e-9)
# A strong line is a line; how strong depends on where the microphone is.
LOWEST_DB = np.float32(-3)
HIGHEST_DB = np.float32(12)
# A recording is as unlike as no more than this share of clips of other sessions, and by so many
# standard deviations.
UNLIKE_SHARE = 0.02
UNLIKE_DEVIATIONS = 2.0
# And by a share of that cosine: few sessions do not tell the least like one.
LENIENCY = 0.2


@dataclass(frozen=True, slots=True)
class LineFingerprint:
    """By which lines a machine is known.

    mean: (N_LINES,), of the training clips. limit: the cosine that nearly all held-out clips of the
    machine are above.
    """

    mean: npt.NDArray[np.float16]
    limit: float

    def is_unlike(self, lines: Lines) -> bool:
        """Return whether these lines may be of another machine."""
        return bool(compute_cosines([lines], self.mean)[0] < self.limit)

    @classmethod
    def fit(cls, lines: Sequence[Lines], folds: npt.NDArray[np.intp]) -> Self:
        """Fit to the lines of each clip; folds: (n_clips,), two or more, no session in two."""
        of_clips = np.stack(lines)
        cosines = np.concatenate(
            [
                compute_cosines(of_clips[folds == fold], of_clips[folds != fold].mean(axis=0))
                for fold in np.unique(folds)
            ]
        )
        lowest = np.quantile(cosines, UNLIKE_SHARE)
        limit = min(lowest, cosines.mean() - UNLIKE_DEVIATIONS * cosines.std())
        limit -= LENIENCY * abs(limit)
        return cls(of_clips.mean(axis=0).astype(np.float16), float(limit))


def compute_cosines(lines: Sequence[Lines] | FloatArray, mean: npt.NDArray[np.floating]) -> Cosines:
    """Return how alike the lines of each clip and the mean are; 0 where either has none."""
    each = np.asarray(lines, np.float64)
    of_mean = mean.astype(np.float64)
    lengths = np.linalg.norm(each, axis=1) * np.linalg.norm(of_mean)
    cosines: Cosines = (each @ of_mean) / np.maximum(lengths, MIN_POWER)
    return cosines


def extract_lines(waveform: Waveform) -> Lines:
    """Return how far each bin of the mean spectrum is above its neighbourhood."""
    power = compute_mean_power(waveform)
    floor = RELATIVE_FLOOR * power.mean() + MIN_POWER
    decibels = to_decibels(power[FIRST_BIN : FIRST_BIN + N_LINES] + floor)
    lines: Lines = np.clip(decibels - find_neighbourhood(decibels), LOWEST_DB, HIGHEST_DB)
    return lines


def compute_mean_power(waveform: Waveform) -> FloatArray:
    """Return the mean spectrum of a waveform without its ends: (1 + LINE_N_FFT // 2,)."""
    edge = round(EDGE_SECONDS * SAMPLE_RATE_HZ)
    samples = waveform[edge : len(waveform) - edge]
    samples = np.pad(samples, (0, max(0, LINE_N_FFT - len(samples))))
    starts = spread_starts(len(samples), LINE_N_FFT, step=LINE_N_FFT // 2)
    if len(starts) > MAX_SEGMENTS:
        starts = space_starts(len(samples), LINE_N_FFT, count=MAX_SEGMENTS)
    segments = np.stack([samples[start : start + LINE_N_FFT] for start in starts])
    mean: FloatArray = compute_power_spectrum(segments).mean(axis=0)
    return mean


def find_neighbourhood(decibels: FloatArray) -> FloatArray:
    """Return the running median; beyond either end the last bin is repeated: (N_LINES,)."""
    padded = np.pad(decibels, NEIGHBOURHOOD // 2, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, NEIGHBOURHOOD)
    at = np.append(np.arange(0, N_LINES - 1, NEIGHBOURHOOD_STEP), N_LINES - 1)
    medians = np.median(windows[at], axis=1)
    neighbourhood: FloatArray = np.interp(np.arange(N_LINES), at, medians).astype(np.float32)
    return neighbourhood
