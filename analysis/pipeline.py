"""From uploaded bytes to a stored analysis: the one place where sound meets database and settings."""

import hashlib
from dataclasses import asdict, replace
from datetime import datetime
from math import isfinite
from time import perf_counter
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import IntegrityError, transaction

from accounts.models import User
from analysis.calibration_choice import EffectiveCalibration, resolve_calibration
from analysis.detectors import Contributions
from analysis.errors import InvalidArtifact, ModelRequired, RecordingRefused, RecordingUnavailable
from analysis.loading import detector_for, get_limits, load
from analysis.models import Analysis, Device, IdempotencyKey, Recording
from analysis.recordings import read_recording
from analysis.sound.audio import Limits, decode
from analysis.sound.evidence import measure_evidence
from analysis.sound.explanation import Band, Explanation, Segment
from analysis.sound.quality import assess_quality
from analysis.sound.spectrogram import render_spectrogram
from analysis.telemetry import count_analysis
from registry.errors import ArtifactUnavailable
from registry.models import ModelVersion, RegisteredModel

LEVELS = {"level1": 1, "level2": 2, "level3": 3}
# A curve is for drawing: four decimals of it are more than a screen shows.
CURVE_DECIMALS = 4


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
    """Judge one recording by the model asked for, and keep both; what cannot be judged is a named error.

    With an idempotency key this happens once: whoever sends the same again, even now, gets the first one's analysis.
    """
    recording = Recording(original_name=original_name, recorded_at=recorded_at)
    recording.sha256, recording.size_bytes = hashlib.sha256(content).hexdigest(), len(content)
    asked = (recording.sha256, model_id or "", device_id or "")
    key = IdempotencyKey.build(user, idempotency_key, *asked) if idempotency_key else None
    if key and (answered := key.find_analysis()):
        return answered
    device = Device.objects.get_by_device_id(device_id) if device_id else None
    level = LEVELS[model_preference] if model_preference else None
    version = choose_model(model_id, device, level).get_version_to_serve()
    analysis, container = compute_analysis(content, version=version, device=device)
    analysis.owner = user
    persisted = persist(analysis, recording, content, container, key)
    if persisted is analysis:
        count_analysis(
            model_id=version.registered_model_id, label=analysis.label, timing_ms=analysis.timing_ms
        )
    return persisted


def compute_analysis(
    content: bytes, *, version: ModelVersion, device: Device | None
) -> tuple[Analysis, str]:
    """Hear one recording and hold it against a version: an analysis that is not kept yet, and the container's name."""
    watch = Stopwatch()
    clip = decode(content, get_limits())
    watch.lap("decode")
    quality = assess_quality(clip)
    evidence = measure_evidence(clip.waveform, quality.level_dbfs)
    watch.lap("evidence")
    loaded = load(version)
    artifact, version.serving_sha256 = loaded.artifact, loaded.sha256
    artifact.check_compatible(quality)
    effective = resolve_calibration(version, device, artifact.calibration)
    watch.lap("load")
    prediction = artifact.predict(clip.waveform)
    analysis = Analysis(
        version=version,
        device=device,
        **apply_calibration(effective, prediction.anomaly_score),
        quality=asdict(replace(quality, warnings=quality.warnings + prediction.warnings)),
        explanation=explanation_to_json(prediction.explanation)
        | {"traits": contributions_to_json(prediction.contributions), "evidence": asdict(evidence)},
        timing_ms=watch.laps_ms | prediction.timing_ms,
    )
    return analysis, clip.container


def render_picture(analysis: Analysis, *, width: int, height: int, em: int | None) -> bytes:
    """Draw, as a PNG, what the version heard in the recording, with what stood out."""
    recording, explanation = analysis.recording, analysis.explanation
    # It was let in once, whatever may be sent today.
    admitted = Limits(
        max_bytes=recording.size_bytes, max_seconds=analysis.quality["duration_s"] + 1
    )
    front_end = detector_for(analysis.version).front_end
    try:
        return render_spectrogram(
            decode(read_recording(recording), admitted).waveform,
            front_end,
            segments=[Segment(**each) for each in explanation["segments"]],
            bands=[Band(**each) for each in explanation["bands"]],
            width=width,
            height=height,
            em=em,
        )
    except RecordingRefused as exc:
        raise RecordingUnavailable(
            "The recording cannot be decoded now, though it could be once."
        ) from exc


def choose_model(model_id: str | None, device: Device | None, level: int | None) -> RegisteredModel:
    """Return the model asked for, else the one of the device at this level, and never another."""
    if model_id:
        return RegisteredModel.objects.get_by_id(model_id)
    if device is None:
        raise ModelRequired("Name a model as model_id, or a device that has one as device_id.")
    return device.choose_model(level)


def apply_calibration(effective: EffectiveCalibration, anomaly_score: float) -> dict[str, Any]:
    """Hold a score against a calibration: the columns of an analysis that say what came out."""
    if not isfinite(anomaly_score):
        # Compared with any threshold it would be NORMAL.
        raise InvalidArtifact("The model's answer to this recording is not a number.")
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
        "calibration_notes": list(effective.notes),
        "calibration": effective.record,
    }


def explanation_to_json(explanation: Explanation) -> dict[str, Any]:
    """Put an explanation into JSON."""
    # A float32 would show its rounding as a dozen more digits.
    values = explanation.curve.astype(float).round(CURVE_DECIMALS).tolist()
    return {
        "curve": {"start_s": explanation.start_s, "step_s": explanation.step_s, "values": values},
        "segments": [asdict(segment) for segment in explanation.segments],
        "bands": [asdict(band) for band in explanation.bands],
    }


def contributions_to_json(traits: Contributions) -> list[dict[str, Any]]:
    """Put the kinds of features that stand out into JSON."""
    return [{"name": name, "deviations": round(deviations, 2)} for name, deviations in traits]


def persist(
    analysis: Analysis,
    recording: Recording,
    content: bytes,
    container: str,
    key: IdempotencyKey | None = None,
) -> Analysis:
    """Store the bytes, then the rows, and return the analysis; where the rows did not come to be, no bytes stay.

    Where another request was first with the same key, that one's analysis is returned and nothing is stored.
    """
    recordings = storages["recordings"]
    # Nothing a client says, its file name least of all, decides where its bytes lie.
    path = f"{recording.created_at:%Y/%m}/{recording.id}.{container}"
    try:
        recording.path = recordings.save(path, ContentFile(content))
    except Exception as exc:  # every remote storage fails in its own kinds of errors
        raise ArtifactUnavailable("The recording could not be stored.") from exc
    analysis.recording = recording
    try:
        with transaction.atomic():
            recording.save(force_insert=True)
            analysis.save(force_insert=True)
            if key:
                key.analysis = analysis
                key.save(force_insert=True)
    except BaseException as exc:
        # What is raised after the commit undoes nothing. If the database cannot tell, the bytes stay.
        if not Recording.objects.filter(pk=recording.pk).exists():
            recordings.delete(recording.path)
        if key and isinstance(exc, IntegrityError) and (answered := key.find_analysis()):
            return answered
        raise
    analysis.is_new = True
    return analysis


class Stopwatch:
    """Milliseconds between one lap and the next, by name."""

    def __init__(self) -> None:
        self.laps_ms: dict[str, float] = {}
        self._last = perf_counter()

    def lap(self, name: str) -> None:
        """Note how long it has been."""
        now = perf_counter()
        self.laps_ms[name] = round(1000 * (now - self._last), 3)
        self._last = now
