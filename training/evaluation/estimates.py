"""Estimates metrics of scored clips with 95 % intervals, by fault type, beside loudness alone."""

from typing import Any

import numpy as np

from analysis.detectors.calibration import Calibration
from training.evaluation.caveats import describe_loudness, describe_small_samples
from training.evaluation.intervals import (
    MIN_CLIPS,
    Array,
    estimate_area,
    estimate_rate,
    store,
)
from training.evaluation.resampled_areas import (
    Resamples,
    compute_resampled_areas,
    compute_shares,
    resample,
)
from training.evaluation.rotation import estimate_rotation
from training.evaluation.scored_clips import ScoredClips
from training.evaluation.stored import StoredEstimate


def estimate_metrics(
    normal: ScoredClips, abnormal: ScoredClips, calibration: Calibration
) -> dict[str, Any]:
    """Estimate all metrics, as an evaluation stores them."""
    overall = compare(normal, abnormal, calibration)
    by_fault_type = {
        fault_type: compare(normal, abnormal.with_fault_type(fault_type), calibration)
        for fault_type in sorted(set(abnormal.fault_types) - {""})
    }
    caveats = describe_small_samples(normal, abnormal, needed=MIN_CLIPS)
    caveats += describe_loudness({"all": overall, **by_fault_type})
    return {
        "takes": {"normal": normal.n_groups, "abnormal": abnormal.n_groups},
        "thresholds": {"warning": calibration.warning, "critical": calibration.critical},
        "target_false_alarm_rate": calibration.target_false_alarm_rate,
        **overall,
        "kinds": by_fault_type,
        "rotation": estimate_rotation(calibration, abnormal),
        "warnings": caveats,
    }


def compare(normal: ScoredClips, abnormal: ScoredClips, calibration: Calibration) -> dict[str, Any]:
    """Estimate how well these are separated, and how well loudness alone would do it."""
    resamples = resample(normal.groups, abnormal.groups)
    return {
        "clips": {"normal": len(normal), "abnormal": len(abnormal)},
        **estimate_areas(normal, abnormal, resamples),
        **estimate_rates(normal, abnormal, resamples, calibration.warning, prefix=""),
        **estimate_rates(normal, abnormal, resamples, calibration.critical, prefix="critical_"),
        "level_only": estimate_level_areas(normal, abnormal, resamples),
    }


def estimate_areas(
    normal: ScoredClips, abnormal: ScoredClips, resamples: Resamples
) -> dict[str, StoredEstimate]:
    """Estimate AUC and pAUC."""
    aucs, paucs = compute_resampled_areas(normal.scores, abnormal.scores, resamples)
    return {
        "auc": store_area(aucs, normal, abnormal),
        "pauc": store_area(paucs, normal, abnormal),
    }


def estimate_rates(
    normal: ScoredClips,
    abnormal: ScoredClips,
    resamples: Resamples,
    threshold: float,
    *,
    prefix: str,
) -> dict[str, StoredEstimate]:
    """Estimate false alarms and detection at a threshold; the keys begin with the prefix."""
    false_alarm_rates = compute_shares(normal.scores >= threshold, resamples.normal)
    detection_rates = compute_shares(abnormal.scores >= threshold, resamples.abnormal)
    return {
        f"{prefix}false_alarm_rate": store_rate(false_alarm_rates, normal),
        f"{prefix}detection_rate": store_rate(detection_rates, abnormal),
    }


def estimate_level_areas(
    normal: ScoredClips, abnormal: ScoredClips, resamples: Resamples
) -> dict[str, StoredEstimate]:
    """Estimate the AUC with the RMS level as the only score, by direction."""
    by_direction = {
        direction: compute_resampled_areas(*levels, resamples)[0]
        for direction, levels in level_scores(normal, abnormal).items()
    }
    return {
        direction: store_area(aucs, normal, abnormal) for direction, aucs in by_direction.items()
    }


def level_scores(normal: ScoredClips, abnormal: ScoredClips) -> dict[str, tuple[Array, Array]]:
    """Return loudness as a score that is high for louder, quieter or just different clips."""
    levels = (normal.levels_dbfs, abnormal.levels_dbfs)
    usual = np.median(normal.levels_dbfs)
    return {
        "louder": levels,
        "quieter": (-levels[0], -levels[1]),
        "unlike": (np.abs(levels[0] - usual), np.abs(levels[1] - usual)),
    }


def store_area(values: Array, normal: ScoredClips, abnormal: ScoredClips) -> StoredEstimate:
    """Estimate an area."""
    return store(estimate_area(values, n_clips=min(len(normal), len(abnormal))))


def store_rate(values: Array, clips: ScoredClips) -> StoredEstimate:
    """Estimate a rate among these clips."""
    return store(estimate_rate(values, len(clips), clips.n_resampling_units))
