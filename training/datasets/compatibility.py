"""Leaves out recordings that a version could not analyse: they say nothing about it."""

from collections.abc import Sequence

from analysis.errors import RecordingRefused
from analysis.loading import AnyArtifact
from training.datasets.datasets import TrainingClip
from training.watcher import Watcher


def keep_compatible(
    clips: Sequence[TrainingClip], artifact: AnyArtifact, watcher: Watcher
) -> tuple[TrainingClip, ...]:
    """Return the clips that the version can analyse; report the others."""
    kept = []
    for clip in clips:
        reason = explain_refusal(clip, artifact)
        if reason is None:
            kept.append(clip)
        else:
            watcher.report(f"  {clip.name} is not used: {reason}")
    return tuple(kept)


def explain_refusal(clip: TrainingClip, artifact: AnyArtifact) -> str | None:
    """Return why an analysis would refuse the clip, if it would."""
    try:
        artifact.check_compatible(clip.quality)
    except RecordingRefused as exc:
        return str(exc)
    return None
