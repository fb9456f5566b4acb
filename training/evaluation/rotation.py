"""Estimates rates in rotation: each session of the training in turn, as if it were a new day."""

from typing import Any

import numpy as np

from analysis.detectors.calibration import FEW_GROUPS, MIN_SESSIONS_TO_LEAVE_OUT, Calibration
from analysis.detectors.session_scores import compute_thresholds_without_each
from training.evaluation.intervals import Indices, bootstrap, estimate_rate, store
from training.evaluation.scored_clips import ScoredClips


def estimate_rotation(calibration: Calibration, abnormal: ScoredClips) -> dict[str, Any] | None:
    """Estimate false alarms and detection at thresholds that one session has no part in.

    Each clip of the training was scored by a detector that had not learnt from its session; here it
    meets a threshold that does not know the session either. Faulty clips meet all of these
    thresholds. Nothing is trained again. None where fewer than three sessions are known.
    """
    sessions = calibration.sessions
    is_known = sessions is not None and FEW_GROUPS not in calibration.notes
    if not is_known or calibration.n_groups < MIN_SESSIONS_TO_LEAVE_OUT:
        return None
    assert sessions is not None, "asked just before"

    thresholds = compute_thresholds_without_each(
        calibration.scores, sessions, calibration.target_false_alarm_rate
    )
    alarms = calibration.scores >= thresholds[sessions]
    found = abnormal.scores[:, np.newaxis] >= thresholds
    of_each = found.mean(axis=1)

    def compute(here: Indices, there: Indices) -> list[float]:
        return [float(alarms[here].mean()), float(of_each[there].mean())]

    groups = [str(session) for session in sessions]
    false_alarm_rates, detection_rates = bootstrap(compute, groups, abnormal.groups).T
    by_session = [float(alarms[sessions == session].mean()) for session in np.unique(sessions)]
    n_units = abnormal.n_resampling_units
    return {
        "sessions": calibration.n_groups,
        "false_alarm_rate": store(
            estimate_rate(false_alarm_rates, calibration.n, calibration.n_groups)
        ),
        "worst_false_alarm_rate": max(by_session),
        "detection_rate": store(estimate_rate(detection_rates, len(abnormal), n_units)),
        "worst_detection_rate": float(found.mean(axis=0).min()),
    }
