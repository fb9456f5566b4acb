"""From uploaded bytes to a stored analysis: where sound meets database and settings."""

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from functools import partial
from math import isfinite
from time import perf_counter
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from analysis.calibration_choice import EffectiveCalibration, resolve_calibration
from analysis.detectors import Contributions
from analysis.detectors.artifact import MAYBE_OTHER_MACHINE
from analysis.detectors.base import Prediction
from analysis.detectors.calibration import NOT_THIS_MACHINE, Calibration
from analysis.disturbed import DISTURBED, Judgement, judge_undisturbed
from analysis.errors import InvalidArtifact, ModelRequired
from analysis.loading import get_limits, load
from analysis.models import Analysis, Device, IdempotencyKey, Recording
from analysis.sound.audio import decode
from analysis.sound.evidence import measure_evidence
from analysis.sound.quality import Quality, assess_quality
from analysis.telemetry import count_analysis
from registry.errors import ArtifactUnavailable
from registry.models import ModelVersion, RegisteredModel

LEVELS = {"level1": 1, "level2": 2, "level3": 3}
# The curve is for drawing: four decimals are more than a screen shows.
CURVE_DECIMALS = 4
# A recording that is made again is made on the spot.
REPEATED_WITHIN = timedelta(hours=1)
# More at once would be no sooner done, and whoever writes to the database, or answers a probe,
# would wait behind all of them for the interpreter.
places_to_compute = threading.BoundedSemaphore(max(2, os.cpu_count() or 1))


def analyze(
    content: bytes,
    *,
    user: User,
    model_id: str | None = None,
    device_id: str | None = None,
    model_preference: str | None = None,
    recorded_at: datetime | None = None,
    original_name: str = "",
    idempotency_key: str | None = None,
) -> Analysis:
    """Judge one recording by the model asked for and store both; what cannot be is an error.

    With an idempotency key this happens once: a second request gets the analysis of the first.
    """
    recording = build_recording(content, recorded_at, original_name)
    params = (recording.sha256, model_id or "", device_id or "")
    key = IdempotencyKey.build(user, idempotency_key, *params) if idempotency_key else None
    if key and (earlier := key.find_analysis()):
        return earlier

    device = Device.objects.get_by_device_id(device_id) if device_id else None
    level = LEVELS[model_preference] if model_preference else None
    version = choose_model(model_id, device, level).get_version_to_serve()

    analysis, container = compute_analysis(
        content,
        version=version,
        device=device,
        is_repeated=partial(was_disturbed, user, version, device),
    )
    analysis.owner = user
    stored = persist(analysis, recording, content, container, key)
    if stored is analysis:
        count_analysis(
            model_id=version.registered_model_id, label=analysis.label, timing_ms=analysis.timing_ms
        )
    return stored


def build_recording(content: bytes, recorded_at: datetime | None, name: str) -> Recording:
    """Return the unsaved row of an upload."""
    digest = hashlib.sha256(content).hexdigest()
    return Recording(
        original_name=name, recorded_at=recorded_at, sha256=digest, size_bytes=len(content)
    )


def compute_analysis(
    content: bytes,
    *,
    version: ModelVersion,
    device: Device | None,
    is_repeated: Callable[[], bool] = lambda: False,
) -> tuple[Analysis, str]:
    """Judge one recording by a version; return the unsaved analysis and the container's name.

    is_repeated: whether the recording before was an alarm in which something else was heard, too;
    asked only where an alarm is in doubt, because it asks the database.
    """
    watch = Stopwatch()
    loaded = load(version)
    watch.lap("load")
    clip = decode(content, get_limits(), pick=loaded.artifact.pick)
    watch.lap("decode")

    with take_place(watch):
        quality = assess_quality(clip)
        evidence = measure_evidence(clip.intact, quality.level_dbfs, clip.gain_db)
        watch.lap("evidence")
    loaded.artifact.check_compatible(quality)
    effective = resolve_calibration(version, device, loaded.artifact.calibration)
    watch.lap("load")

    with take_place(watch):
        judgement = judge_undisturbed(loaded.artifact, clip, effective.calibration, is_repeated)
    prediction = judgement.prediction
    analysis = Analysis(
        version=version,
        serving_sha256=loaded.sha256,
        device=device,
        **apply_calibration(effective, prediction.anomaly_score),
        quality=asdict(add_warnings(quality, prediction, effective.calibration)),
        explanation=explanation_to_json(judgement, effective.calibration)
        | {"evidence": asdict(evidence)},
        timing_ms=watch.laps_ms | prediction.timing_ms,
    )
    return analysis, clip.container


def add_warnings(quality: Quality, prediction: Prediction, calibration: Calibration) -> Quality:
    """Return the quality with what the model's hearing adds to its warnings."""
    warnings = quality.warnings + prediction.warnings
    if calibration.is_of_another_machine(prediction.anomaly_score):
        # The stronger of the two doubts about the machine is said alone.
        warnings = tuple(each for each in warnings if each != MAYBE_OTHER_MACHINE)
        warnings += (NOT_THIS_MACHINE,)
    return replace(quality, warnings=warnings)


