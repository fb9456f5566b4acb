"""Computes ROC areas and rates of clips, with bootstrap intervals over recording sessions."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest

from training.evaluation.stored import StoredEstimate

MAX_FALSE_POSITIVE_RATE = 0.1
N_RESAMPLES = 1000
# Fewer sessions are too few to resample, so clips are resampled.
MIN_GROUPS = 3
INTERVAL = (2.5, 97.5)
# Fewer clips tell too little for an interval.
MIN_CLIPS = 10
# Sums that differ by no more are equal.
ROUNDING = 1e-9

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]


class Estimate(NamedTuple):
    """A value and its 95 % interval; low and high are None where no interval can be given."""

    value: float
    low: float | None
    high: float | None

    @classmethod
    def from_resamples(cls, values: Array) -> "Estimate":
        """Make the estimate; the first value is of the clips as they are, the others resampled."""
        low, high = np.percentile(values[1:], INTERVAL)
        return cls(float(values[0]), float(low), float(high))


def store(estimate: Estimate) -> StoredEstimate:
    """Return the estimate as a row stores it."""
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}


def estimate_area(values: Array, *, n_clips: int) -> Estimate:
    """Estimate an area from n_clips of the rarer part; no interval where all resamples agree."""
    has_interval = n_clips >= MIN_CLIPS and np.ptp(values) > ROUNDING
    return (
        Estimate.from_resamples(values) if has_interval else Estimate(float(values[0]), None, None)
    )


def estimate_rate(values: Array, n_clips: int, n_resampling_units: int) -> Estimate:
    """Estimate a rate among n_clips; the exact interval of the units where all resamples agree."""
    rate = float(values[0])
    if n_clips < MIN_CLIPS:
        return Estimate(rate, None, None)
    if np.ptp(values) > ROUNDING:
        return Estimate.from_resamples(values)
    return Estimate(rate, *exact_interval(round(rate * n_resampling_units), n_resampling_units))


def exact_interval(k: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a rate seen k times in n (Clopper, Pearson 1934)."""
    interval = binomtest(k, n).proportion_ci(confidence_level=0.95, method="exact")
    return float(interval.low), float(interval.high)


def roc_areas(normal: Array, abnormal: Array) -> tuple[float, float]:
    """Compute AUC, and standardised pAUC up to MAX_FALSE_POSITIVE_RATE; a tie counts half."""
    false_alarms, detection = roc_curve(normal, abnormal)
    auc = float(np.trapezoid(detection, false_alarms))

    limit = MAX_FALSE_POSITIVE_RATE
    inside = np.searchsorted(false_alarms, limit, side="right")
    detection_up_to = np.append(detection[:inside], np.interp(limit, false_alarms, detection))
    area = np.trapezoid(detection_up_to, np.append(false_alarms[:inside], limit))
    return auc, float(standardise_area(area))


def standardise_area(area: Any) -> Any:
    """Return an area up to MAX_FALSE_POSITIVE_RATE as 1/2 by chance, 1 at best; McClish (1989)."""
    limit = MAX_FALSE_POSITIVE_RATE
    chance = limit**2 / 2
    return (1 + (area - chance) / (limit - chance)) / 2


def roc_curve(normal: Array, abnormal: Array) -> tuple[Array, Array]:
    """Compute false-alarm and detection rate at every score, from (0, 0) to (1, 1)."""
    thresholds = np.append(np.unique(np.concatenate([normal, abnormal])), np.inf)[::-1]
    return share_at_or_above(normal, thresholds), share_at_or_above(abnormal, thresholds)


def share_at_or_above(scores: Array, thresholds: Array) -> Array:
    """Compute the share of the scores that reach each threshold."""
    return 1 - np.searchsorted(np.sort(scores), thresholds, side="left") / len(scores)


def bootstrap(
    compute: Callable[[Indices, Indices], Sequence[float]],
    normal_groups: Sequence[str],
    abnormal_groups: Sequence[str],
    *,
    stream: str = "",
) -> Array:
    """Compute values of the clips as they are and of resamples: (1 + N_RESAMPLES, n_values).

    The same stream, by name, gives the same resamples; unrelated machines need their own.
    """
    # One generator for both parts: resampled alike, unrelated sessions would vary together.
    rng = np.random.default_rng(list(stream.encode()))
    normal = bootstrap_indices(normal_groups, rng)
    abnormal = bootstrap_indices(abnormal_groups, rng)
    return np.array([compute(here, there) for here, there in zip(normal, abnormal, strict=True)])


def bootstrap_indices(groups: Sequence[str], rng: np.random.Generator) -> list[Indices]:
    """Return the clips as they are, then N_RESAMPLES times as many units with replacement."""
    units = resampling_units(groups)
    samples = rng.integers(len(units), size=(N_RESAMPLES, len(units)))
    resampled = [np.concatenate([units[unit] for unit in sample]) for sample in samples]
    return [np.arange(len(groups)), *resampled]


def resampling_units(groups: Sequence[str]) -> list[Indices]:
    """Return the clips of each session, or each clip alone where sessions are few."""
    names, group_of = np.unique(groups, return_inverse=True)
    if len(names) < MIN_GROUPS:
        return list(np.arange(len(groups))[:, np.newaxis])
    return [np.flatnonzero(group_of == group) for group in range(len(names))]
