"""How well a version tells normal from abnormal clips."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from sklearn.metrics import roc_auc_score

from analysis.calibration import NORMAL
from analysis.detectors import Artifact
from analysis.features import Waveform

MAX_FALSE_POSITIVE_RATE = 0.1


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Area under the ROC curve, the same up to MAX_FALSE_POSITIVE_RATE (McClish 1989), and rates at WARNING.

    null where the clips to tell it from are missing.
    """

    auc: float | None = None
    pauc: float | None = None
    false_alarm_rate: float | None = None
    detection_rate: float | None = None

    def as_metrics(self) -> dict[str, float | None]:
        """By name, as a version's metrics have them."""
        return asdict(self)


def evaluate(
    artifact: Artifact,
    *,
    normal: Sequence[Waveform],
    abnormal: Sequence[Waveform],
    on_clip: Callable[[], None] = lambda: None,
) -> Evaluation:
    """Score every clip just as an analysis would; on_clip is called after each."""
    scores: list[list[float]] = []
    for waveforms in (normal, abnormal):
        scores.append([])
        for waveform in waveforms:
            scores[-1].append(artifact.anomaly_score(waveform))
            on_clip()
    rates = [warning_rate(artifact, of_kind) for of_kind in scores]
    if not normal or not abnormal:
        return Evaluation(None, None, *rates)
    truth = np.repeat([0, 1], [len(normal), len(abnormal)])
    together = np.concatenate(scores)
    auc = float(roc_auc_score(truth, together))
    return Evaluation(auc, float(roc_auc_score(truth, together, max_fpr=MAX_FALSE_POSITIVE_RATE)), *rates)


def warning_rate(artifact: Artifact, scores: Sequence[float]) -> float | None:
    """The share that is not NORMAL."""
    if not scores:
        return None
    return float(np.mean([artifact.calibration.label(score) != NORMAL for score in scores]))
