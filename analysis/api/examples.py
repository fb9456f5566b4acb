"""Examples of analyses, feedback, devices and media for the API documentation."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from analysis.api.uploads import IDEMPOTENCY_KEY
from analysis.models.feedback import COMMON_FAULT_CODES
from analysis.models.idempotency import MAX_KEY_LENGTH
from analysis.sound.file_types import MEDIA_TYPES, PICKED_MEDIA_TYPES
from registry.api.examples import LISTED_MODEL

IDEMPOTENCY_KEY_HEADER = OpenApiParameter(
    IDEMPOTENCY_KEY,
    {"type": "string", "maxLength": MAX_KEY_LENGTH, "pattern": "^[ -~]*$"},
    OpenApiParameter.HEADER,
    description=(
        "A key of your own for this request, such as a UUID. A second request with the same key, "
        "recording, model_id and device_id gets the analysis of the first, with status 201 again. "
        "A refused request does not use the key up."
    ),
)

WORN_BEARING = {
    "verdict": "TRUE_POSITIVE",
    "fault_code": "bearing",
    "comment": "Outer race, replaced the same day.",
}
FEEDBACK_REQUEST = OpenApiExample("A worn bearing", request_only=True, value=WORN_BEARING)
FEEDBACK = OpenApiExample(
    "A worn bearing, noted",
    response_only=True,
    value=WORN_BEARING
    | {"created_at": "2026-08-01T06:12:00Z", "updated_at": "2026-08-01T06:12:00Z"},
)

WHINE_SUMMARY = (
    "Warning: the machine sounds different from usual. About 3 in 100 healthy recordings deviate "
    "at least this much. It stands out at 2.1–3.4 s. The difference is mostly at 1.2–1.6 kHz "
    "(+8 dB)."
)
WHINE: dict[str, Any] = {
    "id": "0b6b7a52-6c0f-4d0e-9f5f-6a4c1f1f7d3e",
    "status": "completed",
    "label": "WARNING",
    "score": 0.981,
    "anomaly_score": 3.4817264193,
    "thresholds": {"warning": 3.2, "critical": 4.9},
    "p_value": 0.031,
    "health_score": 55.0,
    "summary": WHINE_SUMMARY,
    "finding": WHINE_SUMMARY,
    "model": {
        "id": "pump_autoencoder",
        "version": 3,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015" * 2,
    },
    "device_id": "pump-07",
    "calibration": {
        "id": None,
        "method": "conformal",
        "n": 53,
        "n_groups": 6,
        "notes": ["extrapolated"],
    },
    "quality": {
        "duration_s": 10.0,
        "sample_rate_hz": 48000,
        "channels": 1,
        "channel": 1,
        "level_dbfs": -31.5,
        "floor_dbfs": -109.0,
        "clipped_fraction": 0.0,
        "bandwidth_hz": 15800.0,
        "warnings": [],
        "dropouts": 0,
        "dropout_s": 0.0,
        "intact_s": 10.0,
    },
    "explanation": {
        "curve": {"start_s": 0.1, "step_s": 0.032, "values": [0.41, 0.39, 1.87]},
        "segments": [{"start_s": 2.1, "end_s": 3.4, "p_value": 0.012}],
        "bands": [{"low_hz": 1200.0, "high_hz": 1600.0, "excess_db": 8.2}],
        "traits": [{"name": "envelope", "deviations": 6.4}],
        "disturbances": [],
        "evidence": {
            "level_dbfs": -31.5,
            "bands": [{"name": "middle", "low_hz": 500.0, "high_hz": 2000.0, "fraction": 0.61}],
            "envelope_peaks": [{"frequency_hz": 29.5, "amplitude": 0.42}],
        },
    },
    "timing_ms": {
        "decode": 3.1,
        "wait": 0.0,
        "evidence": 5.0,
        "load": 0.0,
        "features": 9.2,
        "score": 2.4,
        "explain": 0.9,
    },
    "recorded_at": "2026-08-01T00:30:00Z",
    "recorded_by": "Field Engineer",
    "is_own": True,
    "created_at": "2026-08-01T00:30:04.120000Z",
    "feedback": None,
}

ANALYSIS_REQUEST = OpenApiExample(
    "A recording of pump 7",
    request_only=True,
    media_type="multipart/form-data",
    value={"file": "clip.wav", "model_id": "pump_autoencoder", "device_id": "pump-07"},
)
ANALYSIS = OpenApiExample("A pump with a whine", response_only=True, value=WHINE)
ANALYSES = OpenApiExample(
    "A short history", response_only=True, value={"analyses": [WHINE], "next": None}
)

PUMP = {
    "device_id": "pump-07",
    "name": "Feed pump 7",
    "machine_type": "pump",
    "preferred_model": {"id": "pump_autoencoder", "name": "Pump, autoencoder", "level": 2},
    "last_verdict": {
        "analysis_id": WHINE["id"],
        "label": WHINE["label"],
        "health_score": WHINE["health_score"],
        "created_at": WHINE["created_at"],
    },
}
DEVICE = OpenApiExample("A pump that whined", response_only=True, value=PUMP)
NEW_DEVICE = OpenApiExample(
    "A new fan",
    request_only=True,
    value={"device_id": "fan-03", "machine_type": "fan", "name": "Roof fan 3"},
)
DEVICE_CHANGE = OpenApiExample("Out of use", request_only=True, value={"is_in_use": False})
DEVICES = OpenApiExample("One machine", response_only=True, value={"devices": [PUMP], "next": None})

UNKNOWN_MACHINE = OpenApiExample(
    "An unknown machine",
    request_only=True,
    media_type="multipart/form-data",
    value={"file": "clip.wav"},
)
CAPABILITIES = OpenApiExample(
    "A server with its limits as delivered",
    response_only=True,
    value={
        "version": "0.1.0",
        "includes_colleagues": False,
        "demo_devices": [],
        "recording": {
            "min_seconds": 1.0,
            "max_seconds": 120.0,
            "max_bytes": 33554432,
            "quiet_dbfs": -66.0,
            "media_types": list(PICKED_MEDIA_TYPES),
        },
        "device_calibration": {"min_clips": 5, "max_clips": 20},
        "spectrogram": {
            "min_width": 320,
            "max_width": 2160,
            "min_height": 240,
            "max_height": 1440,
            "min_em": 11,
            "max_em": 120,
        },
        "verdict": {"health_at_warning": 60.0, "health_at_critical": 30.0, "min_p_value": 0.0001},
        "feedback": {"max_comment_length": 2000, "fault_codes": list(COMMON_FAULT_CODES)},
    },
)
MATCHES = OpenApiExample(
    "It sounds like a feed pump",
    response_only=True,
    value={
        "matches": [
            {
                "model": LISTED_MODEL.value,
                "p_value": 0.41,
                "score": 0.58,
                "anomaly_score": 2.1173920154,
                "label": "NORMAL",
                "warnings": [],
            }
        ],
        "suggestion": "pump_autoencoder",
        "is_none_of_these": False,
        "unavailable": [],
        "left_out": 0,
    },
)

RANGE = OpenApiParameter(
    "Range",
    str,
    OpenApiParameter.HEADER,
    examples=[OpenApiExample("The first 64 KiB", value="bytes=0-65535")],
    description=(
        "One range of bytes, as in `bytes=0-65535` or `bytes=-1024`. The whole recording is sent "
        "for several ranges at once, for an invalid one, and if If-Range has another ETag."
    ),
)


def describe_binary_response(description: str) -> OpenApiResponse:
    """Describe an answer that is not JSON."""
    return OpenApiResponse(OpenApiTypes.BINARY, description=description)


NOT_MODIFIED = OpenApiResponse(
    description="The client has it already: its ETag is in If-None-Match."
)
PICTURE_RESPONSES = {
    (200, "image/png"): describe_binary_response("The picture."),
    304: NOT_MODIFIED,
}
AUDIO_RESPONSES = {
    (200, *MEDIA_TYPES.values()): describe_binary_response("The recording, as it was uploaded."),
    (206, *MEDIA_TYPES.values()): describe_binary_response(
        "The range of its bytes in Content-Range."
    ),
    304: NOT_MODIFIED,
}
