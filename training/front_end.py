"""Builds the front end for a set of clips; the mel filterbank is librosa's and travels in the artifact."""

from collections.abc import Sequence
from dataclasses import replace

import librosa
import numpy as np

from analysis.features import FeatureSpec, FrontEnd, Waveform

# One recording of a telephone among many others does not make the rest of the band dispensable.
WIDE_SHARE = 0.95


def build_front_end(waveforms: Sequence[Waveform], bandwidths_hz: Sequence[float] = ()) -> FrontEnd:
    """The front end whose clip length is the median of these, and whose band most of them fill."""
    spec = FeatureSpec(clip_seconds=float(np.median([len(waveform) for waveform in waveforms])) / 16_000)
    if bandwidths_hz:
        reached = np.quantile(bandwidths_hz, 1 - WIDE_SHARE, method="lower")
        spec = replace(spec, bandwidth_hz=min(float(reached), spec.high_hz))
    return front_end_for(spec)


def front_end_for(spec: FeatureSpec) -> FrontEnd:
    """The front end of a spec."""
    filterbank = librosa.filters.mel(
        sr=spec.sample_rate_hz, n_fft=spec.n_fft, n_mels=spec.n_mels, fmin=spec.low_hz, fmax=spec.high_hz
    )
    band_hz = librosa.mel_frequencies(n_mels=spec.n_mels + 2, fmin=spec.low_hz, fmax=spec.high_hz)
    return FrontEnd(spec, filterbank.astype(np.float32), band_hz.astype(np.float32))
