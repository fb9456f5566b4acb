"""Sums up for people what a command made: table rows, caveats, and what to do next."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse

from analysis.detectors.calibration import EXTRAPOLATED, FEW_GROUPS, Calibration
from analysis.detectors.device_calibration import FAR_FROM_TRAINING
from analysis.recalibration import LabelCounts
from analysis.sound.folders import describe_others
from registry.models import ModelVersion
from registry.models.figures import get_figures
from training.models import Evaluation
from training.recalibration import RecalibrationResult

# As README runs it.
MANAGE = ".venv/bin/python manage.py"
# Written by bootstrap.py below the media.
SERVED_AT = "served-at.txt"

METRIC_LABELS = {
    "final_loss": "Loss after training",
    "best_loss": "Best validation loss",
    "validation_score": "Mean held-out score",
    "clip_seconds": "Clip length, s",
    "auc": "AUC",
    "pauc": "pAUC up to 10 % false alarms",
    "false_alarm_rate": "False alarms at WARNING",
    "detection_rate": "Detection at WARNING",
    "seconds": "Duration, s",
    "accelerator": "Accelerator",
}


def training_rows(version: ModelVersion, calibration: Calibration) -> Iterator[tuple[str, str]]:
    """Yield label and value of what matters most about a trained version."""
    yield "Machine type", version.registered_model.machine_type_id
    yield "State", describe_state(version)
    yield "Files", ", ".join(file.name for file in version.files.all())
    yield (
        "Normal clips",
        f"{version.sample_count} from {describe_groups(calibration.n_groups, calibration.notes)}",
    )
    yield "WARNING from", format_number(calibration.warning)
    yield "CRITICAL from", format_number(calibration.critical)
    yield from metric_rows(version.metrics)
    yield from note_rows(calibration.notes, calibration.n)


def describe_state(version: ModelVersion) -> str:
    """Say whether the app uses the version and, if not, who can make it so."""
    model = version.registered_model
    if model.serving_version_id == version.pk:
        state = "serves now, default" if model.is_default else "serves now"
        return state if is_tested(version) else f"{state}, not tested"
    if model.proposals.pending().filter(version=version).exists():
        return "proposed: the model is protected, another curator can approve it in admin"
    return "candidate: a curator can serve it in admin"


def describe_groups(n_groups: int, notes: Sequence[str]) -> str:
    """Say how many recording sessions there are, or the stretches in their place."""
    if FEW_GROUPS in notes:
        return f"{n_groups} stretches of the folder"
    return f"{n_groups} recording sessions"


def metric_rows(metrics: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the metrics that this detector has."""
    for key, label in METRIC_LABELS.items():
        value = metrics.get(key)
        if value is not None:
            yield label, value if isinstance(value, str) else format_number(value)


def note_rows(notes: Sequence[str], n_clips: int) -> Iterator[tuple[str, str]]:
    """Yield a sentence for each note of a calibration."""
    sentences = {
        FEW_GROUPS: (
            "Fewer than 3 recording sessions are known (few_takes): expect more false alarms on a "
            "new day. --group_by finds the session in a file name."
        ),
        EXTRAPOLATED: (
            f"The CRITICAL limit is an estimate: only {n_clips} healthy recordings were available."
        ),
        FAR_FROM_TRAINING: (
            "The recordings are far from those of the training (far_from_training): faults may be "
            "missed."
        ),
    }
    for note in notes:
        yield "Note", sentences.get(note, note.replace("_", " "))


def recalibration_rows(result: RecalibrationResult) -> Iterator[tuple[str, str]]:
    """Yield label and value of what a calibration changes."""
    now = result.record.calibration
    before = result.before
    rate_before = before.target_false_alarm_rate if before else None
    warning_before = before.warning if before else None
    critical_before = before.critical if before else None
    yield "Normal clips", f"{now.n} from {describe_groups(now.n_groups, now.notes)}"
    yield "Target of false alarms", format_change(now.target_false_alarm_rate, rate_before)
    yield "WARNING from", format_change(now.warning, warning_before)
    yield "CRITICAL from", format_change(now.critical, critical_before)
    if result.clips_before:
        yield "These clips, before", format_counts(result.clips_before)
    if result.clips_after:
        yield "These clips, now", format_counts(result.clips_after)
    yield from note_rows(now.notes, now.n)


def format_number(value: float) -> str:
    """Format a number with four significant digits."""
    return f"{value:.4g}"


def format_change(now: float, before: float | None) -> str:
    """Format a number, and what it was."""
    if before is None:
        return format_number(now)
    return f"{format_number(now)}, before {format_number(before)}"


def format_counts(counts: LabelCounts) -> str:
    """Format how many clips have each verdict."""
    return ", ".join(f"{n} {label}" for label, n in counts.items())


def find_server() -> str:
    """Return where bootstrap.py serves or served last, and nothing where it never did."""
    with suppress(FileNotFoundError):
        return Path(settings.MEDIA_ROOT, SERVED_AT).read_text(encoding="utf-8").strip()
    return ""


def describe_entries(entries: Mapping[str, Any]) -> str:
    """Say what became of every entry of a folder, in numbers."""
    parts = [
        f"{sum(entries[part].values())} {title} ({describe_others(entries[part])})"
        for part, title in (("refused", "refused"), ("not_recordings", "not recordings"))
        if entries[part]
    ]
    return "Of the folder: " + ", ".join([f"{entries['used']} used", *parts]) + "."


def is_tested(version: ModelVersion) -> bool:
    """Whether the version was tested on recordings of faults."""
    return get_figures([version])[version.pk].is_tested


def next_after_training(version: ModelVersion) -> str:
    """Say where the version is shown, how to measure it, and what nobody knows of it yet."""
    model = version.registered_model_id
    page = find_server() + reverse("admin:registry_registeredmodel_change", args=[model])
    command = f"{MANAGE} evaluate_model {version.registered_model_id}@{version.number}"
    lines = [
        f"Next, see the model on the server: {page}",
        f"or measure it: {command} --test_normal DIR --test_abnormal DIR",
    ]
    if version.registered_model.serving_version_id != version.pk:
        lines.append(f"To serve it all the same: {page}, “Serve” at v{version.number}")
    if not is_tested(version):
        lines.append("Not tested: nobody knows yet how many faults it finds.")
    return "\n".join(lines)


def next_after_evaluation(evaluation: Evaluation) -> str:
    """Say where the evaluation is shown, and how to move the thresholds."""
    page = find_server() + reverse("admin:training_evaluation_change", args=[evaluation.pk])
    version = evaluation.version
    command = f"{MANAGE} calibrate {version.registered_model_id}@{version.number}"
    return (
        f"Next, see it on the server: {page}\n"
        f"or move the thresholds: {command} --target_false_alarm_rate RATE"
    )


def next_after_calibration(result: RecalibrationResult) -> str:
    """Say where the calibration can be undone, and how to measure the version with it."""
    record = result.record.pk
    page = find_server() + reverse("admin:analysis_calibrationrecord_change", args=[record])
    version = result.record.version
    command = f"{MANAGE} evaluate_model {version.registered_model_id}@{version.number}"
    return (
        f"Next, see or undo it on the server: {page}\n"
        f"or measure it: {command} --test_normal DIR --test_abnormal DIR"
    )
