"""Level 3: how far each kind of clip feature is from normal, in Mahalanobis distance."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
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
from analysis.sound.clip_features import BAND_STATISTICS, MODULATION_BANDS_HZ, clip_features
from analysis.sound.explanation import AnomalyMap, above_usual
from analysis.sound.features import BAND_GROUPS, FeatureSpec, FloatArray, Frames, Window
from analysis.sound.fine_features import TONE_BANDS, envelope_spectrum, n_rhythms, tonality

# The kinds of features, in the order in which they stand in a description.
FEATURE_GROUPS = (
    "level",
    "spread",
    "quiet",
    "loud",
    "change",
    "jump",
    "modulation",
    "tonality",
    "envelope",
)
# A fault may lie in all features of a kind or in a few: both the distance and the few most unusual count.
N_LARGEST = 3
MEASURES = 2
# Between the mean of the measures (0) and the highest of them.
FUSION = 0.5
# A channel may have done a little more than when it was measured.
MOST_OF_A_CHANNEL = 1.2

Measures = npt.NDArray[np.float64]  # (n, n_kinds, MEASURES)


@dataclass(frozen=True, slots=True, kw_only=True)
class MahalanobisDetector(Detector):
    """A Gaussian for each kind of clip feature; anomaly_score fuses how unusual each kind is.

    Of each kind two measures are taken: the Mahalanobis distance, and the root mean square of the FEW largest
    conditional residuals (P z)_i / sqrt(P_ii), where P is the Ledoit-Wolf precision (Ledoit & Wolf, "A well-conditioned
    estimator for large-dimensional covariance matrices", J. Multivariate Anal. 2004). Each is put in standard
    deviations of held-out normal clips and fused by a soft maximum, log(mean(exp(FUSION * x))) / FUSION.

    A channel's share in a description is that between 0 and MOST_OF_A_CHANNEL which leaves the least distance.

    channels: (n_channels, n_features); mean, scale: (n_features,); precisions: of each kind that it goes by, some of
    TRAITS in their order, (n, n), symmetric, of standardised features; usual, deviation: (n_kinds, MEASURES), of
    held-out normal clips; frame_mean, frame_std: (n_mels,), dB.
    """

    type = "level3_mahalanobis"

    spec: FeatureSpec
    domain_shifts: FloatArray
    mean: FloatArray
    scale: FloatArray
    precisions: Mapping[str, FloatArray]
    group_center: Measures
    group_scale: Measures
    frame_mean: FloatArray
    frame_std: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "precisions", MappingProxyType(dict(self.precisions)))

    def __reduce__(self) -> tuple[Any, ...]:
        # A read-only mapping can be neither pickled nor copied.
        return self.from_arrays, (self.arrays(), self.spec)

    @classmethod
    def extract_features(cls, window: Window, spec: FeatureSpec) -> Features:
        """Clip features, tonality and envelope spectrum."""
        fine = tonality(window.samples, spec), envelope_spectrum(window.samples, spec)
        return np.concatenate([clip_features(window.frames, spec), *fine])

    @classmethod
    def feature_shape(cls, spec: FeatureSpec) -> tuple[int | None, ...]:
        """(n_features,)"""
        return (sum(widths(spec)),)

    def score_unshifted(self, description: Features) -> float:
        """Score a description as it is."""
        return float(self.fuse(self.contributions(self.standardised(description)[np.newaxis]))[0])

    def score_window(self, description: Features) -> WindowScore:
        """Take off as much of each channel as explains most, and keep what scores lowest."""
        standardised, shifts = self.standardised(description), self.domain_shifts / self.scale
        taken_off = np.concatenate(
            [np.zeros_like(shifts[:1]), self.shares(standardised, shifts) * shifts]
        )
        contributions = self.contributions(standardised - taken_off)
        scores = self.fuse(contributions)
        best = int(np.argmin(scores))
        return WindowScore(float(scores[best]), strongest(contributions[best], self.precisions))

    def standardised(self, description: Features) -> FloatArray:
        """In standard deviations of the normal clips."""
        standardised: FloatArray = (description - self.mean) / self.scale
        return standardised

    def shares(self, standardised: FloatArray, shifts: FloatArray) -> FloatArray:
        """How much of each channel there is, by least squares in Mahalanobis distance: (n_channels, 1)."""
        weighted, place = np.zeros_like(shifts), feature_slices(self.spec)
        for kind, precision in self.precisions.items():
            weighted[:, place[kind]] = shifts[:, place[kind]] @ precision
        shares = (weighted @ standardised) / np.maximum(
            (weighted * shifts).sum(axis=1), np.finfo(np.float32).tiny
        )
        clipped: FloatArray = np.clip(shares, 0, MOST_OF_A_CHANNEL).astype(np.float32)
        return clipped[:, np.newaxis]

    def contributions(self, standardised: FloatArray) -> Measures:
        """Each measure of each kind in standard deviations of held-out normal clips."""
        return (
            measure_groups(standardised, self.precisions, self.spec) - self.group_center
        ) / self.group_scale

    @staticmethod
    def fuse(contributions: Measures) -> npt.NDArray[np.float64]:
        """(n, n_kinds, MEASURES) -> (n,)"""
        values = FUSION * contributions.reshape(len(contributions), -1)
        highest = values.max(axis=1)
        fused: npt.NDArray[np.float64] = highest + np.log(
            np.exp(values - highest[:, np.newaxis]).mean(axis=1)
        )
        return fused / FUSION

    def compute_anomaly_map(self, frames: Frames) -> AnomalyMap:
        """How far above its usual level each band is at each moment, in squared standard deviations."""
        return above_usual(frames, self.frame_mean, self.frame_std)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything it has learnt."""
        names = {
            "channels": "domain_shifts",
            "mean": "mean",
            "scale": "scale",
            "usual": "group_center",
            "deviation": "group_scale",
            "frame_mean": "frame_mean",
            "frame_std": "frame_std",
        }
        precisions = {f"precision_{kind}": precision for kind, precision in self.precisions.items()}
        return {stored: getattr(self, name) for stored, name in names.items()} | precisions

    @classmethod
    def from_arrays(cls, arrays: Arrays, spec: FeatureSpec) -> Self:
        """Check that every part has its size, and that nothing divides by zero."""
        n_features, kinds = (
            sum(widths(spec)),
            [kind for kind in FEATURE_GROUPS if f"precision_{kind}" in arrays],
        )
        if not kinds:
            raise InvalidArtifact("The artifact goes by no kind of feature.")
        measures = (len(kinds), MEASURES)
        detector = cls(
            spec=spec,
            domain_shifts=take_domain_shifts(arrays, n_features),
            mean=take(arrays, "mean", np.float32, (n_features,)),
            scale=take(arrays, "scale", np.float32, (n_features,)),
            precisions=take_precisions(arrays, kinds, spec),
            group_center=take(arrays, "usual", np.float64, measures),
            group_scale=take(arrays, "deviation", np.float64, measures),
            frame_mean=take(arrays, "frame_mean", np.float32, (spec.n_mels,)),
            frame_std=take(arrays, "frame_std", np.float32, (spec.n_mels,)),
        )
        divisors: list[npt.NDArray[Any]] = [
            detector.scale,
            detector.group_scale,
            detector.frame_std,
        ]
        divisors += [np.diagonal(precision) for precision in detector.precisions.values()]
        if not all((divisor > 0).all() for divisor in divisors):
            raise InvalidArtifact("The artifact's scales must be positive.")
        return detector


def widths(spec: FeatureSpec) -> tuple[int, ...]:
    """How many features there are of each kind."""
    return (spec.n_mels,) * BAND_STATISTICS + (
        BAND_GROUPS * len(MODULATION_BANDS_HZ),
        TONE_BANDS,
        n_rhythms(spec),
    )


def feature_slices(spec: FeatureSpec) -> dict[str, slice]:
    """Where each kind stands in a description."""
    ends = np.cumsum(widths(spec)).tolist()
    return {
        kind: slice(start, end)
        for kind, start, end in zip(FEATURE_GROUPS, [0, *ends[:-1]], ends, strict=True)
    }


def take_precisions(
    arrays: Arrays, kinds: Iterable[str], spec: FeatureSpec
) -> dict[str, FloatArray]:
    """That of each of these kinds, as large as the kind is."""
    n_features = dict(zip(FEATURE_GROUPS, widths(spec), strict=True))
    return {
        kind: take(arrays, f"precision_{kind}", np.float32, (n_features[kind],) * 2)
        for kind in kinds
    }


def measure_groups(
    standardised: FloatArray, precisions: Mapping[str, FloatArray], spec: FeatureSpec
) -> Measures:
    """Distance and few largest residuals of each kind: (n, n_features) -> (n, n_kinds, MEASURES)."""
    measures, place = np.empty((len(standardised), len(precisions), MEASURES)), feature_slices(spec)
    for k, (kind, precision) in enumerate(precisions.items()):
        values = standardised[:, place[kind]]
        deviation = values @ precision
        residual = deviation**2 / np.diagonal(precision)
        measures[:, k, 0] = np.sqrt(np.maximum((deviation * values).sum(axis=1), 0))
        measures[:, k, 1] = np.sqrt(
            np.partition(residual, -N_LARGEST, axis=1)[:, -N_LARGEST:].mean(axis=1)
        )
    return measures


def strongest(contributions: npt.NDArray[np.float64], kinds: Iterable[str]) -> dict[str, float]:
    """How much each kind of feature stands out, by the stronger of its measures."""
    return dict(zip(kinds, contributions.max(axis=1).tolist(), strict=True))
