"""Examples of models for the API documentation."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

OF_VERSION: dict[str, Any] = {
    "version": 3,
    "file_name": "pump_autoencoder_v3.pth",
    "meta_file": "pump_autoencoder_v3_meta.json",
    "metrics": {"auc": 0.97, "false_alarm_rate": 0.04, "detection_rate": 0.91, "n_sessions": 24},
    "created_at": "2026-08-01T00:30:04.120000Z",
}
PUMP = {
    "id": "pump_autoencoder",
    "name": "Pump detector",
    "type": "level2_autoencoder",
    "level": 2,
    "machine_type": "pump",
    "description": "Feed pumps of hall 3.",
    "is_default": True,
    "is_recommended": True,
    "is_calibrated": True,
    "is_tested": True,
    **OF_VERSION,
    "sample_count": 240,
}
VERSION = OF_VERSION | {
    "is_tested": True,
    "findings": [
        {
            "code": "few_recordings",
            "detail": "18 recordings are too few for 5 % false alarms: the WARNING threshold lies "
            "beyond all of them. 1 more are needed.",
            "blocks_serving": False,
        }
    ],
}

# The documentation wraps it in a page.
LISTED_MODEL = OpenApiExample("One model", response_only=True, value=PUMP)
MODEL = OpenApiExample(
    "A model with one version", response_only=True, value=PUMP | {"versions": [VERSION]}
)
