"""AUC, pAUC and rates with bootstrap intervals that resample takes."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from training.evaluation import MAX_FALSE_POSITIVE_RATE

N_RESAMPLES = 1000
MIN_TAKES = 3
INTERVAL = (2.5, 97.5)

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]


class Estimate(NamedTuple):
    """A figure and its 95 % interval."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, draws: Array) -> "Estimate":
        """The first draw is of the clips as they are, the others of clips drawn again."""
        low, high = np.percentile(draws[1:], INTERVAL)
        return cls(float(draws[0]), float(low), float(high))


def roc_areas(normal: Array, abnormal: Array) -> tuple[float, float]:
    """AUC, and pAUC up to MAX_FALSE_POSITIVE_RATE, standardised (McClish 1989).

    As scikit-learn's, but where a tie of normal and abnormal straddles the limit.
    """
    return areas_of_wins(wins(normal, abnormal))


def wins(normal: Array, abnormal: Array) -> Array:
    """Whether each abnormal clip scores higher than each normal one, a tie being half: (n_abnormal, n_normal)."""
    difference = abnormal[:, np.newaxis] - normal
    return (difference > 0) + 0.5 * (difference == 0)


def areas_of_wins(won: Array) -> tuple[float, float]:
    """The same of clips that are compared already."""
    # The rate of detection with the threshold at each normal clip, from the highest down.
    detection = np.sort(won.mean(axis=0))
    p = MAX_FALSE_POSITIVE_RATE
    whole, part = divmod(p * len(detection), 1)
    area = (detection[: int(whole)].sum() + part * detection[int(whole)]) / len(detection)
    least = p**2 / 2
    return float(detection.mean()), float((1 + (area - least) / (p - least)) / 2)


def draw(takes: Sequence[str]) -> list[Indices]:
    """The clips as they are, then N_RESAMPLES times as many takes drawn again, or clips where takes are too few."""
    rng = np.random.default_rng(0)
    _names, of_clip = np.unique(takes, return_inverse=True)
    if of_clip.max() + 1 < MIN_TAKES:
        of_clip = np.arange(len(takes))
    clips = [np.flatnonzero(of_clip == take) for take in range(of_clip.max() + 1)]
    drawn = rng.integers(len(clips), size=(N_RESAMPLES, len(clips)))
    return [np.arange(len(takes)), *(np.concatenate([clips[take] for take in again]) for again in drawn)]
