"""Level 2: a dense autoencoder on stacked log-mel frames, batch normalisation folded into its layers."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from analysis.detectors.base import (
    Arrays,
    Detector,
    Features,
    WindowScore,
    take,
    take_domain_shifts,
)
from analysis.errors import InvalidArtifact
from analysis.sound.explanation import AnomalyMap
from analysis.sound.features import FeatureSpec, FloatArray, Frames, Window

# Frames that the network sees at once.
CONTEXT_FRAMES = 5
MIDDLE = CONTEXT_FRAMES // 2
MAX_LAYERS = 32
# To tell which channel a clip came through, one stretch of frames in so many is enough, and so many in all: with more,
# another of two that fit alike may be taken, and the score moves by less than a hundredth of its spread.
CHANNEL_STRIDE, CHANNEL_STRETCHES = 8, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoencoderDetector(Detector):
    """Dense autoencoder; anomaly_score is the mean squared error over frames and bands, in units of normal variance.

    It learns to reconstruct CONTEXT_FRAMES frames (the baseline of Koizumi et al., DCASE 2020 task 2), or, as
    interpolation, to predict the middle one from the others (Suefusa et al., ICASSP 2020), which suits impulsive
    machines.

    channels: (n_channels, n_mels). input_scaling: (2,), mean and standard deviation of the normal frames, dB. weights,
    biases: of each layer, (n_in, n_out) and (n_out,); rectified between layers. interpolates: which of the
    two it learnt.
    """

    type = "level2_autoencoder"

    spec: FeatureSpec
    domain_shifts: FloatArray
    input_scaling: FloatArray
    weights: tuple[FloatArray, ...]
    biases: tuple[FloatArray, ...]
    interpolates: bool

    @classmethod
    def extract_features(cls, window: Window, spec: FeatureSpec) -> Features:
        """The frames themselves."""
        return window.frames

    @classmethod
    def feature_shape(cls, spec: FeatureSpec) -> tuple[int | None, ...]:
        """(n_frames, n_mels)"""
        return (None, spec.n_mels)

    def score_unshifted(self, description: Features) -> float:
        """Mean squared error of the clip."""
        return float(np.mean(self.errors(*self.pairs(description)), dtype=np.float64))

    def score_window(self, description: Features) -> WindowScore:
        """Tell the channel by some of the frames, then score all of them."""
        shifts, stride = self.shifts, max(CHANNEL_STRIDE, len(description) // CHANNEL_STRETCHES)
        # One run for all channels is quicker than one each.
        inputs, targets = self.pairs(description, stride=stride)
        shifted = self.shifted(inputs, shifts)
        sampled = (
            self.errors(shifted, shifted if targets is inputs else self.shifted(targets, shifts))
            .reshape(len(shifts), -1)
            .mean(axis=1)
        )
        return WindowScore(self.score_unshifted(description - shifts[int(np.argmin(sampled))]), {})

    def shifted(self, stretches: FloatArray, shifts: FloatArray) -> FloatArray:
        """Stretches of scaled frames, (n, n_frames * n_mels), without each shift in turn: (n_shifts * n, the same)."""
        frames = stretches.reshape(1, len(stretches), -1, self.spec.n_mels)
        without: FloatArray = frames - (shifts / self.input_scaling[1])[:, np.newaxis, np.newaxis]
        return without.reshape(-1, stretches.shape[1])

    def errors(self, inputs: FloatArray, targets: FloatArray) -> FloatArray:
        """Squared error of each band, on average over the frames of each stretch: (n_stretches, n_mels)."""
        missed = self.outputs(inputs)
        missed -= targets
        np.square(missed, out=missed)
        errors: FloatArray = missed.reshape(len(missed), -1, self.spec.n_mels).mean(axis=1)
        return errors

    def pairs(self, frames: Frames, *, stride: int = 1) -> tuple[FloatArray, FloatArray]:
        """What the network gets and should give, for every stretch of frames or one in `stride`."""
        scaled = (frames - self.input_scaling[0]) / self.input_scaling[1]
        return build_network_pairs(scaled, self.interpolates, stride=stride)

    def outputs(self, inputs: FloatArray) -> FloatArray:
        """Run the network: (n, n_in) -> (n, n_out)."""
        *hidden, last = zip(self.weights, self.biases, strict=True)
        for weight, bias in hidden:
            inputs = inputs @ weight
            inputs += bias
            np.maximum(inputs, 0, out=inputs)
        outputs: FloatArray = inputs @ last[0]
        outputs += last[1]
        return outputs

    def compute_anomaly_map(self, frames: Frames) -> AnomalyMap:
        """Its own squared error at each moment and band; at the edges, that of the nearest moment it could judge."""
        return np.pad(self.errors(*self.pairs(frames)), ((MIDDLE, MIDDLE), (0, 0)), mode="edge")

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything it has learnt."""
        layers = {f"weight_{i}": weight for i, weight in enumerate(self.weights)}
        layers |= {f"bias_{i}": bias for i, bias in enumerate(self.biases)}
        interpolates = np.array([self.interpolates], dtype=np.uint8)
        return {
            "channels": self.domain_shifts,
            "input_scaling": self.input_scaling,
            "interpolates": interpolates,
            **layers,
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays, spec: FeatureSpec) -> Self:
        """Check that each layer eats what the one before it gives."""
        interpolates = bool(take(arrays, "interpolates", np.uint8, (1,))[0])
        input_scaling = take(arrays, "input_scaling", np.float32, (2,))
        if input_scaling[1] <= 0:
            raise InvalidArtifact("The artifact's scales must be positive.")
        n_layers = sum(name.startswith("weight_") for name in arrays)
        if not 1 <= n_layers <= MAX_LAYERS:
            raise InvalidArtifact(
                f"The artifact has {n_layers} layers; between 1 and {MAX_LAYERS} make sense."
            )
        width, n_out = get_network_widths(spec, interpolates)
        weights, biases = [], []
        for i in range(n_layers):
            weights.append(
                take(
                    arrays, f"weight_{i}", np.float32, (width, n_out if i == n_layers - 1 else None)
                )
            )
            width = weights[-1].shape[1]
            biases.append(take(arrays, f"bias_{i}", np.float32, (width,)))
        return cls(
            spec=spec,
            domain_shifts=take_domain_shifts(arrays, spec.n_mels),
            input_scaling=input_scaling,
            weights=tuple(weights),
            biases=tuple(biases),
            interpolates=interpolates,
        )


def get_network_widths(spec: FeatureSpec, interpolates: bool) -> tuple[int, int]:
    """How many numbers go into the network, and come out."""
    if interpolates:
        return (CONTEXT_FRAMES - 1) * spec.n_mels, spec.n_mels
    return CONTEXT_FRAMES * spec.n_mels, CONTEXT_FRAMES * spec.n_mels


def build_network_pairs(
    scaled: Frames, interpolates: bool, *, stride: int = 1
) -> tuple[FloatArray, FloatArray]:
    """Inputs and targets for every stretch of CONTEXT_FRAMES frames, or one in `stride`: (n, n_in) and (n, n_out)."""
    every = np.lib.stride_tricks.sliding_window_view(scaled, CONTEXT_FRAMES, axis=0).transpose(
        0, 2, 1
    )
    stretches = every[::stride]
    if interpolates:
        others = np.delete(stretches, MIDDLE, axis=1)
        return others.reshape(len(others), -1), stretches[:, MIDDLE]
    stacked = stretches.reshape(len(stretches), -1)
    return stacked, stacked
