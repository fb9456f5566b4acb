"""What few recording sessions tell about the next one: where its scores will lie.

A session moves all its scores together. The worst session of a few says how far another may move
them, but as the only measure it hides faults: the threshold lies half-way between the median
session and the worst, and a little above (docs/decisions/threshold-between-sessions.md).
"""

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
    centered = scores - compute_session_quantiles(scores, sessions, 0.5)[sessions]
    half_way = (np.median(quantiles) + quantiles.max()) / 2
    threshold = half_way + MARGIN * centered.std()
    placed: Scores = (
        residuals + threshold - ScoreDistribution(residuals).compute_threshold(target_rate)
    )
    return placed


def compute_session_quantiles(scores: Scores, sessions: SessionNumbers, quantile: float) -> Scores:
    """Return this quantile of each session: (n_sessions,)."""
    return np.array(
        [
            np.quantile(scores[sessions == session], quantile)
            for session in range(sessions.max() + 1)
        ]
    )
