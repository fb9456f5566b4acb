"""The summary: what it says in both languages, from stored numbers alone."""

import re

import pytest

from analysis.api.summary import ENGLISH, KOREAN, summarize
from analysis.detectors.artifact import (
    MAYBE_OTHER_MACHINE,
    SHORTER_THAN_TRAINING,
    STRICT_STRETCHES,
    TRANSIENT,
)
from analysis.detectors.mahalanobis import FEATURE_GROUPS, WHOLE
from analysis.models import Analysis


def analysis(label="NORMAL", p_value=0.4, segments=(), bands=(), warnings=(), duration_s=10.0):
    return Analysis(
        label=label,
        p_value=p_value,
        explanation={
            "segments": [{"start_s": start, "end_s": end} for start, end in segments],
            "bands": [
                {"low_hz": low, "high_hz": high, "excess_db": excess} for low, high, excess in bands
            ],
        },
        quality={
            "duration_s": duration_s,
            "channel": 2,
            "dropouts": 3,
            "dropout_s": 0.25,
            "warnings": list(warnings),
        },
    )


def test_the_summary_of_a_normal_clip_says_how_common_it_is():
    assert summarize(analysis(p_value=0.42, segments=[(1, 2)], bands=[(100, 200, 9)]), "en") == (
        "Normal: the machine sounds as usual. "
        "Ordinary: about 42 in 100 healthy recordings deviate at least this much."
    )


def test_a_warning_says_where_in_time_and_frequency():
    text = summarize(
        analysis(
            "WARNING",
            0.03,
            segments=[(2.1, 3.44), (5, 5.5)],
            bands=[(120, 180, 6.2), (1200, 1600, -3.6)],
        ),
        "en",
    )
    assert text == (
        "Warning: the machine sounds different from usual. "
        "About 3 in 100 healthy recordings deviate at least this much. "
        "It stands out at 2.1–3.4, 5.0–5.5 s. "
        "The difference is mostly at 120–180 Hz (+6 dB), 1.2–1.6 kHz (-4 dB)."
    )


def test_the_same_in_korean():
    text = summarize(
        analysis("WARNING", 0.03, segments=[(2.1, 3.44)], bands=[(1200, 1600, 8)]), "ko"
    )
    assert text == (
        "주의: 평소와 다른 소리가 들립니다. "
        "정상 녹음 100건 중 약 3건이 이 정도 이상 다르게 들립니다. "
        "2.1~3.4초 구간에서 두드러집니다. 주로 1.2~1.6 kHz(+8 dB) 대역에서 차이가 납니다."
    )


@pytest.mark.parametrize(
    ("p_value", "text"),
    [
        (1.0, "Ordinary: nearly all"),
        (0.996, "Ordinary: nearly all"),
        (0.994, "Ordinary: about 99 in 100"),
        (0.49, "Ordinary: about half of all healthy recordings deviate at least this much."),
        (0.1, "Ordinary: about 10 in 100"),
        (0.09, " About 9 in 100"),
        (0.0096, "About 1 in 100"),
        (0.0094, "Only about 9 in 1000"),
        (0.001, "Only about 1 in 1000"),
        (0.0009, "Fewer than 1 in 1000"),
        (0.0, "Fewer than 1 in 1000"),
    ],
)
def test_a_p_value_is_never_rounded_to_none_or_all(p_value, text):
    assert text in summarize(analysis(p_value=p_value), "en")


def test_an_alarm_is_never_called_ordinary():
    assert "Ordinary" not in summarize(analysis("WARNING", p_value=0.3), "en")
    assert "흔히" not in summarize(analysis("WARNING", p_value=0.3), "ko")


def test_segments_that_cover_the_clip_are_throughout():
    text = summarize(analysis("WARNING", 0.02, segments=[(0, 5), (5.5, 9.5)]), "en")
    assert "the whole recording" in text
    assert "5.5" not in text


def test_the_summary_names_only_the_first_segments_and_bands():
    segments = [(n, n + 0.2) for n in range(1, 6)]
    bands = [(100 * n, 100 * n + 50, 10 - n) for n in range(1, 6)]
    text = summarize(analysis("WARNING", 0.02, segments=segments, bands=bands), "en")
    assert "3.0–3.2 s." in text
    assert "100–150 Hz (+9 dB), 200–250 Hz (+8 dB)." in text


