"""Level 3: how far each kind of clip feature is from normal, in Mahalanobis distance."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from analysis.clip_features import BAND_STATISTICS, MODULATION_BANDS_HZ, clip_features
from analysis.detectors.base import Arrays, Assessment, Description, Detector, take, take_channels
from analysis.errors import InvalidArtifact
from analysis.explanation import Excess, above_usual
from analysis.features import BAND_GROUPS, FeatureSpec, FloatArray, Frames, Window
from analysis.fine_features import TONE_BANDS, envelope_spectrum, n_rhythms, tonality

# The kinds of features, in the order in which they stand in a description.
TRAITS = ("level", "spread", "quiet", "loud", "change", "jump", "modulation", "tonality", "envelope")
# A fault may lie in all features of a kind or in a few: both the distance and the few most unusual count.
FEW = 3
MEASURES = 2
# Between the mean of the measures (0) and the highest of them.
FUSION = 0.5
# A channel may have done a little more than when it was measured.
MOST_OF_A_CHANNEL = 1.2

Measures = npt.NDArray[np.float64]  # (n, len(TRAITS), MEASURES)


@dataclass(frozen=True, slots=True, kw_only=True)
class MahalanobisDetector(Detector):
    """A Gaussian for each kind of clip feature; anomaly_score fuses how unusual each kind is.

    Of each kind two measures are taken: the Mahalanobis distance, and the root mean square of the FEW largest
    conditional residuals (P z)_i / sqrt(P_ii), where P is the Ledoit-Wolf precision (Ledoit & Wolf, "A well-conditioned
    estimator for large-dimensional covariance matrices", J. Multivariate Anal. 2004). Each is put in standard
    deviations of held-out normal clips and fused by a soft maximum, log(mean(exp(FUSION * x))) / FUSION.

    A channel's share in a description is that between 0 and MOST_OF_A_CHANNEL which leaves the least distance.

    channels: (n_channels, n_features); mean, scale: (n_features,); precisions: of each kind, (n, n), symmetric, of
    standardised features; usual, deviation: (len(TRAITS), MEASURES), of held-out normal clips; frame_mean, frame_std:
    (n_mels,), dB.
    """

    type = "level3_mahalanobis"

    spec: FeatureSpec
    channels: FloatArray
    mean: FloatArray
    scale: FloatArray
    precisions: tuple[FloatArray, ...]
    usual: Measures
    deviation: Measures
    frame_mean: FloatArray
    frame_std: FloatArray

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
        return Assessment(float(scores[best]), strongest(traits[best]))

    def standardised(self, description: Description) -> FloatArray:
        """In standard deviations of the normal clips."""
        standardised: FloatArray = (description - self.mean) / self.scale
        return standardised

    def shares(self, standardised: FloatArray, shifts: FloatArray) -> FloatArray:
        """How much of each channel there is, by least squares in Mahalanobis distance: (n_channels, 1)."""
        weighted = np.concatenate(
            [shifts[:, part] @ precision for part, precision in zip(parts(self.spec), self.precisions, strict=True)],
            axis=1,
        )
        shares = (weighted @ standardised) / np.maximum((weighted * shifts).sum(axis=1), np.finfo(np.float32).tiny)
        clipped: FloatArray = np.clip(shares, 0, MOST_OF_A_CHANNEL).astype(np.float32)
        return clipped[:, np.newaxis]

    def traits(self, standardised: FloatArray) -> Measures:
        """Each measure of each kind in standard deviations of held-out normal clips."""
        return (measure(standardised, self.precisions, self.spec) - self.usual) / self.deviation

    @staticmethod
    def fuse(traits: Measures) -> npt.NDArray[np.float64]:
        """(n, len(TRAITS), MEASURES) -> (n,)"""
        values = FUSION * traits.reshape(len(traits), -1)
        highest = values.max(axis=1)
        fused: npt.NDArray[np.float64] = highest + np.log(np.exp(values - highest[:, np.newaxis]).mean(axis=1))
        return fused / FUSION

    def excess(self, frames: Frames) -> Excess:
        """How far above its usual level each band is at each moment, in standard deviations."""
        return above_usual(frames, self.frame_mean, self.frame_std)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything it has learnt."""
        names = ("channels", "mean", "scale", "usual", "deviation", "frame_mean", "frame_std")
        precisions = {f"precision_{trait}": each for trait, each in zip(TRAITS, self.precisions, strict=True)}
        return {name: getattr(self, name) for name in names} | precisions

    @classmethod
    def from_arrays(cls, arrays: Arrays, spec: FeatureSpec) -> Self:
        """Check that every part has its size, and that nothing divides by zero."""
        n_features, measures = sum(widths(spec)), (len(TRAITS), MEASURES)
        detector = cls(
            spec=spec,
            channels=take_channels(arrays, n_features),
            mean=take(arrays, "mean", np.float32, (n_features,)),
            scale=take(arrays, "scale", np.float32, (n_features,)),
            precisions=tuple(
                take(arrays, f"precision_{trait}", np.float32, (n, n))
                for trait, n in zip(TRAITS, widths(spec), strict=True)
            ),
            usual=take(arrays, "usual", np.float64, measures),
            deviation=take(arrays, "deviation", np.float64, measures),
            frame_mean=take(arrays, "frame_mean", np.float32, (spec.n_mels,)),
            frame_std=take(arrays, "frame_std", np.float32, (spec.n_mels,)),
        )
        divisors: list[npt.NDArray[Any]] = [detector.scale, detector.deviation, detector.frame_std]
        divisors += [np.diagonal(precision) for precision in detector.precisions]
        if not all((divisor > 0).all() for divisor in divisors):
            raise InvalidArtifact("The artifact's scales must be positive.")
        return detector


def widths(spec: FeatureSpec) -> tuple[int, ...]:
    """How many features there are of each kind."""
    return (spec.n_mels,) * BAND_STATISTICS + (BAND_GROUPS * len(MODULATION_BANDS_HZ), TONE_BANDS, n_rhythms(spec))


def parts(spec: FeatureSpec) -> list[slice]:
    """Where each kind stands in a description."""
    ends = np.cumsum(widths(spec)).tolist()
    return [slice(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def measure(standardised: FloatArray, precisions: tuple[FloatArray, ...], spec: FeatureSpec) -> Measures:
    """Distance and few largest residuals of each kind: (n, n_features) -> (n, len(TRAITS), MEASURES)."""
    measures = np.empty((len(standardised), len(TRAITS), MEASURES))
    for k, (part, precision) in enumerate(zip(parts(spec), precisions, strict=True)):
        values = standardised[:, part]
        deviation = values @ precision
        residual = deviation**2 / np.diagonal(precision)
        measures[:, k, 0] = np.sqrt(np.maximum((deviation * values).sum(axis=1), 0))
        measures[:, k, 1] = np.sqrt(np.partition(residual, -FEW, axis=1)[:, -FEW:].mean(axis=1))
    return measures


def strongest(traits: npt.NDArray[np.float64]) -> dict[str, float]:
    """How much each kind of feature stands out, by the stronger of its measures."""
    return dict(zip(TRAITS, traits.max(axis=1).tolist(), strict=True))
