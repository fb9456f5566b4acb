"""Words for what calibrations hold as codes: methods and notes."""

from collections.abc import Iterable

from analysis.detectors.calibration import EXTRAPOLATED, FEW_GROUPS
from analysis.detectors.device_calibration import FAR_FROM_TRAINING, FEW_CLIPS

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


def format_method(method: str) -> str:
    """Return how a calibration was made."""
    return METHODS.get(method, method)


def format_notes(notes: Iterable[str], *, n: int | None) -> str:
    """Return the notes of a calibration on n recordings, "none" without any."""
    sentences = [NOTES.get(note, note.replace("_", " ")).format(n=n) for note in notes]
    return "; ".join(sentences) or "none"
