"""Plots an evaluation: scores and thresholds, the ROC curve, and the reliability of p-values."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.detectors.calibration import Calibration
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
from training.evaluation.stored import strongest_direction

# From the palette of Okabe and Ito, whose colours the colour-blind tell apart.
NORMAL = "#0072B2"
ABNORMAL = "#D55E00"
WARNING = "#E69F00"
CRITICAL = "#000000"
SIZE_INCHES = (7, 4.5)
BINS = 40
# Scores that span more than this factor are shown on a logarithmic axis.
WIDE = 30.0
# Reliability is shown up to so many times the target of false alarms.
TARGETS = 4

Plot = Callable[[Axes, EvaluationResult], None]


def write_plots(result: EvaluationResult, folder: Path) -> list[Path]:
    """Write scores.png, roc.png and reliability.png."""
    plots: dict[str, Plot] = {
        "scores": plot_scores,
        "roc": plot_roc,
        "reliability": plot_reliability,
    }
    return [write_plot(plot, result, folder / f"{name}.png") for name, plot in plots.items()]


def write_plot(plot: Plot, result: EvaluationResult, path: Path) -> Path:
    """Write one plot."""
    figure = Figure(figsize=SIZE_INCHES, layout="constrained")
    axes = figure.subplots()
    plot(axes, result)
    axes.legend()
    figure.savefig(path, dpi=120)
    return path


def plot_scores(axes: Axes, result: EvaluationResult) -> None:
    """Plot the scores of normal and abnormal clips, beside the thresholds."""
    calibration = result.calibration
    thresholds = [calibration.warning, calibration.critical]
    together = np.concatenate([result.normal.scores, result.abnormal.scores, thresholds])
    low = together.min()
    high = together.max()
    is_wide = low > 0 and high > WIDE * low
    bins = np.geomspace(low, high, BINS) if is_wide else np.linspace(low, high, BINS)

    parts = ((result.normal, NORMAL, "normal"), (result.abnormal, ABNORMAL, "abnormal"))
    for clips, colour, name in parts:
        label = f"{len(clips)} {name} clips"
        axes.hist(clips.scores, bins=bins.tolist(), color=colour, alpha=0.6, label=label)
    axes.axvline(calibration.warning, color=WARNING, label="WARNING")
    axes.axvline(calibration.critical, color=CRITICAL, linestyle="--", label="CRITICAL")
    axes.set(title=f"{result.evaluation.version}: scores", xlabel="anomaly score", ylabel="clips")
    axes.set_xscale("log" if is_wide else "linear")


def plot_roc(axes: Axes, result: EvaluationResult) -> None:
    """Plot the ROC curve with both thresholds on it, beside that of loudness alone."""
    metrics = result.evaluation.metrics
    by_score = roc_curve(result.normal.scores, result.abnormal.scores)
    axes.plot(*by_score, color=NORMAL, label=f"AUC {format_estimate(metrics['auc'])}")

    direction, level_auc = strongest_direction(metrics["level_only"])
    by_level = roc_curve(*level_scores(result.normal, result.abnormal)[direction])
    level_label = f"loudness alone, {direction}: AUC {level_auc:.3f}"
    axes.plot(*by_level, color="grey", linestyle=":", label=level_label)

    for prefix, colour, name in (("", WARNING, "WARNING"), ("critical_", CRITICAL, "CRITICAL")):
        false_alarms = metrics[f"{prefix}false_alarm_rate"]["value"]
        detection = metrics[f"{prefix}detection_rate"]["value"]
        axes.plot(false_alarms, detection, "o", color=colour, label=name)

    pauc_label = f"pAUC {format_estimate(metrics['pauc'])}"
    axes.axvspan(0, MAX_FALSE_POSITIVE_RATE, color=NORMAL, alpha=0.08, label=pauc_label)
    axes.set(title=f"{result.evaluation.version}: ROC", xlabel="false alarms", ylabel="detection")


def plot_reliability(axes: Axes, result: EvaluationResult) -> None:
    """Plot the share of normal clips at or below each p-value, which should not exceed it."""
    target = result.calibration.target_false_alarm_rate
    expected = np.linspace(0, min(1.0, TARGETS * target), 101)
    observed, low, high = observe_rates(result.normal, result.calibration, expected)

    clips_label = f"{len(result.normal)} normal clips"
    axes.plot(expected, expected, color="grey", linestyle=":", label="as expected")
    axes.step(expected, observed, where="post", color=NORMAL, label=clips_label)
    axes.fill_between(
        expected, low, high, step="post", color=NORMAL, alpha=0.15, label="95 % of resamples"
    )
    axes.axvline(target, color=WARNING, label="target")
    axes.set(
        title=f"{result.evaluation.version}: reliability",
        xlabel="expected false alarms",
        ylabel="false alarms",
    )


def observe_rates(
    normal: ScoredClips, calibration: Calibration, expected: Array
) -> tuple[Array, Array, Array]:
    """Compute the share of normal clips at or below each p-value, and its 95 % interval."""
    p_values = np.array([calibration.compute_p_value(score) for score in normal.scores.tolist()])
    rates = bootstrap(
        lambda here, _there: share_at_or_below(p_values[here], expected),
        normal.groups,
        normal.groups,
    )
    low, high = np.percentile(rates[1:], INTERVAL, axis=0)
    return rates[0], low, high


def share_at_or_below(p_values: Array, expected: Array) -> list[float]:
    """Compute the share of the p-values that are at most what is expected."""
    shares: list[float] = share_at_or_above(-p_values, -expected).tolist()
    return shares
