"""What the older app shows of one analysis."""

from math import log10
from typing import Any

from analysis.api.summary import summarize
from analysis.models import Analysis
from older_app.models import DeviceProfile
from older_app.sentences import Sentences, get_sentences

# A smaller difference from the reference level is nothing that a person would look into.
MIN_LEVEL_DIFFERENCE_DB = 3.0


def build_result(analysis: Analysis, language: str) -> dict[str, Any]:
    """Return label, score, summary and details, all of them measured or stored."""
    return {
        "label": analysis.label,
        "score": analysis.score,
        "summary": summarize(analysis, language),
        "details": build_details(analysis, language),
    }


def build_details(analysis: Analysis, language: str) -> dict[str, Any]:
    """Return what was measured: of the recording, then of its difference from normal ones."""
    quality = analysis.quality
    rhythms = analysis.explanation["evidence"]["envelope_peaks"]
    bands = sorted(analysis.explanation["bands"], key=lambda band: -abs(band["excess_db"]))
    return {
        "noise_level": quality["level_dbfs"],
        "frequency": compute_center(bands[0]) if bands else None,
        "peak_frequencies": [rhythm["frequency_hz"] for rhythm in rhythms],
        "duration": quality["duration_s"],
        "sample_rate": quality["sample_rate_hz"],
        "channels": quality["channels"],
        "warnings": quality["warnings"],
        "health_score": analysis.health_score,
        "anomaly_score": analysis.anomaly_score,
        "p_value": analysis.p_value,
        "warning_threshold": analysis.warning_threshold,
        "critical_threshold": analysis.critical_threshold,
        "segments": analysis.explanation["segments"],
        "bands": bands,
        "model_id": analysis.version.registered_model_id,
        "model_version": analysis.version.number,
        "level_note": write_level_note(analysis, get_sentences(language)),
    }


def compute_center(band: dict[str, float]) -> float:
    """Return the middle of a band, in Hz."""
    return (band["low_hz"] + band["high_hz"]) / 2


def write_level_note(analysis: Analysis, sentences: Sentences) -> str:
    """Return how loud the recording is beside the device's reference level; empty without one."""
    profile = DeviceProfile.of(analysis.device) if analysis.device else None
    if profile is None or profile.reference_dbfs is None:
        return ""
    difference_db = analysis.quality["level_dbfs"] - profile.reference_dbfs
    if abs(difference_db) < MIN_LEVEL_DIFFERENCE_DB:
        return sentences.as_loud
    sentence = sentences.louder if difference_db > 0 else sentences.quieter
    return sentence.format(abs(difference_db))


def to_dbfs(rms: float) -> float:
    """Return a level in dBFS: above 0 it is a fraction of full scale, else it is dBFS already."""
    return 20 * log10(rms) if rms > 0 else rms
