"""The detectors of the older system, which score its feature vectors."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from analysis.detectors.legacy_features import (
    MEAN_MELS,
    MFCC_MELS,
    N_STATISTICS,
    LegacyFeatures,
    extract_mel_means,
    extract_statistics,
)
from analysis.detectors.plain_arrays import Arrays, take_array
from analysis.detectors.trees import Trees, take_trees
from analysis.sound.features import FloatArray, Waveform

WIDTHS = (MEAN_MELS, 128, 64, 16, 64, 128, MEAN_MELS)
CODE_LAYER = 2  # the last of the encoder, which has no rectifier


class LegacyDetector(ABC):
    """Scores a feature vector; higher is more anomalous."""

    type: ClassVar[str]
    n_features: ClassVar[int]
    n_mels: ClassVar[int]

    @staticmethod
    @abstractmethod
    def extract_features(waveform: Waveform, mel_filterbank: FloatArray) -> LegacyFeatures:
        """Return what it scores: (n_features,)."""

    @abstractmethod
    def compute_anomaly_score(self, features: LegacyFeatures) -> float:
        """Return the score of one clip."""

    @abstractmethod
    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return everything that it learnt, by the names of the serving form."""

    @classmethod
    @abstractmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Make a detector of arrays from anywhere; InvalidArtifact unless they fit together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyIsolationForest(Trees, LegacyDetector):
    """Scaler and isolation forest on 34 statistics.

    The score is 0.5 - scikit-learn's decision_function. offset: (1,).
    """

    type = "level1_legacy_isolation_forest"
    n_features = N_STATISTICS
    n_mels = MFCC_MELS
    extract_features = staticmethod(extract_statistics)

    offset: npt.NDArray[np.float64]

    def compute_anomaly_score(self, features: LegacyFeatures) -> float:
        """Return the score; 0.5 was the border of the older system."""
        return 0.5 + float(self.compute_isolation(features[np.newaxis])[0] + self.offset[0])

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return everything that it learnt."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Make a detector in whose trees every walk ends."""
        offset = take_array(arrays, "offset", np.float64, (1,))
        detector = cls(**take_trees(arrays, cls.n_features), offset=offset)
        detector.check(cls.n_features)
        return detector


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyAutoencoder(LegacyDetector):
    """Dense autoencoder on the means of 64 mel bands; the score is the mean squared error.

    weights, biases: of each layer, (n_in, n_out) and (n_out,); rectified between layers, except
    after the code.
    """

    type = "level2_legacy_autoencoder"
    n_features = MEAN_MELS
    n_mels = MEAN_MELS
    extract_features = staticmethod(extract_mel_means)

    weights: tuple[FloatArray, ...]
    biases: tuple[FloatArray, ...]

    def compute_anomaly_score(self, features: LegacyFeatures) -> float:
        """Return the mean squared error of the reconstruction."""
        target = features.astype(np.float32)
        values = target
        for i, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            values = values @ weight + bias
            if i not in (CODE_LAYER, len(self.weights) - 1):
                values = np.maximum(values, 0)
        return float(np.mean((values - target) ** 2, dtype=np.float64))

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return everything that it learnt."""
        arrays = {f"weight_{i}": weight for i, weight in enumerate(self.weights)}
        arrays |= {f"bias_{i}": bias for i, bias in enumerate(self.biases)}
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Make a detector whose layers have the widths of the older system's."""
        shapes = list(enumerate(pairwise(WIDTHS)))
        return cls(
            weights=tuple(
                take_array(arrays, f"weight_{i}", np.float32, shape) for i, shape in shapes
            ),
            biases=tuple(
                take_array(arrays, f"bias_{i}", np.float32, (n_out,)) for i, (_, n_out) in shapes
            ),
        )


LEGACY_DETECTORS: dict[str, type[LegacyDetector]] = {
    detector_class.type: detector_class
    for detector_class in (LegacyIsolationForest, LegacyAutoencoder)
}
