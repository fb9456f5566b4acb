"""Extract tones and rhythms that log-mel frames are too coarse for, from a clip of any length."""

from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import fft

from analysis.sound.features import FeatureSpec, FloatArray, Waveform, get_hann_window

# (n + 1,): the first bin of each of n ranges, and the end of the last.
Edges: TypeAlias = npt.NDArray[np.intp]

# Half a second, bins of 2 Hz: a whine stands above its neighbours.
TONE_N_FFT = 8192
TONE_BANDS = 64
# Frames of 4 ms, one every millisecond: enough for a bearing that knocks 250 times a second.
ENVELOPE_N_FFT = 64
ENVELOPE_HOP = 16
CARRIER_EDGES_HZ = (500.0, 1000.0, 2000.0, 4000.0, 7600.0)
RHYTHM_FRAMES = 512
RHYTHM_LOW_HZ = 4.0
RHYTHM_HIGH_HZ = 500.0
RHYTHM_BANDS = 20
# Keep a quotient and a logarithm finite where a band holds nothing.
MIN_POWER = np.float32(1e-20)
MIN_RHYTHM = np.float32(1e-6)


def extract_tonality(samples: Waveform, spec: FeatureSpec) -> FloatArray:
    """Return how far the strongest bin of each band is above the band's mean: (TONE_BANDS,), dB."""
    power = compute_spectra(samples, TONE_N_FFT, TONE_N_FFT).mean(axis=0) + MIN_POWER
    edges = get_tone_edges(spec)
    strongest = np.maximum.reduceat(power[: edges[-1]], edges[:-1])
    mean = np.add.reduceat(power[: edges[-1]], edges[:-1]) / np.diff(edges)
    decibels: FloatArray = 10 * np.log10(strongest / mean)
    return decibels.astype(np.float32)


def extract_envelope_spectrum(samples: Waveform, spec: FeatureSpec) -> FloatArray:
    """Return how strongly each carrier band swells at each rate: (n_carriers * n_rates,), dB.

    The spectrum of the power of a band over time is the squared envelope spectrum of bearing
    diagnostics (Randall & Antoni, "Rolling element bearing diagnostics - a tutorial", Mechanical
    Systems and Signal Processing 25, 2011). Of each range of rates, from 4 to 500 Hz, the
    strongest is kept.
    """
    envelopes = compute_spectra(samples, ENVELOPE_N_FFT, ENVELOPE_HOP) @ get_carrier_weights(spec)
    modulation = envelopes / (envelopes.mean(axis=0) + MIN_POWER) - 1
    spectra = [
        compute_spectra(carrier, RHYTHM_FRAMES, RHYTHM_FRAMES // 2).mean(axis=0)
        for carrier in modulation.T
    ]
    power = np.stack(spectra)

    edges = get_rhythm_edges(spec)
    strongest = np.maximum.reduceat(power[:, : edges[-1]] / RHYTHM_FRAMES, edges[:-1], axis=1)
    decibels: FloatArray = 10 * np.log10(strongest.ravel() + MIN_RHYTHM)
    return decibels.astype(np.float32)


def count_envelope_features(spec: FeatureSpec) -> int:
    """Return how many numbers an envelope spectrum has."""
    n_carriers = len(CARRIER_EDGES_HZ) - 1
    n_rates = len(get_rhythm_edges(spec)) - 1
    return n_carriers * n_rates


def compute_spectra(signal: FloatArray, n_fft: int, hop: int) -> FloatArray:
    """Return power spectra of Hann-windowed frames: (n_frames, 1 + n_fft // 2).

    A signal that is shorter than one frame is padded with zeros.
    """
    padded = signal if len(signal) >= n_fft else np.pad(signal, (0, n_fft - len(signal)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop]
    spectrum = fft.rfft(frames * get_hann_window(n_fft), axis=1)
    power: FloatArray = spectrum.real**2 + spectrum.imag**2
    return power


@lru_cache(maxsize=8)
def get_carrier_weights(spec: FeatureSpec) -> FloatArray:
    """Return the matrix that sums the bins of each carrier: (n_bins, n_carriers)."""
    edges = np.round(np.array(CARRIER_EDGES_HZ) * ENVELOPE_N_FFT / spec.sample_rate_hz).astype(int)
    bins = np.arange(1 + ENVELOPE_N_FFT // 2)[:, np.newaxis]
    return ((bins >= edges[:-1]) & (bins < edges[1:])).astype(np.float32)


@lru_cache(maxsize=8)
def get_tone_edges(spec: FeatureSpec) -> Edges:
    """Return the edges of the tonality bands, evenly spaced in mel (O'Shaughnessy's formula)."""
    low, high = 2595 * np.log10(1 + np.array([spec.low_hz, spec.high_hz]) / 700)
    edges_hz = 700 * (10 ** (np.linspace(low, high, TONE_BANDS + 1) / 2595) - 1)
    return np.round(edges_hz * TONE_N_FFT / spec.sample_rate_hz).astype(np.intp)


@lru_cache(maxsize=8)
def get_rhythm_edges(spec: FeatureSpec) -> Edges:
    """Return the edges of the ranges of rates, evenly spaced in log rate, without empty ones."""
    frame_rate_hz = spec.sample_rate_hz / ENVELOPE_HOP
    edges_hz = np.geomspace(RHYTHM_LOW_HZ, RHYTHM_HIGH_HZ, RHYTHM_BANDS + 1)
    return np.unique(np.round(edges_hz * RHYTHM_FRAMES / frame_rate_hz).astype(np.intp))
