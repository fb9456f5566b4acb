"""An evaluation for people: names and figures, in a command and in admin."""

from collections.abc import Iterator, Mapping
from typing import Any

from training.evaluation.caveats import strongest_direction
from training.evaluation.estimates import StoredEstimate

NAMES = {
    "auc": "AUC",
    "pauc": "pAUC up to 10 % false alarms",
    "false_alarm_rate": "False alarms at WARNING",
    "detection_rate": "Detection at WARNING",
    "critical_false_alarm_rate": "False alarms at CRITICAL",
    "critical_detection_rate": "Detection at CRITICAL",
}
LEVEL_NAMES = {
    "louder": "AUC of loudness alone, louder",
    "quieter": "AUC of loudness alone, quieter",
    "unlike": "AUC of loudness alone, unlike normal",
}


def table_rows(metrics: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name and text of what a person wants to see, what is most important first."""
    for part, n_clips in metrics["clips"].items():
        n_groups = metrics["takes"][part]
        yield (
            f"{part.capitalize()} clips",
            f"{n_clips}" + (f" of {n_groups} takes" if n_groups else ""),
        )
    yield from named(NAMES, metrics)
    yield "Target of false alarms", f"{metrics['target_false_alarm_rate']:.3f}"
    for label, threshold in metrics["thresholds"].items():
        yield f"{label.upper()} from", f"{threshold:.4g}"
    yield from named(LEVEL_NAMES, metrics["level_only"])
    for fault_type, figures in metrics["kinds"].items():
        yield f"{fault_type}: clips", str(figures["clips"]["abnormal"])
        yield from ((f"{fault_type}: {name}", text) for name, text in kind_rows(figures))


def kind_rows(figures: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What differs from one kind of fault to the next."""
    yield from named(
        {key: name for key, name in NAMES.items() if "false_alarm" not in key}, figures
    )
    direction, _ = strongest_direction(figures["level_only"])
    yield LEVEL_NAMES[direction], format_estimate(figures["level_only"][direction])


def named(
    names: Mapping[str, str], figures: Mapping[str, StoredEstimate]
) -> Iterator[tuple[str, str]]:
    """Those figures, by their names for people."""
    return ((name, format_estimate(figures[key])) for key, name in names.items())


def format_estimate(figure: StoredEstimate) -> str:
    """A figure and its 95 % interval, if it has one."""
    if figure["low"] is None:
        return f"{figure['value']:.3f} (no interval)"
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"
