"""Examples of the older API for its documentation."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

from analysis.api.examples import WHINE, WHINE_SUMMARY

# The name of the group of operations in the documentation.
TAG = "older app"

TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.x"
LOGIN = OpenApiExample(
    "A field engineer",
    request_only=True,
    media_type="application/x-www-form-urlencoded",
    value={"username": "field.engineer@plant.example", "password": "correct horse battery"},
)
LOGGED_IN = OpenApiExample(
    "Signed in",
    response_only=True,
    value={"access_token": TOKEN, "token_type": "bearer", "store_id": None},
)
ME = OpenApiExample(
    "A field engineer",
    response_only=True,
    value={
        "id": 7,
        "email": "field.engineer@plant.example",
        "username": "kim",
        "full_name": "Kim Minji",
        "role": "user",
        "subscription_tier": None,
        "subscription_expires_at": None,
    },
)
SIGN_UP = OpenApiExample(
    "A new colleague",
    request_only=True,
    value={
        "email": "lee@plant.example",
        "password": "correct horse battery",
        "username": "lee",
        "full_name": "Lee Jisoo",
    },
)

UPLOAD = OpenApiExample(
    "A recording of pump 7",
    request_only=True,
    media_type="multipart/form-data",
    value={"file": "clip.wav", "device_id": "pump-07", "model_preference": "level2_autoencoder"},
)
UPLOADED = OpenApiExample(
    "Judged",
    response_only=True,
    value={
        "success": True,
        "task_id": WHINE["id"],
        "file_type": "wav",
        "conversion_applied": False,
    },
)
DETAILS: dict[str, Any] = {
    "noise_level": -31.5,
    "frequency": 1400.0,
    "peak_frequencies": [29.5],
    "duration": 10.0,
    "sample_rate": 48000,
    "channels": 1,
    "warnings": [],
    "health_score": WHINE["health_score"],
    "anomaly_score": WHINE["anomaly_score"],
    "p_value": WHINE["p_value"],
    "warning_threshold": 3.2,
    "critical_threshold": 4.9,
    "segments": WHINE["explanation"]["segments"],
    "bands": WHINE["explanation"]["bands"],
    "model_id": "pump_autoencoder",
    "model_version": 3,
    "level_note": "As loud as the reference level of this machine.",
}
RESULT = OpenApiExample(
    "A pump with a whine",
    response_only=True,
    value={
        "success": True,
        "task_id": WHINE["id"],
        "status": "COMPLETED",
        "result": {
            "label": "WARNING",
            "score": WHINE["score"],
            "summary": WHINE_SUMMARY,
            "details": DETAILS,
        },
        "created_at": "2026-08-01T00:30:04Z",
        "completed_at": "2026-08-01T00:30:04.120000Z",
    },
)
FEEDBACK = OpenApiExample(
    "A worn bearing",
    request_only=True,
    value={
        "feedback_status": "TRUE_POSITIVE",
        "feedback_comment": "Outer race, replaced the same day.",
        "is_retraining_candidate": True,
    },
)
FEEDBACK_GIVEN = OpenApiExample(
    "A worn bearing, noted",
    response_only=True,
    value={
        "success": True,
        "message": "Your feedback is saved.",
        "analysis_id": WHINE["id"],
        "feedback_status": "TRUE_POSITIVE",
    },
)

PUMP: dict[str, Any] = {
    "id": 1,
    "device_id": "pump-07",
    "name": "Feed pump 7",
    "model": "NK 80",
    "status": "WARNING",
    "location": "Hall 2",
    "store_id": None,
    "last_reading_at": WHINE["created_at"],
}
DEVICE = OpenApiExample("A pump that whined", response_only=True, value=PUMP)
# The documentation makes a list of it.
DEVICES = OpenApiExample("One machine", response_only=True, value=PUMP)
NEW_DEVICE = OpenApiExample(
    "A pump",
    request_only=True,
    value={
        "device_id": "pump-08",
        "name": "Feed pump 8",
        "device_type": "pump",
        "model": "NK 80",
        "location": "Hall 2",
    },
)
REMOVED = OpenApiExample(
    "Out of use",
    response_only=True,
    value={"success": True, "message": "pump-07 is out of use. Its analyses are kept."},
)
CONFIG = OpenApiExample(
    "Fewer false alarms",
    request_only=True,
    value={"threshold_multiplier": 1.5, "sensitivity_level": "LOW"},
)
CONFIGURED = OpenApiExample(
    "Set",
    response_only=True,
    value={
        "success": True,
        "device_id": "pump-07",
        "threshold_multiplier": 1.5,
        "sensitivity_level": "LOW",
    },
)
REFERENCE = OpenApiExample(
    "Two measurements", request_only=True, value={"samples": [{"rms": r} for r in (0.02, 0.03)]}
)
LEVEL: dict[str, Any] = {
    "success": True,
    "device_id": "pump-07",
    "is_calibrated": True,
    "reference_dbfs": -32.2,
    "n_samples": 2,
    "calibrated_at": "2026-08-01T00:30:04Z",
    "message": "The reference level is noted beside results; it decides no verdict.",
}
CALIBRATED = OpenApiExample("Stored", response_only=True, value=LEVEL)
CALIBRATION = OpenApiExample("Stored before", response_only=True, value=LEVEL)

REPORT = OpenApiExample(
    "A pump with a whine",
    response_only=True,
    value={
        "success": True,
        "data_package": {
            "entity_type": "pump",
            "status": {
                "current_state": "WARNING",
                "health_score": WHINE["health_score"],
                "label": "WARNING",
                "summary": WHINE_SUMMARY,
            },
            "diagnosis": {
                "root_cause": "fast regular knocking, as of a bearing or gear",
                "confidence": 0.969,
                "severity_score": 0.45,
            },
            "maintenance_guide": {
                "immediate_action": "Record again soon, and watch the machine.",
                "recommended_parts": [],
                "estimated_downtime": None,
            },
            "ensemble_analysis": {
                "consensus_score": 0.981,
                "voting_result": {"pump_autoencoder": {"status": "WARNING", "score": 0.981}},
            },
            "frequency_analysis": {
                "bpfo_frequency": None,
                "detected_peaks": [{"hz": 29.5, "amp": 0.42, "match": False, "label": "rhythm"}],
                "diagnosis": "The loudness of the sound repeats at these frequencies.",
            },
            "predictive_insight": {
                "rul_prediction_days": -1,
                "anomaly_score_history": [{"date": WHINE["created_at"], "value": 3.48}],
                "summary": "The last 30 days show no trend towards CRITICAL.",
            },
            "analysis_details": {"method": "level2_autoencoder", **DETAILS},
            "original_analysis_result": WHINE,
        },
    },
)
