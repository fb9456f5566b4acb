"""Where a recording does not sound normal: when, from the detector's excess; at which frequencies, from the profile."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.sound.features import FloatArray, Frames, FrontEnd, Waveform
from analysis.sound.tonal_peaks import MIN_LIMIT, TonalProfile, extract_tonal_peaks

AnomalyMap: TypeAlias = FloatArray  # (n_frames, n_mels), how unusual each moment and band is, 0 = as usual, detector's units
Mask: TypeAlias = npt.NDArray[np.bool_]
Run: TypeAlias = tuple[int, int]  # first, last + 1

# A moment is heard together with its neighbours: about a tenth of a second.
SMOOTHING_FRAMES = 3
# What smoothing, and a detector that looks at several frames together, carry of a bang to either side of it.
FLANK_FRAMES = 6
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
    """A range of frequencies that stands out; excess_db is against the mean of normal, negative where it is missing.

    Of a line that stands out more than the range it lies in, it is against the most that normal clips have there.
    """

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
    curve_limit: what 19 in 20 held-out normal clips stay below everywhere; level_limit: what the mean of their curve
    stays below; residual_limit and that of the lines: what 39 in 40 stay below. lines: None where too few clips had any
    to listen to, or an older release trained, which had 19 in 20 stay below residual_limit.
    """

    clip_mean: FloatArray
    precision: FloatArray
    curve_limit: float
    level_limit: float
    residual_limit: float
    tonal_profile: TonalProfile | None = None

    def __post_init__(self) -> None:
        if not (np.diagonal(self.precision) > 0).all():
            raise ValueError("A precision has a positive diagonal.")

    def compute_residual(self, frames: Frames) -> FloatArray:
        """How far each band is from what the other bands let expect, in standard deviations: (n_mels,), signed.

        The conditional residual of a Gaussian, (P (x - mu))_i / sqrt(P_ii); see Whittaker, Graphical Models in Applied
        Multivariate Statistics, 1990.
        """
        deviation = self.precision @ (frames.mean(axis=0) - self.clip_mean)
        residual: FloatArray = deviation / np.sqrt(np.diagonal(self.precision))
        return residual

    def explain(
        self, frames: Frames, excess: AnomalyMap, samples: Waveform, front_end: FrontEnd
    ) -> Explanation:
        """Point at the moments and the bands beyond the limits of normal clips.

        frames: aligned; samples: the trimmed waveform that they were made of.
        """
        start_s, step_s = front_end.spec.trim_seconds, front_end.spec.step_seconds
        curve = smooth_curve(excess)
        runs = runs_of(curve > self.curve_limit)
        strongest = sorted(runs, key=lambda run: -curve[slice(*run)].max())[:MAX_SEGMENTS]
        segments = tuple(
            Segment(round(start_s + first * step_s, 3), round(start_s + end * step_s, 3))
            for first, end in sorted(strongest)
        )
        return Explanation(
            start_s,
            step_s,
            curve,
            segments,
            self.bands(frames, samples, front_end),
            self.is_transient(curve, runs),
        )

    def is_transient(self, curve: FloatArray, runs: list[Run]) -> bool:
        """Whether what stands out is brief, and the recording sounds as usual apart from it."""
        is_brief = 0 < sum(end - first for first, end in runs) / len(curve) < TRANSIENT_SHARE
        apart = np.ones(len(curve), dtype=bool)
        for first, end in runs:
            apart[max(first - FLANK_FRAMES, 0) : end + FLANK_FRAMES] = False
        return bool(is_brief and apart.any() and curve[apart].mean() <= self.level_limit)

    def bands(self, frames: Frames, samples: Waveform, front_end: FrontEnd) -> tuple[Band, ...]:
        """The ranges of neighbouring bands beyond the limit of either, strongest first, at most MAX_BANDS."""
        band_hz = front_end.band_hz
        strength = np.abs(self.compute_residual(frames)) / max(self.residual_limit, MIN_LIMIT)
        excess_db = frames.mean(axis=0) - self.clip_mean
        if (
            self.tonal_profile
            and (lines := extract_tonal_peaks(samples, front_end.spec)) is not None
        ):
            line_excess_db = self.tonal_profile.excess(lines, band_hz, front_end.spec)
            line_strength = self.tonal_profile.strength(line_excess_db)
            excess_db = np.where(line_strength > strength, line_excess_db, excess_db)
            strength = np.maximum(strength, line_strength)
        runs = sorted(runs_of(strength > 1), key=lambda run: -strength[slice(*run)].max())
        # band_hz holds edges and centres: band i reaches from i to i + 2.
        return tuple(
            Band(
                round(float(band_hz[a]), 1),
                round(float(band_hz[b + 1]), 1),
                round(extreme(excess_db[a:b]), 2),
            )
            for a, b in runs[:MAX_BANDS]
        )


def above_usual(frames: Frames, mean: FloatArray, deviation: FloatArray) -> AnomalyMap:
    """How far above its usual level each band is at each moment, in squared standard deviations: (n_frames, n_mels).

    Squared, so that a knock in a few bands outweighs what all bands do all the time. mean, deviation: (n_mels,).
    """
    excess: AnomalyMap = np.square(np.maximum((frames - mean) / deviation, 0))
    return excess


def align(frames: Frames, clip_mean: FloatArray) -> Frames:
    """Shift all of a clip by so much that its ordinary moment is as loud as in normal clips.

    Frames are relative to the mean power of their clip, so one bang makes all the rest quieter than usual.
    """
    aligned: Frames = frames + np.median((clip_mean - frames).mean(axis=1))
    return aligned


def smooth_curve(excess: AnomalyMap) -> FloatArray:
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
