"""Turn an anomaly score into a verdict: thresholds, p-value, score and health."""

from dataclasses import dataclass, field
from functools import cached_property
from math import ceil, floor, inf, nextafter
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.errors import NotCalibrated

Scores: TypeAlias = npt.NDArray[np.float64]  # (n,), anomaly scores

# A few dozen recordings say nothing about rarer alarms than one in a thousand.
MIN_FALSE_ALARM_RATE = 0.001
MAX_FALSE_ALARM_RATE = 0.5
# With fewer clips, not even one false alarm in twenty can be promised.
MIN_CLIPS = 20

NORMAL = "NORMAL"
WARNING = "WARNING"
CRITICAL = "CRITICAL"
# At most one normal recording in a hundred is CRITICAL, and at most a fifth of the false alarms.
CRITICAL_P_VALUE = 0.01
CRITICAL_SHARE = 0.2
# The tail distribution is fitted to the highest fifth: of a few clips, the highest score alone
# says little.
TAIL_FRACTION = 0.2
# Further out, the shape of the tail is a guess: no smaller p-value is claimed.
MIN_P_VALUE = 1e-4
# 0.07 * 100 is 7.000000000000001 and 0.29 * 100 is 28.999999999999996: both are meant as whole.
ROUNDING = 1e-9
# At the median normal score, at WARNING, at CRITICAL, and at twice the distance of CRITICAL.
HEALTH_AT = (100.0, 60.0, 30.0, 0.0)

# The value is stored with calibrations and part of the API.
FEW_GROUPS = "few_takes"
EXTRAPOLATED = "extrapolated"


# Without slots, so that the properties are computed once.
@dataclass(frozen=True)
class Calibration:
    """Scores of normal clips that the detector had not seen, and what follows from them.

    scores: (n,), ascending, in the detector's units. notes: codes of what limits the calibration,
    such as `few_takes` and `extrapolated`.
    """

    scores: Scores
    target_false_alarm_rate: float
    n_groups: int
    method: str
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        n = len(self.scores)
        if n < MIN_CLIPS or (np.diff(self.scores) < 0).any() or self.scores[0] == self.scores[-1]:
            raise ValueError(
                f"A calibration needs at least {MIN_CLIPS} scores that differ, in ascending order."
            )
        if not isinstance(self.n_groups, int) or not 1 <= self.n_groups <= n:
            raise ValueError(f"{n} scores cannot be of {self.n_groups} groups.")
        if not 0 < self.target_false_alarm_rate <= MAX_FALSE_ALARM_RATE:
            raise ValueError(
                f"The target false-alarm rate must be above 0 and at most {MAX_FALSE_ALARM_RATE},"
                f" not {self.target_false_alarm_rate}."
            )

    @property
    def n(self) -> int:
        """The number of normal clips."""
        return len(self.scores)

    @cached_property
    def median(self) -> float:
        """The score of an ordinary normal clip."""
        return float(np.median(self.scores))

    @property
    def spread(self) -> float:
        """The distance from the lowest to the highest score of a normal clip."""
        return float(self.scores[-1] - self.scores[0])

    @cached_property
    def warning(self) -> float:
        """The lowest score that is not NORMAL."""
        return self.compute_threshold(self.target_false_alarm_rate)

    @cached_property
    def critical(self) -> float:
        """The lowest score that is CRITICAL: rare, and above that of every normal clip."""
        rare = self.compute_threshold(compute_critical_p_value(self.target_false_alarm_rate))
        return max(rare, nextafter(self.scores[-1], inf))

    def label(self, anomaly_score: float) -> str:
        """Return NORMAL, WARNING or CRITICAL."""
        if anomaly_score >= self.critical:
            return CRITICAL
        return WARNING if anomaly_score >= self.warning else NORMAL

    def score(self, anomaly_score: float) -> float:
        """Return the fraction of normal clips that score lower, in [0, 1]."""
        return float(np.searchsorted(self.scores, anomaly_score, side="left") / self.n)

    def compute_health_score(self, anomaly_score: float) -> float:
        """Return 100 (an ordinary normal clip or better) to 0, piecewise linear."""
        worst = self.median + 2 * (self.critical - self.median)
        scores = (self.median, self.warning, self.critical, worst)
        return float(np.interp(anomaly_score, scores, HEALTH_AT))

    def compute_p_value(self, anomaly_score: float) -> float:
        """Return how often a normal clip scores at least this high.

        Conformal, (1 + n at or above) / (n + 1), up to the start of the tail (Vovk et al.,
        Algorithmic Learning in a Random World, 2005). In the tail, excesses are taken as
        exponential (peaks over threshold; Coles, An Introduction to Statistical Modeling of Extreme
        Values, 2001, ch. 4, with a shape of 0). Their mean is estimated from n_tail of them, so the
        next is Pareto distributed (Aitchison & Dunsmore, Statistical Prediction Analysis, 1975).
        Never below MIN_P_VALUE.
        """
        if anomaly_score > self.tail_start:
            excess = (anomaly_score - self.tail_start) / (self.n_tail * self.tail_scale)
            return max(float(self.tail_p_value * (1 + excess) ** -self.n_tail), MIN_P_VALUE)
        at_or_above = self.n - int(np.searchsorted(self.scores, anomaly_score, side="left"))
        return (1 + at_or_above) / (self.n + 1)

    def compute_typicality(self, anomaly_score: float) -> float:
        """Return how often a normal clip is at least as far out, on either side.

        Twice the smaller of the p-value and its conformal counterpart from below: a recording that
        holds nothing of the machine scores unusually low.
        """
        at_or_below = int(np.searchsorted(self.scores, anomaly_score, side="right"))
        from_below = (1 + at_or_below) / (self.n + 1)
        return min(1.0, 2 * self.compute_p_value(anomaly_score), 2 * from_below)

    def compute_threshold(self, p_value: float) -> float:
        """Return the lowest score whose p-value is at most this."""
        if p_value < self.tail_p_value:
            excess = float((self.tail_p_value / p_value) ** (1 / self.n_tail)) - 1
            return self.tail_start + self.n_tail * self.tail_scale * excess
        n_above = floor(p_value * (self.n + 1) + ROUNDING) - 1
        return nextafter(float(self.scores[self.n - 1 - n_above]), inf)

    @cached_property
    def n_tail(self) -> int:
        """The number of scores in the tail."""
        return max(2, ceil(TAIL_FRACTION * self.n))

    @cached_property
    def tail_start(self) -> float:
        """The score above which the tail begins."""
        return float(self.scores[-self.n_tail - 1])

    @cached_property
    def tail_p_value(self) -> float:
        """The p-value just above the start of the tail."""
        n_above = self.n - int(np.searchsorted(self.scores, self.tail_start, side="right"))
        return (1 + n_above) / (self.n + 1)

    @cached_property
    def tail_scale(self) -> float:
        """The mean excess of the tail over its start, in the detector's units."""
        mean_excess = float(np.mean(self.scores[-self.n_tail :]) - self.tail_start)
        # Copies of one recording have the same score: then take the deviation of all scores.
        return mean_excess or float(np.std(self.scores))


