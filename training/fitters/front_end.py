"""Builds the front end for a set of clips, with the mel filterbank of librosa."""

from collections.abc import Sequence
from dataclasses import replace
from math import floor

import librosa
import numpy as np

from analysis.sound.features import FeatureSpec, FrontEnd, Waveform

# One telephone recording among twenty does not make the rest of the band dispensable.
NARROW_SHARE = 0.05


def build_front_end(waveforms: Sequence[Waveform]) -> FrontEnd:
    """Build the front end whose clip length is the median of these."""
    n_samples = float(np.median([len(waveform) for waveform in waveforms]))
    return make_front_end(FeatureSpec(clip_seconds=n_samples / 16_000))


def with_bandwidth(front_end: FrontEnd, bandwidths_hz: Sequence[float]) -> FrontEnd:
    """Return the front end with the bandwidth that all but NARROW_SHARE of the clips have."""
    widest_common_hz = sorted(bandwidths_hz)[floor(NARROW_SHARE * len(bandwidths_hz))]
    spec = front_end.spec
    return replace(front_end, spec=replace(spec, bandwidth_hz=min(widest_common_hz, spec.high_hz)))


def make_front_end(spec: FeatureSpec) -> FrontEnd:
    """Make the front end of a spec."""
    filterbank = librosa.filters.mel(
        sr=spec.sample_rate_hz,
        n_fft=spec.n_fft,
        n_mels=spec.n_mels,
        fmin=spec.low_hz,
        fmax=spec.high_hz,
    )
    band_hz = librosa.mel_frequencies(n_mels=spec.n_mels + 2, fmin=spec.low_hz, fmax=spec.high_hz)
    return FrontEnd(spec, filterbank.astype(np.float32), band_hz.astype(np.float32))
