"""What speaks against serving a version the moment it is trained, or calibrating one by a folder."""

from collections.abc import Callable, Sequence

from scipy.special import bdtrc

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
from training.datasets.datasets import TrainingClip, abbreviate
from training.evaluation.intervals import resampling_units
from training.evaluation.metrics import Metrics, score_clips

# So many alarms at healthy machines and nobody believes the next one, unless they are as likely as this by chance.
MAX_FALSE_ALARMS = 0.25
MIN_PROBABILITY = 0.01
# So few of the faults heard, and NORMAL means nothing.
MIN_DETECTION_RATE = 0.25
# Ten times as many as among the normal recordings that a version knows.
MAX_CRITICAL = 0.1


def check_serving_version(
    model_id: str, recordings: Sequence[TrainingClip], *, on_step: Callable[[], None] = lambda: None
) -> list[Issue]:
    """Whether the version that serves now takes the machine of these recordings for another one, or a broken one."""
    model = RegisteredModel.objects.select_related("serving_version").filter(pk=model_id).first()
    serving = model.serving_version if model else None
    if serving is None:
        return []
    try:
        critical = find_critical(serving, recordings, on_step=on_step)
    except SignalCraftError as exc:
        # What cannot be read cannot be compared with; a new version is how to be rid of it.
        return [
            Issue(NOT_COMPARED, f"{serving}, which serves now, could not be compared with: {exc}")
        ]
    if not are_many(critical, len(recordings)):
        return []
    detail = (
        f"{len(critical)} of {len(recordings)} recordings are CRITICAL to {serving}, which serves now, or not such as "
        f"it hears ({abbreviate(critical)}): they are of another machine or microphone, or not healthy. Another machine "
        "needs a --model_id of its own; a fault that is learnt will not be heard again."
    )
    return [Issue(UNLIKE_SERVING, detail, tuple(critical))]


def find_critical(
    version: ModelVersion,
    recordings: Sequence[TrainingClip],
    *,
    on_step: Callable[[], None] = lambda: None,
) -> list[str]:
    """The names of those that are CRITICAL by the calibration that holds now, or that would not be analysed at all."""
    artifact = detector_for(version)
    now = resolve_calibration(version, None, artifact.calibration).calibration
    heard = [recording for recording in recordings if explain_refusal(recording, artifact) is None]
    scores = score_clips(artifact, [recording.waveform for recording in heard], on_clip=on_step)
    harmless = {
        each.name for each, score in zip(heard, scores, strict=True) if now.label(score) != CRITICAL
    }
    return [recording.name for recording in recordings if recording.name not in harmless]


def are_many(critical: Sequence[str], n_recordings: int) -> bool:
    """Whether so many are CRITICAL that they cannot be normal ones of what the version knows."""
    return len(critical) > MAX_CRITICAL * n_recordings


def is_improbable(n_alarms: int, n: int, *, rate: float) -> bool:
    """Whether chance hardly ever makes so many of n alarm that do so at this rate (binomial)."""
    return n_alarms > 0 and bool(bdtrc(n_alarms - 1, n, rate) < MIN_PROBABILITY)


def check_detection(tested: Metrics, *, n_abnormal: int) -> list[Issue]:
    """Whether nearly all of the faulty test recordings pass for healthy ones."""
    if tested.detection_rate is None or tested.detection_rate >= MIN_DETECTION_RATE:
        return []
    detail = (
        f"{round(tested.detection_rate * n_abnormal)} of {n_abnormal} faulty test recordings alarm: this version would "
        "call nearly all such machines healthy. Try another level, or record more takes."
    )
    return [Issue(FEW_DETECTED, detail)]


def check_false_alarms(
    tested: Metrics, takes: Sequence[str], *, target_false_alarm_rate: float
) -> list[Issue]:
    """Whether so many of the normal test recordings alarm that chance does not explain it (binomial).

    takes: of each of them. Recordings of one take alarm together, so takes are counted where names tell enough of them.
    """
    if tested.false_alarm_rate is None or tested.false_alarm_rate <= MAX_FALSE_ALARMS:
        return []
    n_resampling_units = len(resampling_units(takes))
    if not is_improbable(
        round(tested.false_alarm_rate * n_resampling_units),
        n_resampling_units,
        rate=target_false_alarm_rate,
    ):
        return []
    n_alarms = round(tested.false_alarm_rate * len(takes))
    detail = (
        f"{n_alarms} of {len(takes)} normal test recordings alarm, though a rate of {target_false_alarm_rate:g} is "
        "meant: the recordings trained on do not show all that is normal. Record more takes."
    )
    return [Issue(MANY_FALSE_ALARMS, detail)]