def was_disturbed(user: User, version: ModelVersion, device: Device | None) -> bool:
    """Return whether the newest recording of this machine, just now, was an alarm with others."""
    now = timezone.now()
    analyses = Analysis.objects.sent_by(user).filter(version=version, device=device)
    recent = analyses.filter(created_at__range=(now - REPEATED_WITHIN, now))
    newest = recent.newest_first().first()
    return newest is not None and DISTURBED in newest.quality["warnings"]


@contextmanager
def take_place(watch: "Stopwatch") -> Iterator[None]:
    """Compute with few others; nothing that waits for somebody else belongs in here."""
    with places_to_compute:
        watch.lap("wait")
        yield


def choose_model(model_id: str | None, device: Device | None, level: int | None) -> RegisteredModel:
    """Return the model asked for, else the device's model at this level, and never another."""
    if model_id:
        return RegisteredModel.objects.get_by_id(model_id)
    if device is None:
        raise ModelRequired("Name a model as model_id, or a device that has one as device_id.")
    return device.choose_model(level)


def apply_calibration(effective: EffectiveCalibration, anomaly_score: float) -> dict[str, Any]:
    """Compare a score with a calibration; return the result as columns of Analysis."""
    if not isfinite(anomaly_score):
        # No threshold is below NaN, so it would pass as NORMAL.
        raise InvalidArtifact("The model's score of this recording is not a number.")

    calibration = effective.calibration
    return {
        "anomaly_score": anomaly_score,
        "label": calibration.label(anomaly_score),
        "score": calibration.score(anomaly_score),
        "p_value": calibration.compute_p_value(anomaly_score),
        "health_score": calibration.compute_health_score(anomaly_score),
        "warning_threshold": calibration.warning,
        "critical_threshold": calibration.critical,
        "calibration_method": calibration.method,
        "calibration_n": effective.n,
        "calibration_n_groups": effective.calibration.n_groups,
        "calibration_notes": list(effective.notes),
        "calibration": effective.record,
    }


def explanation_to_json(judgement: Judgement, calibration: Calibration) -> dict[str, Any]:
    """Return an explanation as JSON values, with how rare each segment is for a normal clip."""
    prediction = judgement.prediction
    explanation = prediction.explanation
    pairs = zip(explanation.segments, prediction.segment_scores, strict=True)
    # As float64: a rounded float32 is written with a dozen digits.
    values = explanation.curve.astype(float).round(CURVE_DECIMALS).tolist()
    return {
        "curve": {"start_s": explanation.start_s, "step_s": explanation.step_s, "values": values},
        "segments": [
            asdict(segment) | {"p_value": calibration.compute_p_value(anomaly_score)}
            for segment, anomaly_score in pairs
        ],
        "bands": [asdict(band) for band in explanation.bands],
        "traits": contributions_to_json(prediction.contributions),
        "disturbances": [asdict(segment) for segment in judgement.disturbances],
    }


def contributions_to_json(contributions: Contributions) -> list[dict[str, Any]]:
    """Return the feature groups above the attribution threshold as JSON values."""
    return [
        {"name": name, "deviations": round(deviations, 2)} for name, deviations in contributions
    ]


def persist(
    analysis: Analysis,
    recording: Recording,
    content: bytes,
    container: str,
    key: IdempotencyKey | None = None,
) -> Analysis:
    """Store the bytes, then the rows, and return the analysis; if the rows fail, no bytes stay.

    Where another request with the same key was first, return its analysis and store nothing.
    """
    recordings = storages["recordings"]
    # Nothing that a client says, its file name least of all, decides where the bytes lie.
    path = f"{recording.created_at:%Y/%m}/{recording.id}.{container}"
    try:
        recording.path = recordings.save(path, ContentFile(content))
    except Exception as exc:  # every remote storage raises errors of its own
        raise ArtifactUnavailable("The recording could not be stored.") from exc

    analysis.recording = recording
    try:
        _insert_rows(analysis, recording, key)
    except BaseException as exc:
        # An error after the commit undoes nothing. If the database cannot tell, the bytes stay.
        if not Recording.objects.filter(pk=recording.pk).exists():
            recordings.delete(recording.path)
        if key and isinstance(exc, IntegrityError) and (earlier := key.find_analysis()):
            return earlier
        raise

    analysis.is_new = True
    return analysis


@transaction.atomic
def _insert_rows(analysis: Analysis, recording: Recording, key: IdempotencyKey | None) -> None:
    recording.save(force_insert=True)
    Analysis.objects.take_in(analysis)
    if key:
        key.analysis = analysis
        key.save(force_insert=True)


class Stopwatch:
    """Milliseconds of each stage, by name."""

    def __init__(self) -> None:
        self.laps_ms: dict[str, float] = {}
        self._last = perf_counter()

    def lap(self, name: str) -> None:
        """Add the time since the last lap under this name."""
        now = perf_counter()
        milliseconds = self.laps_ms.get(name, 0.0) + 1000 * (now - self._last)
        self.laps_ms[name] = round(milliseconds, 3)
        self._last = now
