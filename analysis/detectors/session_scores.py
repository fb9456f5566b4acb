"""What few recording sessions tell about the next one: where its scores will lie.

A session moves all its scores together. The worst session of a few says how far another may move
them, but as the only measure it hides faults: the threshold lies half-way between the median
session and the worst, and a little above (docs/decisions/threshold-between-sessions.md).
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.detectors.score_distribution import ScoreDistribution, Scores

# (n,), the number of the session of each score.
SessionNumbers: TypeAlias = npt.NDArray[np.int32]

# So many sessions show by themselves how much sessions differ.
MANY_SESSIONS = 12
# In standard deviations of scores within their session.
MARGIN = 0.3


@dataclass(frozen=True, slots=True)
class Crossings:
    """How windows across two clips of a session score, compared with the clips.

    rise: by how much higher they are at the quantile where WARNING is set, at least 0. spread:
    their standard deviation within a session.
    """

    rise: float
    spread: float

    def __post_init__(self) -> None:
        if not (self.rise >= 0 and self.spread >= 0):
            raise ValueError(f"Windows across clips cannot rise and vary by {self}.")


def place_between_sessions(
    scores: Scores, sessions: SessionNumbers | None, target_rate: float
) -> Scores:
    """Return the scores, ascending, as they are expected of the next session.

    Each session is moved so that all have the same 1 - target_rate quantile, half-way between the
    median and the highest of theirs and MARGIN above: there the target rate is reached. Scores of
    a single session, of many, or of sessions in which nothing varies are returned as they are.
    """
    if sessions is None or not 2 <= len(np.unique(sessions)) < MANY_SESSIONS:
        return scores

    quantiles = compute_session_quantiles(scores, sessions, 1 - target_rate)
    residuals = np.sort(scores - quantiles[sessions])
    if residuals[0] == residuals[-1]:
        return scores
    threshold = find_half_way(quantiles) + MARGIN * compute_spread_within(scores, sessions)
    placed: Scores = (
        residuals + threshold - ScoreDistribution(residuals).compute_threshold(target_rate)
    )
    return placed


def compute_thresholds_without_each(
    scores: Scores, sessions: SessionNumbers, target_rate: float
) -> Scores:
    """Return the threshold of the other sessions for each that is left out: (n_sessions,).

    How far they lie apart tells what one session more or less changes.
    """
    thresholds = []
    for session in range(sessions.max() + 1):
        is_kept = sessions != session
        renumbered = np.unique(sessions[is_kept], return_inverse=True)[1].astype(np.int32)
        placed = place_between_sessions(scores[is_kept], renumbered, target_rate)
        thresholds.append(ScoreDistribution(placed).compute_threshold(target_rate))
    return np.array(thresholds)


def measure_crossings(
    scores: Scores,
    sessions: SessionNumbers,
    crossing_scores: Scores,
    crossing_sessions: SessionNumbers,
    target_rate: float,
) -> Crossings:
    """Compare crossings with the clips of the same sessions, half-way between sessions."""
    present, numbers = np.unique(crossing_sessions, return_inverse=True)
    is_present = np.isin(sessions, present)
    clip_numbers = np.searchsorted(present, sessions[is_present]).astype(np.int32)
    of_clips = compute_session_quantiles(scores[is_present], clip_numbers, 1 - target_rate)
    of_crossings = compute_session_quantiles(
        crossing_scores, numbers.astype(np.int32), 1 - target_rate
    )
    rise = find_half_way(of_crossings) - find_half_way(of_clips)
    return Crossings(
        max(0.0, rise), compute_spread_within(crossing_scores, numbers.astype(np.int32))
    )


def compute_worst_allowance(
    scores: Scores,
    sessions: SessionNumbers | None,
    target_rate: float,
    n_windows: int,
    crossings: Crossings | None = None,
) -> float:
    """Return by how much the worst of the windows of a recording may be above one that is alone.

    A recording lies within one session, which moves all its windows together: of n windows, all lie
    below the (1 - target_rate)^(1/n) quantile of a session as often as one alone lies below its
    1 - target_rate quantile. Both are taken half-way between sessions. Of more windows than a
    session has clips, the worst is expected higher than that of its clips, as in an exponential
    tail. Most windows of a long recording begin in what would be one clip and end in the next:
    what such crossings are higher than clips is added. Where sessions are not known, every window
    counts as a recording of its own, which is stricter.
    """
    if n_windows == 1:
        return 0.0
    if sessions is None:
        each = ScoreDistribution(scores)
        strict = each.compute_threshold(target_rate / n_windows)
        return strict - each.compute_threshold(target_rate)

    share_below = 1 - target_rate
    alone = compute_session_quantiles(scores, sessions, share_below)
    worst = compute_session_quantiles(scores, sessions, share_below ** (1 / n_windows))
    beyond = np.log(np.maximum(n_windows / np.bincount(sessions), 1))
    spread = compute_spread_within(scores, sessions)
    rise = 0.0
    if crossings is not None:
        spread = max(spread, crossings.spread)
        rise = crossings.rise
    worst = worst + beyond * spread
    return find_half_way(worst) - find_half_way(alone) + rise


def compute_spread_within(scores: Scores, sessions: SessionNumbers) -> float:
    """Return the standard deviation of the scores within their session."""
    medians = compute_session_quantiles(scores, sessions, 0.5)
    return float((scores - medians[sessions]).std())


def find_half_way(quantiles: Scores) -> float:
    """Return the point half-way between the median session and the highest."""
    return float((np.median(quantiles) + quantiles.max()) / 2)


def compute_session_quantiles(scores: Scores, sessions: SessionNumbers, quantile: float) -> Scores:
    """Return this quantile of each session: (n_sessions,)."""
    return np.array(
        [
            np.quantile(scores[sessions == session], quantile)
            for session in range(sessions.max() + 1)
        ]
    )
