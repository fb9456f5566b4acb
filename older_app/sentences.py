"""The sentences of a report, Korean or English."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentences:
    """The sentences of one language."""

    action: Mapping[str, str]
    never_judged: str
    trend: str
    no_trend: str
    too_few: str
    rhythm: str
    rhythms: str
    no_rhythm: str
    as_loud: str
    louder: str
    quieter: str


ENGLISH = Sentences(
    action={
        "NORMAL": "Nothing to do: the machine sounds as usual.",
        "WARNING": "Record again soon, and watch the machine.",
        "CRITICAL": "Record once more to confirm, then inspect the machine.",
    },
    never_judged="Nothing is known of this machine yet: send its first recording.",
    trend="If the trend of the last 30 days goes on, it meets CRITICAL in {:.0f} days.",
    no_trend="The last 30 days show no trend towards CRITICAL.",
    too_few="The recordings of the last 30 days are too few, or too alike, to tell a trend.",
    rhythm="rhythm",
    rhythms="The loudness of the sound repeats at these frequencies; compare them with the "
    "bearing and gear frequencies of this machine.",
    no_rhythm="No regular knocking was measured.",
    as_loud="As loud as the reference level of this machine.",
    louder="{:.0f} dB louder than the reference level of this machine; the verdict does not "
    "depend on that.",
    quieter="{:.0f} dB quieter than the reference level of this machine; the verdict does not "
    "depend on that.",
)

KOREAN = Sentences(
    action={
        "NORMAL": "조치할 것이 없습니다. 평소와 같은 소리입니다.",
        "WARNING": "곧 다시 녹음하고 기계를 지켜봐 주십시오.",
        "CRITICAL": "한 번 더 녹음해 확인한 뒤 기계를 점검해 주십시오.",
    },
    never_judged="아직 이 기계에 대해 알려진 것이 없습니다. 첫 녹음을 보내 주십시오.",
    trend="최근 30일의 추세가 이어지면 {:.0f}일 뒤 위험 기준에 이릅니다.",
    no_trend="최근 30일 동안 위험 기준으로 향하는 추세가 없습니다.",
    too_few="최근 30일의 녹음이 적거나 서로 같아 추세를 알 수 없습니다.",
    rhythm="반복 주파수",
    rhythms="소리의 크기가 이 주파수로 반복됩니다. "
    "이 기계의 베어링과 기어 주파수와 비교해 주십시오.",
    no_rhythm="규칙적인 두드림은 측정되지 않았습니다.",
    as_loud="이 기계의 기준 음량과 비슷합니다.",
    louder="이 기계의 기준 음량보다 {:.0f} dB 큽니다. 판정에는 영향이 없습니다.",
    quieter="이 기계의 기준 음량보다 {:.0f} dB 작습니다. 판정에는 영향이 없습니다.",
)


def get_sentences(language: str) -> Sentences:
    """Return the sentences of a language; any language but Korean gets English."""
    return KOREAN if language.startswith("ko") else ENGLISH
