"""Finds what speaks against serving a version at once, or calibrating one by a folder."""

from collections.abc import Callable, Sequence

from scipy.stats import binomtest

from analysis.calibration_choice import resolve_calibration
from analysis.detectors.calibration import CRITICAL
from analysis.loading import detector_for
from core.errors import SignalCraftError
from registry.models import ModelVersion, RegisteredModel
from training.checks.issues import (
    FEW_DETECTED,
    MANY_FALSE_ALARMS,
    NOT_COMPARED,
    UNLIKE_SERVING,
    Issue,
)
from training.datasets.compatibility import explain_refusal
from training.datasets.datasets import TrainingClip
from training.datasets.listing import abbreviate
from training.evaluation.intervals import resampling_units
from training.evaluation.metrics import Metrics, score_clips

# With more false alarms nobody believes the next alarm, unless chance explains them: so many or
# more are less likely than MIN_PROBABILITY at the target rate.
MAX_FALSE_ALARMS = 0.25
MIN_PROBABILITY = 0.01
# With fewer faults detected, NORMAL means nothing.
MIN_DETECTION_RATE = 0.25
# Ten times the share of CRITICAL among normal recordings that a version knows.
MAX_CRITICAL = 0.1


def check_serving_version(
    model_id: str, clips: Sequence[TrainingClip], *, on_step: Callable[[], None] = lambda: None
) -> list[Issue]:
    """Find whether the serving version takes these recordings for another or a faulty machine."""
    model = RegisteredModel.objects.select_related("serving_version").filter(pk=model_id).first()
    serving = model.serving_version if model else None
    if serving is None:
        return []

    try:
        critical = find_critical(serving, clips, on_step=on_step)
    except SignalCraftError as exc:
        # Training a new version is how to get rid of one that cannot be read.
        detail = f"The serving version ({serving}) cannot be compared with: {exc}"
        return [Issue(NOT_COMPARED, detail)]

    if len(critical) <= MAX_CRITICAL * len(clips):
        return []
    detail = (
        f"The serving version (v{serving.number}) judges {count_of(len(critical), len(clips))} "
        f"recordings CRITICAL or cannot judge them ({abbreviate(critical)}). They are probably "
        "from another machine or microphone, or from a faulty machine. Another machine needs its "
        "own --model_id; a fault that is trained on is not found any more."
    )
    return [Issue(UNLIKE_SERVING, detail, tuple(critical))]


def find_critical(
    version: ModelVersion,
    clips: Sequence[TrainingClip],
    *,
    on_step: Callable[[], None] = lambda: None,
) -> list[str]:
    """Return the names of clips that are CRITICAL now, or that the version cannot analyse."""
    artifact = detector_for(version)
    calibration = resolve_calibration(version, None, artifact.calibration).calibration
    compatible = [clip for clip in clips if explain_refusal(clip, artifact) is None]
    scores = score_clips(artifact, compatible, on_clip=on_step)
    harmless = {
        clip.name
        for clip, score in zip(compatible, scores, strict=True)
        if calibration.label(score) != CRITICAL
    }
    return [clip.name for clip in clips if clip.name not in harmless]


def check_detection(metrics: Metrics, *, n_abnormal: int) -> list[Issue]:
    """Find that nearly all faulty test recordings pass for healthy ones."""
    if metrics.detection_rate is None or metrics.detection_rate >= MIN_DETECTION_RATE:
        return []
    n_detected = round(metrics.detection_rate * n_abnormal)
    detail = (
        f"Only {n_detected} of {n_abnormal} faulty test recordings raise an alarm: this version "
        "would judge nearly all such machines healthy. Try another level, or record more sessions."
    )
    return [Issue(FEW_DETECTED, detail)]


def check_false_alarms(
    metrics: Metrics, groups: Sequence[str], *, target_false_alarm_rate: float
) -> list[Issue]:
    """Find more alarms on normal test recordings than chance explains.

    groups: the recording session of each. Recordings of one session alarm together, so sessions
    are counted where enough are known.
    """
    rate = metrics.false_alarm_rate
    if rate is None or rate <= MAX_FALSE_ALARMS:
        return []
    n_units = len(resampling_units(groups))
    if not is_improbable(round(rate * n_units), n_units, rate=target_false_alarm_rate):
        return []

    n_alarms = round(rate * len(groups))
    verb = "raises" if n_alarms == 1 else "raise"
    detail = (
        f"{count_of(n_alarms, len(groups)).capitalize()} healthy test recordings {verb} an alarm "
        f"(target {100 * target_false_alarm_rate:g} %). The training recordings do not cover what "
        "is normal: record more sessions."
    )
    return [Issue(MANY_FALSE_ALARMS, detail)]


def is_improbable(n_alarms: int, n: int, *, rate: float) -> bool:
    """Whether chance hardly ever makes so many of n alarm at this rate."""
    if n_alarms == 0:
        return False
    return bool(binomtest(n_alarms, n, rate, alternative="greater").pvalue < MIN_PROBABILITY)


def count_of(n: int, total: int) -> str:
    """Say how many of a total."""
    return f"all {total}" if n == total else f"{n} of {total}"
