"""From an anomaly score to a verdict: thresholds, p-value, score and health, all from held-out normal clips."""

from dataclasses import dataclass, field
from functools import cached_property
from math import ceil, floor, inf, nextafter
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.errors import NotCalibrated

Scores: TypeAlias = npt.NDArray[np.float64]  # (n,), anomaly scores

# A rarer alarm than one normal recording in a thousand cannot be told from a few dozen of them.
MIN_FALSE_ALARM_RATE, MAX_FALSE_ALARM_RATE = 0.001, 0.5
# With fewer clips not even a false alarm in twenty can be promised.
MIN_CLIPS = 20

NORMAL, WARNING, CRITICAL = "NORMAL", "WARNING", "CRITICAL"
# At most one normal recording in a hundred is CRITICAL, or a fifth of those that are not NORMAL if that is less.
CRITICAL_P_VALUE = 0.01
CRITICAL_SHARE = 0.2
# The highest fifth of the scores is told by one distribution: of a few clips the single highest ones say little.
TAIL_SHARE = 0.2
# So far out, the shape of the tail is a guess: no smaller p-value is claimed.
MIN_P_VALUE = 1e-4
# 0.07 * 100 is 7.000000000000001 and 0.29 * 100 is 28.999999999999996: both are meant as whole.
ROUNDING = 1e-9
HEALTH_AT = (100.0, 60.0, 30.0, 0.0)  # median normal, WARNING, CRITICAL, twice that distance

FEW_GROUPS = "few_takes"
EXTRAPOLATED = "extrapolated"


# Without slots, so that what follows from the scores is found once and kept.
@dataclass(frozen=True)
class Calibration:
    """Scores of normal clips that the detector had not seen, and what follows from them.

    scores: (n,), ascending, in the detector's units. notes: `few_takes`, `extrapolated`.
    """

    scores: Scores
    target_false_alarm_rate: float
    n_groups: int
    method: str
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if (
            len(self.scores) < MIN_CLIPS
            or (np.diff(self.scores) < 0).any()
            or self.scores[0] == self.scores[-1]
        ):
            raise ValueError(
                f"{len(self.scores)} scores that do not differ, or not in order, calibrate nothing."
            )
        if not isinstance(self.n_groups, int) or not 1 <= self.n_groups <= len(self.scores):
            raise ValueError(f"{len(self.scores)} scores are not of {self.n_groups} groups.")
        if not 0 < self.target_false_alarm_rate <= MAX_FALSE_ALARM_RATE:
            raise ValueError(
                f"A false-alarm rate of {self.target_false_alarm_rate} is not one to aim at."
            )

    @property
    def n(self) -> int:
        """How many normal clips it rests on."""
        return len(self.scores)

    @cached_property
    def median(self) -> float:
        """The score of an ordinary normal clip."""
        return float(np.median(self.scores))

    @property
    def spread(self) -> float:
        """From the lowest to the highest score of a normal clip."""
        return float(self.scores[-1] - self.scores[0])

    @cached_property
    def warning(self) -> float:
        """The lowest score that is not NORMAL."""
        return self.compute_threshold(self.target_false_alarm_rate)

    @cached_property
    def critical(self) -> float:
        """The lowest score that is CRITICAL: rare, and above every normal clip heard."""
        return max(
            self.compute_threshold(critical_p_value(self.target_false_alarm_rate)),
            nextafter(self.scores[-1], inf),
        )

    def label(self, anomaly_score: float) -> str:
        """NORMAL, WARNING or CRITICAL."""
        if anomaly_score >= self.critical:
            return CRITICAL
        return WARNING if anomaly_score >= self.warning else NORMAL

    def compute_p_value(self, anomaly_score: float) -> float:
        """How often a normal clip scores at least this high.

        Conformal, (1 + n at or above) / (n + 1), up to where the tail begins (Vovk et al., Algorithmic Learning in a
        Random World, 2005). From there on the excesses are taken as exponential (peaks over threshold; Coles, An
        Introduction to Statistical Modeling of Extreme Values, 2001, ch. 4, with a shape of 0) of a mean that only
        n_tail of them tell, so that the next one is Pareto distributed (Aitchison & Dunsmore, Statistical Prediction
        Analysis, 1975); down to MIN_P_VALUE.
        """
        if anomaly_score > self.tail_start:
            excess = (anomaly_score - self.tail_start) / (self.n_tail * self.tail_scale)
            return max(float(self.tail_p_value * (1 + excess) ** -self.n_tail), MIN_P_VALUE)
        at_or_above = self.n - int(np.searchsorted(self.scores, anomaly_score, side="left"))
        return (1 + at_or_above) / (self.n + 1)

    def compute_typicality(self, anomaly_score: float) -> float:
        """How often a normal clip lies at least as far out, on either side: what is heard to be nothing scores low.

        Twice the smaller of the p-value and its counterpart from below, conformal too.
        """
        at_or_below = int(np.searchsorted(self.scores, anomaly_score, side="right"))
        return min(
            1.0, 2 * self.compute_p_value(anomaly_score), 2 * (1 + at_or_below) / (self.n + 1)
        )

    def compute_threshold(self, p_value: float) -> float:
        """The lowest score whose p-value is at most this."""
        if p_value < self.tail_p_value:
            excess = float((self.tail_p_value / p_value) ** (1 / self.n_tail)) - 1
            return self.tail_start + self.n_tail * self.tail_scale * excess
        may_be_above = floor(p_value * (self.n + 1) + ROUNDING) - 1
        return nextafter(float(self.scores[self.n - 1 - may_be_above]), inf)

    @cached_property
    def n_tail(self) -> int:
        """How many scores tell the tail."""
        return max(2, ceil(TAIL_SHARE * self.n))

    @cached_property
    def tail_start(self) -> float:
        """The score above which the tail lies."""
        return float(self.scores[-self.n_tail - 1])

    @cached_property
    def tail_p_value(self) -> float:
        """The p-value just above where the tail starts."""
        n_above = self.n - int(np.searchsorted(self.scores, self.tail_start, side="right"))
        return (1 + n_above) / (self.n + 1)

    @cached_property
    def tail_scale(self) -> float:
        """Mean excess of the highest scores over where they begin, in the detector's units."""
        # Copies of one recording score alike; then the spread of all scores has to do.
        return float(np.mean(self.scores[-self.n_tail :]) - self.tail_start) or float(
            np.std(self.scores)
        )

    def score(self, anomaly_score: float) -> float:
        """The share of normal clips that score lower, in [0, 1]."""
        return float(np.searchsorted(self.scores, anomaly_score, side="left") / self.n)

    def compute_health_score(self, anomaly_score: float) -> float:
        """From 100 (an ordinary normal clip or better) to 0, piecewise linear."""
        worst = self.median + 2 * (self.critical - self.median)
        return float(
            np.interp(anomaly_score, (self.median, self.warning, self.critical, worst), HEALTH_AT)
        )


