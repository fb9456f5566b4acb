"""The dense autoencoder baseline of the DCASE 2020 challenge, task 2 (Koizumi et al., DCASE 2020), in torch.

Features, network and schedule as published; weights begin and batch norm remembers as in Keras, in which it was
published. It keeps a tenth of the frames to watch its loss by and never acts on that: here it learns from all of them.

That schedule was set for hours of sound. In 100 epochs of a minute there are too few steps to reach -40 dB from zero:
the error says little but how loud a clip is. Standardised inputs mend that, so there is a form with them beside it.
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

N_FFT, HOP, N_MELS, POWER = 1024, 512, 128, 2.0
N_STACKED = 5
WIDTHS = (N_MELS * N_STACKED, 128, 128, 128, 128, 8, 128, 128, 128, 128)
EPOCHS, BATCH_SIZE, LEARNING_RATE = 100, 512, 1e-3
KERAS_NORM_MOMENTUM, KERAS_NORM_EPS, KERAS_ADAM_EPS = 0.01, 1e-3, 1e-7


@dataclass(frozen=True, slots=True)
class DcaseBaseline:
    """Five frames of log-mel through a bottleneck of eight."""

    network: nn.Module
    mean: torch.Tensor
    spread: torch.Tensor

    @classmethod
    def fit(cls, waveforms: Sequence[Waveform], seed: int) -> Self:
        """Learn normal, as published."""
        vectors = stack_all(waveforms)
        return cls.learn(vectors, torch.zeros(WIDTHS[0]), torch.ones(WIDTHS[0]), seed)

    @classmethod
    def fit_standardised(cls, waveforms: Sequence[Waveform], seed: int) -> Self:
        """Learn normal from inputs of mean 0 and variance 1."""
        vectors = stack_all(waveforms)
        return cls.learn(vectors, vectors.mean(dim=0), vectors.std(dim=0), seed)

    @classmethod
    def learn(
        cls, vectors: torch.Tensor, mean: torch.Tensor, spread: torch.Tensor, seed: int
    ) -> Self:
        """The schedule as published."""
        torch.manual_seed(seed)
        vectors = (vectors - mean) / spread
        network = make_network().train()
        optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, eps=KERAS_ADAM_EPS)
        n_batches = -(-len(vectors) // BATCH_SIZE)
        for _ in range(EPOCHS):
            for batch in vectors[torch.randperm(len(vectors))].tensor_split(n_batches):
                optimizer.zero_grad()
                nn.functional.mse_loss(network(batch), batch).backward()
                optimizer.step()
        return cls(network.eval(), mean, spread)

    def score(self, waveform: Waveform) -> float:
        """Mean squared error over all frames of the clip."""
        vectors = (stack(waveform) - self.mean) / self.spread
        with torch.inference_mode():
            return float(nn.functional.mse_loss(self.network(vectors), vectors))


def stack_all(waveforms: Sequence[Waveform]) -> torch.Tensor:
    """The rows of all clips."""
    return torch.cat([stack(waveform) for waveform in waveforms])


def stack(waveform: Waveform) -> torch.Tensor:
    """Five consecutive frames a row: (n_frames - 4, 640), dB."""
    mel = librosa.feature.melspectrogram(
        y=waveform, sr=SAMPLE_RATE_HZ, n_fft=N_FFT, hop_length=HOP, n_mels=N_MELS, power=POWER
    )
    decibels = 20 / POWER * np.log10(np.maximum(mel, np.finfo(np.float64).eps))
    frames = torch.tensor(decibels.T, dtype=torch.float32)
    n_rows = len(frames) - N_STACKED + 1
    return torch.cat([frames[i : i + n_rows] for i in range(N_STACKED)], dim=1)


def make_network() -> nn.Sequential:
    """640-128x4-8-128x4-640, batch norm and ReLU behind every layer but the last."""
    return nn.Sequential(*hidden_layers(), dense(WIDTHS[-1], WIDTHS[0]))


def hidden_layers() -> Iterator[nn.Module]:
    """All but the last."""
    for inputs, outputs in pairwise(WIDTHS):
        yield from (
            dense(inputs, outputs),
            nn.BatchNorm1d(outputs, momentum=KERAS_NORM_MOMENTUM, eps=KERAS_NORM_EPS),
            nn.ReLU(),
        )


def dense(inputs: int, outputs: int) -> nn.Linear:
    """A layer as Keras begins it: Glorot uniform, no bias yet."""
    layer = nn.Linear(inputs, outputs)
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer
