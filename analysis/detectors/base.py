"""What every detector can do."""

import io
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, ClassVar, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.errors import InvalidArtifact
from analysis.sound.explanation import AnomalyMap, Explanation
from analysis.sound.features import FeatureSpec, FloatArray, Frames, Window

LEARNT = "detector_"
Arrays: TypeAlias = Mapping[str, npt.NDArray[Any]]
# What a detector makes of a window before it scores it: (n_features,), or (n_frames, n_features).
Features: TypeAlias = FloatArray
MAX_DOMAIN_SHIFTS = 32
Contributions: TypeAlias = tuple[tuple[str, float], ...]  # name, standard deviations


@dataclass(frozen=True, slots=True)
class WindowScore:
    """What a detector makes of one window.

    traits: how much each kind of feature stands out, in standard deviations of held-out normal clips; empty for those
    that cannot tell.
    """

    anomaly_score: float
    contributions: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a detector makes of one recording; the verdict is the calibration's.

    traits: the kinds of features that stand out, strongest first; empty for detectors that cannot tell.
    """

    anomaly_score: float
    explanation: Explanation
    contributions: Contributions
    warnings: tuple[str, ...]
    timing_ms: dict[str, float]


class Detector(ABC):
    """Has learnt how normal clips sound, and scores how far another is from that.

    `type` begins with the level. A detector is a value: nothing in it changes once it is made, so threads may share it.

    channels: (n_channels, n_features), what phones and codecs add to a description of this machine. A recording is
    scored as it is and as if it had come through each of them, and the lowest score counts: a detector that does not
    know how the recording came is not to call the way it came a fault.
    """

    type: ClassVar[str]

    spec: FeatureSpec
    domain_shifts: FloatArray

    @classmethod
    @abstractmethod
    def extract_features(cls, window: Window, spec: FeatureSpec) -> Features:
        """Describe a window by what this kind of detector looks at."""

    @classmethod
    @abstractmethod
    def feature_shape(cls, spec: FeatureSpec) -> tuple[int | None, ...]:
        """The shape of a description; None for frames."""

    @abstractmethod
    def score_unshifted(self, description: Features) -> float:
        """Score a description as it is; higher is more anomalous. The unit is the detector's own."""

    @abstractmethod
    def score_window(self, description: Features) -> WindowScore:
        """Score a description as it is or as the channel that explains it best left it."""

    def compute_anomaly_score(self, description: Features) -> float:
        """The score of the assessment."""
        return self.score_window(description).anomaly_score

    @abstractmethod
    def compute_anomaly_map(self, frames: Frames) -> AnomalyMap:
        """How unusual each moment and band is: (n_frames, n_mels), never negative."""

    @abstractmethod
    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything it has learnt, by name: what the serving form holds."""

    @classmethod
    @abstractmethod
    def from_arrays(cls, arrays: Arrays, spec: FeatureSpec) -> Self:
        """Make one of arrays that may come from anywhere; InvalidArtifact unless they fit together."""

    @property
    def nbytes(self) -> int:
        """Bytes its arrays take in memory."""
        return sum(array.nbytes for array in self.arrays().values())

    @property
    def shifts(self) -> FloatArray:
        """No channel, then each of them: (1 + n_channels, n_features)."""
        return np.concatenate([np.zeros_like(self.domain_shifts[:1]), self.domain_shifts])


def take(
    arrays: Arrays, name: str, dtype: type[np.generic], shape: tuple[int | None, ...]
) -> npt.NDArray[Any]:
    """The array of this name if it has this dtype, this shape (None: any length but 0) and finite numbers only."""
    array = arrays.get(name)
    if not isinstance(array, np.ndarray):
        raise InvalidArtifact(f"The artifact has no array {name}.")
    fits = array.ndim == len(shape) and all(
        n == m or (m is None and n > 0) for n, m in zip(array.shape, shape, strict=False)
    )
    if array.dtype != dtype or not fits:
        raise InvalidArtifact(
            f"The artifact's array {name} is {array.dtype} {array.shape}, not {np.dtype(dtype)} {shape}."
        )
    if not np.isfinite(array).all():
        raise InvalidArtifact(f"The artifact's array {name} holds numbers that are not finite.")
    return array


def take_domain_shifts(arrays: Arrays, n_features: int) -> FloatArray:
    """The channels, at most MAX_CHANNELS: each is scored for every recording."""
    domain_shifts = take(arrays, "channels", np.float32, (None, n_features))
    if len(domain_shifts) > MAX_DOMAIN_SHIFTS:
        raise InvalidArtifact(
            f"The artifact knows {len(domain_shifts)} channels; at most {MAX_DOMAIN_SHIFTS} make sense."
        )
    return domain_shifts


def finite(number: float) -> float:
    """The number, unless it is none."""
    if not isfinite(number):
        raise ValueError(f"{number} is not finite.")
    return number


def milliseconds(seconds: float) -> float:
    """For people: microseconds are enough."""
    return round(1000 * seconds, 3)


def pack(header: Mapping[str, Any], shared: Arrays, learnt: Arrays) -> bytes:
    """One .npz of a JSON header and arrays, those that the detector has learnt under names of their own."""
    content = io.BytesIO()
    named = {f"{LEARNT}{name}": array for name, array in learnt.items()}
    np.savez(
        content,
        allow_pickle=False,
        header=np.frombuffer(json.dumps(header).encode(), np.uint8),
        **shared,
        **named,
    )
    return content.getvalue()


def learnt_arrays(arrays: Arrays) -> dict[str, npt.NDArray[Any]]:
    """What the detector has learnt, by its own names."""
    return {
        name.removeprefix(LEARNT): array
        for name, array in arrays.items()
        if name.startswith(LEARNT)
    }