@dataclass(frozen=True, slots=True)
class LengthScale:
    """Puts the score of a shorter clip on the scale of clips as long as those of training.

    The less there is to hear, the more a normal clip's statistics stray: factor * score + offset undoes that at half
    the length, and in proportion between half and whole.
    """

    factor: float = 1.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        if not self.factor > 0:
            raise ValueError(f"A factor of {self.factor} is not positive.")

    @classmethod
    def fit(cls, whole: Scores, half: Scores) -> "LengthScale":
        """By the medians and interquartile ranges of held-out clips and of their halves; never stretched."""
        median, half_median = np.median(whole), np.median(half)
        spread, half_spread = (
            np.subtract(*np.percentile(scores, [75, 25])) for scores in (whole, half)
        )
        factor = float(spread / max(half_spread, spread))
        return cls(factor, float(median - factor * half_median))

    def adjust(self, anomaly_score: float, share: float) -> float:
        """Adjust the score of a clip whose length is this share of the training clips'."""
        shortness = min(max(2 * (1 - share), 0.0), 1.0)
        return (1 + shortness * (self.factor - 1)) * anomaly_score + shortness * self.offset


def calibrate(
    scores: Scores,
    *,
    target_false_alarm_rate: float,
    n_groups: int,
    method: str,
    has_few_groups: bool,
) -> Calibration:
    """Make a calibration of held-out scores, with a note of what it cannot promise."""
    if len(scores) < MIN_CLIPS or not np.isfinite(scores).all() or np.ptp(scores) == 0:
        raise NotCalibrated(
            f"{len(scores)} held-out scores do not tell what is normal: record more, different clips."
        )
    notes = [FEW_GROUPS] if has_few_groups else []
    if critical_p_value(target_false_alarm_rate) * (len(scores) + 1) < 1:
        notes.append(EXTRAPOLATED)
    ascending = np.sort(np.asarray(scores, dtype=np.float64))
    return Calibration(ascending, target_false_alarm_rate, n_groups, method, tuple(notes))


def critical_p_value(target_false_alarm_rate: float) -> float:
    """How rare a CRITICAL is to be among normal recordings."""
    return min(CRITICAL_P_VALUE, CRITICAL_SHARE * target_false_alarm_rate)
