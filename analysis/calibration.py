"""From an anomaly score to a verdict: thresholds, p-value, score and health, all from held-out normal clips."""

from dataclasses import dataclass, field
from math import ceil, exp, floor, inf, log, nextafter
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.errors import NotCalibrated

Scores: TypeAlias = npt.NDArray[np.float64]  # (n,), anomaly scores

MAX_FALSE_ALARM_RATE = 0.5
# With fewer clips not even a false alarm in twenty can be promised.
MIN_CLIPS = 20

NORMAL, WARNING, CRITICAL = "NORMAL", "WARNING", "CRITICAL"
# At most one normal recording in a hundred is CRITICAL, or a fifth of those that are not NORMAL if that is less.
CRITICAL_P_VALUE = 0.01
CRITICAL_SHARE = 0.2
# Beyond what was seen, the tail falls off like that of the highest tenth of the scores.
TAIL_SHARE = 0.1
# So far out, the shape of the tail is a guess: no smaller p-value is claimed.
LEAST_P_VALUE = 1e-4
# 0.07 * 100 is 7.000000000000001 and 0.29 * 100 is 28.999999999999996: both are meant as whole.
ROUNDING = 1e-9
HEALTH_AT = (100.0, 60.0, 30.0, 0.0)  # median normal, WARNING, CRITICAL, twice that distance

FEW_TAKES = "few_takes"
EXTRAPOLATED = "extrapolated"


@dataclass(frozen=True, slots=True)
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
        if len(self.scores) < MIN_CLIPS or (np.diff(self.scores) < 0).any() or self.scores[0] == self.scores[-1]:
            raise ValueError(f"{len(self.scores)} scores that do not differ, or not in order, calibrate nothing.")
        if not isinstance(self.n_groups, int) or not 1 <= self.n_groups <= len(self.scores):
            raise ValueError(f"{len(self.scores)} scores are not of {self.n_groups} groups.")
        if not 0 < self.target_false_alarm_rate <= MAX_FALSE_ALARM_RATE:
            raise ValueError(f"A false-alarm rate of {self.target_false_alarm_rate} is not one to aim at.")

    @property
    def n(self) -> int:
        """How many normal clips it rests on."""
        return len(self.scores)

    @property
    def median(self) -> float:
        """The score of an ordinary normal clip."""
        return float(np.median(self.scores))

    @property
    def warning(self) -> float:
        """The lowest score that is not NORMAL."""
        return self.threshold(self.target_false_alarm_rate)

    @property
    def critical(self) -> float:
        """The lowest score that is CRITICAL: rare, and above every normal clip heard."""
        return max(self.threshold(critical_p_value(self.target_false_alarm_rate)), nextafter(self.scores[-1], inf))

    def label(self, anomaly_score: float) -> str:
        """NORMAL, WARNING or CRITICAL."""
        if anomaly_score >= self.critical:
            return CRITICAL
        return WARNING if anomaly_score >= self.warning else NORMAL

    def p_value(self, anomaly_score: float) -> float:
        """How often a normal clip scores at least this high.

        Conformal, (1 + n at or above) / (n + 1), up to the highest score seen (Vovk et al., Algorithmic Learning in a
        Random World, 2005); exponential beyond it, down to LEAST_P_VALUE.
        """
        at_or_above = self.n - int(np.searchsorted(self.scores, anomaly_score, side="left"))
        p_value = (1 + at_or_above) / (self.n + 1)
        beyond = anomaly_score - float(self.scores[-1])
        return p_value if beyond <= 0 else max(p_value * exp(-beyond / self.tail_scale), LEAST_P_VALUE)

    def threshold(self, p_value: float) -> float:
        """The lowest score whose p-value is at most this."""
        may_be_above = floor(p_value * (self.n + 1) + ROUNDING) - 1
        if may_be_above >= 0:
            return nextafter(float(self.scores[self.n - 1 - may_be_above]), inf)
        return float(self.scores[-1]) + self.tail_scale * log(1 / (p_value * (self.n + 1)))

    @property
    def tail_scale(self) -> float:
        """Mean excess of the highest scores over where they begin, in the detector's units."""
        n_tail = max(2, ceil(TAIL_SHARE * self.n))
        start, tail = self.scores[-n_tail - 1], self.scores[-n_tail:]
        # Copies of one recording score alike; then the spread of all scores has to do.
        return float(np.mean(tail - start) or np.std(self.scores))

    def score(self, anomaly_score: float) -> float:
        """The share of normal clips that score lower, in [0, 1]."""
        return float(np.searchsorted(self.scores, anomaly_score, side="left") / self.n)

    def health_score(self, anomaly_score: float) -> float:
        """From 100 (an ordinary normal clip or better) to 0, piecewise linear."""
        worst = self.median + 2 * (self.critical - self.median)
        return float(np.interp(anomaly_score, (self.median, self.warning, self.critical, worst), HEALTH_AT))


def calibrate(
    scores: Scores, *, target_false_alarm_rate: float, n_groups: int, method: str, few_takes: bool
) -> Calibration:
    """Make a calibration of held-out scores, with a note of what it cannot promise."""
    if len(scores) < MIN_CLIPS or not np.isfinite(scores).all() or np.ptp(scores) == 0:
        raise NotCalibrated(f"{len(scores)} held-out scores do not tell what is normal: record more, different clips.")
    notes = [FEW_TAKES] if few_takes else []
    if critical_p_value(target_false_alarm_rate) * (len(scores) + 1) < 1:
        notes.append(EXTRAPOLATED)
    ascending = np.sort(np.asarray(scores, dtype=np.float64))
    return Calibration(ascending, target_false_alarm_rate, n_groups, method, tuple(notes))


def critical_p_value(target_false_alarm_rate: float) -> float:
    """How rare a CRITICAL is to be among normal recordings."""
    return min(CRITICAL_P_VALUE, CRITICAL_SHARE * target_false_alarm_rate)
