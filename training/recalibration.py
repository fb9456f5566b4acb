"""From a folder of normal recordings, new to a version, to a calibration of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from analysis.calibration_choice import resolve_calibration
from analysis.detectors.calibration import (
    CRITICAL,
    FEW_GROUPS,
    MIN_CLIPS,
    NORMAL,
    Calibration,
    Scores,
    calibrate,
)
from analysis.detectors.device_calibration import FAR_FROM_TRAINING
from analysis.errors import NotCalibrated
from analysis.loading import detector_for
from analysis.models.calibrations import CalibrationRecord
from analysis.recalibration import LabelCounts, count_labels, retarget
from registry.models import ModelVersion
from training.checks.copies import group_by_waveform
from training.checks.outliers import (
    check_outlier_count,
    check_outliers,
    compute_mean_spectra,
    exclude_outliers,
)
from training.checks.overlap import check_unseen
from training.datasets.compatibility import keep_compatible
from training.datasets.datasets import Dataset, abbreviate
from training.datasets.group_patterns import find_group_pattern, find_groups
from training.datasets.grouping import MIN_GROUPS
from training.datasets.reading import read_with_progress
from training.errors import FarFromTraining, InvalidOption, TooFewClips, UnfitRecordings
from training.evaluation.metrics import score_clips
from training.fitters.front_end import build_front_end
from training.requests import check_csv_sample_rate, check_target_rate
from training.serving_gate import is_improbable
from training.watcher import Watcher

METHOD = "of recordings after training"
DEFAULT_RATE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRequest:
    """What is calibrated on what; without a folder the scores stay and the rate alone changes.

    target_false_alarm_rate: where None, what it was. group_by: where None, what the version was trained with, else what
    is found in the names. keep_outliers, far_from_training: all of the recordings are normal, although some are unlike
    the others, or most are CRITICAL to the version.
    """

    version: ModelVersion
    data_dir: Path | None
    target_false_alarm_rate: float | None
    group_by: str | None = None
    is_strict: bool = False
    keep_outliers: bool = False
    far_from_training: bool = False
    csv_sample_rate_hz: int = 16_000
    why: str = ""

    def check(self) -> None:
        """Refuse what cannot come to a good end, before it costs anything."""
        rate = self.target_false_alarm_rate
        if rate is not None:
            check_target_rate(rate)
        if self.data_dir is None and rate is None:
            raise InvalidOption(
                "Say what to calibrate on (--data_dir), or to which --target_false_alarm_rate, or both."
            )
        check_csv_sample_rate(self.csv_sample_rate_hz)


@dataclass(frozen=True, slots=True)
class RecalibrationResult:
    """A new calibration, what held before if anything did, and what both make of the recordings, if there were any."""

    record: CalibrationRecord
    before: Calibration | None
    clips_before: LabelCounts | None = None
    clips_after: LabelCounts | None = None


def recalibrate(request: CalibrationRequest, watcher: Watcher) -> RecalibrationResult:
    """Calibrate anew for all devices; the SignalCraftError that names why not, and then all stays as it was."""
    request.check()
    before = now(request.version)
    rate = request.target_false_alarm_rate or (
        before.target_false_alarm_rate if before else DEFAULT_RATE
    )
    if request.data_dir is None:
        return RecalibrationResult(
            retarget(request.version, rate, by=None, why=request.why), before
        )
    dataset = read(request, request.data_dir, watcher)
    scores = score(request.version, dataset, watcher)
    # What was learnt from normal clips is the yardstick: later calibrations may have been moved by one fault already.
    notes, kept = compare(
        request, detector_for(request.version).calibration or before, scores, dataset, watcher
    )
    n_takes = count_groups(request, [dataset.recordings[i].name for i in kept])
    if n_takes < MIN_GROUPS:
        watcher.report(f"Too few takes are told by the names ({FEW_GROUPS}).")
    measured = calibrate(
        scores[kept],
        target_false_alarm_rate=rate,
        n_groups=n_takes,
        method=METHOD,
        has_few_groups=n_takes < MIN_GROUPS,
    )
    calibration = replace(measured, notes=(*measured.notes, *notes))
    record = CalibrationRecord.record(
        calibration, version=request.version, by=None, why=request.why
    )
    return RecalibrationResult(
        record,
        before,
        count_labels(before, scores) if before else None,
        count_labels(calibration, scores),
    )


def now(version: ModelVersion) -> Calibration | None:
    """What holds for all devices, if anything does."""
    try:
        return resolve_calibration(version, None, detector_for(version).calibration).calibration
    except NotCalibrated:
        return None


def count_groups(request: CalibrationRequest, names: Sequence[str]) -> int:
    """How many takes the names tell: recordings of one machine are mostly named alike."""
    if request.group_by is not None:
        return len(set(find_groups(names, request.group_by)))
    as_in_training = find_groups(names, request.version.parameters.get("group_by"))
    return len(
        set(
            as_in_training if any(as_in_training) else find_groups(names, find_group_pattern(names))
        )
    )


def compare(
    request: CalibrationRequest,
    known: Calibration | None,
    scores: Scores,
    dataset: Dataset,
    watcher: Watcher,
) -> tuple[tuple[str, ...], list[int]]:
    """Notes, and which recordings to calibrate on: not those that are CRITICAL by what is known to be normal.

    Raises FarFromTraining where more of them alarm than chance explains, unless they were said to be normal.
    """
    every = list(range(len(scores)))
    if known is None:
        return (), every
    labels = [known.label(its_score) for its_score in scores]
    alarming = [dataset.recordings[i].name for i in every if labels[i] != NORMAL]
    whose = (
        "the training's calibration"
        if detector_for(request.version).calibration
        else "what held before"
    )
    told = f"{len(alarming)} of {len(scores)} recordings alarm by {whose} ({abbreviate(alarming)})"
    are_too_many = is_improbable(len(alarming), len(scores), rate=known.target_false_alarm_rate)
    if request.far_from_training:
        return (FAR_FROM_TRAINING,) if are_too_many else (), every
    if are_too_many:
        raise FarFromTraining(
            f"{told}: they are of a faulty machine, of another one, or heard through another microphone. If the "
            "machine is healthy, --far_from_training says so; a version trained on it hears more of its faults."
        )
    kept = [i for i in every if labels[i] != CRITICAL]
    if alarming:
        watcher.report(f"{told}. Left out as CRITICAL: {len(every) - len(kept)}.")
    return (), kept


def read(request: CalibrationRequest, folder: Path, watcher: Watcher) -> Dataset:
    """Read what would be analysed, each sound once and no strays; refuse what cannot calibrate this version."""
    dataset = read_with_progress(
        folder,
        "Reading recordings",
        watcher,
        group_by=request.group_by,
        is_strict=request.is_strict,
        csv_sample_rate_hz=request.csv_sample_rate_hz,
    )
    # Copies would seem to be as many recordings that sound alike.
    admissible = keep_compatible(dataset.recordings, detector_for(request.version), watcher)
    different = [copies[0] for copies in group_by_waveform(admissible).values()]
    if n_copies := len(admissible) - len(different):
        watcher.report(f"{n_copies} are copies of others and do not count.")
    for doubt in check_unseen(request.version, dataset):
        watcher.report(doubt)
    without_copies = replace(dataset, recordings=tuple(different))
    kept = without_copies if request.keep_outliers else without_outliers(without_copies, watcher)
    if (n_kept := len(kept.recordings)) < MIN_CLIPS:
        raise TooFewClips(
            f"{n_kept} different usable recordings in {folder}: at least {MIN_CLIPS} are needed."
        )
    return kept


def without_outliers(dataset: Dataset, watcher: Watcher) -> Dataset:
    """The recordings without the few that are unlike the others, each of which is told."""
    waveforms = [recording.waveform for recording in dataset.recordings]
    front_end = build_front_end(waveforms)
    means = compute_mean_spectra(
        [
            [window.frames for window in front_end.extract_windows(waveform)]
            for waveform in waveforms
        ]
    )
    outliers = check_outliers(
        [each.name for each in dataset.recordings], means, front_end.band_hz[1:-1]
    )
    for issue in outliers:
        watcher.report(issue.detail)
    if too_many := check_outlier_count(outliers, n_recordings=len(waveforms)):
        raise UnfitRecordings(too_many[0].detail)
    return exclude_outliers(dataset, outliers)


def score(version: ModelVersion, dataset: Dataset, watcher: Watcher) -> Scores:
    """Score every recording just as analyses would be."""
    watcher.begin_stage("Scoring")
    waveforms = [recording.waveform for recording in dataset.recordings]
    done = iter(range(1, len(waveforms) + 1))
    return score_clips(
        detector_for(version),
        waveforms,
        on_clip=lambda: watcher.advance(next(done), len(waveforms)),
    )
