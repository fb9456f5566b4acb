"""An alarm in which something beside the machine is heard asks for another recording first."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf, nextafter

from analysis.detectors import Prediction
from analysis.detectors.base import Hearing
from analysis.detectors.calibration import NORMAL, Calibration
from analysis.loading import AnyArtifact
from analysis.sound.audio import Clip
from analysis.sound.explanation import Segment

# The value is stored with analyses and part of the API.
DISTURBED = "disturbed"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A prediction that counts as far as the recording can be trusted, and what disturbed it."""

    prediction: Prediction
    disturbances: tuple[Segment, ...] = ()


def judge_undisturbed(
    artifact: AnyArtifact,
    clip: Clip,
    calibration: Calibration,
    is_repeated: Callable[[], bool],
) -> Judgement:
    """Judge a clip; an alarm is heard again without what is beside the machine, and tempered.

    is_repeated: whether the recording before this one said the same. An alarm that stands without
    the disturbance counts in full then; one that rests on it alone never does.
    """
    prediction = artifact.predict(clip.waveform, clip.codec, clip.gaps)
    if calibration.label(prediction.anomaly_score) == NORMAL:
        return Judgement(prediction)
    hearing = artifact.hear_machine_alone(clip.waveform, clip.codec, clip.gaps)
    if not hearing.disturbances or (stands(hearing, calibration) and is_repeated()):
        return Judgement(prediction)

    highest = nextafter(calibration.critical, -inf)
    tempered = replace(
        prediction,
        anomaly_score=min(prediction.anomaly_score, highest),
        segment_scores=tuple(min(each, highest) for each in prediction.segment_scores),
        warnings=(*prediction.warnings, DISTURBED),
    )
    return Judgement(tempered, hearing.disturbances)


def stands(hearing: Hearing, calibration: Calibration) -> bool:
    """Return whether what is left of the recording raises the alarm as well."""
    if hearing.rest_score is None:
        return False
    return calibration.label(hearing.rest_score) != NORMAL
