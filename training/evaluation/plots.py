"""Pictures of an evaluation: scores and thresholds, the ROC curve, and how false alarms keep what was promised."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.detectors.calibration import Calibration
from training.evaluation.caveats import strongest_direction
from training.evaluation.estimates import level_scores
from training.evaluation.evaluator import EvaluationResult
from training.evaluation.intervals import (
    INTERVAL,
    MAX_FALSE_POSITIVE_RATE,
    Array,
    bootstrap,
    roc_curve,
    share_at_or_above,
)
from training.evaluation.report import format_estimate
from training.evaluation.scored_clips import ScoredClips

# Of Okabe and Ito's, which every eye tells apart.
NORMAL, ABNORMAL, WARNING, CRITICAL = "#0072B2", "#D55E00", "#E69F00", "#000000"
SIZE_INCHES = (7, 4.5)
BINS = 40
# A detector's scores may reach over several powers of ten.
WIDE = 30.0
# False alarms are looked at up to so many times the target.
TARGETS = 4


def write_plots(evaluated: EvaluationResult, folder: Path) -> list[Path]:
    """Write scores.png, roc.png and reliability.png."""
    paths = []
    for draw in (scores, roc, reliability):
        figure = Figure(figsize=SIZE_INCHES, layout="constrained")
        axes = figure.subplots()
        draw(axes, evaluated)
        axes.legend()
        paths.append(folder / f"{draw.__name__}.png")
        figure.savefig(paths[-1], dpi=120)
    return paths


def scores(axes: Axes, evaluated: EvaluationResult) -> None:
    """How both kinds of clips scored, beside the thresholds."""
    normal, abnormal, calibration = (
        evaluated.normal.scores,
        evaluated.abnormal.scores,
        evaluated.calibration,
    )
    together = np.concatenate([normal, abnormal, [calibration.warning, calibration.critical]])
    low, high = together.min(), together.max()
    is_wide = low > 0 and high > WIDE * low
    bins = np.geomspace(low, high, BINS) if is_wide else np.linspace(low, high, BINS)
    for of_kind, colour, name in ((normal, NORMAL, "normal"), (abnormal, ABNORMAL, "abnormal")):
        axes.hist(
            of_kind,
            bins=bins.tolist(),
            color=colour,
            alpha=0.6,
            label=f"{len(of_kind)} {name} clips",
        )
    axes.axvline(calibration.warning, color=WARNING, label="WARNING")
    axes.axvline(calibration.critical, color=CRITICAL, linestyle="--", label="CRITICAL")
    axes.set(
        title=f"{evaluated.evaluation.version}: scores", xlabel="anomaly score", ylabel="clips"
    )
    axes.set_xscale("log" if is_wide else "linear")


def roc(axes: Axes, evaluated: EvaluationResult) -> None:
    """The ROC curve with both thresholds on it, beside that of loudness alone."""
    normal, abnormal, metrics = evaluated.normal, evaluated.abnormal, evaluated.evaluation.metrics
    axes.plot(
        *roc_curve(normal.scores, abnormal.scores),
        color=NORMAL,
        label=f"AUC {format_estimate(metrics['auc'])}",
    )
    direction, level_auc = strongest_direction(metrics["level_only"])
    by_level = roc_curve(*level_scores(normal, abnormal)[direction])
    axes.plot(
        *by_level,
        color="grey",
        linestyle=":",
        label=f"loudness alone, {direction}: AUC {level_auc:.3f}",
    )
    for prefix, colour, name in (("", WARNING, "WARNING"), ("critical_", CRITICAL, "CRITICAL")):
        rates = [
            metrics[f"{prefix}{rate}"]["value"] for rate in ("false_alarm_rate", "detection_rate")
        ]
        axes.plot(*rates, "o", color=colour, label=name)
    axes.axvspan(
        0,
        MAX_FALSE_POSITIVE_RATE,
        color=NORMAL,
        alpha=0.08,
        label=f"pAUC {format_estimate(metrics['pauc'])}",
    )
    axes.set(
        title=f"{evaluated.evaluation.version}: ROC", xlabel="false alarms", ylabel="detection"
    )


def reliability(axes: Axes, evaluated: EvaluationResult) -> None:
    """The share of normal clips at or below each p-value: no more than the p-value, if it keeps its word."""
    calibration = evaluated.calibration
    target = calibration.target_false_alarm_rate
    promised = np.linspace(0, min(1.0, TARGETS * target), 101)
    observed, low, high = observed_rates(evaluated.normal, calibration, promised)
    axes.plot(promised, promised, color="grey", linestyle=":", label="as promised")
    axes.step(
        promised,
        observed,
        where="post",
        color=NORMAL,
        label=f"{len(evaluated.normal)} normal clips",
    )
    axes.fill_between(
        promised, low, high, step="post", color=NORMAL, alpha=0.15, label="95 % of resamples"
    )
    axes.axvline(target, color=WARNING, label="target")
    axes.set(
        title=f"{evaluated.evaluation.version}: reliability",
        xlabel="promised false alarms",
        ylabel="false alarms",
    )


def observed_rates(
    normal: ScoredClips, calibration: Calibration, promised: Array
) -> tuple[Array, Array, Array]:
    """The share of normal clips that is at or below each p-value, and the 95 % interval of it."""
    p_values = np.array([calibration.compute_p_value(score) for score in normal.scores.tolist()])
    draws = bootstrap(
        lambda here, _: share_at_or_below(p_values[here], promised), normal.groups, normal.groups
    )
    low, high = np.percentile(draws[1:], INTERVAL, axis=0)
    return draws[0], low, high


def share_at_or_below(p_values: Array, promised: Array) -> list[float]:
    """The share of the p-values that is at most what was promised."""
    return share_at_or_above(-p_values, -promised).tolist()
