"""Metrics of analyses for whoever watches the servers: seconds by stage, verdicts by model."""

from collections.abc import Mapping

from prometheus_client import Counter, Histogram

STAGE_SECONDS = Histogram(
    "signalcraft_stage_seconds",
    "Time of each stage of an analysis: decode, wait, evidence, load, features, score, explain.",
    ["stage"],
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5),
)
VERDICTS = Counter(
    "signalcraft_verdicts",
    "Analyses by model and verdict.",
    ["model", "label"],
)


def count_analysis(*, model_id: str, label: str, timing_ms: Mapping[str, float]) -> None:
    """Count one stored analysis."""
    VERDICTS.labels(model_id, label).inc()
    for stage, milliseconds in timing_ms.items():
        STAGE_SECONDS.labels(stage).observe(milliseconds / 1000)
