"""Measures how well a version tells normal from abnormal clips."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

import numpy as np

from analysis.detectors import Artifact
from analysis.detectors.score_distribution import Scores
from analysis.errors import InvalidArtifact
from analysis.loading import AnyArtifact
from analysis.sound.audio import Waveform
from analysis.sound.decoding.gaps import Gap
from training.evaluation.intervals import roc_areas


class Recorded(Protocol):
    """A recording as it is scored."""

    @property
    def waveform(self) -> Waveform:
        """Mono, 16 kHz."""
        ...

    @property
    def codec(self) -> str:
        """By which it was stored."""
        ...

    @property
    def gaps(self) -> Sequence[Gap]:
        """What the recorder lost."""
        ...


@dataclass(frozen=True, slots=True)
class Metrics:
    """Metrics of a version on test clips, None where the clips for one are missing.

    auc: area under the ROC curve. pauc: the same up to a false-alarm rate of 0.1, standardised
    (McClish 1989). false_alarm_rate, detection_rate: at WARNING.
    """

    auc: float | None = None
    pauc: float | None = None
    false_alarm_rate: float | None = None
    detection_rate: float | None = None

    def to_json(self) -> dict[str, float | None]:
        """Return the metrics by name, as a version stores them."""
        return asdict(self)


def compute_metrics(artifact: Artifact, normal: Scores, abnormal: Scores) -> Metrics:
    """Compute the metrics of scored clips."""
    auc = None
    pauc = None
    if len(normal) and len(abnormal):
        auc, pauc = roc_areas(normal, abnormal)
    return Metrics(
        auc=auc,
        pauc=pauc,
        false_alarm_rate=alarm_rate(artifact, normal),
        detection_rate=alarm_rate(artifact, abnormal),
    )


def score_clips(
    artifact: AnyArtifact,
    clips: Sequence[Recorded],
    *,
    on_clip: Callable[[], None] = lambda: None,
) -> Scores:
    """Return one anomaly score a clip; InvalidArtifact where one is not a number."""
    scores = []
    for clip in clips:
        scores.append(artifact.compute_anomaly_score(clip.waveform, clip.codec, clip.gaps))
        on_clip()

    if not np.isfinite(scores).all():
        # Compared with any threshold it would be NORMAL.
        raise InvalidArtifact("The model's score of a test recording is not a number.")
    return np.array(scores, dtype=np.float64)


def alarm_rate(artifact: Artifact, scores: Scores) -> float | None:
    """Compute the share of clips that are not NORMAL."""
    return float(np.mean(scores >= artifact.calibration.warning)) if len(scores) else None
