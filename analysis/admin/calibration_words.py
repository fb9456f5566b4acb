"""Words for what calibrations hold as codes: methods and notes."""

from collections.abc import Iterable

from analysis.detectors.calibration import EXTRAPOLATED, FEW_GROUPS, Calibration
from analysis.detectors.device_calibration import FAR_FROM_TRAINING, FEW_CLIPS
from analysis.detectors.session_scores import MANY_SESSIONS
from core.admin.tables import format_value

# By the method as it is stored; a method that is not here is shown as it is.
METHODS = {
    "grouped out-of-fold, Pareto tail": "from training (cross-validated)",
    "of recordings after training": "recalibrated on later recordings",
    "moved to the device": "adjusted to this machine",
}
NOTES = {
    FEW_GROUPS: "few recording sessions: false alarms may be more frequent than the target",
    EXTRAPOLATED: ("the CRITICAL limit is an estimate: only {n} healthy recordings were available"),
    FEW_CLIPS: "few recordings of this machine",
    FAR_FROM_TRAINING: "far from what the model was trained on: faults may be missed",
}


def describe_more_sessions(calibration: Calibration) -> str:
    """Return what more recording sessions than those behind a calibration would change."""
    if FEW_GROUPS in calibration.notes or calibration.sessions is None:
        return "not known: the recordings do not tell their sessions"
    if calibration.n_groups >= MANY_SESSIONS:
        return f"little, from {MANY_SESSIONS} on"
    wanted = "fewer false alarms, and fainter faults heard"
    around = calibration.compute_warning_range()
    if around is None:
        return wanted
    low, high = map(format_value, around)
    return f"{wanted}; without one of these, WARNING would be from {low} to {high}"


def format_method(method: str) -> str:
    """Return how a calibration was made."""
    return METHODS.get(method, method)


def format_notes(notes: Iterable[str], *, n: int | None) -> str:
    """Return the notes of a calibration on n recordings, "none" without any."""
    sentences = [NOTES.get(note, note.replace("_", " ")).format(n=n) for note in notes]
    return "; ".join(sentences) or "none"
