"""Recordings that a version would refuse to hear: they are not among those it is judged or calibrated by."""

from collections.abc import Sequence

from analysis.detectors import Artifact, LegacyArtifact
from analysis.errors import RecordingRefused
from training.datasets.datasets import Recording
from training.watcher import Watcher


def keep_admissible(
    recordings: Sequence[Recording], artifact: Artifact | LegacyArtifact, watcher: Watcher
) -> tuple[Recording, ...]:
    """Those that would be analysed; of the others it is told why not."""
    refusals = [why_refused(recording, artifact) for recording in recordings]
    for recording, why in zip(recordings, refusals, strict=True):
        if why is not None:
            watcher.say(f"  {recording.name} is not used: {why}")
    return tuple(recording for recording, why in zip(recordings, refusals, strict=True) if why is None)


def why_refused(recording: Recording, artifact: Artifact | LegacyArtifact) -> str | None:
    """Why an analysis would refuse it, if it would."""
    try:
        artifact.admit(recording.quality)
    except RecordingRefused as exc:
        return str(exc)
    return None
