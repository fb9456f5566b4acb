"""Builds the front end for a set of clips; the mel filterbank is librosa's and travels in the artifact."""

from collections.abc import Sequence
from dataclasses import replace
from math import floor

import librosa
import numpy as np

from analysis.sound.features import FeatureSpec, FrontEnd, Waveform

# One recording of a telephone among twenty does not make the rest of the band dispensable.
NARROW_SHARE = 0.05


def build_front_end(waveforms: Sequence[Waveform]) -> FrontEnd:
    """The front end whose clip length is the median of these."""
    return make_front_end(
        FeatureSpec(
            clip_seconds=float(np.median([len(waveform) for waveform in waveforms])) / 16_000
        )
    )


def with_bandwidth(front_end: FrontEnd, bandwidths_hz: Sequence[float]) -> FrontEnd:
    """The front end that knows how far most of these clips reach, of each of which the bandwidth is given."""
    reached = sorted(bandwidths_hz)[floor(NARROW_SHARE * len(bandwidths_hz))]
    spec = front_end.spec
    return replace(front_end, spec=replace(spec, bandwidth_hz=min(reached, spec.high_hz)))


def make_front_end(spec: FeatureSpec) -> FrontEnd:
    """The front end of a spec."""
    filterbank = librosa.filters.mel(
        sr=spec.sample_rate_hz,
        n_fft=spec.n_fft,
        n_mels=spec.n_mels,
        fmin=spec.low_hz,
        fmax=spec.high_hz,
    )
    band_hz = librosa.mel_frequencies(n_mels=spec.n_mels + 2, fmin=spec.low_hz, fmax=spec.high_hz)
    return FrontEnd(spec, filterbank.astype(np.float32), band_hz.astype(np.float32))
