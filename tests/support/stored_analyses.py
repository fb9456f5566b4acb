"""Rows of analyses, without a sound or a model that could have made them."""

from datetime import UTC, datetime, timedelta

from analysis.models import Analysis, Recording

# More seconds than the oldest is old.
LATEST = 10**9


def create_analysis(owner, version, *, label="NORMAL", device=None, age=0):
    """Create an analysis of some seconds ago, which arrived after those that are older."""
    recording = Recording.objects.create(
        path=f"{Recording.objects.count()}.wav", sha256="0" * 64, size_bytes=1
    )
    return Analysis.objects.create(
        recording=recording,
        version=version,
        serving_sha256="5" * 64,
        owner=owner,
        device=device,
        label=label,
        score=0.5,
        anomaly_score=0.1 + 0.2,
        p_value=0.5,
        health_score=90,
        warning_threshold=1.0,
        critical_threshold=None,
        calibration_method="conformal",
        calibration_n=25,
        quality={
            "duration_s": 2.0,
            "sample_rate_hz": 16000,
            "channels": 1,
            "channel": 1,
            "level_dbfs": -30.0,
            "clipped_fraction": 0.0,
            "bandwidth_hz": 7000.0,
            "warnings": [],
        },
        explanation={
            "curve": {"start_s": 0.1, "step_s": 0.032, "values": [0.1]},
            "segments": [],
            "bands": [],
            "evidence": {"level_dbfs": -30.0, "bands": [], "envelope_peaks": []},
        },
        timing_ms={},
        created_at=datetime(2026, 8, 1, tzinfo=UTC) - timedelta(seconds=age),
        sequence_number=LATEST - age,
    )
