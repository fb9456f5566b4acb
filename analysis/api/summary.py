"""The summary of an analysis in a few plain sentences, Korean or English, from stored numbers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from analysis.calibration_choice import LAPSED, SET_BY_ENGINEER
from analysis.detectors.calibration import FEW_GROUPS, NOT_THIS_MACHINE
from analysis.detectors.device_calibration import FAR_FROM_TRAINING
from analysis.detectors.session_scores import MANY_SESSIONS
from analysis.models import Analysis
from analysis.sound.quality import CHANNELS_DIFFER, DROPOUTS

# More than these nobody reads; the app shows the rest as pictures.
MAX_SEGMENTS = 3
MAX_BANDS = 2
MAX_CONTRIBUTIONS = 2
# A smaller difference may be significant, but nobody hears it.
MIN_AUDIBLE_DB = 3.0
# Segments that cover more of the recording than this are "the whole recording" to a person.
THROUGHOUT_FRACTION = 0.8
# A NORMAL recording at least this common among healthy ones is called ordinary.
ORDINARY_P_VALUE = 0.1


@dataclass(frozen=True, slots=True)
class Phrases:
    """The sentences of one language."""

    verdict: Mapping[str, str]
    ordinary: str
    nearly_all: str
    about_half: str
    in_hundred: str
    in_thousand: str
    rarer: str
    throughout: str
    segments: str
    bands: str
    band: str
    nowhere: str
    dash: str
    contributions: str
    feature_groups: Mapping[str, str]
    confirm: str
    sessions: str
    warnings: Mapping[str, str]
    notes: Mapping[str, str]


ENGLISH = Phrases(
    verdict={
        "NORMAL": "Normal: the machine sounds as usual.",
        "WARNING": "Warning: the machine sounds different from usual.",
        "CRITICAL": "Critical: the machine sounds very different from usual.",
    },
    ordinary="Ordinary: {}",
    nearly_all="nearly all healthy recordings deviate at least this much.",
    about_half="about half of all healthy recordings deviate at least this much.",
    in_hundred="about {} in 100 healthy recordings deviate at least this much.",
    in_thousand="only about {} in 1000 healthy recordings deviate at least this much.",
    rarer="fewer than 1 in 1000 healthy recordings deviate this much.",
    throughout="The difference lasts for the whole recording.",
    segments="It stands out at {} s.",
    bands="The difference is mostly at {}.",
    band="{} ({:+d} dB)",
    nowhere="No single moment or frequency stands out.",
    dash="–",
    contributions="What is unusual: {}.",
    feature_groups={
        "level": "the balance of high and low sound",
        "spread": "an unsteady sound",
        "quiet": "a steady background sound",
        "loud": "loud bursts",
        "change": "a rough, rattling sound",
        "jump": "knocks or clicks",
        "modulation": "a slow beat",
        "tonality": "a whine or hum",
        "envelope": "fast regular knocking, as of a bearing or gear",
        "sway": "an uneven run",
        "crackle": "crackling",
        "drift": "a sound that comes and goes",
        "whole": "a sound unlike normal as a whole",
    },
    confirm="Record once more to confirm this before you act on it.",
    sessions=(
        "The limit rests on {} recording sessions; with recordings of more days, the model raises "
        "fewer false alarms and finds fainter faults."
    ),
    warnings={
        "clipped": "The recording is overdriven; hold the phone a little farther away.",
        "quiet": "The recording is very quiet; hold the phone closer to the machine.",
        "low_sample_rate": (
            "The recording has a low sample rate, so a fault at high frequencies would be missed."
        ),
        "band_limited": "The recording lacks high frequencies, so a fault there would be missed.",
        "dropouts": (
            "Sound is missing or doubled in the recording (places: {}, {:.2f} s or more); this was "
            "left out; close other apps that use the microphone."
        ),
        "channels_differ": (
            "The channels of the recording differ, and only channel {} was judged; check what is "
            "connected to the others."
        ),
        "not_this_machine": (
            "This does not sound like this machine at all: was something else recorded, or is it "
            "another model's machine? “Suggest a model by sound” finds one by listening."
        ),
        "damaged_header": (
            "The file's header is wrong about where the sound is; all of the sound that the file "
            "holds was judged."
        ),
        "shorter_than_training": (
            "The recording is much shorter than those the model was trained on; record for longer."
        ),
        "unexplained": "This model cannot show when or at which frequencies a recording differs.",
        "first_seconds_only": "The model judged the first 10 seconds only.",
        "transient": (
            "The difference is brief and may be a voice or a knock nearby; please record again."
        ),
        "disturbed": (
            "Something beside the machine is heard, such as a voice, a dog or a knock; record "
            "again without it."
        ),
        "strict_stretches": (
            "This version was trained by an earlier release and is cautious with long recordings, "
            "so a fault that lasts for a part of one may be missed; train it again."
        ),
        "maybe_other_machine": (
            "This may be another machine than the model's: its tones differ. Make sure that "
            "machine and model are the right ones; if they are, the verdict holds."
        ),
    },
    notes={
        LAPSED: (
            "The calibration of this machine is for another version of the model, so the general "
            "thresholds were used; calibrate this machine again."
        ),
        FAR_FROM_TRAINING: (
            "The calibration of this machine is far from what the model was trained on, so faults "
            "may be missed; make sure that the machine was healthy then, or train a model for it."
        ),
        SET_BY_ENGINEER: "An engineer changed how careful the verdicts of this machine are.",
    },
)

KOREAN = Phrases(
    verdict={
        "NORMAL": "정상: 평소와 같은 소리입니다.",
        "WARNING": "주의: 평소와 다른 소리가 들립니다.",
        "CRITICAL": "위험: 평소와 크게 다른 소리가 들립니다.",
    },
    ordinary="흔히 있는 정도입니다. {}",
    nearly_all="정상 녹음도 거의 모두 이 정도 이상 다르게 들립니다.",
    about_half="정상 녹음의 절반가량이 이 정도 이상 다르게 들립니다.",
    in_hundred="정상 녹음 100건 중 약 {}건이 이 정도 이상 다르게 들립니다.",
    in_thousand="정상 녹음 1,000건 중 약 {}건만 이 정도 이상 다르게 들립니다.",
    rarer="정상 녹음이 이 정도로 다르게 들리는 경우는 1,000건 중 1건도 되지 않습니다.",
    throughout="녹음 전체에서 차이가 나타납니다.",
    segments="{}초 구간에서 두드러집니다.",
    bands="주로 {} 대역에서 차이가 납니다.",
    band="{}({:+d} dB)",
    nowhere="특정 순간이나 주파수가 두드러지지는 않습니다.",
    dash="~",
    contributions="평소와 다른 점: {}.",
    feature_groups={
        "level": "높은 소리와 낮은 소리의 균형",
        "spread": "고르지 않은 소리",
        "quiet": "계속 깔리는 배경음",
        "loud": "순간적으로 커지는 소리",
        "change": "거칠고 덜거덕거리는 소리",
        "jump": "두드리거나 튀는 소리",
        "modulation": "느리게 반복되는 맥놀이",
        "tonality": "윙 하는 음이나 웅 하는 소리",
        "envelope": "베어링이나 기어처럼 빠르고 규칙적인 두드림",
        "sway": "고르지 않은 운전음",
        "crackle": "지직거리는 소리",
        "drift": "나타났다 사라지는 소리",
        "whole": "전체적으로 평소와 다른 소리",
    },
    confirm="조치하기 전에 한 번 더 녹음해 확인해 주십시오.",
    sessions=(
        "판정 기준은 녹음 세션 {}회에 근거합니다. 여러 날의 녹음으로 학습하면 오경보가 줄고 "
        "더 작은 이상도 찾습니다."
    ),
    warnings={
        "clipped": "소리가 너무 커서 일그러졌습니다. 휴대폰을 조금 떼고 녹음해 주십시오.",
        "quiet": "소리가 너무 작게 녹음되었습니다. 휴대폰을 기계에 더 가까이 대 주십시오.",
        "low_sample_rate": ("낮은 샘플링 속도로 녹음되어, 높은 주파수의 이상은 놓칠 수 있습니다."),
        "band_limited": "녹음에 높은 주파수가 빠져 있어, 그 대역의 이상은 놓칠 수 있습니다.",
        "dropouts": (
            "녹음이 {}곳, 모두 {:.2f}초 이상 끊기거나 겹쳐 그 부분은 빼고 판정했습니다. "
            "마이크를 쓰는 다른 앱을 닫아 주십시오."
        ),
        "channels_differ": (
            "녹음의 채널마다 소리가 달라 {}번 채널만 판정했습니다. 다른 채널에 연결된 것을 "
            "확인해 주십시오."
        ),
        "not_this_machine": (
            "이 기계의 소리와 전혀 다릅니다. 다른 소리가 녹음되었거나 다른 모델의 기계일 수 "
            "있습니다. ‘소리로 모델 추천받기’로 맞는 모델을 찾아 보십시오."
        ),
        "damaged_header": (
            "파일 머리말의 길이 정보가 잘못되어, 파일에 담긴 소리 전체를 판정했습니다."
        ),
        "shorter_than_training": "모델이 학습한 녹음보다 훨씬 짧습니다. 더 길게 녹음해 주십시오.",
        "unexplained": "이 모델은 언제, 어느 주파수에서 다른지 알려 줄 수 없습니다.",
        "first_seconds_only": "모델은 처음 10초만 판정했습니다.",
        "transient": (
            "짧은 순간에만 다른 소리가 납니다. 말소리나 주변 소음일 수 있으니 다시 녹음해 주십시오."
        ),
        "disturbed": (
            "말소리, 개 짖는 소리, 부딪는 소리처럼 기계 주변의 소리가 들립니다. 그 소리 없이 다시 "
            "녹음해 주십시오."
        ),
        "strict_stretches": (
            "이전 릴리스에서 학습한 버전이라 긴 녹음을 보수적으로 판정하므로, 녹음의 일부에서만 "
            "나타나는 이상은 놓칠 수 있습니다. 모델을 다시 학습시켜 주십시오."
        ),
        "maybe_other_machine": (
            "모델이 학습한 기계와 고유음이 달라 다른 기계일 수 있습니다. 기계와 모델을 맞게 "
            "골랐는지 확인해 주십시오. 맞게 골랐다면 이 판정은 유효합니다."
        ),
    },
    notes={
        LAPSED: (
            "이 기계의 보정값은 모델의 다른 버전에 맞춘 것이어서 공통 기준으로 판정했습니다. "
            "이 기계를 다시 보정해 주십시오."
        ),
        FAR_FROM_TRAINING: (
            "이 기계의 보정값은 모델이 학습한 소리와 크게 달라 고장을 놓칠 수 있습니다. "
            "보정할 때 기계가 정상이었는지 확인하거나 전용 모델을 학습시켜 주십시오."
        ),
        SET_BY_ENGINEER: "이 기계의 판정 민감도는 엔지니어가 바꾼 값입니다.",
    },
)


def summarize(analysis: Analysis, language: str, *, asks_to_confirm: bool = True) -> str:
    """Return the verdict, what it means, where it differs and what to do; English if not Korean."""
    phrases = get_phrases(language)
    sentences = [
        sentence
        for sentence in iter_sentences(analysis, phrases)
        if asks_to_confirm or sentence != phrases.confirm
    ]
    return " ".join(sentences)


def list_warnings(analysis: Analysis, language: str) -> list[str]:
    """Return all that may mislead this verdict: in the recording, then in the calibration."""
    phrases = get_phrases(language)
    warnings = analysis.quality["warnings"]
    notes = analysis.calibration_notes
    of_recording = [format_warning(analysis, warning, phrases) for warning in warnings]
    of_calibration = [phrases.notes.get(note, note.replace("_", " ")) for note in notes]
    return of_recording + of_calibration


def get_phrases(language: str) -> Phrases:
    """Return the phrases of a language; any language but Korean gets English."""
    return KOREAN if language.startswith("ko") else ENGLISH


def iter_sentences(analysis: Analysis, phrases: Phrases) -> Iterator[str]:
    """Yield the sentences in reading order."""
    yield phrases.verdict[analysis.label]
    yield format_rarity(analysis.p_value, analysis.label, phrases)
    if analysis.label != Analysis.Label.NORMAL:
        yield from iter_differences(analysis, phrases)

    warnings = [
        warning for warning in analysis.quality["warnings"] if is_relevant(warning, analysis.label)
    ]
    is_another = NOT_THIS_MACHINE in warnings
    if "disturbed" in warnings and "transient" in warnings:
        # One of them is enough, and the other says more.
        warnings.remove("transient")
    # The sentence about a transient asks for another recording itself.
    asks_already = is_another or "transient" in warnings
    if analysis.label == Analysis.Label.CRITICAL and not asks_already:
        yield phrases.confirm
    yield from (
        format_warning(analysis, warning, phrases)
        for warning in warnings
        if warning in phrases.warnings
    )
    if rests_on_few_sessions(analysis):
        yield phrases.sessions.format(analysis.calibration_n_groups)
    yield from (phrases.notes[note] for note in analysis.calibration_notes if note in phrases.notes)


def format_warning(analysis: Analysis, warning: str, phrases: Phrases) -> str:
    """Return the sentence of a warning, the code itself where there is none."""
    sentence = phrases.warnings.get(warning, warning)
    if warning == DROPOUTS:
        return sentence.format(analysis.quality["dropouts"], analysis.quality["dropout_s"])
    if warning == CHANNELS_DIFFER:
        return sentence.format(analysis.quality["channel"])
    return sentence


def rests_on_few_sessions(analysis: Analysis) -> bool:
    """Whether an alarm rests on so few sessions that more would move the limit.

    Where names tell no sessions, or a machine was calibrated, notes say what that means.
    """
    n_sessions = analysis.calibration_n_groups
    has_few = n_sessions is not None and 2 <= n_sessions < MANY_SESSIONS
    is_alarm = analysis.label != Analysis.Label.NORMAL
    return is_alarm and has_few and FEW_GROUPS not in analysis.calibration_notes


def is_relevant(warning: str, label: str) -> bool:
    """Whether a warning matters: a knock beside a machine that sounds normal does not."""
    return warning != "transient" or label != Analysis.Label.NORMAL


def format_rarity(p_value: float, label: str, phrases: Phrases) -> str:
    """Return the p-value as a count of healthy recordings, never rounded to none or all."""
    sentence = format_p_value(p_value, phrases)
    if label == Analysis.Label.NORMAL and p_value >= ORDINARY_P_VALUE:
        return phrases.ordinary.format(sentence)
    return sentence[0].upper() + sentence[1:]


def format_p_value(p_value: float, phrases: Phrases) -> str:
    """Return the part of the sentence that counts."""
    if p_value >= 0.995:
        return phrases.nearly_all
    if 0.45 <= p_value <= 0.55:
        return phrases.about_half
    if p_value >= 0.0095:
        return phrases.in_hundred.format(round(100 * p_value))
    if p_value >= 0.001:
        return phrases.in_thousand.format(round(1000 * p_value))
    return phrases.rarer


def iter_differences(analysis: Analysis, phrases: Phrases) -> Iterator[str]:
    """Yield when and at which frequencies the recording differs, as far as is known."""
    segments = analysis.explanation["segments"]
    bands = sorted(analysis.explanation["bands"], key=lambda band: -abs(band["excess_db"]))
    audible = [band for band in bands if abs(band["excess_db"]) >= MIN_AUDIBLE_DB][:MAX_BANDS]
    if not segments and not audible and "unexplained" not in analysis.quality["warnings"]:
        yield phrases.nowhere

    if segments:
        yield format_segments(segments, analysis.quality["duration_s"], phrases)
    if audible:
        yield phrases.bands.format(", ".join(format_band(band, phrases) for band in audible))

    # Some detectors give no contributions, and earlier releases stored none.
    if traits := analysis.explanation.get("traits"):
        names = [phrases.feature_groups[each["name"]] for each in traits[:MAX_CONTRIBUTIONS]]
        yield phrases.contributions.format(", ".join(names))


def format_segments(
    segments: list[Mapping[str, float]], duration_s: float, phrases: Phrases
) -> str:
    """Return the sentence that names the first segments, or the whole recording."""
    covered_s = sum(segment["end_s"] - segment["start_s"] for segment in segments)
    if covered_s > THROUGHOUT_FRACTION * duration_s:
        return phrases.throughout

    ranges = [
        format_range(segment["start_s"], segment["end_s"], ".1f", phrases.dash)
        for segment in segments[:MAX_SEGMENTS]
    ]
    return phrases.segments.format(", ".join(ranges))


def format_band(band: Mapping[str, float], phrases: Phrases) -> str:
    """Return a band in Hz or kHz, with how much louder it is."""
    if band["high_hz"] >= 1000:
        low_khz = band["low_hz"] / 1000
        high_khz = band["high_hz"] / 1000
        frequencies = f"{format_range(low_khz, high_khz, '.2g', phrases.dash)} kHz"
    else:
        frequencies = f"{format_range(band['low_hz'], band['high_hz'], '.0f', phrases.dash)} Hz"
    return phrases.band.format(frequencies, round(band["excess_db"]))


def format_range(low: float, high: float, digits: str, dash: str) -> str:
    """Return a range, or one number where both ends look the same."""
    first = f"{low:{digits}}"
    last = f"{high:{digits}}"
    return first if first == last else dash.join((first, last))