def test_a_range_that_rounds_to_one_number_is_written_as_one():
    text = summarize(
        analysis("WARNING", 0.02, segments=[(2.11, 2.14)], bands=[(1210, 1220, -6.3)]), "en"
    )
    assert text.endswith("It stands out at 2.1 s. The difference is mostly at 1.2 kHz (-6 dB).")


def test_critical_asks_to_record_again():
    assert ENGLISH.confirm in summarize(analysis("CRITICAL", 0.0001), "en")
    assert KOREAN.confirm in summarize(analysis("CRITICAL", 0.0001), "ko")


@pytest.mark.parametrize(("language", "phrases"), [("en", ENGLISH), ("ko", KOREAN)])
def test_where_another_recording_is_confirmed_nothing_else_is_missing(language, phrases):
    critical = analysis("CRITICAL", 0.0001, segments=[(2.1, 3.4)], warnings=["quiet"])
    whole = summarize(critical, language)
    finding = summarize(critical, language, asks_to_confirm=False)
    assert finding == whole.replace(f"{phrases.confirm} ", "")
    assert phrases.confirm not in finding


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "rests on 3 recording sessions"), ("ko", "녹음 세션 3회에")]
)
def test_an_alarm_says_on_how_few_sessions_it_rests(language, sentence):
    few = analysis("WARNING", 0.03)
    few.calibration_n_groups = 3
    assert sentence in summarize(few, language)


@pytest.mark.parametrize(
    ("label", "n_groups", "notes"),
    [
        ("NORMAL", 3, []),
        ("WARNING", 1, []),
        ("WARNING", 12, []),
        ("WARNING", None, []),
        ("WARNING", 3, ["few_takes"]),
    ],
)
def test_otherwise_the_sessions_are_not_mentioned(label, n_groups, notes):
    other = analysis(label, 0.03)
    other.calibration_n_groups = n_groups
    other.calibration_notes = notes
    assert "recording sessions" not in summarize(other, "en")


def test_a_transient_asks_only_once():
    text = summarize(analysis("CRITICAL", 0.0001, warnings=["transient"]), "en")
    assert ENGLISH.warnings["transient"] in text
    assert ENGLISH.confirm not in text


@pytest.mark.parametrize(
    "warning",
    [
        "clipped",
        "quiet",
        "low_sample_rate",
        "band_limited",
        "channels_differ",
        SHORTER_THAN_TRAINING,
        TRANSIENT,
        "damaged_header",
        STRICT_STRETCHES,
        MAYBE_OTHER_MACHINE,
        "not_this_machine",
    ],
)
def test_every_quality_warning_has_words_in_both_languages(warning):
    warned = analysis("WARNING", 0.03, warnings=[warning])
    assert summarize(warned, "en").endswith(ENGLISH.warnings[warning].format(2))
    assert summarize(warned, "ko").endswith(KOREAN.warnings[warning].format(2))


@pytest.mark.parametrize("phrases", [ENGLISH, KOREAN])
def test_every_feature_group_has_words_in_both_languages(phrases):
    assert set(phrases.feature_groups) == {*FEATURE_GROUPS, WHOLE}


def test_a_transient_in_a_normal_recording_is_not_mentioned():
    assert ENGLISH.warnings[TRANSIENT] not in summarize(analysis(warnings=[TRANSIENT]), "en")


def test_no_english_sentence_in_korean():
    text = summarize(
        analysis(
            "CRITICAL",
            0.5,
            segments=[(1, 2)],
            bands=[(100, 200, 3)],
            warnings=list(KOREAN.warnings),
        ),
        "ko",
    )
    assert not re.findall(r"[A-Za-z]+", text.replace("Hz", "").replace("dB", ""))


def test_any_other_language_reads_english():
    assert summarize(analysis(), "fr") == summarize(analysis(), "en")


def test_an_inaudible_difference_is_not_mentioned():
    text = summarize(
        analysis("WARNING", 0.03, bands=[(100, 200, 1), (300, 400, -9), (500, 600, 4)]), "en"
    )
    assert "300–400 Hz (-9 dB), 500–600 Hz (+4 dB)" in text
    assert "200 Hz" not in text


def test_where_nothing_stands_out_the_summary_says_so():
    assert ENGLISH.nowhere in summarize(analysis("WARNING", 0.03), "en")
    assert ENGLISH.nowhere not in summarize(analysis("NORMAL", 0.5), "en")
