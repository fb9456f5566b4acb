"""The older system's way with a recording: a peer that scores and times are compared with.

It had two detectors: an isolation forest on 34 librosa statistics, and a small autoencoder on the
time-mean of a min-max normalised log-mel. It had rules besides, which are not known any more and
left out.
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
N_MFCC = 13
N_MELS = 64
# From the sidecars that the older system left.
N_TREES = 100
CONTAMINATION = 0.01
N_EPOCHS = 50
LEARNING_RATE = 1e-3
BATCH_SIZE = 16
DROPOUT = 0.2

Waveform = npt.NDArray[np.float32]  # (n_samples,), mono, 16 kHz
Features = npt.NDArray[np.float64]  # (34,) or (64,)


def load_waveform(path: Path) -> Waveform:
    """Read the first ten seconds, mono, at 16 kHz."""
    return librosa.load(path, sr=SAMPLE_RATE_HZ, duration=MAX_SECONDS)[0]


def get_waveform(source: Path | Waveform) -> Waveform:
    """Return the waveform of a file, or the first ten seconds of a waveform."""
    if isinstance(source, Path):
        return load_waveform(source)
    return source[: round(MAX_SECONDS * SAMPLE_RATE_HZ)]


def statistics_34(source: Path | Waveform) -> Features:
    """Return mean and standard deviation of 13 MFCCs and four spectral measures: (34,)."""
    y = get_waveform(source)
    sr = SAMPLE_RATE_HZ
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
    """Return the mean over time of a log-mel spectrogram scaled to 0..1: (64,)."""
    mel = librosa.feature.melspectrogram(y=get_waveform(source), sr=SAMPLE_RATE_HZ, n_mels=N_MELS)
    decibels = librosa.power_to_db(mel, ref=np.max)
    low = decibels.min()
    high = decibels.max()
    return ((decibels - low) / (high - low + 1e-6)).mean(axis=1).astype(np.float64)


def extract_all(waveforms: Sequence[Waveform], extract: Callable[[Waveform], Features]) -> Features:
    """Return the features of each waveform as a row."""
    return np.array([extract(waveform) for waveform in waveforms])


@dataclass(frozen=True, slots=True)
class OlderForest:
    """Level 1: StandardScaler and isolation forest on 34 statistics."""

    scaler: StandardScaler
    forest: IsolationForest

    @classmethod
    def load(cls, scaler: Path, forest: Path) -> Self:
        """Open the older system's files; scikit-learn warns that it is newer than they are."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InconsistentVersionWarning)
            return cls(joblib.load(scaler), joblib.load(forest))

    @classmethod
    def fit(cls, waveforms: Sequence[Waveform], seed: int) -> Self:
        """Fit as the older system did."""
        features = extract_all(waveforms, statistics_34)
        scaler = StandardScaler().fit(features)
        forest = IsolationForest(
            n_estimators=N_TREES, contamination=CONTAMINATION, random_state=seed
        )
        return cls(scaler, forest.fit(scaler.transform(features)))

    def score(self, source: Path | Waveform) -> float:
        """Return the anomaly score, higher is more anomalous: 0.5 minus what that system said."""
        features = self.scaler.transform(statistics_34(source)[np.newaxis])
        return 0.5 - float(self.forest.decision_function(features)[0])


class Network(nn.Module):
    """64-128-64-16 and back; the names of its weights are those of the older system's files."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = make_half(N_MELS, 128, 64, 16)
        self.decoder = make_half(16, 64, 128, N_MELS)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Reconstruct: (n, 64) -> (n, 64)."""
        return self.decoder(self.encoder(features))


def make_half(*widths: int) -> nn.Sequential:
    """Make three layers with ReLU in between and dropout behind the first."""
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
        """Open the older system's file."""
        network = Network()
        network.load_state_dict(torch.load(weights, weights_only=True))
        return cls(network.eval())

    @classmethod
    def fit(cls, waveforms: Sequence[Waveform], seed: int) -> Self:
        """Fit as the older system did: a fixed number of epochs of Adam."""
        torch.manual_seed(seed)
        features = torch.tensor(extract_all(waveforms, mel_mean_64), dtype=torch.float32)
        network = Network().train()
        optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
        for _ in range(N_EPOCHS):
            for batch in features[torch.randperm(len(features))].split(BATCH_SIZE):
                optimizer.zero_grad()
                nn.functional.mse_loss(network(batch), batch).backward()
                optimizer.step()
        return cls(network.eval())

    def score(self, source: Path | Waveform) -> float:
        """Return the mean squared error, which the older system used as anomaly score."""
        features = torch.tensor(mel_mean_64(source), dtype=torch.float32)
        with torch.inference_mode():
            return float(nn.functional.mse_loss(self.network(features), features))
