"""How well a version tells normal from abnormal clips."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from analysis.detectors import Artifact, LegacyArtifact
from analysis.detectors.calibration import Scores
from analysis.errors import InvalidArtifact
from analysis.sound.audio import Waveform
from training.evaluation.intervals import roc_areas


@dataclass(frozen=True, slots=True)
class Metrics:
    """Area under the ROC curve, the same up to a false-alarm rate of 0.1 (McClish 1989), and rates at WARNING.

    null where the clips to tell it from are missing.
    """

    auc: float | None = None
    pauc: float | None = None
    false_alarm_rate: float | None = None
    detection_rate: float | None = None

    def to_json(self) -> dict[str, float | None]:
        """By name, as a version's metrics have them."""
        return asdict(self)


def evaluate_artifact(
    artifact: Artifact,
    normal: Sequence[Waveform],
    abnormal: Sequence[Waveform],
    *,
    on_clip: Callable[[], None] = lambda: None,
) -> Metrics:
    """Score every clip just as an analysis would; on_clip is called after each."""
    scores = [score_clips(artifact, waveforms, on_clip=on_clip) for waveforms in (normal, abnormal)]
    areas = roc_areas(*scores) if normal and abnormal else (None, None)
    return Metrics(*areas, *(warning_rate(artifact, of_kind) for of_kind in scores))


def score_clips(
    artifact: Artifact | LegacyArtifact,
    waveforms: Sequence[Waveform],
    *,
    on_clip: Callable[[], None] = lambda: None,
) -> Scores:
    """One anomaly score a clip; InvalidArtifact where one is not a number."""
    scores = []
    for waveform in waveforms:
        scores.append(artifact.compute_anomaly_score(waveform))
        on_clip()
    if not np.isfinite(scores).all():
        # Compared with any threshold it would be NORMAL.
        raise InvalidArtifact("The model's answer to a test recording is not a number.")
    return np.array(scores, dtype=np.float64)


def warning_rate(artifact: Artifact, scores: Scores) -> float | None:
    """The share that is not NORMAL."""
    return float(np.mean(scores >= artifact.calibration.warning)) if len(scores) else None
