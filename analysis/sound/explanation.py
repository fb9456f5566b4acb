"""Explain why a recording does not sound normal: at which moments, and at which frequencies."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.sound.decoding.gaps import Run, find_runs
from analysis.sound.features import FeatureSpec, FloatArray, Frames, FrontEnd, Waveform
from analysis.sound.tonal_peaks import MIN_LIMIT, TonalProfile, extract_tonal_peaks

# (n_frames, n_mels), how unusual each moment and band is; 0 is normal; in the detector's units.
AnomalyMap: TypeAlias = FloatArray
Mask: TypeAlias = npt.NDArray[np.bool_]

# About a tenth of a second.
SMOOTHING_FRAMES = 3
# How far smoothing, and a detector that takes several frames at once, spread a bang to either side.
FLANK_FRAMES = 6
MAX_SEGMENTS = 10
MAX_BANDS = 5
# An anomaly in a smaller fraction of the time may come from beside the machine.
MAX_TRANSIENT_FRACTION = 0.2


@dataclass(frozen=True, slots=True)
class Segment:
    """An abnormal period, in seconds of the recording."""

    start_s: float
    end_s: float

    def move(self, seconds: float) -> "Segment":
        """Return the same period so much later."""
        return Segment(round(self.start_s + seconds, 3), round(self.end_s + seconds, 3))


@dataclass(frozen=True, slots=True)
class Band:
    """An abnormal range of frequencies; `excess_db` is relative to the mean of normal clips.

    It is negative where sound is missing. Where a tonal peak is more abnormal than its range, it is
    relative to the highest peak of normal clips there.
    """

    low_hz: float
    high_hz: float
    excess_db: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """How unusual each moment is, and the abnormal periods and bands; most normal clips have none.

    curve: (n_steps,), one value every step_s seconds, the first at start_s. is_transient: whether
    the anomaly is brief and the rest normal, as with a voice or a knock beside the machine.
    """

    start_s: float
    step_s: float
    curve: FloatArray
    segments: tuple[Segment, ...]
    bands: tuple[Band, ...]
    is_transient: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """The spectrum of the normal clips of a machine, and the limits that most of them stay below.

    clip_mean: (n_mels,), dB, and precision, (n_mels, n_mels), 1 / dB^2, of the mean spectra of
    aligned clips. curve_limit: 19 in 20 held-out normal clips stay below it everywhere;
    level_limit: their mean curve does. residual_limit and the limit of tonal_profile: 39 in 40 stay
    below. tonal_profile: None where too few training clips had tonal peaks, or where an older
    release trained, whose residual_limit is that of 19 in 20.
    """

    clip_mean: FloatArray
    precision: FloatArray
    curve_limit: float
    level_limit: float
    residual_limit: float
    tonal_profile: TonalProfile | None = None

    def __post_init__(self) -> None:
        if not (np.diagonal(self.precision) > 0).all():
            raise ValueError("The diagonal of a precision must be positive.")

    def explain(
        self,
        frames: Frames,
        anomaly_map: AnomalyMap,
        samples: Waveform,
        front_end: FrontEnd,
        is_judged: Mask,
    ) -> Explanation:
        """Find the moments and the bands beyond the limits of normal clips.

        frames: aligned, those that are judged; samples: the longest stretch of the trimmed waveform
        that they were computed from; is_judged: (n_frames,), of all frames, which of them touch no
        gap.
        """
        curve = smooth_curve(anomaly_map)
        curve[~is_judged] = 0
        runs = find_runs(curve > self.curve_limit)
        return Explanation(
            front_end.spec.trim_seconds,
            front_end.spec.step_seconds,
            curve,
            find_segments(curve, runs, front_end),
            self.find_bands(frames, samples, front_end),
            self.is_transient(curve, runs, front_end.spec.clip_frames, is_judged),
        )

    def is_transient(
        self, curve: FloatArray, runs: list[Run], clip_frames: int, is_judged: Mask
    ) -> bool:
        """Return whether the anomaly is brief and the recording sounds normal apart from it.

        What lasts as long as a training clip is enough to be judged, however long the recording.
        """
        lengths = [end - first for first, end in runs]
        share = sum(lengths) / int(np.count_nonzero(is_judged))
        is_brief = 0 < share < MAX_TRANSIENT_FRACTION
        is_brief = is_brief and max(lengths) < clip_frames
        is_rest = is_judged.copy()
        for first, end in runs:
            is_rest[max(first - FLANK_FRAMES, 0) : end + FLANK_FRAMES] = False
        return bool(is_brief and is_rest.any() and curve[is_rest].mean() <= self.level_limit)

    def find_bands(
        self, frames: Frames, samples: Waveform, front_end: FrontEnd
    ) -> tuple[Band, ...]:
        """Return the ranges of bands beyond a limit, strongest first, at most MAX_BANDS."""
        excess_db = frames.mean(axis=0) - self.clip_mean
        strength = np.abs(self.compute_residual(frames)) / max(self.residual_limit, MIN_LIMIT)
        peaks = extract_tonal_peaks(samples, front_end.spec) if self.tonal_profile else None
        if self.tonal_profile and peaks is not None:
            peak_db = self.tonal_profile.compute_excess(peaks, front_end.band_hz, front_end.spec)
            peak_strength = self.tonal_profile.compute_strength(peak_db)
            excess_db = np.where(peak_strength > strength, peak_db, excess_db)
            strength = np.maximum(strength, peak_strength)

        runs = sorted(find_runs(strength > 1), key=lambda run: -strength[slice(*run)].max())
        return tuple(
            make_band(front_end.band_hz, first, end, excess_db) for first, end in runs[:MAX_BANDS]
        )

    def compute_residual(self, frames: Frames) -> FloatArray:
        """Return how far each band is from what the others predict: (n_mels,), signed.

        In standard deviations. The conditional residual of a Gaussian, (P (x - mu))_i / sqrt(P_ii);
        see Whittaker, Graphical Models in Applied Multivariate Statistics, 1990.
        """
        deviation = self.precision @ (frames.mean(axis=0) - self.clip_mean)
        residual: FloatArray = deviation / np.sqrt(np.diagonal(self.precision))
        return residual


def compute_level_anomaly(frames: Frames, mean: FloatArray, std: FloatArray) -> AnomalyMap:
    """Return how far each band is above its normal level at each moment, in squared deviations.

    Squared, so that a knock in a few bands outweighs small changes of all. mean, std: (n_mels,).
    """
    anomaly_map: AnomalyMap = np.square(np.maximum((frames - mean) / std, 0))
    return anomaly_map


def align(frames: Frames, clip_mean: FloatArray) -> Frames:
    """Shift all frames so that an ordinary one is as loud as in normal clips.

    Frames are relative to the mean power of their clip, so one bang makes all the rest quieter.
    """
    aligned: Frames = frames + np.median((clip_mean - frames).mean(axis=1))
    return aligned


def smooth_curve(anomaly_map: AnomalyMap) -> FloatArray:
    """Return the mean over the bands, smoothed over a few frames: (n_frames,)."""
    width = min(SMOOTHING_FRAMES, len(anomaly_map))
    kernel = np.ones(width, np.float32) / width
    curve = np.convolve(anomaly_map.mean(axis=1), kernel, mode="same")
    return curve.astype(np.float32)


def find_segments(curve: FloatArray, runs: list[Run], front_end: FrontEnd) -> tuple[Segment, ...]:
    """Return the strongest runs in order of time, at most MAX_SEGMENTS."""
    strongest = sorted(runs, key=lambda run: -curve[slice(*run)].max())[:MAX_SEGMENTS]
    return tuple(make_segment(run, front_end.spec) for run in sorted(strongest))


def make_segment(run: Run, spec: FeatureSpec) -> Segment:
    """Return when a run of frames begins and ends."""
    first_s, end_s = (spec.trim_seconds + frame * spec.step_seconds for frame in run)
    return Segment(round(first_s, 3), round(end_s, 3))


def make_band(band_hz: FloatArray, first: int, end: int, excess_db: FloatArray) -> Band:
    """Return the range of the mel bands from `first` to before `end`."""
    # band_hz holds edges and centres: band i reaches from band_hz[i] to band_hz[i + 2].
    low_hz = round(float(band_hz[first]), 1)
    high_hz = round(float(band_hz[end + 1]), 1)
    return Band(low_hz, high_hz, round(pick_extreme(excess_db[first:end]), 2))


def pick_extreme(values: FloatArray) -> float:
    """Return the value farthest from zero, with its sign."""
    return float(values[np.argmax(np.abs(values))])
