"""Calibrates a version from a folder of normal recordings that are new to it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from analysis.calibration_choice import resolve_calibration
from analysis.detectors.calibration import CRITICAL, MIN_CLIPS, NORMAL, Calibration, calibrate
from analysis.detectors.device_calibration import FAR_FROM_TRAINING
from analysis.detectors.score_distribution import Scores
from analysis.errors import NotCalibrated
from analysis.loading import detector_for
from analysis.models.calibrations import CalibrationRecord
from analysis.recalibration import LabelCounts, count_labels, retarget
from registry.models import ModelVersion
from training.checks.copies import group_by_waveform
from training.checks.folder_names import check_names
from training.checks.outliers import (
    check_outlier_count,
    check_outliers,
    compute_mean_spectra,
    exclude_outliers,
)
from training.checks.overlap import check_unseen
from training.datasets.compatibility import keep_compatible
from training.datasets.csv_recordings import check_csv_sample_rate
from training.datasets.datasets import Dataset
from training.datasets.group_patterns import find_group_pattern, find_groups
from training.datasets.grouping import MIN_GROUPS
from training.datasets.listing import abbreviate, list_recordings
from training.datasets.reading import read_with_progress
from training.errors import FarFromTraining, InvalidOption, TooFewClips, UnfitRecordings
from training.evaluation.metrics import score_clips
from training.fitters.front_end import build_front_end
from training.requests import check_target_rate
from training.serving_gate import is_improbable
from training.watcher import Watcher

METHOD = "of recordings after training"
DEFAULT_RATE = 0.05
FAR_ADVICE = (
    "They are probably from another machine or microphone, or from a faulty machine. If the "
    "machine is healthy, calibrate with --far_from_training; "
    "a version trained on it finds more of its faults."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRequest:
    """Which version is calibrated on what; without a folder only the target rate changes.

    target_false_alarm_rate: None: as before. group_by: None: as in training, else the plainest.
    keep_outliers: recordings unlike the others are normal too. far_from_training: all recordings
    are normal, although the version judges most of them CRITICAL. allow_names: names that speak of
    faults mean nothing.
    """

    version: ModelVersion
    data_dir: Path | None
    target_false_alarm_rate: float | None
    group_by: str | None = None
    is_strict: bool = False
    keep_outliers: bool = False
    far_from_training: bool = False
    allow_names: bool = False
    csv_sample_rate_hz: int = 16_000
    why: str = ""

    def check(self) -> None:
        """Refuse options that cannot end well, before anything is read."""
        check_csv_sample_rate(self.csv_sample_rate_hz)
        if self.target_false_alarm_rate is not None:
            check_target_rate(self.target_false_alarm_rate)
        elif self.data_dir is None:
            raise InvalidOption(
                "Give recordings to calibrate on (--data_dir), another --target_false_alarm_rate, "
                "or both."
            )


@dataclass(frozen=True, slots=True)
class RecalibrationResult:
    """A new calibration, the one before, if any, and how both label the recordings, if any."""

    record: CalibrationRecord
    before: Calibration | None
    clips_before: LabelCounts | None = None
    clips_after: LabelCounts | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """The recordings to calibrate on, by index, and notes for the calibration."""

    indices: list[int]
    notes: tuple[str, ...] = ()


def recalibrate(request: CalibrationRequest, watcher: Watcher) -> RecalibrationResult:
    """Calibrate the version for all devices; any SignalCraftError leaves everything as it was."""
    request.check()
    version = request.version
    before = current_calibration(version)
    rate = request.target_false_alarm_rate or rate_of(before)
    if request.data_dir is None:
        record = retarget(version, rate, by=None, why=request.why)
        return RecalibrationResult(record, before)

    dataset = read(request, request.data_dir, watcher)
    scores = score(version, dataset, watcher)
    selection = select_recordings(request, before, scores, dataset, watcher)
    calibration = calibrate_on(request, rate, scores, dataset, selection, watcher)
    record = CalibrationRecord.record(calibration, version=version, by=None, why=request.why)
    return RecalibrationResult(
        record,
        before,
        clips_before=count_labels(before, scores) if before else None,
        clips_after=count_labels(calibration, scores),
    )


def current_calibration(version: ModelVersion) -> Calibration | None:
    """Return the calibration for all devices, if there is one."""
    try:
        return resolve_calibration(version, None, detector_for(version).calibration).calibration
    except NotCalibrated:
        return None


def rate_of(calibration: Calibration | None) -> float:
    """Return the target rate of a calibration, or the usual one."""
    return calibration.target_false_alarm_rate if calibration else DEFAULT_RATE


def read(request: CalibrationRequest, folder: Path, watcher: Watcher) -> Dataset:
    """Read what the version can analyse, without copies and outliers."""
    artifact = detector_for(request.version)
    listing = list_recordings(folder)
    if not request.allow_names:
        check_names(listing)
    dataset = read_with_progress(
        listing,
        "Reading recordings",
        watcher,
        group_by=request.group_by,
        is_strict=request.is_strict,
        csv_sample_rate_hz=request.csv_sample_rate_hz,
        pick=artifact.pick,
    )
    compatible = keep_compatible(dataset.clips, artifact, watcher)
    # Copies would count as several recordings that happen to sound alike.
    different = tuple(copies[0] for copies in group_by_waveform(compatible).values())
    n_copies = len(compatible) - len(different)
    if n_copies:
        watcher.report(f"{n_copies} are copies of others and do not count.")
    for caveat in check_unseen(request.version, dataset, purpose="Calibrate"):
        watcher.report(caveat)

    kept = replace(dataset, clips=different)
    if not request.keep_outliers:
        kept = without_outliers(kept, watcher)
    if len(kept.clips) < MIN_CLIPS:
        raise TooFewClips(
            f"{len(kept.clips)} different usable recordings in {folder}: at least {MIN_CLIPS} are "
            "needed."
        )
    return kept


def without_outliers(dataset: Dataset, watcher: Watcher) -> Dataset:
    """Return the dataset without a few outliers, each of which is reported."""
    front_end = build_front_end(dataset.waveforms)
    frames = [
        [window.frames for window in front_end.extract_windows(waveform)]
        for waveform in dataset.waveforms
    ]
    band_hz = front_end.band_hz[1:-1]
    outliers = check_outliers(dataset.names, compute_mean_spectra(frames), band_hz)
    for outlier in outliers:
        watcher.report(outlier.detail)
    too_many = check_outlier_count(outliers, n_recordings=len(dataset.clips))
    if too_many:
        raise UnfitRecordings(too_many[0].detail)
    return exclude_outliers(dataset, outliers)


def score(version: ModelVersion, dataset: Dataset, watcher: Watcher) -> Scores:
    """Score every recording just as an analysis would."""
    watcher.begin_stage("Scoring")
    n_clips = len(dataset.clips)
    numbers = iter(range(1, n_clips + 1))
    return score_clips(
        detector_for(version),
        dataset.clips,
        on_clip=lambda: watcher.advance(next(numbers), n_clips),
    )


def select_recordings(
    request: CalibrationRequest,
    before: Calibration | None,
    scores: Scores,
    dataset: Dataset,
    watcher: Watcher,
) -> Selection:
    """Leave out recordings that are CRITICAL by what is known to be normal.

    Raises FarFromTraining where more of them alarm than chance explains, unless the request says
    that all are normal.
    """
    # The training's calibration first: a fault may have moved later ones already.
    of_training = detector_for(request.version).calibration
    known = of_training or before
    every = list(range(len(scores)))
    if known is None:
        return Selection(every)

    labels = [known.label(anomaly_score) for anomaly_score in scores]
    alarming = [dataset.clips[i].name for i in every if labels[i] != NORMAL]
    rate = known.target_false_alarm_rate
    has_too_many = is_improbable(len(alarming), len(scores), rate=rate)
    if request.far_from_training:
        return Selection(every, (FAR_FROM_TRAINING,) if has_too_many else ())

    whose = "the training's calibration" if of_training else "the calibration so far"
    share = f"{len(alarming)} of {len(scores)} recordings"
    found = f"{share} raise an alarm by {whose} ({abbreviate(alarming)})"
    if has_too_many:
        raise FarFromTraining(f"{found}. {FAR_ADVICE}")
    kept = [i for i in every if labels[i] != CRITICAL]
    if alarming:
        watcher.report(f"{found}. Left out as CRITICAL: {len(every) - len(kept)}.")
    return Selection(kept)


def calibrate_on(
    request: CalibrationRequest,
    rate: float,
    scores: Scores,
    dataset: Dataset,
    selection: Selection,
    watcher: Watcher,
) -> Calibration:
    """Calibrate on the selected recordings."""
    groups = find_sessions(request, [dataset.clips[i].name for i in selection.indices])
    n_groups = len(set(groups))
    has_few_groups = n_groups < MIN_GROUPS
    if has_few_groups:
        watcher.report(
            f"Fewer than {MIN_GROUPS} recording sessions were found in the file names (few_takes); "
            "--group_by names a pattern that finds them."
        )
    calibration = calibrate(
        scores[selection.indices],
        target_false_alarm_rate=rate,
        n_groups=n_groups,
        method=METHOD,
        has_few_groups=has_few_groups,
        groups=groups,
    )
    return replace(calibration, notes=(*calibration.notes, *selection.notes))


def find_sessions(request: CalibrationRequest, names: Sequence[str]) -> list[str]:
    """Find the recording session in each name: recordings of one machine are mostly named alike."""
    if request.group_by is not None:
        return find_groups(names, request.group_by)
    as_in_training = find_groups(names, request.version.parameters.get("group_by"))
    if any(as_in_training):
        return as_in_training
    return find_groups(names, find_group_pattern(names))
