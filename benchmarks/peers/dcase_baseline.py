"""The dense autoencoder baseline of the DCASE 2020 challenge, task 2 (Koizumi et al.), in torch.

Features, network and schedule are as published, initial weights and batch norm as in Keras, in
which it was published. The original holds a tenth of the frames back to watch the loss, and never
acts on it: here all frames are learnt from.

The schedule was made for hours of sound. With a minute, 100 epochs have too few steps to get from
zero to -40 dB, and the error says little but how loud a clip is. Standardised inputs mend that, so
there is a variant with them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import librosa
import numpy as np
import torch
from torch import nn

from analysis.sound.audio import SAMPLE_RATE_HZ, Waveform

N_FFT = 1024
HOP_LENGTH = 512
N_MELS = 128
POWER = 2.0
N_STACKED = 5
WIDTHS = (N_MELS * N_STACKED, 128, 128, 128, 128, 8, 128, 128, 128, 128)
N_EPOCHS = 100
BATCH_SIZE = 512
LEARNING_RATE = 1e-3
KERAS_NORM_MOMENTUM = 0.01
KERAS_NORM_EPS = 1e-3
KERAS_ADAM_EPS = 1e-7


@dataclass(frozen=True, slots=True)
class DcaseBaseline:
    """An autoencoder of five log-mel frames with a bottleneck of eight units."""

    network: nn.Module
    mean: torch.Tensor
    scale: torch.Tensor

    @classmethod
    def fit(cls, waveforms: Sequence[Waveform], seed: int) -> Self:
        """Fit as published."""
        vectors = stack_all(waveforms)
        return cls.train(vectors, torch.zeros(WIDTHS[0]), torch.ones(WIDTHS[0]), seed)

    @classmethod
    def fit_standardised(cls, waveforms: Sequence[Waveform], seed: int) -> Self:
        """Fit to inputs of mean 0 and variance 1."""
        vectors = stack_all(waveforms)
        return cls.train(vectors, vectors.mean(dim=0), vectors.std(dim=0), seed)

    @classmethod
    def train(
        cls, vectors: torch.Tensor, mean: torch.Tensor, scale: torch.Tensor, seed: int
    ) -> Self:
        """Train by the published schedule."""
        torch.manual_seed(seed)
        vectors = (vectors - mean) / scale
        network = make_network().train()
        optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, eps=KERAS_ADAM_EPS)
        n_batches = -(-len(vectors) // BATCH_SIZE)
        for _ in range(N_EPOCHS):
            for batch in vectors[torch.randperm(len(vectors))].tensor_split(n_batches):
                optimizer.zero_grad()
                nn.functional.mse_loss(network(batch), batch).backward()
                optimizer.step()
        return cls(network.eval(), mean, scale)

    def score(self, waveform: Waveform) -> float:
        """Return the mean squared error over all frames of the clip."""
        vectors = (stack(waveform) - self.mean) / self.scale
        with torch.inference_mode():
            return float(nn.functional.mse_loss(self.network(vectors), vectors))


def stack_all(waveforms: Sequence[Waveform]) -> torch.Tensor:
    """Return the rows of all clips."""
    return torch.cat([stack(waveform) for waveform in waveforms])


def stack(waveform: Waveform) -> torch.Tensor:
    """Return five consecutive frames a row: (n_frames - 4, 640), dB."""
    mel = librosa.feature.melspectrogram(
        y=waveform,
        sr=SAMPLE_RATE_HZ,
        n_fft=N_FFT,
        hop_length=HOP_LENGTH,
        n_mels=N_MELS,
        power=POWER,
    )
    decibels = 20 / POWER * np.log10(np.maximum(mel, np.finfo(np.float64).eps))
    frames = torch.tensor(decibels.T, dtype=torch.float32)
    n_rows = len(frames) - N_STACKED + 1
    return torch.cat([frames[i : i + n_rows] for i in range(N_STACKED)], dim=1)


def make_network() -> nn.Sequential:
    """Make 640-128x4-8-128x4-640, batch norm and ReLU behind every layer but the last."""
    return nn.Sequential(*make_hidden_layers(), make_dense(WIDTHS[-1], WIDTHS[0]))


def make_hidden_layers() -> Iterator[nn.Module]:
    """Give all layers but the last."""
    for inputs, outputs in pairwise(WIDTHS):
        yield from (
            make_dense(inputs, outputs),
            nn.BatchNorm1d(outputs, momentum=KERAS_NORM_MOMENTUM, eps=KERAS_NORM_EPS),
            nn.ReLU(),
        )


def make_dense(inputs: int, outputs: int) -> nn.Linear:
    """Make a layer initialised as in Keras: Glorot uniform, biases of zero."""
    layer = nn.Linear(inputs, outputs)
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer
