"""The older system's way with a recording: the peer that verdicts and times are compared with.

Two detectors: an isolation forest on 34 librosa statistics, and a small autoencoder on the time-mean of a min-max
normalised log-mel. Its rules are left out: what they were is not handed down.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import joblib
import librosa
import numpy as np
import numpy.typing as npt
import torch
from sklearn.ensemble import IsolationForest
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.preprocessing import StandardScaler
from torch import nn

SAMPLE_RATE_HZ = 16_000
MAX_SECONDS = 10.0
N_MFCC, N_MELS = 13, 64
# Of the sidecars that the older system left.
N_TREES, CONTAMINATION = 100, 0.01
EPOCHS, LEARNING_RATE, BATCH_SIZE = 50, 1e-3, 16
DROPOUT = 0.2

Waveform = npt.NDArray[np.float32]  # (n_samples,), mono, 16 kHz
Features = npt.NDArray[np.float64]  # (34,) or (64,)


def load_waveform(path: Path) -> Waveform:
    """The first ten seconds, mono, at 16 kHz."""
    return librosa.load(path, sr=SAMPLE_RATE_HZ, duration=MAX_SECONDS)[0]


def waveform_of(source: Path | Waveform) -> Waveform:
    """What the features are taken of: a file's sound, or a waveform that is there already, cut as a file would be."""
    if isinstance(source, Path):
        return load_waveform(source)
    return source[: round(MAX_SECONDS * SAMPLE_RATE_HZ)]


def statistics_34(source: Path | Waveform) -> Features:
    """Means and standard deviations over time of 13 MFCCs and four spectral measures: (34,)."""
    y, sr = waveform_of(source), SAMPLE_RATE_HZ
    mfcc = librosa.feature.mfcc(y=y, sr=sr, n_mfcc=N_MFCC)
    measures = (
        librosa.feature.spectral_centroid(y=y, sr=sr),
        librosa.feature.spectral_bandwidth(y=y, sr=sr),
        librosa.feature.zero_crossing_rate(y),
        librosa.feature.spectral_rolloff(y=y, sr=sr),
    )
    moments = [moment for measure in measures for moment in (measure.mean(), measure.std())]
    return np.concatenate([mfcc.mean(axis=1), mfcc.std(axis=1), moments]).astype(np.float64)


def mel_mean_64(source: Path | Waveform) -> Features:
    """Mean over time of a log-mel spectrogram that is stretched to 0..1: (64,)."""
    mel = librosa.feature.melspectrogram(y=waveform_of(source), sr=SAMPLE_RATE_HZ, n_mels=N_MELS)
    decibels = librosa.power_to_db(mel, ref=np.max)
    low, high = decibels.min(), decibels.max()
    return ((decibels - low) / (high - low + 1e-6)).mean(axis=1).astype(np.float64)


def features_of(waveforms: Sequence[Waveform], extract: Callable[[Waveform], Features]) -> Features:
    """One row a waveform."""
    return np.array([extract(waveform) for waveform in waveforms])


@dataclass(frozen=True, slots=True)
class OlderForest:
    """Level 1: StandardScaler and isolation forest on 34 statistics."""

    scaler: StandardScaler
    forest: IsolationForest

    @classmethod
    def load(cls, scaler: Path, forest: Path) -> Self:
        """Open what the older system left; a newer scikit-learn reads it, and warns that it is newer."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InconsistentVersionWarning)
            return cls(joblib.load(scaler), joblib.load(forest))

    @classmethod
    def fit(cls, waveforms: Sequence[Waveform], seed: int) -> Self:
        """Learn normal as the older system did."""
        features = features_of(waveforms, statistics_34)
        scaler = StandardScaler().fit(features)
        forest = IsolationForest(
            n_estimators=N_TREES, contamination=CONTAMINATION, random_state=seed
        )
        return cls(scaler, forest.fit(scaler.transform(features)))

    def score(self, source: Path | Waveform) -> float:
        """Anomaly score, higher is more anomalous: 0.5 less what the older system said."""
        return 0.5 - float(
            self.forest.decision_function(self.scaler.transform(statistics_34(source)[np.newaxis]))[
                0
            ]
        )


class Network(nn.Module):
    """64-128-64-16 and back; the names of its weights are those of the older system's files."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.decoder = half(N_MELS, 128, 64, 16), half(16, 64, 128, N_MELS)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Reconstruct: (n, 64) -> (n, 64)."""
        return self.decoder(self.encoder(features))


def half(*widths: int) -> nn.Sequential:
    """Three layers, rectified in between, with dropout behind the first."""
    a, b, c, d = widths
    return nn.Sequential(
        nn.Linear(a, b), nn.ReLU(), nn.Dropout(DROPOUT), nn.Linear(b, c), nn.ReLU(), nn.Linear(c, d)
    )


@dataclass(frozen=True, slots=True)
class OlderAutoencoder:
    """Level 2: an autoencoder on the mean log-mel of a clip."""

    network: Network

    @classmethod
    def load(cls, weights: Path) -> Self:
        """Open what the older system left."""
        network = Network()
        network.load_state_dict(torch.load(weights, weights_only=True))
        return cls(network.eval())

    @classmethod
    def fit(cls, waveforms: Sequence[Waveform], seed: int) -> Self:
        """Learn normal as the older system did: a fixed number of epochs of Adam."""
        torch.manual_seed(seed)
        features = torch.tensor(features_of(waveforms, mel_mean_64), dtype=torch.float32)
        network = Network().train()
        optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
        for _ in range(EPOCHS):
            for batch in features[torch.randperm(len(features))].split(BATCH_SIZE):
                optimizer.zero_grad()
                nn.functional.mse_loss(network(batch), batch).backward()
                optimizer.step()
        return cls(network.eval())

    def score(self, source: Path | Waveform) -> float:
        """Anomaly score, higher is more anomalous: the mean squared error, as the older system said."""
        features = torch.tensor(mel_mean_64(source), dtype=torch.float32)
        with torch.inference_mode():
            return float(nn.functional.mse_loss(self.network(features), features))
