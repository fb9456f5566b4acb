"""Formats the metrics of an evaluation for people, in a command and in admin."""

from collections.abc import Iterator, Mapping
from typing import Any

from training.evaluation.stored import StoredEstimate, strongest_direction

LABELS = {
    "auc": "AUC",
    "pauc": "pAUC up to 10 % false alarms",
    "false_alarm_rate": "False alarms at WARNING",
    "detection_rate": "Detection at WARNING",
    "critical_false_alarm_rate": "False alarms at CRITICAL",
    "critical_detection_rate": "Detection at CRITICAL",
}
# Of one fault type: false alarms are the same for all.
FAULT_LABELS = {key: label for key, label in LABELS.items() if "false_alarm" not in key}
ROTATION_LABELS = {
    "false_alarm_rate": "False alarms in rotation",
    "detection_rate": "Detection in rotation",
}
LEVEL_LABELS = {
    "louder": "AUC of loudness alone, louder",
    "quieter": "AUC of loudness alone, quieter",
    "unlike": "AUC of loudness alone, different from normal",
}


def table_rows(metrics: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield label and text of each metric, the most important first."""
    for part, n_clips in metrics["clips"].items():
        n_groups = metrics["takes"][part]
        sessions = f" from {n_groups} recording sessions" if n_groups else ""
        yield f"{part.capitalize()} clips", f"{n_clips}{sessions}"
    yield from label_rows(LABELS, metrics)
    yield "Target of false alarms", f"{metrics['target_false_alarm_rate']:.3f}"
    for label, threshold in metrics["thresholds"].items():
        yield f"{label.upper()} from", f"{threshold:.4g}"
    # Evaluations of earlier releases have no rotation.
    if "rotation" in metrics:
        yield from rotation_rows(metrics["rotation"])
    yield from label_rows(LEVEL_LABELS, metrics["level_only"])
    for fault_type, of_type in metrics["kinds"].items():
        for label, text in fault_rows(of_type):
            yield f"{fault_type}: {label}", text


def rotation_rows(rotation: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Yield the rates with each session of the training taken for a new one in turn."""
    if rotation is None:
        yield "Rotation", "not possible: fewer than three recording sessions are known"
        return
    yield "Rotation", f"{rotation['sessions']} sessions of the training, each as a new one"
    for key, label in ROTATION_LABELS.items():
        worst = rotation[f"worst_{key}"]
        yield label, f"{format_estimate(rotation[key])}, worst {worst:.3f}"


def fault_rows(metrics: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what differs from one fault type to the next."""
    yield "clips", str(metrics["clips"]["abnormal"])
    yield from label_rows(FAULT_LABELS, metrics)
    direction, _auc = strongest_direction(metrics["level_only"])
    yield LEVEL_LABELS[direction], format_estimate(metrics["level_only"][direction])


def label_rows(
    labels: Mapping[str, str], estimates: Mapping[str, StoredEstimate]
) -> Iterator[tuple[str, str]]:
    """Yield these estimates with their labels."""
    for key, label in labels.items():
        yield label, format_estimate(estimates[key])


def format_estimate(estimate: StoredEstimate) -> str:
    """Format a value and its 95 % interval, if it has one."""
    if estimate["low"] is None:
        return f"{estimate['value']:.3f} (no interval)"
    return f"{estimate['value']:.3f} ({estimate['low']:.3f} to {estimate['high']:.3f})"
