"""Where a recording does not sound normal: when, from the detector's excess; at which frequencies, from the profile."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.features import FloatArray, Frames

Excess: TypeAlias = (
    FloatArray  # (n_frames, n_mels), how unusual each moment and band is, 0 = as usual, detector's units
)
Mask: TypeAlias = npt.NDArray[np.bool_]
Run: TypeAlias = tuple[int, int]  # first, last + 1

# A moment is heard together with its neighbours: about a fifth of a second.
SMOOTHING_FRAMES = 5
MAX_SEGMENTS, MAX_BANDS = 10, 5
# An excess that lies in less of the time than this may come from beside the machine.
TRANSIENT_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time that stands out, in seconds of the recording."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Band:
    """A range of frequencies that stands out; excess_db is against the mean of normal, negative where it is missing."""

    low_hz: float
    high_hz: float
    excess_db: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """How unusual each moment was, and the moments and bands that stand out; both empty for most normal clips.

    curve: (n_steps,), one value every step_s seconds, the first at start_s. is_transient: whether what stands out is
    brief and the rest is as usual, as with a voice or a knock beside the machine.
    """

    start_s: float
    step_s: float
    curve: FloatArray
    segments: tuple[Segment, ...]
    bands: tuple[Band, ...]
    is_transient: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """What the normal clips of a machine look like band by band.

    Of aligned clips: clip_mean, (n_mels,), dB, and precision of the clip means, (n_mels, n_mels), 1 / dB^2.
    curve_limit, residual_limit: what 19 in 20 held-out normal clips stay below everywhere; level_limit: what the mean
    of their curve stays below.
    """

    clip_mean: FloatArray
    precision: FloatArray
    curve_limit: float
    level_limit: float
    residual_limit: float

    def __post_init__(self) -> None:
        if not (np.diagonal(self.precision) > 0).all():
            raise ValueError("A precision has a positive diagonal.")

    def residual(self, frames: Frames) -> FloatArray:
        """How far each band is from what the other bands let expect, in standard deviations: (n_mels,), signed.

        The conditional residual of a Gaussian, (P (x - mu))_i / sqrt(P_ii); see Whittaker, Graphical Models in Applied
        Multivariate Statistics, 1990.
        """
        deviation = self.precision @ (frames.mean(axis=0) - self.clip_mean)
        residual: FloatArray = deviation / np.sqrt(np.diagonal(self.precision))
        return residual

    def explain(
        self, frames: Frames, excess: Excess, *, start_s: float, step_s: float, band_hz: FloatArray
    ) -> Explanation:
        """Point at the moments and the bands beyond the limits of normal clips."""
        curve = smooth_curve(excess)
        runs = runs_of(curve > self.curve_limit)
        strongest = sorted(runs, key=lambda run: -curve[slice(*run)].max())[:MAX_SEGMENTS]
        segments = tuple(
            Segment(round(start_s + first * step_s, 3), round(start_s + end * step_s, 3))
            for first, end in sorted(strongest)
        )
        return Explanation(
            start_s, step_s, curve, segments, self.bands(frames, band_hz), self.is_transient(curve, runs)
        )

    def is_transient(self, curve: FloatArray, runs: list[Run]) -> bool:
        """Whether what stands out is brief, and the recording sounds as usual apart from it."""
        is_brief = 0 < sum(end - first for first, end in runs) / len(curve) < TRANSIENT_SHARE
        apart = np.ones(len(curve), dtype=bool)
        for first, end in runs:
            # What smoothing has carried to either side belongs to it.
            apart[max(first - SMOOTHING_FRAMES, 0) : end + SMOOTHING_FRAMES] = False
        return bool(is_brief and apart.any() and curve[apart].mean() <= self.level_limit)

    def bands(self, frames: Frames, band_hz: FloatArray) -> tuple[Band, ...]:
        """The ranges of neighbouring bands whose residual is beyond the limit, strongest first, at most MAX_BANDS."""
        residual = np.abs(self.residual(frames))
        excess_db = frames.mean(axis=0) - self.clip_mean
        runs = sorted(runs_of(residual > self.residual_limit), key=lambda run: -residual[slice(*run)].max())
        # band_hz holds edges and centres: band i reaches from i to i + 2.
        return tuple(
            Band(round(float(band_hz[a]), 1), round(float(band_hz[b + 1]), 1), round(extreme(excess_db[a:b]), 2))
            for a, b in runs[:MAX_BANDS]
        )


def above_usual(frames: Frames, mean: FloatArray, deviation: FloatArray) -> Excess:
    """How far above its usual level each band is at each moment, in standard deviations; mean, deviation: (n_mels,)."""
    excess: Excess = np.maximum((frames - mean) / deviation, 0)
    return excess


def align(frames: Frames, clip_mean: FloatArray) -> Frames:
    """Shift all of a clip by so much that its ordinary moment is as loud as in normal clips.

    Frames are relative to the mean power of their clip, so one bang makes all the rest quieter than usual.
    """
    aligned: Frames = frames + np.median((clip_mean - frames).mean(axis=1))
    return aligned


def smooth_curve(excess: Excess) -> FloatArray:
    """Mean over bands, smoothed over a few frames: (n_frames,)."""
    width = min(SMOOTHING_FRAMES, len(excess))
    curve = np.convolve(excess.mean(axis=1), np.ones(width, np.float32) / width, mode="same")
    return curve.astype(np.float32)


def runs_of(mask: Mask) -> list[Run]:
    """Where the mask is true without a break."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def extreme(excess_db: FloatArray) -> float:
    """The value farthest from zero, with its sign."""
    return float(excess_db[np.argmax(np.abs(excess_db))])
