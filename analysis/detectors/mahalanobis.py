"""Level 3: how far each group of clip features is from normal, in Mahalanobis distance."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
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
from analysis.detectors.score_distribution import Scores
from analysis.errors import InvalidArtifact
from analysis.sound.clip_features import (
    BAND_STATISTICS,
    MODULATION_BANDS_HZ,
    extract_clip_features,
)
from analysis.sound.explanation import AnomalyMap, compute_level_anomaly
from analysis.sound.features import BAND_GROUPS, FeatureSpec, FloatArray, Frames, Window
from analysis.sound.fine_features import (
    TONE_BANDS,
    count_envelope_features,
    extract_envelope_spectrum,
    extract_tonality,
)
from analysis.sound.steadiness import count_steadiness, extract_steadiness

# In the order in which they stand in the features.
FEATURE_GROUPS = (
    *BAND_STATISTICS,
    "modulation",
    "tonality",
    "envelope",
    "sway",
    "crackle",
    "drift",
)
# The features of artifacts of the formats 2 to 4 end before these.
STEADINESS_GROUPS = ("sway", "crackle", "drift")
# All features together, as a group more; it has measures of its own.
WHOLE = "whole"
# A fault may change all features of a group or only a few: both the distance and the largest
# residuals count.
N_LARGEST = 3
N_MEASURES = 2
# From 0, the mean of the measures, towards the highest of them.
FUSION = 0.5
# A domain shift may be a little larger than when it was measured.
MAX_SHIFT_WEIGHT = 1.2

Measures = npt.NDArray[np.float64]  # (n, n_groups, N_MEASURES)


@dataclass(frozen=True, slots=True, kw_only=True)
class MahalanobisDetector(Detector):
    """A Gaussian for each group of clip features; the score fuses how unusual each group is.

    Of each group two measures are taken: the Mahalanobis distance, and the root mean square of the
    N_LARGEST largest conditional residuals (P z)_i / sqrt(P_ii), where P is the Ledoit-Wolf
    precision (Ledoit & Wolf, "A well-conditioned estimator for large-dimensional covariance
    matrices", J. Multivariate Anal. 2004). Both are expressed in standard deviations of held-out
    normal clips and fused by a soft maximum, log(mean(exp(FUSION * x))) / FUSION.

    WHOLE is measured, too, where the detector learnt it: by the means of log(1 + z^2) and of |z|
    over all features in use, which show what is a little unusual everywhere. Each group has a
    weight in the fusion.

    Of each domain shift, as much is taken off, between 0 and MAX_SHIFT_WEIGHT times, as leaves the
    least distance, at a cost: what could be a shift could be a fault.

    domain_shifts: (n_shifts, n_features); mean, scale: (n_features,); precisions: by the name of
    the group, in the order of FEATURE_GROUPS, of which some may be missing, (n, n), symmetric, of
    standardised features; group_center, group_scale: (n_groups, N_MEASURES), of held-out normal
    clips, WHOLE the last if it is measured; group_weights: (n_groups,); frame_mean, frame_std:
    (n_mels,), dB.
    """

    type = "level3_mahalanobis"

    spec: FeatureSpec
    domain_shifts: FloatArray
    shift_cost: float
    shift_relief: float
    mean: FloatArray
    scale: FloatArray
    precisions: Mapping[str, FloatArray]
    group_center: Measures
    group_scale: Measures
    group_weights: npt.NDArray[np.float64]
    frame_mean: FloatArray
    frame_std: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "precisions", MappingProxyType(dict(self.precisions)))

    def __reduce__(self) -> tuple[Any, ...]:
        # A read-only mapping can be neither pickled nor copied.
        return self.from_arrays, (self.to_arrays(), self.spec)

    @classmethod
    def extract_features(cls, window: Window, spec: FeatureSpec) -> Features:
        """Return clip features, tonality, envelope spectrum and how steady the sound is."""
        parts = [
            extract_clip_features(window.frames, spec),
            extract_tonality(window.samples, spec),
            extract_envelope_spectrum(window.samples, spec),
        ]
        if spec.has_steadiness:
            parts += extract_steadiness(window, spec)
        return np.concatenate(parts)

    @classmethod
    def feature_shape(cls, spec: FeatureSpec) -> tuple[int | None, ...]:
        """Return (n_features,)."""
        return (sum(count_features(spec).values()),)

    def score_unshifted(self, features: Features) -> float:
        """Return the score of features as they are."""
        contributions = self.compute_contributions(self.standardise(features)[np.newaxis])
        return float(fuse(contributions, self.group_weights)[0])

    def score_window(self, features: Features) -> WindowScore:
        """Take off as much of each domain shift as fits, and keep the lowest score."""
        standardised = self.standardise(features)
        shifts = self.domain_shifts / self.scale
        weights = self.fit_shift_weights(standardised, shifts)
        # A shift of which there is nothing leaves the features as they are.
        is_there = weights > 0
        weighted = weights[is_there, np.newaxis] * shifts[is_there]
        candidates = standardised - np.concatenate([np.zeros_like(shifts[:1]), weighted])
        contributions = self.compute_contributions(candidates)
        scores = self.charge_shifts(fuse(contributions, self.group_weights))
        best = int(np.argmin(scores))
        return WindowScore(float(scores[best]), take_strongest(contributions[best], self.groups))

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that are measured, WHOLE included."""
        has_whole = len(self.group_center) > len(self.precisions)
        return (*self.precisions, WHOLE) if has_whole else tuple(self.precisions)

    def standardise(self, features: Features) -> FloatArray:
        """Return features in standard deviations of the normal clips."""
        standardised: FloatArray = (features - self.mean) / self.scale
        return standardised

    def fit_shift_weights(self, standardised: FloatArray, shifts: FloatArray) -> FloatArray:
        """Return how much of each shift there is, by least squares in Mahalanobis distance."""
        slices = feature_slices(self.spec)
        projected = np.zeros_like(shifts)
        for group, precision in self.precisions.items():
            projected[:, slices[group]] = shifts[:, slices[group]] @ precision
        lengths = np.maximum((projected * shifts).sum(axis=1), np.finfo(np.float32).tiny)
        weights = (projected @ standardised) / lengths
        clipped: FloatArray = np.clip(weights, 0, MAX_SHIFT_WEIGHT).astype(np.float32)
        return clipped

    def compute_contributions(self, standardised: FloatArray) -> Measures:
        """Return each measure of each group in standard deviations of held-out normal clips."""
        measures = measure_groups(standardised, self.precisions, self.spec)
        if WHOLE in self.groups:
            whole = measure_whole(standardised, self.precisions, self.spec)
            measures = np.concatenate([measures, whole], axis=1)
        return (measures - self.group_center) / self.group_scale

    def compute_anomaly_map(self, frames: Frames) -> AnomalyMap:
        """Return how far each band is above its normal level at each moment."""
        return compute_level_anomaly(frames, self.frame_mean, self.frame_std)

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return everything that it learnt."""
        arrays: dict[str, npt.NDArray[Any]] = {
            "channels": self.domain_shifts,
            "mean": self.mean,
            "scale": self.scale,
            "usual": self.group_center,
            "deviation": self.group_scale,
            "group_weights": self.group_weights,
            "shift_cost": np.array([self.shift_cost]),
            "shift_relief": np.array([self.shift_relief]),
            "frame_mean": self.frame_mean,
            "frame_std": self.frame_std,
        }
        arrays |= {f"precision_{name}": array for name, array in self.precisions.items()}
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Arrays, spec: FeatureSpec) -> Self:
        """Make a detector in which every part has its size and nothing divides by zero."""
        groups = [group for group in FEATURE_GROUPS if f"precision_{group}" in arrays]
        if not groups:
            raise InvalidArtifact("The artifact has no feature group.")
        n_features = sum(count_features(spec).values())
        n_groups = len(groups) + (1 if spec.has_steadiness else 0)
        detector = cls(
            spec=spec,
            domain_shifts=take_domain_shifts(arrays, n_features),
            shift_cost=take_cost(arrays, "shift_cost"),
            shift_relief=take_cost(arrays, "shift_relief"),
            mean=take_array(arrays, "mean", np.float32, (n_features,)),
            scale=take_array(arrays, "scale", np.float32, (n_features,)),
            precisions=take_precisions(arrays, groups, spec),
            group_center=take_array(arrays, "usual", np.float64, (n_groups, N_MEASURES)),
            group_scale=take_array(arrays, "deviation", np.float64, (n_groups, N_MEASURES)),
            group_weights=take_array(arrays, "group_weights", np.float64, (n_groups,)),
            frame_mean=take_array(arrays, "frame_mean", np.float32, (spec.n_mels,)),
            frame_std=take_array(arrays, "frame_std", np.float32, (spec.n_mels,)),
        )
        detector.check_scales()
        return detector

    def check_scales(self) -> None:
        """Raise InvalidArtifact for a scale that is not positive."""
        scales: list[npt.NDArray[Any]] = [
            self.scale,
            self.group_scale,
            self.group_weights,
            self.frame_std,
        ]
        scales += [np.diagonal(precision) for precision in self.precisions.values()]
        if not all((scale > 0).all() for scale in scales):
            raise InvalidArtifact("The artifact's scales must be positive.")


def count_features(spec: FeatureSpec) -> dict[str, int]:
    """Return the number of features of each group, in the order of FEATURE_GROUPS."""
    counts = [spec.n_mels] * len(BAND_STATISTICS)
    counts.append(BAND_GROUPS * len(MODULATION_BANDS_HZ))
    counts.append(TONE_BANDS)
    counts.append(count_envelope_features(spec))
    counts += count_steadiness(spec)
    by_group = dict(zip(FEATURE_GROUPS, counts, strict=True))
    if spec.has_steadiness:
        return by_group
    return {group: by_group[group] for group in by_group if group not in STEADINESS_GROUPS}


def feature_slices(spec: FeatureSpec) -> dict[str, slice]:
    """Return where each group stands in the features."""
    slices = {}
    start = 0
    for group, count in count_features(spec).items():
        slices[group] = slice(start, start + count)
        start += count
    return slices


def take_precisions(
    arrays: Arrays, groups: Iterable[str], spec: FeatureSpec
) -> dict[str, FloatArray]:
    """Return the precision of each of these groups, as large as the group is."""
    counts = count_features(spec)
    return {
        group: take_array(arrays, f"precision_{group}", np.float32, (counts[group],) * 2)
        for group in groups
    }


def measure_groups(
    standardised: FloatArray, precisions: Mapping[str, FloatArray], spec: FeatureSpec
) -> Measures:
    """Return the distance and the largest residuals of each group: (n, n_groups, N_MEASURES)."""
    slices = feature_slices(spec)
    measures = np.empty((len(standardised), len(precisions), N_MEASURES))
    for k, (group, precision) in enumerate(precisions.items()):
        values = standardised[:, slices[group]]
        deviation = values @ precision
        residual = deviation**2 / np.diagonal(precision)
        largest = np.partition(residual, -N_LARGEST, axis=1)[:, -N_LARGEST:]
        measures[:, k, 0] = np.sqrt(np.maximum((deviation * values).sum(axis=1), 0))
        measures[:, k, 1] = np.sqrt(largest.mean(axis=1))
    return measures


def measure_whole(
    standardised: npt.NDArray[np.floating[Any]], precisions: Iterable[str], spec: FeatureSpec
) -> Measures:
    """Return the measures of all features of these groups together: (n, 1, N_MEASURES)."""
    slices = feature_slices(spec)
    values = np.abs(
        np.concatenate([standardised[:, slices[group]] for group in precisions], axis=1)
    )
    measures = [np.log1p(values**2).mean(axis=1), values.mean(axis=1)]
    return np.stack(measures, axis=1, dtype=np.float64)[:, np.newaxis]


def fuse(contributions: Measures, weights: npt.NDArray[np.float64]) -> Scores:
    """Return the soft maximum of the weighted contributions: (n, n_groups, N_MEASURES) -> (n,)."""
    weighted = contributions * weights[:, np.newaxis]
    values = FUSION * weighted.reshape(len(contributions), -1)
    highest = values.max(axis=1)
    # Relative to the highest, so that nothing overflows.
    relative = np.exp(values - highest[:, np.newaxis])
    fused: Scores = highest + np.log(relative.mean(axis=1))
    return fused / FUSION


def take_strongest(
    contributions: npt.NDArray[np.float64], groups: Iterable[str]
) -> dict[str, float]:
    """Return the contribution of each group: the larger of its measures."""
    return dict(zip(groups, contributions.max(axis=1).tolist(), strict=True))
