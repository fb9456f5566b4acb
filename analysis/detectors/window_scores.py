"""The scores of all windows of a recording, and what they come to together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np

from analysis.detectors.base import WindowScore


@dataclass(frozen=True, slots=True)
class WindowScores:
    """The windows of one recording, in order of time.

    allowance: by how much the worst of so many healthy windows may be above a single one.
    """

    windows: Sequence[WindowScore]
    allowance: float

    @property
    def median(self) -> float:
        """The score of the recording as a whole."""
        return median_score(self.windows)

    @property
    def worst(self) -> float:
        """The score of the worst window, on the scale of a recording of one window."""
        return max(each.anomaly_score for each in self.windows) - self.allowance

    @property
    def anomaly_score(self) -> float:
        """The score of all windows: their median, or the worst if that says more.

        The worst counts less what the worst of so many healthy ones may be above a single one.
        """
        return self.worst if self.has_deciding_stretch else self.median

    @property
    def has_deciding_stretch(self) -> bool:
        """Whether the worst window says more than the whole."""
        return len(self.windows) > 1 and self.worst > self.median

    @property
    def deciding(self) -> list[Mapping[str, float]]:
        """The contributions of the windows that decided: all of them, or the worst."""
        if self.has_deciding_stretch:
            return [max(self.windows, key=attrgetter("anomaly_score")).contributions]
        return [each.contributions for each in self.windows]


def median_score(windows: Sequence[WindowScore]) -> float:
    """Return the median score of the windows."""
    return float(np.median([window.anomaly_score for window in windows]))
