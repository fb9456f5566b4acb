"""Fine features: tones and rhythms that log-mel frames are too coarse for, one vector for a clip of any length."""

from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import fft

from analysis.sound.features import FeatureSpec, FloatArray, Waveform, get_hann_window

Edges: TypeAlias = npt.NDArray[
    np.intp
]  # (n + 1,), where each of n ranges of bins begins, and the last ends

# Bins of 2 Hz, half a second long: a whine stands out of its neighbours.
TONE_N_FFT = 8192
TONE_BANDS = 64
# Frames of 4 ms, every millisecond: a rolling element that strikes 250 times a second is heard striking.
ENVELOPE_N_FFT, ENVELOPE_HOP = 64, 16
CARRIERS_HZ = (500.0, 1000.0, 2000.0, 4000.0, 7600.0)
RHYTHM_FRAMES = 512
RHYTHM_LOW_HZ, RHYTHM_HIGH_HZ, RHYTHM_BANDS = 4.0, 500.0, 20
# Keep a quotient and a logarithm finite where a band holds nothing.
MIN_POWER, MIN_RHYTHM = np.float32(1e-20), np.float32(1e-6)


def tonality(samples: Waveform, spec: FeatureSpec) -> FloatArray:
    """How far the strongest line of each mel-spaced band stands above the band's mean: (TONE_BANDS,), dB."""
    power = spectra(samples, TONE_N_FFT, TONE_N_FFT).mean(axis=0) + MIN_POWER
    edges = tone_edges(spec)
    strongest = np.maximum.reduceat(power[: edges[-1]], edges[:-1])
    mean = np.add.reduceat(power[: edges[-1]], edges[:-1]) / np.diff(edges)
    prominence: FloatArray = 10 * np.log10(strongest / mean)
    return prominence.astype(np.float32)


def envelope_spectrum(samples: Waveform, spec: FeatureSpec) -> FloatArray:
    """How strongly each carrier band swells at each rate from 4 to 500 Hz: (n_carriers * n_rates,), dB.

    The spectrum of the power of a band over time is the squared envelope spectrum that bearing diagnostics look at
    (Randall & Antoni, "Rolling element bearing diagnostics - a tutorial", Mechanical Systems and Signal Processing 25,
    2011); of each range of rates the strongest line is kept.
    """
    envelopes = spectra(samples, ENVELOPE_N_FFT, ENVELOPE_HOP) @ carriers(spec)
    swing = envelopes / (envelopes.mean(axis=0) + MIN_POWER) - 1
    power = np.stack(
        [
            spectra(of_carrier, RHYTHM_FRAMES, RHYTHM_FRAMES // 2).mean(axis=0)
            for of_carrier in swing.T
        ]
    )
    edges = rhythm_edges(spec)
    strongest = np.maximum.reduceat(power[:, : edges[-1]] / RHYTHM_FRAMES, edges[:-1], axis=1)
    decibels: FloatArray = 10 * np.log10(strongest.ravel() + MIN_RHYTHM)
    return decibels.astype(np.float32)


def n_rhythms(spec: FeatureSpec) -> int:
    """How many numbers an envelope spectrum has."""
    return (len(CARRIERS_HZ) - 1) * (len(rhythm_edges(spec)) - 1)


def spectra(signal: FloatArray, n_fft: int, hop: int) -> FloatArray:
    """Power spectra of Hann-windowed stretches, (n_stretches, 1 + n_fft // 2); what is shorter than one is padded."""
    padded = signal if len(signal) >= n_fft else np.pad(signal, (0, n_fft - len(signal)))
    stretches = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop]
    spectrum = fft.rfft(stretches * get_hann_window(n_fft), axis=1)
    power: FloatArray = spectrum.real**2 + spectrum.imag**2
    return power


@lru_cache(maxsize=8)
def carriers(spec: FeatureSpec) -> FloatArray:
    """Sums the bins of each carrier band: (1 + ENVELOPE_N_FFT // 2, n_carriers)."""
    edges = np.round(np.array(CARRIERS_HZ) * ENVELOPE_N_FFT / spec.sample_rate_hz).astype(int)
    bins = np.arange(1 + ENVELOPE_N_FFT // 2)[:, np.newaxis]
    return ((bins >= edges[:-1]) & (bins < edges[1:])).astype(np.float32)


@lru_cache(maxsize=8)
def tone_edges(spec: FeatureSpec) -> Edges:
    """Where the bands of the tonality begin, evenly spaced in mel (O'Shaughnessy's)."""
    low, high = 2595 * np.log10(1 + np.array([spec.low_hz, spec.high_hz]) / 700)
    edges_hz = 700 * (10 ** (np.linspace(low, high, TONE_BANDS + 1) / 2595) - 1)
    return np.round(edges_hz * TONE_N_FFT / spec.sample_rate_hz).astype(np.intp)


@lru_cache(maxsize=8)
def rhythm_edges(spec: FeatureSpec) -> Edges:
    """Where the ranges of rates begin, evenly spaced in their logarithm as far as there are bins for them."""
    frame_rate_hz = spec.sample_rate_hz / ENVELOPE_HOP
    edges_hz = np.geomspace(RHYTHM_LOW_HZ, RHYTHM_HIGH_HZ, RHYTHM_BANDS + 1)
    return np.unique(np.round(edges_hz * RHYTHM_FRAMES / frame_rate_hz).astype(np.intp))
