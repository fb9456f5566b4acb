"""Calibrating a version anew: for another false-alarm rate, or for one device from a few of its normal clips."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import isfinite

import numpy as np
from django.db import transaction

from accounts.models import User
from analysis.calibration_choice import resolve_calibration
from analysis.detectors.calibration import (
    CRITICAL,
    FEW_GROUPS,
    NORMAL,
    WARNING,
    Calibration,
    Scores,
    calibrate,
)
from analysis.detectors.device_calibration import CLIPS_FIELD, calibrate_device
from analysis.errors import DuplicateClip, InvalidArtifact, RecordingRefused
from analysis.loading import detector_for, get_limits
from analysis.models import Device
from analysis.models.calibrations import CalibrationRecord
from analysis.sound.audio import decode
from analysis.sound.quality import assess_quality
from registry.models import ModelVersion

MAX_HISTORY = 200

LabelCounts = dict[str, int]  # by label


@dataclass(frozen=True, slots=True)
class Effect:
    """What a calibration makes of the device's newest analyses, and of the clips that were sent."""

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
    """Derive thresholds for another false-alarm rate from the scores that hold now; no recording is needed."""
    own = detector_for(version).calibration
    CalibrationRecord.objects.lock(version)
    now = resolve_calibration(version, None, own).calibration
    calibration = calibrate(
        now.scores,
        target_false_alarm_rate=target_rate,
        n_groups=now.n_groups,
        method=now.method,
        has_few_groups=FEW_GROUPS in now.notes,
    )
    return CalibrationRecord.record(calibration, version=version, by=by, why=why)


def calibrate_for_device(
    device: Device, version: ModelVersion, contents: Sequence[bytes], *, by: User, why: str = ""
) -> DeviceCalibration:
    """Calibrate a version for one device from recordings of it while it is healthy; they are not kept."""
    own, clip_scores = detector_for(version).calibration, score_clips(version, contents)
    with transaction.atomic():
        CalibrationRecord.objects.lock(version)
        before, for_all = (
            resolve_calibration(version, device, own),
            resolve_calibration(version, None, own),
        )
        after = calibrate_device(for_all.calibration, clip_scores)
        record = CalibrationRecord.record(
            after, version=version, device=device, n=len(contents), by=by, why=why
        )
    analyses = device.analyses.filter(version=version).order_by("-created_at", "-id")
    history = np.array(analyses.values_list("anomaly_score", flat=True)[:MAX_HISTORY])
    effects = (
        Effect(each, count_labels(each, history), count_labels(each, clip_scores))
        for each in (before.calibration, after)
    )
    return DeviceCalibration(record, *effects)


def score_clips(version: ModelVersion, contents: Sequence[bytes]) -> Scores:
    """Score each recording; what is refused is refused with its number, and so is a sound that is there twice."""
    artifact, admitted = detector_for(version), get_limits()
    scores, first_numbers = list[float](), dict[bytes, int]()
    for number, content in enumerate(contents, 1):
        try:
            clip = decode(content, admitted)
            artifact.check_compatible(assess_quality(clip))
            scores.append(artifact.compute_anomaly_score(clip.waveform))
        except RecordingRefused as exc:
            raise type(exc)(f"Clip {number}: {exc}").for_item(CLIPS_FIELD, number - 1) from exc
        # One sound may come in two kinds of files.
        first = first_numbers.setdefault(sha256(clip.waveform.tobytes()).digest(), number)
        if first != number:
            again = f"One recording is there twice, as clips {first} and {number}: it would seem that all sound alike."
            raise DuplicateClip(again).for_item(CLIPS_FIELD, number - 1)
    if not all(map(isfinite, scores)):
        raise InvalidArtifact("The model's answer to one of the clips is not a number.")
    return np.array(scores)


def count_labels(calibration: Calibration, scores: Scores) -> LabelCounts:
    """How many scores would have had each verdict."""
    counts = Counter(map(calibration.label, scores))
    return {label: counts[label] for label in (NORMAL, WARNING, CRITICAL)}
