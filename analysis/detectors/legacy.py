"""Detectors of the older system: they score its feature vectors, and know neither thresholds nor what is normal.

So they come without a calibration, and can say that a recording is unusual but neither when nor at which frequencies.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from time import perf_counter
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from analysis.detectors.base import (
    Arrays,
    Prediction,
    finite,
    learnt_arrays,
    milliseconds,
    pack,
    take,
)
from analysis.detectors.legacy_features import (
    MAX_SECONDS,
    MEAN_MELS,
    MFCC_MELS,
    N_BINS,
    N_STATISTICS,
    LegacyFeatures,
    mel_mean_64,
    statistics_34,
)
from analysis.detectors.trees import Trees, take_trees
from analysis.errors import InvalidArtifact
from analysis.sound.explanation import Explanation
from analysis.sound.features import SAMPLE_RATE_HZ, FeatureSpec, FloatArray, FrontEnd, Waveform
from analysis.sound.quality import Quality

# 1: the first. 2: a bandwidth in the picture's feature spec.
LEGACY_FORMAT_VERSION = 2
LEGACY_READ_VERSIONS = (1, 2)
WIDTHS = (MEAN_MELS, 128, 64, 16, 64, 128, MEAN_MELS)
CODE = 2  # the layer that ends the encoder: nothing is rectified there
# How far the golden features' score may move between the machine that imported and the one that serves.
GOLDEN_TOLERANCE = 1e-6

UNEXPLAINED = "unexplained"
FIRST_SECONDS_ONLY = "first_seconds_only"


class LegacyDetector(ABC):
    """Scores a feature vector; higher is more anomalous."""

    type: ClassVar[str]
    n_features: ClassVar[int]
    n_mels: ClassVar[int]

    @staticmethod
    @abstractmethod
    def extract_features(waveform: Waveform, mel_filterbank: FloatArray) -> LegacyFeatures:
        """What it eats: (n_features,)."""

    @abstractmethod
    def compute_anomaly_score(self, features: LegacyFeatures) -> float:
        """Score one clip."""

    @abstractmethod
    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything it has learnt, by name."""

    @classmethod
    @abstractmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Make one of arrays that may come from anywhere; InvalidArtifact unless they fit together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyIsolationForest(Trees, LegacyDetector):
    """Scaler and forest on statistics_34; anomaly_score is 0.5 - scikit-learn's decision_function. offset: (1,)."""

    type = "level1_legacy_isolation_forest"
    n_features = N_STATISTICS
    n_mels = MFCC_MELS
    extract_features = staticmethod(statistics_34)

    offset: npt.NDArray[np.float64]

    def compute_anomaly_score(self, features: LegacyFeatures) -> float:
        """0.5 at the older system's own border, above it beyond."""
        return 0.5 + float(self.isolation(features[np.newaxis])[0] + self.offset[0])

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything it has learnt."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Check that every walk through a tree ends."""
        detector = cls(
            **take_trees(arrays, cls.n_features), offset=take(arrays, "offset", np.float64, (1,))
        )
        detector.check(cls.n_features)
        return detector


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyAutoencoder(LegacyDetector):
    """Dense autoencoder on mel_mean_64; anomaly_score is the mean squared error.

    weights, biases: of each layer, (n_in, n_out) and (n_out,); rectified between layers, but not at the code.
    """

    type = "level2_legacy_autoencoder"
    n_features = MEAN_MELS
    n_mels = MEAN_MELS
    extract_features = staticmethod(mel_mean_64)

    weights: tuple[FloatArray, ...]
    biases: tuple[FloatArray, ...]

    def compute_anomaly_score(self, features: LegacyFeatures) -> float:
        """Mean squared error of the reconstruction."""
        target = features.astype(np.float32)
        values = target
        for i, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            values = values @ weight + bias
            if i not in (CODE, len(self.weights) - 1):
                values = np.maximum(values, 0)
        return float(np.mean((values - target) ** 2, dtype=np.float64))

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything it has learnt."""
        layers = {f"weight_{i}": weight for i, weight in enumerate(self.weights)}
        return layers | {f"bias_{i}": bias for i, bias in enumerate(self.biases)}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Check that each layer has the widths that the older system's had."""
        pairs = list(enumerate(pairwise(WIDTHS)))
        return cls(
            weights=tuple(take(arrays, f"weight_{i}", np.float32, pair) for i, pair in pairs),
            biases=tuple(
                take(arrays, f"bias_{i}", np.float32, (n_out,)) for i, (_, n_out) in pairs
            ),
        )


