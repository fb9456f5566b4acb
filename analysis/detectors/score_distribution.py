"""How normal clips score: the p-value of a score, and the score of a p-value."""

from dataclasses import dataclass
from functools import cached_property
from math import ceil, floor, inf, nextafter
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Scores: TypeAlias = npt.NDArray[np.float64]  # (n,), anomaly scores

# The tail distribution is fitted to the highest fifth: of a few clips, the highest score alone
# says little.
TAIL_FRACTION = 0.2
# Further out, the shape of the tail is a guess: no smaller p-value is claimed.
MIN_P_VALUE = 1e-4
# 0.07 * 100 is 7.000000000000001 and 0.29 * 100 is 28.999999999999996: both are meant as whole.
ROUNDING = 1e-9


# Without slots, so that the properties are computed once.
@dataclass(frozen=True)
class ScoreDistribution:
    """The scores of normal clips, (n,), ascending, and what they tell about others.

    Conformal up to the start of the tail (Vovk et al., Algorithmic Learning in a Random World,
    2005). In the tail, excesses are taken as exponential (peaks over threshold; Coles, An
    Introduction to Statistical Modeling of Extreme Values, 2001, ch. 4, with a shape of 0). Their
    mean is estimated from n_tail of them, so the next is Pareto distributed (Aitchison & Dunsmore,
    Statistical Prediction Analysis, 1975).
    """

    scores: Scores

    @property
    def n(self) -> int:
        """The number of clips."""
        return len(self.scores)

    @cached_property
    def median(self) -> float:
        """The score of an ordinary clip."""
        return float(np.median(self.scores))

    def compute_share_below(self, anomaly_score: float) -> float:
        """Return the fraction of the clips that score lower, in [0, 1]."""
        return float(np.searchsorted(self.scores, anomaly_score, side="left") / self.n)

    def compute_p_value(self, anomaly_score: float) -> float:
        """Return how often a normal clip scores at least this high, never below MIN_P_VALUE.

        (1 + n at or above) / (n + 1) up to the start of the tail.
        """
        if anomaly_score > self.tail_start:
            excess = (anomaly_score - self.tail_start) / (self.n_tail * self.tail_scale)
            return max(float(self.tail_p_value * (1 + excess) ** -self.n_tail), MIN_P_VALUE)
        at_or_above = self.n - int(np.searchsorted(self.scores, anomaly_score, side="left"))
        return (1 + at_or_above) / (self.n + 1)

    def compute_p_value_from_below(self, anomaly_score: float) -> float:
        """Return how often a normal clip scores at most this high."""
        at_or_below = int(np.searchsorted(self.scores, anomaly_score, side="right"))
        return (1 + at_or_below) / (self.n + 1)

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