@dataclass(frozen=True, slots=True)
class LengthScale:
    """Adjusts the score of a shorter clip to the scale of clips as long as the training clips.

    The shorter a normal clip, the more its statistics vary: factor * score + offset corrects that
    at half the length, and in proportion between half and whole.
    """

    factor: float = 1.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        if not self.factor > 0:
            raise ValueError(f"The factor of a length scale must be positive, not {self.factor}.")

    @classmethod
    def fit(cls, whole: Scores, half: Scores) -> "LengthScale":
        """Match medians and interquartile ranges of held-out clips and their halves.

        The factor is at most 1.
        """
        median = np.median(whole)
        half_median = np.median(half)
        spread = compute_interquartile_range(whole)
        half_spread = compute_interquartile_range(half)
        factor = float(spread / max(half_spread, spread))
        return cls(factor, float(median - factor * half_median))

    def adjust(self, anomaly_score: float, length_fraction: float) -> float:
        """Adjust the score of a clip whose length is this fraction of the training clips'."""
        shortness = min(max(2 * (1 - length_fraction), 0.0), 1.0)
        return (1 + shortness * (self.factor - 1)) * anomaly_score + shortness * self.offset


def calibrate(
    scores: Scores,
    *,
    target_false_alarm_rate: float,
    n_groups: int,
    method: str,
    has_few_groups: bool,
) -> Calibration:
    """Make a calibration of held-out scores, with notes on what it cannot promise."""
    if len(scores) < MIN_CLIPS or not np.isfinite(scores).all() or np.ptp(scores) == 0:
        raise NotCalibrated(
            f"The {len(scores)} held-out scores do not show what is normal: at least {MIN_CLIPS}"
            " different recordings are needed."
        )
    notes = [FEW_GROUPS] if has_few_groups else []
    if compute_critical_p_value(target_false_alarm_rate) * (len(scores) + 1) < 1:
        notes.append(EXTRAPOLATED)
    ascending = np.sort(np.asarray(scores, dtype=np.float64))
    return Calibration(ascending, target_false_alarm_rate, n_groups, method, tuple(notes))


def compute_critical_p_value(target_false_alarm_rate: float) -> float:
    """Return how rare CRITICAL should be among normal recordings."""
    return min(CRITICAL_P_VALUE, CRITICAL_SHARE * target_false_alarm_rate)


def compute_interquartile_range(scores: Scores) -> np.float64:
    """Return the distance between the quartiles."""
    low, high = np.percentile(scores, [25, 75])
    return np.float64(high - low)
