"""The interface of all detectors, and the values that they return."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.detectors.plain_arrays import Arrays, take_array
from analysis.detectors.score_distribution import Scores
from analysis.errors import InvalidArtifact
from analysis.sound.explanation import AnomalyMap, Explanation, Segment
from analysis.sound.features import FeatureSpec, FloatArray, Frames, Window

# The input of a detector, of one window: (n_features,), or (n_frames, n_features).
Features: TypeAlias = FloatArray
# Names of feature groups and standard deviations, the strongest first.
Contributions: TypeAlias = tuple[tuple[str, float], ...]
MAX_DOMAIN_SHIFTS = 32


@dataclass(frozen=True, slots=True)
class WindowScore:
    """The score of one window.

    contributions: of each feature group, in standard deviations of held-out normal clips; empty for
    detectors without feature groups.
    """

    anomaly_score: float
    contributions: Mapping[str, float]

    def add(self, cost: float) -> "WindowScore":
        """Return the same with a higher score."""
        return replace(self, anomaly_score=self.anomaly_score + cost)


@dataclass(frozen=True, slots=True)
class Prediction:
    """The score of one recording and its explanation; the verdict is up to the calibration.

    segment_scores: of each segment of the explanation, on the scale of anomaly_score, never above.
    contributions: of the feature groups that are abnormal, the strongest first; empty for detectors
    without feature groups.
    """

    anomaly_score: float
    explanation: Explanation
    segment_scores: tuple[float, ...]
    contributions: Contributions
    warnings: tuple[str, ...]
    timing_ms: dict[str, float]


@dataclass(frozen=True, slots=True)
class Hearing:
    """A recording heard again without what comes from beside the machine.

    disturbances: what was cut out. rest_score: of what is left; None where that is too little, or
    where nothing was cut out.
    """

    disturbances: tuple[Segment, ...] = ()
    rest_score: float | None = None


class Detector(ABC):
    """Knows the sound of normal clips, and scores how far a window is from it.

    `type` begins with the level. A detector never changes, so threads may share it.

    domain_shifts: (n_shifts, n_features), what phones and codecs add to the features of this
    machine. A window is scored as it is and with each shift taken off, and the lowest score
    counts: how a recording was made is not to be taken for a fault. shift_cost: what is added to a
    score with a shift taken off, in the unit of the score, because a fault may look like a shift.
    shift_relief: how much less it costs for each unit of the score that the shift explains.
    """

    type: ClassVar[str]

    spec: FeatureSpec
    domain_shifts: FloatArray
    shift_cost: float
    shift_relief: float

    @classmethod
    @abstractmethod
    def extract_features(cls, window: Window, spec: FeatureSpec) -> Features:
        """Return what this detector scores of a window."""

    @classmethod
    @abstractmethod
    def feature_shape(cls, spec: FeatureSpec) -> tuple[int | None, ...]:
        """Return the shape of the features; None for the number of frames."""

    @abstractmethod
    def score_unshifted(self, features: Features) -> float:
        """Return the score of features as they are; higher is more anomalous, in its own unit."""

    @abstractmethod
    def score_window(self, features: Features) -> WindowScore:
        """Score features as they are or without the domain shift that explains them best."""

    def compute_anomaly_score(self, features: Features) -> float:
        """Return only the score of the window."""
        return self.score_window(features).anomaly_score

    @abstractmethod
    def compute_anomaly_map(self, frames: Frames) -> AnomalyMap:
        """Return how unusual each moment and band is: (n_frames, n_mels), never negative."""

    @abstractmethod
    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return everything that it learnt, by the names of the serving form."""

    @classmethod
    @abstractmethod
    def from_arrays(cls, arrays: Arrays, spec: FeatureSpec) -> Self:
        """Make a detector of arrays from anywhere; InvalidArtifact unless they fit together."""

    @property
    def nbytes(self) -> int:
        """The memory that its arrays take, in bytes."""
        return sum(array.nbytes for array in self.to_arrays().values())

    def charge_shifts(self, scores: Scores) -> Scores:
        """Add what the shifts cost to scores without a shift, then without each: (1 + n_shifts,).

        The more of the score a shift explains, the more it is believed.
        """
        explained = scores[0] - scores[1:]
        costs = np.maximum(self.shift_cost - self.shift_relief * explained, 0)
        return np.append(scores[0], scores[1:] + costs)

    @property
    def candidate_shifts(self) -> FloatArray:
        """No shift, then each domain shift: (1 + n_shifts, n_features)."""
        return np.concatenate([np.zeros_like(self.domain_shifts[:1]), self.domain_shifts])


def take_domain_shifts(arrays: Arrays, n_features: int) -> FloatArray:
    """Return the domain shifts, at most MAX_DOMAIN_SHIFTS: each costs time with every recording."""
    shifts = take_array(arrays, "channels", np.float32, (None, n_features))
    if len(shifts) > MAX_DOMAIN_SHIFTS:
        raise InvalidArtifact(
            f"The artifact has {len(shifts)} domain shifts; at most {MAX_DOMAIN_SHIFTS} are"
            " supported."
        )
    return shifts


def take_cost(arrays: Arrays, name: str) -> float:
    """Return a part of what a domain shift costs; InvalidArtifact for less than nothing."""
    cost = float(take_array(arrays, name, np.float64, (1,))[0])
    if cost < 0:
        raise InvalidArtifact("The artifact's cost of a domain shift is negative.")
    return cost


def to_milliseconds(seconds: float) -> float:
    """Return milliseconds, to the microsecond."""
    return round(1000 * seconds, 3)
