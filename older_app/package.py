"""The data package of a report: what was measured, under the names that the older app reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analysis.api.summary import get_phrases, summarize
from analysis.models import Analysis, Device
from older_app.devices import UNKNOWN
from older_app.results import build_details
from older_app.sentences import Sentences, get_sentences
from older_app.trend import Trend

NO_PREDICTION = -1
DECIMALS = 1


@dataclass(frozen=True, slots=True)
class Vote:
    """What one model says about the newest recording.

    status is its label, or the code of what kept it from judging; then score is None.
    """

    model_id: str
    status: str
    score: float | None


def build_package(
    analysis: Analysis,
    *,
    history: Sequence[Analysis],
    trend: Trend | None,
    votes: Sequence[Vote],
    language: str,
) -> dict[str, Any]:
    """Return the report of a device by its newest analysis."""
    sentences = get_sentences(language)
    assert analysis.device is not None
    insight = build_insight(analysis, history, trend, sentences)
    return {
        "entity_type": analysis.device.machine_type_id,
        "status": {
            "current_state": analysis.label,
            "health_score": analysis.health_score,
            "label": analysis.label,
            "summary": f"{summarize(analysis, language)} {insight['summary']}",
        },
        "diagnosis": build_diagnosis(analysis, language),
        "maintenance_guide": build_guide(sentences.action[analysis.label]),
        "ensemble_analysis": build_ensemble(votes),
        "frequency_analysis": build_frequencies(analysis, sentences),
        "predictive_insight": insight,
        "analysis_details": {
            "method": analysis.version.registered_model.type,
            **build_details(analysis, language),
        },
    }


def build_package_without_analysis(device: Device, language: str) -> dict[str, Any]:
    """Return the report of a device that was never judged: nothing is known of it."""
    sentences = get_sentences(language)
    return {
        "entity_type": device.machine_type_id,
        "status": {
            "current_state": UNKNOWN,
            "health_score": 0,
            "label": UNKNOWN,
            "summary": sentences.never_judged,
        },
        "diagnosis": {"root_cause": None, "confidence": None, "severity_score": None},
        "maintenance_guide": build_guide(sentences.never_judged),
        "ensemble_analysis": build_ensemble([]),
        "frequency_analysis": {
            "bpfo_frequency": None,
            "detected_peaks": [],
            "diagnosis": sentences.never_judged,
        },
        "predictive_insight": {
            "rul_prediction_days": NO_PREDICTION,
            "anomaly_score_history": [],
            "summary": sentences.too_few,
        },
        "original_analysis_result": None,
        "analysis_details": {"method": None, "peak_frequencies": []},
    }


def build_diagnosis(analysis: Analysis, language: str) -> dict[str, Any]:
    """Return the feature group that stands out most, how rare that is, and how bad.

    confidence is the share of healthy recordings that deviate less; severity_score goes from 0 (an
    ordinary healthy recording) to 1.
    """
    traits = analysis.explanation.get("traits") or []
    names = get_phrases(language).feature_groups
    is_alarm = analysis.label != Analysis.Label.NORMAL
    return {
        "root_cause": names[traits[0]["name"]] if traits and is_alarm else None,
        "confidence": 1 - analysis.p_value,
        "severity_score": 1 - analysis.health_score / 100,
    }


def build_guide(action: str) -> dict[str, Any]:
    """Return what to do now; a sound tells neither parts nor how long a repair takes."""
    return {"immediate_action": action, "recommended_parts": [], "estimated_downtime": None}


def build_ensemble(votes: Sequence[Vote]) -> dict[str, Any]:
    """Return the verdict of each model, and the mean of their scores."""
    scores = [vote.score for vote in votes if vote.score is not None]
    return {
        "consensus_score": sum(scores) / len(scores) if scores else None,
        "voting_result": {
            vote.model_id: {"status": vote.status, "score": vote.score} for vote in votes
        },
    }


def build_frequencies(analysis: Analysis, sentences: Sentences) -> dict[str, Any]:
    """Return the rhythms of the sound; which part makes one, only its geometry tells."""
    rhythms = analysis.explanation["evidence"]["envelope_peaks"]
    return {
        "bpfo_frequency": None,
        "detected_peaks": [
            {
                "hz": rhythm["frequency_hz"],
                "amp": rhythm["amplitude"],
                "match": False,
                "label": sentences.rhythm,
            }
            for rhythm in rhythms
        ],
        "diagnosis": sentences.rhythms if rhythms else sentences.no_rhythm,
    }


def build_insight(
    analysis: Analysis, history: Sequence[Analysis], trend: Trend | None, sentences: Sentences
) -> dict[str, Any]:
    """Return the scores of 30 days, and when their trend meets CRITICAL if it rises for sure."""
    critical = analysis.critical_threshold
    days = trend.compute_days_until(critical) if trend and critical is not None else None
    summary = sentences.no_trend if trend else sentences.too_few
    return {
        "rul_prediction_days": NO_PREDICTION if days is None else round(days, DECIMALS),
        "anomaly_score_history": [
            {"date": row.created_at.isoformat(), "value": row.anomaly_score} for row in history
        ],
        "summary": summary if days is None else sentences.trend.format(days),
    }
