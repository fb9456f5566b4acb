"""Level 3: how far each kind of clip feature is from normal, in Mahalanobis distance."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from analysis.detectors.base import Arrays, Assessment, Description, Detector, take, take_channels
from analysis.errors import InvalidArtifact
from analysis.sound.clip_features import BAND_STATISTICS, MODULATION_BANDS_HZ, clip_features
from analysis.sound.explanation import Excess, above_usual
from analysis.sound.features import BAND_GROUPS, FeatureSpec, FloatArray, Frames, Window
from analysis.sound.fine_features import TONE_BANDS, envelope_spectrum, n_rhythms, tonality

# The kinds of features, in the order in which they stand in a description.
TRAITS = ("level", "spread", "quiet", "loud", "change", "jump", "modulation", "tonality", "envelope")
# A fault may lie in all features of a kind or in a few: both the distance and the few most unusual count.
FEW = 3
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
    channels: FloatArray
    mean: FloatArray
    scale: FloatArray
    precisions: Mapping[str, FloatArray]
    usual: Measures
    deviation: Measures
    frame_mean: FloatArray
    frame_std: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "precisions", MappingProxyType(dict(self.precisions)))

    def __reduce__(self) -> tuple[Any, ...]:
        # A read-only mapping can be neither pickled nor copied.
        return self.from_arrays, (self.arrays(), self.spec)

    @classmethod
    def describe(cls, window: Window, spec: FeatureSpec) -> Description:
        """Clip features, tonality and envelope spectrum."""
        fine = tonality(window.samples, spec), envelope_spectrum(window.samples, spec)
        return np.concatenate([clip_features(window.frames, spec), *fine])

    @classmethod
    def described_shape(cls, spec: FeatureSpec) -> tuple[int | None, ...]:
        """(n_features,)"""
        return (sum(widths(spec)),)

    def plain_score(self, description: Description) -> float:
        """Score a description as it is."""
        return float(self.fuse(self.traits(self.standardised(description)[np.newaxis]))[0])

    def assess(self, description: Description) -> Assessment:
        """Take off as much of each channel as explains most, and keep what scores lowest."""
        standardised, shifts = self.standardised(description), self.channels / self.scale
        taken_off = np.concatenate([np.zeros_like(shifts[:1]), self.shares(standardised, shifts) * shifts])
        traits = self.traits(standardised - taken_off)
        scores = self.fuse(traits)
        best = int(np.argmin(scores))
        return Assessment(float(scores[best]), strongest(traits[best], self.precisions))

    def standardised(self, description: Description) -> FloatArray:
        """In standard deviations of the normal clips."""
        standardised: FloatArray = (description - self.mean) / self.scale
        return standardised

    def shares(self, standardised: FloatArray, shifts: FloatArray) -> FloatArray:
        """How much of each channel there is, by least squares in Mahalanobis distance: (n_channels, 1)."""
        weighted, place = np.zeros_like(shifts), parts(self.spec)
        for kind, precision in self.precisions.items():
            weighted[:, place[kind]] = shifts[:, place[kind]] @ precision
        shares = (weighted @ standardised) / np.maximum((weighted * shifts).sum(axis=1), np.finfo(np.float32).tiny)
        clipped: FloatArray = np.clip(shares, 0, MOST_OF_A_CHANNEL).astype(np.float32)
        return clipped[:, np.newaxis]

    def traits(self, standardised: FloatArray) -> Measures:
        """Each measure of each kind in standard deviations of held-out normal clips."""
        return (measure(standardised, self.precisions, self.spec) - self.usual) / self.deviation

    @staticmethod
    def fuse(traits: Measures) -> npt.NDArray[np.float64]:
        """(n, n_kinds, MEASURES) -> (n,)"""
        values = FUSION * traits.reshape(len(traits), -1)
        highest = values.max(axis=1)
        fused: npt.NDArray[np.float64] = highest + np.log(np.exp(values - highest[:, np.newaxis]).mean(axis=1))
        return fused / FUSION

    def excess(self, frames: Frames) -> Excess:
        """How far above its usual level each band is at each moment, in squared standard deviations."""
        return above_usual(frames, self.frame_mean, self.frame_std)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything it has learnt."""
        names = ("channels", "mean", "scale", "usual", "deviation", "frame_mean", "frame_std")
        precisions = {f"precision_{kind}": precision for kind, precision in self.precisions.items()}
        return {name: getattr(self, name) for name in names} | precisions

    @classmethod
    def from_arrays(cls, arrays: Arrays, spec: FeatureSpec) -> Self:
        """Check that every part has its size, and that nothing divides by zero."""
        n_features, kinds = sum(widths(spec)), [kind for kind in TRAITS if f"precision_{kind}" in arrays]
        if not kinds:
            raise InvalidArtifact("The artifact goes by no kind of feature.")
        measures = (len(kinds), MEASURES)
        detector = cls(
            spec=spec,
            channels=take_channels(arrays, n_features),
            mean=take(arrays, "mean", np.float32, (n_features,)),
            scale=take(arrays, "scale", np.float32, (n_features,)),
            precisions=take_precisions(arrays, kinds, spec),
            usual=take(arrays, "usual", np.float64, measures),
            deviation=take(arrays, "deviation", np.float64, measures),
            frame_mean=take(arrays, "frame_mean", np.float32, (spec.n_mels,)),
            frame_std=take(arrays, "frame_std", np.float32, (spec.n_mels,)),
        )
        divisors: list[npt.NDArray[Any]] = [detector.scale, detector.deviation, detector.frame_std]
        divisors += [np.diagonal(precision) for precision in detector.precisions.values()]
        if not all((divisor > 0).all() for divisor in divisors):
            raise InvalidArtifact("The artifact's scales must be positive.")
        return detector


