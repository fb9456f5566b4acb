"""Finds recordings with the same sound: re-encoded, louder, shifted, or about half of it shared.

However steady a machine is, the phases of two recordings of it differ by chance; those of two
files of one recording differ by a delay. So their phase correlation (Knapp, Carter, IEEE Trans.
ASSP 24, 1976) has one high peak. Tones that come back in every recording make many peaks of about
the same height. What can be mistaken: clips of about a second of knocks as regular as a clock's,
20 dB above everything that differs. The limits were chosen on five real machines
(docs/decisions/training-same-sound.md).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import fft
from scipy.signal.windows import tukey

from analysis.sound.features import LONG_CLIP, SAMPLE_RATE_HZ, Waveform, spread_starts

Phases: TypeAlias = npt.NDArray[np.complex64]  # (n_pieces, n_bins), of length 1

# The band of telephones, in which codecs keep phases. Long pieces need less of it: the bandwidth
# is so many Hz times seconds.
LOW_HZ = 500.0
MIN_BANDWIDTH_HZ = 500.0
MAX_BANDWIDTH_HZ = 2_000.0
BANDWIDTH_SECONDS = 4_000.0
# Height of the peak; 1 for a recording and itself.
MIN_SIMILARITY = 0.25
# Height over that of every other peak, further away than PEAK_BINS.
MIN_PROMINENCE = 2.5
PEAK_BINS = 4
# Faded ends keep strong tones from leaking over the whole band.
FADING_SHARE = 0.25
# So many correlations at a time fit a processor's cache.
BLOCK = 16
SILENCE = 1e-12


def find_same_sound(
    waveforms: Sequence[Waveform], *, n_first: int, on_step: Callable[[], None] = lambda: None
) -> list[tuple[int, int]]:
    """Return pairs (first < second) of one sound, with at least one of the n_first waveforms.

    on_step is called often enough to show that the search is alive.
    """
    owners, pieces = cut_pieces(waveforms)
    phases = compute_phases(pieces)
    found: set[tuple[int, int]] = set()
    for i in range(int(np.searchsorted(owners, n_first))):
        for start in range(i + 1, len(pieces), BLOCK):
            on_step()
            same = start + np.flatnonzero(is_same_sound(phases[i], phases[start : start + BLOCK]))
            found.update((int(owners[i]), int(owners[j])) for j in same if owners[j] > owners[i])
    return sorted(found)


def cut_pieces(waveforms: Sequence[Waveform]) -> tuple[npt.NDArray[np.intp], list[Waveform]]:
    """Cut pieces about as long as most waveforms; return whose each is, and the pieces."""
    length = int(np.median([len(waveform) for waveform in waveforms]))
    owners: list[int] = []
    pieces: list[Waveform] = []
    for owner, waveform in enumerate(waveforms):
        for piece in split_waveform(waveform, length):
            owners.append(owner)
            pieces.append(piece)
    return np.array(owners), pieces


def split_waveform(waveform: Waveform, length: int) -> Iterator[Waveform]:
    """Yield the waveform, in pieces of that length if it is much longer."""
    if len(waveform) <= LONG_CLIP * length:
        yield waveform
        return
    for start in spread_starts(len(waveform), length, step=length):
        yield waveform[start : start + length]


def compute_phases(pieces: Sequence[Waveform]) -> Phases:
    """Compute the phase of each frequency, zero-padded for every delay."""
    longest = max(len(piece) for piece in pieces)
    n_fft = fft.next_fast_len(2 * longest, real=True)
    widest_hz = BANDWIDTH_SECONDS * SAMPLE_RATE_HZ / longest
    width_hz = np.clip(widest_hz, MIN_BANDWIDTH_HZ, MAX_BANDWIDTH_HZ)
    low = round(LOW_HZ * n_fft / SAMPLE_RATE_HZ)
    n_bins = fft.next_fast_len(round(width_hz * n_fft / SAMPLE_RATE_HZ))

    phases = np.empty((len(pieces), n_bins), dtype=np.complex64)
    for row, piece in zip(phases, pieces, strict=True):
        faded = (piece - piece.mean()) * tukey(len(piece), FADING_SHARE).astype(np.float32)
        spectrum = fft.rfft(faded, n_fft)[low : low + n_bins]
        row[:] = spectrum / np.maximum(np.abs(spectrum), SILENCE)
    return phases


def is_same_sound(one: npt.NDArray[np.complex64], others: Phases) -> npt.NDArray[np.bool_]:
    """Whether each of the others has exactly one delay to it."""
    correlation = fft.ifft(others.conj() * one, axis=1, workers=-1)
    # Squared, because a root of every value would cost as much as the transform.
    height = correlation.real**2 + correlation.imag**2
    peaks = height.max(axis=1)
    is_same = peaks >= MIN_SIMILARITY**2
    for k in np.flatnonzero(is_same):
        centred = np.roll(height[k], PEAK_BINS - int(height[k].argmax()))
        is_same[k] = peaks[k] >= MIN_PROMINENCE**2 * centred[2 * PEAK_BINS + 1 :].max()
    return is_same
