"""The trend of a device's anomaly scores, and when it meets CRITICAL."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

# A line through two points fits always, and what one visit records tells nothing of a month.
MIN_DAYS = 3
CONFIDENCE = 0.95

Points = npt.NDArray[np.float64]  # (n,)


@dataclass(frozen=True, slots=True)
class Trend:
    """The linear trend of scores: its value now and its slope a day, with the slope's interval."""

    now: float
    slope: float
    slope_low: float
    slope_high: float

    @property
    def is_rising(self) -> bool:
        """Whether the whole interval of the slope is positive."""
        return self.slope_low > 0

    def compute_days_until(self, score: float) -> float | None:
        """Return the days from now until the trend meets a score; None if it does not rise."""
        if not self.is_rising:
            return None
        return max(0.0, (score - self.now) / self.slope)


def fit_trend(days: Sequence[float], scores: Sequence[float]) -> Trend | None:
    """Fit a line by least squares; None for fewer than three days or one single score.

    days: when each score was measured, relative to now, so that they are negative. The interval is
    Student's t at 95 % (Draper & Smith, Applied Regression Analysis, 1998, ch. 1).
    """
    x: Points = np.asarray(days, dtype=np.float64)
    y: Points = np.asarray(scores, dtype=np.float64)
    if count_days(x) < MIN_DAYS or np.ptp(y) == 0:
        return None

    centered = x - x.mean()
    squares = float(centered @ centered)
    slope = float(centered @ (y - y.mean())) / squares
    now = float(y.mean()) - slope * float(x.mean())

    residuals = y - now - slope * x
    n_free = len(x) - 2
    error = float(np.sqrt(residuals @ residuals / n_free / squares))
    half_width = float(stdtrit(n_free, (1 + CONFIDENCE) / 2)) * error
    return Trend(now, slope, slope - half_width, slope + half_width)


def count_days(days: Sequence[float] | Points) -> int:
    """Count the days on which something was measured."""
    return len(np.unique(np.floor(days)))
