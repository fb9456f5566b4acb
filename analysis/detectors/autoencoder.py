"""Level 2: a dense autoencoder on stacked log-mel frames."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from analysis.detectors.base import (
    Detector,
    Features,
    WindowScore,
    take_cost,
    take_domain_shifts,
)
from analysis.detectors.plain_arrays import Arrays, take_array
from analysis.errors import InvalidArtifact
from analysis.sound.explanation import AnomalyMap
from analysis.sound.features import FeatureSpec, FloatArray, Frames, Window

# The frames that the network sees at once.
CONTEXT_FRAMES = 5
MIDDLE = CONTEXT_FRAMES // 2
MAX_LAYERS = 32
# A sample of the frames is enough to choose the domain shift: one context in so many, and so many
# in all (docs/decisions/sound-domain-shift-sampling.md).
SHIFT_STRIDE = 8
SHIFT_CONTEXTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoencoderDetector(Detector):
    """Dense autoencoder; the score is the mean squared error in units of the normal variance.

    It learns to reconstruct CONTEXT_FRAMES frames (the baseline of Koizumi et al., DCASE 2020
    task 2), or, as interpolation, to predict the middle one from the others (Suefusa et al.,
    ICASSP 2020), which suits impulsive machines.

    domain_shifts: (n_shifts, n_mels). input_scaling: (2,), mean and standard deviation of the
    normal frames, dB. weights, biases: of each layer, (n_in, n_out) and (n_out,); rectified between
    layers. interpolates: which of the two it learnt.
    """

    type = "level2_autoencoder"

    spec: FeatureSpec
    domain_shifts: FloatArray
    shift_cost: float
    shift_relief: float
    input_scaling: FloatArray
    weights: tuple[FloatArray, ...]
    biases: tuple[FloatArray, ...]
    interpolates: bool

    @classmethod
    def extract_features(cls, window: Window, spec: FeatureSpec) -> Features:
        """Return the frames themselves."""
        return window.frames

    @classmethod
    def feature_shape(cls, spec: FeatureSpec) -> tuple[int | None, ...]:
        """Return (n_frames, n_mels), the first as None."""
        return (None, spec.n_mels)

    def score_unshifted(self, features: Features) -> float:
        """Return the mean squared error of all frames."""
        errors = self.compute_errors(*self.build_pairs(features))
        return float(np.mean(errors, dtype=np.float64))

    def score_window(self, features: Features) -> WindowScore:
        """Choose the domain shift on a sample of the frames, then score all of them without it."""
        shift, cost = self.choose_shift(features)
        return WindowScore(self.score_unshifted(features - shift) + cost, {})

    def choose_shift(self, features: Features) -> tuple[FloatArray, float]:
        """Return the shift without which the sampled frames score lowest, (n_mels,), and its cost.

        The cost counts as well; that of no shift is 0.
        """
        shifts = self.candidate_shifts
        stride = max(SHIFT_STRIDE, len(features) // SHIFT_CONTEXTS)
        inputs, targets = self.build_pairs(features, stride=stride)
        # One run for all shifts together is faster than one for each.
        shifted = self.subtract(shifts, inputs)
        shifted_targets = shifted if targets is inputs else self.subtract(shifts, targets)
        errors = self.compute_errors(shifted, shifted_targets)
        scores = errors.reshape(len(shifts), -1).mean(axis=1, dtype=np.float64)
        charged = self.charge_shifts(scores)
        chosen = int(np.argmin(charged))
        return shifts[chosen], float(charged[chosen] - scores[chosen])

    def subtract(self, shifts: FloatArray, contexts: FloatArray) -> FloatArray:
        """Return scaled contexts, (n, n_in), without each shift in turn: (n_shifts * n, n_in)."""
        frames = contexts.reshape(1, len(contexts), -1, self.spec.n_mels)
        scaled_shifts = (shifts / self.input_scaling[1])[:, np.newaxis, np.newaxis]
        without: FloatArray = frames - scaled_shifts
        return without.reshape(-1, contexts.shape[1])

    def compute_errors(self, inputs: FloatArray, targets: FloatArray) -> FloatArray:
        """Return the squared error of each band, averaged over a context: (n_contexts, n_mels)."""
        squared = self.run(inputs)
        squared -= targets
        np.square(squared, out=squared)
        errors: FloatArray = squared.reshape(len(squared), -1, self.spec.n_mels).mean(axis=1)
        return errors

    def build_pairs(self, frames: Frames, *, stride: int = 1) -> tuple[FloatArray, FloatArray]:
        """Return inputs and targets of the network, of every context or of one in `stride`."""
        scaled = (frames - self.input_scaling[0]) / self.input_scaling[1]
        return build_network_pairs(scaled, self.interpolates, stride=stride)

    def run(self, inputs: FloatArray) -> FloatArray:
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
        """Return the squared error at each moment and band.

        At either end the nearest moment with a whole context is repeated.
        """
        errors = self.compute_errors(*self.build_pairs(frames))
        return np.pad(errors, ((MIDDLE, MIDDLE), (0, 0)), mode="edge")

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return everything that it learnt."""
        arrays: dict[str, npt.NDArray[Any]] = {
            "channels": self.domain_shifts,
            "shift_cost": np.array([self.shift_cost]),
            "shift_relief": np.array([self.shift_relief]),
            "input_scaling": self.input_scaling,
            "interpolates": np.array([self.interpolates], dtype=np.uint8),
        }
        arrays |= {f"weight_{i}": weight for i, weight in enumerate(self.weights)}
        arrays |= {f"bias_{i}": bias for i, bias in enumerate(self.biases)}
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Arrays, spec: FeatureSpec) -> Self:
        """Make a detector whose layers fit each other, each as wide as the output before it."""
        interpolates = bool(take_array(arrays, "interpolates", np.uint8, (1,))[0])
        input_scaling = take_array(arrays, "input_scaling", np.float32, (2,))
        if input_scaling[1] <= 0:
            raise InvalidArtifact("The artifact's scales must be positive.")
        weights, biases = take_layers(arrays, *get_network_widths(spec, interpolates))
        return cls(
            spec=spec,
            domain_shifts=take_domain_shifts(arrays, spec.n_mels),
            shift_cost=take_cost(arrays, "shift_cost"),
            shift_relief=take_cost(arrays, "shift_relief"),
            input_scaling=input_scaling,
            weights=weights,
            biases=biases,
            interpolates=interpolates,
        )


