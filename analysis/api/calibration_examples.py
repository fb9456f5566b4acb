"""Examples of calibrations for the API documentation."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

FOR_ALL: dict[str, Any] = {
    "id": 41,
    "model": {"id": "pump_autoencoder", "version": 3},
    "device_id": None,
    "target_rate": 0.02,
    "thresholds": {"warning": 3.6, "critical": 4.9},
    "n": 53,
    "n_groups": 6,
    "method": "conformal",
    "notes": ["extrapolated"],
    "restores": None,
    "by": "curator@plant.example",
    "why": "Too many alarms in hall 3.",
    "created_at": "2026-08-01T06:12:00Z",
}
FOR_DEVICE = FOR_ALL | {
    "id": 42,
    "device_id": "pump-07",
    "thresholds": {"warning": 6.1, "critical": 8.0},
    "n": 5,
    "n_groups": 1,
    "method": "moved to the device",
    "notes": ["extrapolated", "few_clips"],
    "why": "A new phone.",
}
BACK = FOR_ALL | {
    "id": 43,
    "restores": 38,
    "target_rate": 0.05,
    "why": "The noise was a fault after all.",
}

RATE = OpenApiExample(
    "Fewer alarms",
    request_only=True,
    value={"target_rate": 0.02, "why": "Too many alarms in hall 3."},
)
RETARGETED = OpenApiExample("From now on", response_only=True, value=FOR_ALL)
CLIPS = OpenApiExample(
    "Pump 7 through a new phone",
    request_only=True,
    media_type="multipart/form-data",
    value={
        "files": [f"clip{n}.wav" for n in range(1, 6)],
        "model_id": "pump_autoencoder",
        "why": "A new phone.",
    },
)
DEVICE_CALIBRATED = OpenApiExample(
    "Calibrated",
    response_only=True,
    value={
        "calibration": FOR_DEVICE,
        "before": {
            "thresholds": {"warning": 3.6, "critical": 4.9},
            "history": {"NORMAL": 2, "WARNING": 7, "CRITICAL": 1},
            "clips": {"NORMAL": 0, "WARNING": 4, "CRITICAL": 1},
        },
        "after": {
            "thresholds": {"warning": 6.1, "critical": 8.0},
            "history": {"NORMAL": 9, "WARNING": 0, "CRITICAL": 1},
            "clips": {"NORMAL": 5, "WARNING": 0, "CRITICAL": 0},
        },
    },
)
UNDO = OpenApiExample(
    "A mistake", request_only=True, value={"why": "The noise was a fault after all."}
)
UNDONE = OpenApiExample("As it was", response_only=True, value=BACK)
ALL_OF_MODEL = OpenApiExample(
    "One calibration", response_only=True, value={"calibrations": [FOR_ALL], "next": None}
)
ALL_OF_DEVICE = OpenApiExample(
    "One device", response_only=True, value={"calibrations": [FOR_DEVICE], "next": None}
)
