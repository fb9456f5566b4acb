"""Writes an evaluation for programs: its metrics, and every clip behind them."""

from collections.abc import Iterator
from typing import Any

from analysis.detectors.calibration import Calibration
from training.evaluation.evaluator import EvaluationResult
from training.evaluation.scored_clips import ScoredClips


def build_document(result: EvaluationResult) -> dict[str, Any]:
    """Return everything as JSON values."""
    evaluation = result.evaluation
    clips = [
        *clip_records("normal", result.normal, result.calibration),
        *clip_records("abnormal", result.abnormal, result.calibration),
    ]
    return {
        "model_id": evaluation.version.registered_model_id,
        "version": evaluation.version.number,
        "evaluation": evaluation.pk,
        "created_at": evaluation.created_at.isoformat(),
        "test_normal": {
            "path": evaluation.normal_path,
            "fingerprint": evaluation.normal_fingerprint,
            "entries": result.entries["test_normal"],
        },
        "test_abnormal": {
            "path": evaluation.abnormal_path,
            "fingerprint": evaluation.abnormal_fingerprint,
            "entries": result.entries["test_abnormal"],
        },
        "metrics": evaluation.metrics,
        "clips": clips,
    }


def clip_records(
    part: str, clips: ScoredClips, calibration: Calibration
) -> Iterator[dict[str, Any]]:
    """Yield one record a clip."""
    for i, score in enumerate(clips.scores.tolist()):
        yield {
            "part": part,
            "name": clips.names[i],
            "take": clips.groups[i],
            "kind": clips.fault_types[i],
            "level_dbfs": round(float(clips.levels_dbfs[i]), 2),
            "anomaly_score": score,
            "p_value": calibration.compute_p_value(score),
            "label": calibration.label(score),
        }
