"""Windows across two clips of a recording session, as a long recording has and no clip does.

Held out like clips, they tell how much higher the worst window of a long recording may be.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import joblib
import numpy as np

from analysis.detectors import Detector
from analysis.detectors.artifact import score_clip
from analysis.detectors.base import Features
from analysis.detectors.calibration import Calibration, number_sessions
from analysis.detectors.score_distribution import Scores
from analysis.detectors.session_scores import Crossings, measure_crossings
from analysis.sound.disturbances import cross_fade
from analysis.sound.features import FrontEnd, Waveform
from training.datasets.grouping import Grouping
from training.fitters.base import Fit, Fitter, compare_scales
from training.fitters.clips import extract_windows, get_features

FADE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Crossing:
    """The features of the end of a clip and the beginning of the next of its session.

    clip: the number of the first.
    """

    clip: int
    features: Sequence[Features]


def extract_crossings(
    waveforms: Sequence[Waveform],
    groups: Sequence[str],
    front_end: FrontEnd,
    detector_class: type[Detector],
) -> list[Crossing]:
    """Extract one crossing for each two clips of a session that follow each other."""

    def extract(clip: int, following: int) -> Crossing:
        waveform = join_halves(waveforms[clip], waveforms[following], front_end)
        windows = extract_windows(waveform, front_end, detector_class)
        return Crossing(clip, get_features(windows))

    parallel = joblib.Parallel(n_jobs=-1, prefer="threads")
    crossings: list[Crossing] = parallel(
        joblib.delayed(extract)(clip, following) for clip, following in pair_with_next(groups)
    )
    return crossings


def pair_with_next(groups: Sequence[str]) -> list[tuple[int, int]]:
    """Return the numbers of each clip and of the next of its group."""
    latest: dict[str, int] = {}
    pairs = []
    for number, group in enumerate(groups):
        if group in latest:
            pairs.append((latest[group], number))
        latest[group] = number
    return pairs


def join_halves(first: Waveform, second: Waveform, front_end: FrontEnd) -> Waveform:
    """Join the end of a clip and the beginning of another to one as long as the training clips."""
    spec = front_end.spec
    fade = round(FADE_SECONDS * spec.sample_rate_hz)
    half = (round(spec.clip_seconds * spec.sample_rate_hz) + fade) // 2
    return cross_fade([first[-half:], second[:half]], fade)


def score_crossings(
    fitter: Fitter,
    folds: Sequence[Fit],
    final: Fit,
    crossings: Sequence[Crossing],
    grouping: Grouping,
) -> Scores:
    """Score each by the fit that held its session out, on the final detector's scale."""
    scores = np.zeros(len(crossings))
    fold_of = grouping.folds[[crossing.clip for crossing in crossings]]
    for fold, fit in enumerate(folds):
        indices = np.flatnonzero(fold_of == fold)
        of_fold = [score_clip(fit.detector, crossings[i].features) for i in indices.tolist()]
        here, there = compare_scales(fit, final, fold, grouping)
        scores[indices] = fitter.rescale(np.array(of_fold), here, there)
    return scores


def compare_crossings(
    calibration: Calibration,
    scores: Scores,
    crossings: Sequence[Crossing],
    grouping: Grouping,
) -> Crossings | None:
    """Compare the scores of crossings with those of clips; None where no session has two clips."""
    if not crossings or calibration.sessions is None:
        return None
    sessions = number_sessions(grouping.groups)[[crossing.clip for crossing in crossings]]
    return measure_crossings(
        calibration.scores,
        calibration.sessions,
        scores,
        sessions,
        calibration.target_false_alarm_rate,
    )
