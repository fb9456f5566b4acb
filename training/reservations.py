"""What speaks against serving a version the moment it is trained."""

from collections.abc import Sequence

from scipy.special import bdtrc

from analysis.audio import Waveform
from analysis.calibration_choice import choose
from analysis.device_calibration import is_far
from analysis.pipeline import detector_for
from registry.models import ModelVersion, RegisteredModel
from signalcraft.errors import SignalCraftError
from training.evaluation import Metrics, score_clips
from training.findings import MANY_FALSE_ALARMS, UNLIKE_SERVING, Finding
from training.intervals import units

# So many alarms at healthy machines and nobody believes the next one, unless they are as likely as this by chance.
MAX_FALSE_ALARMS = 0.25
LEAST_LIKELY = 0.01


def check_against_serving(model_id: str, waveforms: Sequence[Waveform]) -> list[Finding]:
    """Whether the version that serves now takes the machine of these recordings for another one, or a broken one."""
    model = RegisteredModel.objects.select_related("serving_version").filter(pk=model_id).first()
    serving = model.serving_version if model else None
    if serving is None:
        return []
    try:
        takes_for_another = is_taken_for_another(serving, waveforms)
    except SignalCraftError as exc:
        # What cannot be read cannot be compared with; a new version is how to be rid of it.
        return [Finding("not_compared", f"{serving}, which serves now, could not be compared with: {exc}")]
    if not takes_for_another:
        return []
    detail = (
        f"Most of the recordings are CRITICAL to {serving}, which serves now: they are of another machine, of another "
        "microphone, or not healthy. If they are of another machine, give it a --model_id of its own."
    )
    return [Finding(UNLIKE_SERVING, detail)]


def is_taken_for_another(version: ModelVersion, waveforms: Sequence[Waveform]) -> bool:
    """Whether an ordinary one of these recordings is CRITICAL by the calibration that holds now."""
    artifact = detector_for(version)
    now = choose(version, None, artifact.calibration).calibration
    return is_far(now, score_clips(artifact, waveforms))


def check_false_alarms(tested: Metrics, takes: Sequence[str], *, target_false_alarm_rate: float) -> list[Finding]:
    """Whether so many of the normal test recordings alarm that chance does not explain it (binomial).

    takes: of each of them. Recordings of one take alarm together, so takes are counted where names tell enough of them.
    """
    if tested.false_alarm_rate is None or tested.false_alarm_rate <= MAX_FALSE_ALARMS:
        return []
    n_units = len(units(takes))
    if bdtrc(round(tested.false_alarm_rate * n_units) - 1, n_units, target_false_alarm_rate) >= LEAST_LIKELY:
        return []
    n_alarms = round(tested.false_alarm_rate * len(takes))
    detail = (
        f"{n_alarms} of {len(takes)} normal test recordings alarm, though a rate of {target_false_alarm_rate:g} is "
        "meant: the recordings trained on do not show all that is normal. Record more takes."
    )
    return [Finding(MANY_FALSE_ALARMS, detail)]
