"""What scored test clips tell of a version: figures with 95 % intervals, by kind of fault, beside loudness alone."""

from typing import Any, TypedDict

import numpy as np

from analysis.detectors.calibration import Calibration
from training.evaluation.caveats import describe_loudness, describe_small_samples
from training.evaluation.intervals import (
    MIN_CLIPS,
    Array,
    Estimate,
    Indices,
    bootstrap,
    estimate_area,
    estimate_rate,
    roc_areas,
)
from training.evaluation.scored_clips import ScoredClips

FIGURES = (
    *("auc", "pauc", "false_alarm_rate", "detection_rate"),
    *("critical_false_alarm_rate", "critical_detection_rate"),
)


class StoredEstimate(TypedDict):
    """A figure and its 95 % interval, as it is kept; low and high are None where no interval can be given."""

    value: float
    low: float | None
    high: float | None


def estimate_metrics(
    normal: ScoredClips, abnormal: ScoredClips, calibration: Calibration
) -> dict[str, Any]:
    """All figures, as an evaluation keeps them."""
    found = compare(normal, abnormal, calibration)
    names = [fault_type for fault_type in sorted(set(abnormal.fault_types)) if fault_type]
    fault_types = {
        fault_type: compare(normal, abnormal.with_fault_type(fault_type), calibration)
        for fault_type in names
    }
    return {
        "takes": {"normal": normal.n_groups, "abnormal": abnormal.n_groups},
        "thresholds": {"warning": calibration.warning, "critical": calibration.critical},
        "target_false_alarm_rate": calibration.target_false_alarm_rate,
        **found,
        "kinds": fault_types,
        "warnings": describe_small_samples(normal, abnormal, needed=MIN_CLIPS)
        + describe_loudness({"all": found, **fault_types}),
    }


def compare(normal: ScoredClips, abnormal: ScoredClips, calibration: Calibration) -> dict[str, Any]:
    """How well these are told apart, and how well loudness alone would do it."""
    return {
        "clips": {"normal": len(normal), "abnormal": len(abnormal)},
        **figures(normal, abnormal, calibration),
        "level_only": level_figures(normal, abnormal),
    }


def figures(
    normal: ScoredClips, abnormal: ScoredClips, calibration: Calibration
) -> dict[str, StoredEstimate]:
    """FIGURES: areas, and rates at both thresholds."""
    thresholds = (calibration.warning, calibration.critical)
    alarms = [
        (normal.scores >= threshold, abnormal.scores >= threshold) for threshold in thresholds
    ]

    def of_draw(here: Indices, there: Indices) -> list[float]:
        rates = [
            float(rate)
            for false, true in alarms
            for rate in (false[here].mean(), true[there].mean())
        ]
        return [*roc_areas(normal.scores[here], abnormal.scores[there]), *rates]

    auc, pauc, *rates = bootstrap(of_draw, normal.groups, abnormal.groups).T
    areas = [area_figure(draws, normal, abnormal) for draws in (auc, pauc)]
    of_rates = [
        rate_figure(draws, clips)
        for draws, clips in zip(rates, (normal, abnormal) * 2, strict=True)
    ]
    return dict(zip(FIGURES, areas + of_rates, strict=True))


def level_figures(normal: ScoredClips, abnormal: ScoredClips) -> dict[str, StoredEstimate]:
    """AUC with the RMS level as the only score, by direction."""
    by_direction = level_scores(normal, abnormal)

    def of_draw(here: Indices, there: Indices) -> list[float]:
        return [
            roc_areas(of_normal[here], of_abnormal[there])[0]
            for of_normal, of_abnormal in by_direction.values()
        ]

    draws = bootstrap(of_draw, normal.groups, abnormal.groups).T
    return {
        direction: area_figure(of_direction, normal, abnormal)
        for direction, of_direction in zip(by_direction, draws, strict=True)
    }


def level_scores(normal: ScoredClips, abnormal: ScoredClips) -> dict[str, tuple[Array, Array]]:
    """Loudness as a score, for whoever takes louder, quieter or just unlike clips for abnormal."""
    levels = (normal.levels_dbfs, abnormal.levels_dbfs)
    usual = np.median(normal.levels_dbfs)
    return {
        "louder": levels,
        "quieter": (-levels[0], -levels[1]),
        "unlike": (np.abs(levels[0] - usual), np.abs(levels[1] - usual)),
    }


def area_figure(draws: Array, normal: ScoredClips, abnormal: ScoredClips) -> StoredEstimate:
    """An area."""
    return figure(estimate_area(draws, n_clips=min(len(normal), len(abnormal))))


def rate_figure(draws: Array, clips: ScoredClips) -> StoredEstimate:
    """A rate among these clips."""
    return figure(estimate_rate(draws, len(clips), clips.n_resampling_units))


def figure(estimate: Estimate) -> StoredEstimate:
    """As it is kept."""
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}
