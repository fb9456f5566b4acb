"""Estimates metrics of scored clips with 95 % intervals, by fault type, beside loudness alone."""

from typing import Any

import numpy as np

from analysis.detectors.calibration import Calibration
from training.evaluation.caveats import describe_loudness, describe_small_samples
from training.evaluation.intervals import (
    MIN_CLIPS,
    Array,
    Indices,
    bootstrap,
    estimate_area,
    estimate_rate,
    roc_areas,
    store,
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
    return {
        "clips": {"normal": len(normal), "abnormal": len(abnormal)},
        **estimate_areas(normal, abnormal),
        **estimate_rates(normal, abnormal, calibration.warning, prefix=""),
        **estimate_rates(normal, abnormal, calibration.critical, prefix="critical_"),
        "level_only": estimate_level_areas(normal, abnormal),
    }


def estimate_areas(normal: ScoredClips, abnormal: ScoredClips) -> dict[str, StoredEstimate]:
    """Estimate AUC and pAUC."""

    def compute(here: Indices, there: Indices) -> tuple[float, float]:
        return roc_areas(normal.scores[here], abnormal.scores[there])

    aucs, paucs = bootstrap(compute, normal.groups, abnormal.groups).T
    return {
        "auc": store_area(aucs, normal, abnormal),
        "pauc": store_area(paucs, normal, abnormal),
    }


def estimate_rates(
    normal: ScoredClips, abnormal: ScoredClips, threshold: float, *, prefix: str
) -> dict[str, StoredEstimate]:
    """Estimate false alarms and detection at a threshold; the keys begin with the prefix."""
    false_alarms = normal.scores >= threshold
    detections = abnormal.scores >= threshold

    def compute(here: Indices, there: Indices) -> list[float]:
        return [float(false_alarms[here].mean()), float(detections[there].mean())]

    false_alarm_rates, detection_rates = bootstrap(compute, normal.groups, abnormal.groups).T
    return {
        f"{prefix}false_alarm_rate": store_rate(false_alarm_rates, normal),
        f"{prefix}detection_rate": store_rate(detection_rates, abnormal),
    }


def estimate_level_areas(normal: ScoredClips, abnormal: ScoredClips) -> dict[str, StoredEstimate]:
    """Estimate the AUC with the RMS level as the only score, by direction."""
    by_direction = level_scores(normal, abnormal)

    def compute(here: Indices, there: Indices) -> list[float]:
        pairs = by_direction.values()
        return [
            roc_areas(of_normal[here], of_abnormal[there])[0] for of_normal, of_abnormal in pairs
        ]

    values = bootstrap(compute, normal.groups, abnormal.groups).T
    return {
        direction: store_area(of_direction, normal, abnormal)
        for direction, of_direction in zip(by_direction, values, strict=True)
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
