"""New calibrations of a version: for another false-alarm rate, or for one device."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import isfinite

import numpy as np
from django.db import transaction

from accounts.models import User
from analysis.calibration_choice import (
    EffectiveCalibration,
    apply_device_settings,
    resolve_calibration,
)
from analysis.detectors import calibration as calibrations
from analysis.detectors.calibration import CRITICAL, NORMAL, WARNING, Calibration
from analysis.detectors.device_calibration import CLIPS_FIELD, calibrate_device
from analysis.detectors.score_distribution import Scores
from analysis.errors import DuplicateClip, InvalidArtifact, RecordingRefused
from analysis.loading import AnyArtifact, detector_for, get_limits
from analysis.models import CalibrationRecord, Device
from analysis.sound.audio import decode
from analysis.sound.quality import assess_quality
from registry.models import ModelVersion

# How many of a device's newest analyses are compared before and after.
MAX_HISTORY = 200

LabelCounts = dict[str, int]  # by label


@dataclass(frozen=True, slots=True)
class Effect:
    """How a calibration labels the device's newest analyses and the clips that were sent."""

    calibration: Calibration
    history: LabelCounts
    clips: LabelCounts


@dataclass(frozen=True, slots=True)
class DeviceCalibration:
    """A new calibration of a device, and what it changes."""

    record: CalibrationRecord
    before: Effect
    after: Effect


@transaction.atomic
def retarget(
    version: ModelVersion, target_rate: float, *, by: User | None, why: str = ""
) -> CalibrationRecord:
    """Derive thresholds for another false-alarm rate from the present scores, without clips."""
    own = detector_for(version).calibration
    CalibrationRecord.objects.lock(version)
    present = resolve_calibration(version, None, own).calibration
    calibration = calibrations.retarget(present, target_rate)
    return CalibrationRecord.record(calibration, version=version, by=by, why=why)


def calibrate_for_device(
    device: Device, version: ModelVersion, contents: Sequence[bytes], *, by: User, why: str = ""
) -> DeviceCalibration:
    """Calibrate a version for one device from clips of it while healthy; no clip is stored."""
    own = detector_for(version).calibration
    clip_scores = score_clips(version, contents)

    with transaction.atomic():
        CalibrationRecord.objects.lock(version)
        before = resolve_calibration(version, device, own).calibration
        for_all = resolve_calibration(version, None, own).calibration
        record = CalibrationRecord.record(
            calibrate_device(for_all, clip_scores),
            version=version,
            device=device,
            n=len(contents),
            by=by,
            why=why,
        )
    after = apply_device_settings(
        EffectiveCalibration(record.calibration, record), device
    ).calibration

    analyses = device.analyses.filter(version=version).newest_first()
    history = np.array(analyses.values_list("anomaly_score", flat=True)[:MAX_HISTORY])
    return DeviceCalibration(
        record,
        before=Effect(before, count_labels(before, history), count_labels(before, clip_scores)),
        after=Effect(after, count_labels(after, history), count_labels(after, clip_scores)),
    )


def score_clips(version: ModelVersion, contents: Sequence[bytes]) -> Scores:
    """Score each clip; an error names the number of the clip, and a repeated sound is one."""
    artifact = detector_for(version)
    scores: list[float] = []
    number_by_digest: dict[bytes, int] = {}
    for number, content in enumerate(contents, 1):
        score, digest = score_clip(artifact, content, number)
        first = number_by_digest.setdefault(digest, number)
        if first != number:
            raise DuplicateClip(
                f"Clips {first} and {number} are the same recording. Send different recordings: "
                "the thresholds come from how much they differ."
            ).for_item(CLIPS_FIELD, number - 1)
        scores.append(score)

    if not all(map(isfinite, scores)):
        raise InvalidArtifact("The model's score of one of the clips is not a number.")
    return np.array(scores)


def score_clip(artifact: AnyArtifact, content: bytes, number: int) -> tuple[float, bytes]:
    """Return the anomaly score of a clip, and a digest of its sound, whatever the file format."""
    try:
        clip = decode(content, get_limits(), pick=artifact.pick)
        artifact.check_compatible(assess_quality(clip))
        score = artifact.compute_anomaly_score(clip.waveform, clip.codec, clip.gaps)
    except RecordingRefused as exc:
        raise type(exc)(f"Clip {number}: {exc}").for_item(CLIPS_FIELD, number - 1) from exc
    return score, sha256(clip.waveform.tobytes()).digest()


def count_labels(calibration: Calibration, scores: Scores) -> LabelCounts:
    """Count how many of these scores the calibration gives each label."""
    counts = Counter(map(calibration.label, scores))
    return {label: counts[label] for label in (NORMAL, WARNING, CRITICAL)}