LEGACY_DETECTORS: dict[str, type[LegacyDetector]] = {
    kind.type: kind for kind in (LegacyIsolationForest, LegacyAutoencoder)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyArtifact:
    """A legacy detector with what its features need, and a front end that only draws.

    mel_filterbank: (n_mels, 1025), librosa's; golden_features: (n_features,), golden_score: what they scored at import.
    """

    front_end: FrontEnd
    detector: LegacyDetector
    mel_filterbank: FloatArray
    golden_features: LegacyFeatures
    golden_score: float
    calibration: None = None

    @property
    def nbytes(self) -> int:
        """Bytes that its arrays take in memory."""
        arrays = {**self.detector.arrays(), **shared_arrays(self)}
        return sum(array.nbytes for array in arrays.values())

    def check_compatible(self, quality: Quality) -> None:
        """Take every recording: what the older system learnt from is not known."""
        return

    def predict(self, waveform: Waveform) -> Prediction:
        """Score a recording; where it stands out, nobody knows."""
        started = perf_counter()
        features = self.detector.extract_features(waveform, self.mel_filterbank)
        heard = perf_counter()
        anomaly_score = self.detector.compute_anomaly_score(features)
        timing_ms = {
            "features": milliseconds(heard - started),
            "score": milliseconds(perf_counter() - heard),
        }
        is_cut = len(waveform) > MAX_SECONDS * SAMPLE_RATE_HZ
        warnings = (UNEXPLAINED, FIRST_SECONDS_ONLY) if is_cut else (UNEXPLAINED,)
        return Prediction(anomaly_score, self.no_explanation(), (), warnings, timing_ms)

    def compute_anomaly_score(self, waveform: Waveform) -> float:
        """Score a recording and nothing else."""
        return self.detector.compute_anomaly_score(
            self.detector.extract_features(waveform, self.mel_filterbank)
        )

    def no_explanation(self) -> Explanation:
        """Point at nothing."""
        spec = self.front_end.spec
        return Explanation(
            spec.trim_seconds,
            spec.step_seconds,
            np.empty(0, np.float32),
            (),
            (),
            is_transient=False,
        )


def shared_arrays(artifact: LegacyArtifact) -> dict[str, npt.NDArray[Any]]:
    """The arrays that every legacy artifact has."""
    return {
        "picture_filterbank": artifact.front_end.mel_filterbank,
        "picture_band_hz": artifact.front_end.band_hz,
        "mel_filterbank": artifact.mel_filterbank,
        "golden_features": artifact.golden_features,
    }


def write_legacy(artifact: LegacyArtifact) -> bytes:
    """The serving form: arrays and a JSON header."""
    header = {
        "format_version": LEGACY_FORMAT_VERSION,
        "type": artifact.detector.type,
        "picture_spec": asdict(artifact.front_end.spec),
        "golden_score": artifact.golden_score,
    }
    return pack(header, shared_arrays(artifact), artifact.detector.arrays())


def assemble_legacy(header: Mapping[str, Any], arrays: Arrays) -> LegacyArtifact:
    """Put the parts together; the golden features must score as they did."""
    kind = LEGACY_DETECTORS[header["type"]]
    spec = FeatureSpec(**header["picture_spec"])
    learnt = learnt_arrays(arrays)
    artifact = LegacyArtifact(
        front_end=FrontEnd(
            spec,
            take(arrays, "picture_filterbank", np.float32, (spec.n_mels, 1 + spec.n_fft // 2)),
            take(arrays, "picture_band_hz", np.float32, (spec.n_mels + 2,)),
        ),
        detector=kind.from_arrays(learnt),
        mel_filterbank=take(arrays, "mel_filterbank", np.float32, (kind.n_mels, N_BINS)),
        golden_features=take(arrays, "golden_features", np.float64, (kind.n_features,)),
        golden_score=finite(header["golden_score"]),
    )
    score = artifact.detector.compute_anomaly_score(artifact.golden_features)
    if not abs(score - artifact.golden_score) <= GOLDEN_TOLERANCE * abs(artifact.golden_score):
        raise InvalidArtifact(
            f"The artifact scores its golden features {score:.6g}, not {artifact.golden_score:.6g}."
        )
    return artifact
