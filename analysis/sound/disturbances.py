"""Find and cut sounds from beside the machine: a voice, a dog, something that falls.

They rise above the steady sound of the recording in a few bands at a time, and further above the
other bands than anything does in the training clips.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from analysis.sound.decoding.gaps import Run, find_runs, merge_runs
from analysis.sound.features import FeatureSpec, FloatArray, Frames, Waveform

# The steady sound of a band: what it stays above for three quarters of the time.
STEADY_QUANTILE = 0.25
# No band of a machine is steadier.
MIN_SPREAD_DB = 1.0
N_BANDS = 8
SMOOTHING_FRAMES = 5
# Shorter breaks are part of the sound, shorter sounds are none, and each begins and ends softly.
MAX_GAP_FRAMES = 4
MIN_FRAMES = 3
MARGIN_FRAMES = 3
FADE_SECONDS = 0.02
# A machine knocks and swells in time; a dog does not, or not for long.
MIN_BEATS = 4
MAX_JITTER = 0.25
MIN_RHYTHM_SHARE = 0.5

Curve = npt.NDArray[np.float64]  # (n_frames,), in standard deviations of normal frames


@dataclass(frozen=True, slots=True)
class SteadySound:
    """How far the frames of normal clips rise above the steady sound of their clip.

    mean, spread: (n_mels,), dB. limit: what rises higher comes from beside the machine.
    """

    mean: FloatArray
    spread: FloatArray
    limit: float

    def measure_rise(self, frames: Frames) -> Curve:
        """Return how far the highest bands rise at each moment: (n_frames,)."""
        deviations = (rise_above_steady(frames) - self.mean) / self.spread
        kernel = np.ones(min(SMOOTHING_FRAMES, len(frames))) / min(SMOOTHING_FRAMES, len(frames))
        smooth = np.apply_along_axis(np.convolve, 0, deviations, kernel, mode="same")
        highest = np.partition(smooth, -N_BANDS, axis=1)[:, -N_BANDS:]
        rise: Curve = highest.mean(axis=1)
        return rise

    def find_disturbances(self, frames: Frames) -> list[Run]:
        """Return the runs of frames in which something else is heard, in order of time."""
        runs = close_gaps(find_runs(self.measure_rise(frames) > self.limit))
        long_enough = [run for run in runs if run[1] - run[0] >= MIN_FRAMES]
        if is_rhythm(long_enough, len(frames)):
            return []
        widened = [
            (max(first - MARGIN_FRAMES, 0), min(end + MARGIN_FRAMES, len(frames)))
            for first, end in long_enough
        ]
        return merge_runs(widened)

    @classmethod
    def fit(cls, clips: list[Frames], *, share: float, tolerance: float) -> Self:
        """Fit to the frames of each clip; the limit is `tolerance` times what `share` stay below.

        Raises ValueError without clips.
        """
        rises = np.concatenate([rise_above_steady(frames) for frames in clips])
        spread = np.hypot(rises.std(axis=0), MIN_SPREAD_DB)
        steady = cls(rises.mean(axis=0), spread.astype(np.float32), 0.0)
        highest = [steady.measure_rise(frames).max() for frames in clips]
        return cls(steady.mean, steady.spread, tolerance * float(np.quantile(highest, share)))


def is_rhythm(runs: list[Run], n_frames: int) -> bool:
    """Return whether runs follow each other regularly all the time, as only a machine's do."""
    if len(runs) < MIN_BEATS:
        return False
    middles = np.array([(first + end) / 2 for first, end in runs])
    intervals = np.diff(middles)
    lasts = middles[-1] - middles[0] >= MIN_RHYTHM_SHARE * n_frames
    return bool(lasts and intervals.std() <= MAX_JITTER * intervals.mean())


def rise_above_steady(frames: Frames) -> Frames:
    """Return by how much each moment of each band is above the steady sound, in dB.

    What most bands rise by is taken off: that is the machine itself, which swells.
    """
    rise: Frames = frames - np.quantile(frames, STEADY_QUANTILE, axis=0).astype(np.float32)
    swell = np.maximum(np.median(rise, axis=1, keepdims=True), 0)
    return rise - swell


def close_gaps(runs: list[Run]) -> list[Run]:
    """Join runs that only a short break parts."""
    widened = [(first, end + MAX_GAP_FRAMES) for first, end in runs]
    return [(first, end - MAX_GAP_FRAMES) for first, end in merge_runs(widened)]


def cut_out(waveform: Waveform, runs: list[Run], spec: FeatureSpec) -> Waveform:
    """Return what is left of a waveform without these runs of its frames, cross-faded.

    Its ends stay, because no frame is made of them.
    """
    edge = round(spec.trim_seconds * spec.sample_rate_hz)
    is_left = np.ones(len(waveform), dtype=bool)
    for first, end in runs:
        samples = spec.slice_samples(first, end - first)
        is_left[edge + samples.start : edge + samples.stop] = False
    pieces = [waveform[first:end] for first, end in find_runs(is_left)]
    return cross_fade(pieces, round(FADE_SECONDS * spec.sample_rate_hz))


def cross_fade(pieces: Sequence[Waveform], n_samples: int) -> Waveform:
    """Join pieces so that each fades into the next; too short ones are left out."""
    long_enough = [piece for piece in pieces if len(piece) > 2 * n_samples]
    if not long_enough:
        return np.empty(0, np.float32)
    ramp = np.linspace(0, 1, n_samples, dtype=np.float32)
    joined = long_enough[0]
    for piece in long_enough[1:]:
        overlap = joined[-n_samples:] * ramp[::-1] + piece[:n_samples] * ramp
        joined = np.concatenate([joined[:-n_samples], overlap, piece[n_samples:]])
    return joined
