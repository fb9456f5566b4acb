"""An evaluation for programs: its figures, and every clip behind them."""

from collections.abc import Iterator
from typing import Any

from training.evaluation.evaluator import EvaluationResult


def document(evaluated: EvaluationResult) -> dict[str, Any]:
    """Everything, for programs."""
    evaluation = evaluated.evaluation
    return {
        "model_id": evaluation.version.registered_model_id,
        "version": evaluation.version.number,
        "evaluation": evaluation.pk,
        "created_at": evaluation.created_at.isoformat(),
        "test_normal": {
            "path": evaluation.normal_path,
            "fingerprint": evaluation.normal_fingerprint,
        },
        "test_abnormal": {
            "path": evaluation.abnormal_path,
            "fingerprint": evaluation.abnormal_fingerprint,
        },
        "metrics": evaluation.metrics,
        "clips": list(clip_records(evaluated)),
    }


def clip_records(evaluated: EvaluationResult) -> Iterator[dict[str, Any]]:
    """A record a clip."""
    calibration = evaluated.calibration
    for part, clips in (("normal", evaluated.normal), ("abnormal", evaluated.abnormal)):
        columns = zip(
            clips.names,
            clips.groups,
            clips.fault_types,
            clips.levels_dbfs,
            clips.scores.tolist(),
            strict=True,
        )
        for name, group, fault_type, level, score in columns:
            yield {
                "part": part,
                "name": name,
                "take": group,
                "kind": fault_type,
                "level_dbfs": round(float(level), 2),
                "anomaly_score": score,
                "p_value": calibration.compute_p_value(score),
                "label": calibration.label(score),
            }
