"""Recordings that a version would refuse to hear: they are not among those it is judged or calibrated by."""

from collections.abc import Sequence

from analysis.detectors import Artifact, LegacyArtifact
from analysis.errors import RecordingRefused
from training.datasets.datasets import TrainingClip
from training.watcher import Watcher


def keep_compatible(
    recordings: Sequence[TrainingClip], artifact: Artifact | LegacyArtifact, watcher: Watcher
) -> tuple[TrainingClip, ...]:
    """Those that would be analysed; of the others it is told why not."""
    refusals = [explain_refusal(recording, artifact) for recording in recordings]
    for recording, why in zip(recordings, refusals, strict=True):
        if why is not None:
            watcher.report(f"  {recording.name} is not used: {why}")
    return tuple(
        recording for recording, why in zip(recordings, refusals, strict=True) if why is None
    )


def explain_refusal(recording: TrainingClip, artifact: Artifact | LegacyArtifact) -> str | None:
    """Why an analysis would refuse it, if it would."""
    try:
        artifact.check_compatible(recording.quality)
    except RecordingRefused as exc:
        return str(exc)
    return None
