"""ROC areas and other figures of scored clips, with bootstrap intervals that resample takes."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

MAX_FALSE_POSITIVE_RATE = 0.1
N_RESAMPLES = 1000
MIN_GROUPS = 3
INTERVAL = (2.5, 97.5)
# Of fewer, an interval would promise more than it knows.
MIN_CLIPS = 10
# Sums that are equal but for rounding.
ROUNDING = 1e-9

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]


class Estimate(NamedTuple):
    """A figure and its 95 % interval; low and high are None where no interval can be given."""

    value: float
    low: float | None
    high: float | None

    @classmethod
    def from_resamples(cls, draws: Array) -> "Estimate":
        """The first draw is of the clips as they are, the others of clips drawn again."""
        low, high = np.percentile(draws[1:], INTERVAL)
        return cls(float(draws[0]), float(low), float(high))


def estimate_area(draws: Array, *, n_clips: int) -> Estimate:
    """An area told by n_clips of the rarer kind; where all draws agree, they do not tell how far off it may be."""
    has_interval = n_clips >= MIN_CLIPS and np.ptp(draws) > ROUNDING
    return Estimate.from_resamples(draws) if has_interval else Estimate(float(draws[0]), None, None)


def estimate_rate(draws: Array, n_clips: int, n_resampling_units: int) -> Estimate:
    """A rate among n_clips; where all draws agree, the interval of as many takes or clips (Clopper, Pearson 1934)."""
    if n_clips < MIN_CLIPS:
        return Estimate(float(draws[0]), None, None)
    if np.ptp(draws) > ROUNDING:
        return Estimate.from_resamples(draws)
    return Estimate(
        float(draws[0]),
        *exact_interval(round(float(draws[0]) * n_resampling_units), n_resampling_units),
    )


def exact_interval(k: int, n: int) -> tuple[float, float]:
    """Where a rate lies of which k in n were seen, at 95 % (Clopper, Pearson 1934)."""
    # scipy.stats has it too, and takes 45 MiB of every web worker.
    tails = np.array(INTERVAL) / 100
    low = betaincinv(k, n - k + 1, tails[0]) if k > 0 else 0.0
    high = betaincinv(k + 1, n - k, tails[1]) if k < n else 1.0
    return float(low), float(high)


def roc_areas(normal: Array, abnormal: Array) -> tuple[float, float]:
    """AUC, and pAUC up to MAX_FALSE_POSITIVE_RATE, standardised (McClish 1989); a tie counts half."""
    false_alarms, detection = roc_curve(normal, abnormal)
    p, least = MAX_FALSE_POSITIVE_RATE, MAX_FALSE_POSITIVE_RATE**2 / 2
    inside = np.searchsorted(false_alarms, p, side="right")
    up_to_p = np.append(detection[:inside], np.interp(p, false_alarms, detection))
    area = np.trapezoid(up_to_p, np.append(false_alarms[:inside], p))
    return float(np.trapezoid(detection, false_alarms)), float(
        (1 + (area - least) / (p - least)) / 2
    )


def roc_curve(normal: Array, abnormal: Array) -> tuple[Array, Array]:
    """Rates of false alarms and of detection with the threshold at every score, from (0, 0) to (1, 1)."""
    thresholds = np.append(np.unique(np.concatenate([normal, abnormal])), np.inf)[::-1]
    return share_at_or_above(normal, thresholds), share_at_or_above(abnormal, thresholds)


def share_at_or_above(scores: Array, thresholds: Array) -> Array:
    """The share of the scores that reach each threshold."""
    return 1 - np.searchsorted(np.sort(scores), thresholds, side="left") / len(scores)


def bootstrap(
    figures: Callable[[Indices, Indices], Sequence[float]],
    normal_takes: Sequence[str],
    abnormal_takes: Sequence[str],
    *,
    stream: str = "",
) -> Array:
    """Figures of the clips as they are and of clips drawn again: (1 + N_RESAMPLES, n_figures).

    What draws from one stream, by name, draws alike; machines that have nothing to do with each other need their own.
    """
    # One stream for both: drawn alike, takes that have nothing to do with each other would vary together.
    rng = np.random.default_rng(list(stream.encode()))
    pairs = zip(
        bootstrap_indices(normal_takes, rng), bootstrap_indices(abnormal_takes, rng), strict=True
    )
    return np.array([figures(normal, abnormal) for normal, abnormal in pairs])


def bootstrap_indices(groups: Sequence[str], rng: np.random.Generator) -> list[Indices]:
    """The clips as they are, then N_RESAMPLES times as many takes drawn again, or clips where takes are too few."""
    clips = resampling_units(groups)
    drawn = rng.integers(len(clips), size=(N_RESAMPLES, len(clips)))
    return [
        np.arange(len(groups)),
        *(np.concatenate([clips[unit] for unit in again]) for again in drawn),
    ]


def resampling_units(groups: Sequence[str]) -> list[Indices]:
    """What is drawn together: the clips of each take, or each clip alone where takes are fewer than MIN_TAKES."""
    names, of_clip = np.unique(groups, return_inverse=True)
    if len(names) < MIN_GROUPS:
        return list(np.arange(len(groups))[:, np.newaxis])
    return [np.flatnonzero(of_clip == group) for group in range(len(names))]
