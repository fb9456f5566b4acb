"""Turn an anomaly score into a verdict: thresholds, p-value, score and health."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import inf, nextafter

import numpy as np

from analysis.detectors.score_distribution import ScoreDistribution, Scores
from analysis.detectors.session_scores import (
    Crossings,
    SessionNumbers,
    compute_thresholds_without_each,
    compute_worst_allowance,
    place_between_sessions,
)
from analysis.errors import NotCalibrated

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
# At the median normal score, at WARNING, at CRITICAL, and at twice the distance of CRITICAL.
HEALTH_AT = (100.0, 60.0, 30.0, 0.0)

# Without one of them, two are left.
MIN_SESSIONS_TO_LEAVE_OUT = 3

# The value is stored with calibrations and part of the API.
# From so many times the distance of CRITICAL on, it is hardly the machine that is heard.
FAR_OUT = 10.0
NOT_THIS_MACHINE = "not_this_machine"
FEW_GROUPS = "few_takes"
EXTRAPOLATED = "extrapolated"


# Without slots, so that the properties are computed once.
@dataclass(frozen=True)
class Calibration:
    """Scores of normal clips that the detector had not seen, and what follows from them.

    scores: (n,), ascending, in the detector's units. notes: codes of what limits the calibration,
    such as `few_takes` and `extrapolated`. sessions: (n,), the recording session of each score, by
    number from 0; None: not known, so that all scores count as one lot. stretch: by how much the
    thresholds are further from the median than the target rate asks; how rare a score is, it does
    not change.
    """

    scores: Scores
    target_false_alarm_rate: float
    n_groups: int
    method: str
    notes: tuple[str, ...] = field(default=())
    sessions: SessionNumbers | None = None
    stretch: float = 1.0

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
        if self.sessions is not None:
            self.check_sessions(self.sessions)

    def check_sessions(self, sessions: SessionNumbers) -> None:
        """Raise ValueError unless every score has a session, and every session a score."""
        has_each = np.array_equal(np.unique(sessions), np.arange(self.n_groups))
        if sessions.shape != self.scores.shape or not has_each:
            raise ValueError(
                f"{self.n} scores need as many numbers of sessions, from 0 to {self.n_groups - 1}."
            )

    @property
    def n(self) -> int:
        """The number of normal clips."""
        return len(self.scores)

    @property
    def groups(self) -> list[str] | None:
        """The session of each score, as `calibrate` takes them; None: not known."""
        return None if self.sessions is None else [f"{number:06}" for number in self.sessions]

    @cached_property
    def expected(self) -> ScoreDistribution:
        """How clips of the next session are expected to score: what every verdict follows from."""
        rate = self.target_false_alarm_rate
        return ScoreDistribution(place_between_sessions(self.scores, self.sessions, rate))

    @property
    def median(self) -> float:
        """The score of an ordinary normal clip."""
        return self.expected.median

    @property
    def spread(self) -> float:
        """The distance from the lowest to the highest score of a normal clip."""
        return float(self.scores[-1] - self.scores[0])

    @cached_property
    def warning(self) -> float:
        """The lowest score that is not NORMAL."""
        return self._stretch(self.compute_threshold(self.target_false_alarm_rate))

    @cached_property
    def critical(self) -> float:
        """The lowest score that is CRITICAL: rare, and above that of every normal clip."""
        rare = self.compute_threshold(compute_critical_p_value(self.target_false_alarm_rate))
        highest = max(self.scores[-1], self.expected.scores[-1])
        return self._stretch(max(rare, nextafter(highest, inf)))

    def _stretch(self, threshold: float) -> float:
        if self.stretch == 1:
            return threshold
        return self.median + self.stretch * (threshold - self.median)

    def label(self, anomaly_score: float) -> str:
        """Return NORMAL, WARNING or CRITICAL."""
        if anomaly_score >= self.critical:
            return CRITICAL
        return WARNING if anomaly_score >= self.warning else NORMAL

    def is_of_another_machine(self, anomaly_score: float) -> bool:
        """Whether it is so far out that no fault explains it, but another machine or a voice."""
        return anomaly_score >= self.median + FAR_OUT * (self.critical - self.median)

    def score(self, anomaly_score: float) -> float:
        """Return the fraction of normal clips that score lower, in [0, 1]."""
        return self.expected.compute_share_below(anomaly_score)

    def compute_health_score(self, anomaly_score: float) -> float:
        """Return 100 (an ordinary normal clip or better) to 0, piecewise linear."""
        worst = self.median + 2 * (self.critical - self.median)
        scores = (self.median, self.warning, self.critical, worst)
        return float(np.interp(anomaly_score, scores, HEALTH_AT))

    def compute_p_value(self, anomaly_score: float) -> float:
        """Return how often a normal clip scores at least this high."""
        return self.expected.compute_p_value(anomaly_score)

    def compute_typicality(self, anomaly_score: float) -> float:
        """Return how often a normal clip is at least as far out, on either side.

        Twice the smaller of the p-value and its conformal counterpart from below: a recording that
        holds nothing of the machine scores unusually low, below the clips of every session.
        """
        from_below = ScoreDistribution(self.scores).compute_p_value_from_below(anomaly_score)
        return min(1.0, 2 * self.compute_p_value(anomaly_score), 2 * from_below)

    def compute_worst_allowance(self, n_windows: int, crossings: Crossings | None = None) -> float:
        """Return by how much the worst of so many windows may be above a single one."""
        rate = self.target_false_alarm_rate
        return compute_worst_allowance(self.scores, self.sessions, rate, n_windows, crossings)

    def compute_warning_range(self) -> tuple[float, float] | None:
        """Return between which scores WARNING would begin with any one session fewer.

        None where sessions are not known, or fewer than three: the others are then no measure.
        """
        if self.sessions is None or self.n_groups < MIN_SESSIONS_TO_LEAVE_OUT:
            return None
        thresholds = compute_thresholds_without_each(
            self.scores, self.sessions, self.target_false_alarm_rate
        )
        return self._stretch(float(thresholds.min())), self._stretch(float(thresholds.max()))

    def compute_threshold(self, p_value: float) -> float:
        """Return the lowest score whose p-value is at most this."""
        return self.expected.compute_threshold(p_value)


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
    groups: Sequence[str] | None = None,
) -> Calibration:
    """Make a calibration of held-out scores, with notes on what it cannot promise.

    groups: of each score; None: not known.
    """
    if len(scores) < MIN_CLIPS or not np.isfinite(scores).all() or np.ptp(scores) == 0:
        raise NotCalibrated(
            f"The {len(scores)} held-out scores do not show what is normal: at least {MIN_CLIPS}"
            " different recordings are needed."
        )
    notes = [FEW_GROUPS] if has_few_groups else []
    if compute_critical_p_value(target_false_alarm_rate) * (len(scores) + 1) < 1:
        notes.append(EXTRAPOLATED)
    sessions = number_sessions(groups) if groups is not None else None
    # Equal scores in the order of their sessions, so that the order of the clips changes nothing.
    order = np.lexsort((scores,) if sessions is None else (sessions, scores))
    return Calibration(
        np.asarray(scores, dtype=np.float64)[order],
        target_false_alarm_rate,
        n_groups,
        method,
        tuple(notes),
        None if sessions is None else sessions[order],
    )


def retarget(calibration: Calibration, target_false_alarm_rate: float) -> Calibration:
    """Return the calibration of the same scores for another target rate."""
    return calibrate(
        calibration.scores,
        target_false_alarm_rate=target_false_alarm_rate,
        n_groups=calibration.n_groups,
        method=calibration.method,
        has_few_groups=FEW_GROUPS in calibration.notes,
        groups=calibration.groups,
    )


def number_sessions(groups: Sequence[str]) -> SessionNumbers:
    """Number the sessions from 0, in order of their names."""
    return np.unique(groups, return_inverse=True)[1].astype(np.int32)


def compute_critical_p_value(target_false_alarm_rate: float) -> float:
    """Return how rare CRITICAL should be among normal recordings."""
    return min(CRITICAL_P_VALUE, CRITICAL_SHARE * target_false_alarm_rate)


def compute_interquartile_range(scores: Scores) -> np.float64:
    """Return the distance between the quartiles."""
    low, high = np.percentile(scores, [25, 75])
    return np.float64(high - low)