def widths(spec: FeatureSpec) -> tuple[int, ...]:
    """How many features there are of each kind."""
    return (spec.n_mels,) * BAND_STATISTICS + (BAND_GROUPS * len(MODULATION_BANDS_HZ), TONE_BANDS, n_rhythms(spec))


def parts(spec: FeatureSpec) -> dict[str, slice]:
    """Where each kind stands in a description."""
    ends = np.cumsum(widths(spec)).tolist()
    return {kind: slice(start, end) for kind, start, end in zip(TRAITS, [0, *ends[:-1]], ends, strict=True)}


def take_precisions(arrays: Arrays, kinds: Iterable[str], spec: FeatureSpec) -> dict[str, FloatArray]:
    """That of each of these kinds, as large as the kind is."""
    n_features = dict(zip(TRAITS, widths(spec), strict=True))
    return {kind: take(arrays, f"precision_{kind}", np.float32, (n_features[kind],) * 2) for kind in kinds}


def measure(standardised: FloatArray, precisions: Mapping[str, FloatArray], spec: FeatureSpec) -> Measures:
    """Distance and few largest residuals of each kind: (n, n_features) -> (n, n_kinds, MEASURES)."""
    measures, place = np.empty((len(standardised), len(precisions), MEASURES)), parts(spec)
    for k, (kind, precision) in enumerate(precisions.items()):
        values = standardised[:, place[kind]]
        deviation = values @ precision
        residual = deviation**2 / np.diagonal(precision)
        measures[:, k, 0] = np.sqrt(np.maximum((deviation * values).sum(axis=1), 0))
        measures[:, k, 1] = np.sqrt(np.partition(residual, -FEW, axis=1)[:, -FEW:].mean(axis=1))
    return measures


def strongest(traits: npt.NDArray[np.float64], kinds: Iterable[str]) -> dict[str, float]:
    """How much each kind of feature stands out, by the stronger of its measures."""
    return dict(zip(kinds, traits.max(axis=1).tolist(), strict=True))