def take_layers(
    arrays: Arrays, n_in: int, n_out: int
) -> tuple[tuple[FloatArray, ...], tuple[FloatArray, ...]]:
    """Return the weights and the biases of all layers, from n_in to n_out numbers."""
    n_layers = sum(name.startswith("weight_") for name in arrays)
    if not 1 <= n_layers <= MAX_LAYERS:
        raise InvalidArtifact(
            f"The artifact has {n_layers} layers; between 1 and {MAX_LAYERS} are supported."
        )
    weights: list[FloatArray] = []
    biases: list[FloatArray] = []
    width = n_in
    for i in range(n_layers):
        expected = n_out if i == n_layers - 1 else None
        weights.append(take_array(arrays, f"weight_{i}", np.float32, (width, expected)))
        width = weights[-1].shape[1]
        biases.append(take_array(arrays, f"bias_{i}", np.float32, (width,)))
    return tuple(weights), tuple(biases)


def get_network_widths(spec: FeatureSpec, interpolates: bool) -> tuple[int, int]:
    """Return how many numbers go into the network, and how many come out."""
    if interpolates:
        return (CONTEXT_FRAMES - 1) * spec.n_mels, spec.n_mels
    return CONTEXT_FRAMES * spec.n_mels, CONTEXT_FRAMES * spec.n_mels


def build_network_pairs(
    scaled: Frames, interpolates: bool, *, stride: int = 1
) -> tuple[FloatArray, FloatArray]:
    """Return inputs and targets, (n, n_in) and (n, n_out), of every context or one in `stride`.

    A context is CONTEXT_FRAMES consecutive frames.
    """
    windows = np.lib.stride_tricks.sliding_window_view(scaled, CONTEXT_FRAMES, axis=0)
    contexts = windows.transpose(0, 2, 1)[::stride]
    if interpolates:
        others = np.delete(contexts, MIDDLE, axis=1)
        return others.reshape(len(others), -1), contexts[:, MIDDLE]
    stacked = contexts.reshape(len(contexts), -1)
    return stacked, stacked
