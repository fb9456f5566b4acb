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
from analysis.explanation import Excess, Explanation
from analysis.features import FeatureSpec, Frames

LEARNT = "detector_"
Arrays: TypeAlias = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a detector makes of one recording; the verdict is the calibration's."""

    anomaly_score: float
    explanation: Explanation
    warnings: tuple[str, ...]
    timing_ms: dict[str, float]


class Detector(ABC):
    """Has learnt how normal clips sound, and scores how far another is from that.

    `type` begins with the level. A detector is a value: nothing in it changes once it is made, so threads may share it.
    """

    type: ClassVar[str]

    @abstractmethod
    def anomaly_score(self, frames: Frames) -> float:
        """Score a clip; higher is more anomalous. The unit is the detector's own."""

    @abstractmethod
    def excess(self, frames: Frames) -> Excess:
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


def take(arrays: Arrays, name: str, dtype: type[np.generic], shape: tuple[int | None, ...]) -> npt.NDArray[Any]:
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
        content, allow_pickle=False, header=np.frombuffer(json.dumps(header).encode(), np.uint8), **shared, **named
    )
    return content.getvalue()


def learnt_arrays(arrays: Arrays) -> dict[str, npt.NDArray[Any]]:
    """What the detector has learnt, by its own names."""
    return {name.removeprefix(LEARNT): array for name, array in arrays.items() if name.startswith(LEARNT)}
