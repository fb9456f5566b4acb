"""From a folder of normal recordings, new to a version, to a calibration of it."""

from dataclasses import dataclass, replace
from pathlib import Path

from analysis.calibration import FEW_TAKES, MIN_CLIPS, Scores, calibrate
from analysis.calibration_choice import choose
from analysis.calibration_record import CalibrationRecord
from analysis.errors import NotCalibrated
from analysis.pipeline import detector_for
from analysis.recalibration import retarget
from registry.models import ModelVersion
from training.copies import group_by_content
from training.datasets import Dataset, compile_pattern, group_of
from training.errors import InvalidOption, TooFewClips
from training.evaluation import score_clips
from training.grouping import MIN_GROUPS
from training.overlap import check_new
from training.progress import Watcher
from training.reading import read_watched
from training.requests import check_csv_sample_rate, check_target_rate

METHOD = "of recordings after training"
DEFAULT_RATE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRequest:
    """What is calibrated on what; without a folder the scores stay and the rate alone changes.

    target_false_alarm_rate: where None, what it was. group_by: where None, what the version was trained with.
    """

    version: ModelVersion
    data_dir: Path | None
    target_false_alarm_rate: float | None
    group_by: str | None = None
    is_strict: bool = False
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


def recalibrate(request: CalibrationRequest, watcher: Watcher) -> CalibrationRecord:
    """Calibrate anew for all devices; the SignalCraftError that names why not, and then all stays as it was."""
    request.check()
    if request.data_dir is None:
        return retarget(request.version, rate_of(request), by=None, why=request.why)
    dataset = read(request, request.data_dir, watcher)
    # Recordings of one machine are mostly named alike.
    pattern = compile_pattern(request.group_by or request.version.parameters.get("group_by"))
    n_takes = len({group_of(recording.name, pattern) for recording in dataset.recordings})
    if n_takes < MIN_GROUPS:
        watcher.say(f"Too few takes are told by the names ({FEW_TAKES}).")
    calibration = calibrate(
        score(request.version, dataset, watcher),
        target_false_alarm_rate=rate_of(request),
        n_groups=n_takes,
        method=METHOD,
        few_takes=n_takes < MIN_GROUPS,
    )
    return CalibrationRecord.record(calibration, version=request.version, by=None, why=request.why)


def read(request: CalibrationRequest, folder: Path, watcher: Watcher) -> Dataset:
    """Read the folder as training would, and refuse it if it cannot calibrate this version."""
    dataset = read_watched(
        folder,
        "Reading recordings",
        watcher,
        group_by=request.group_by,
        is_strict=request.is_strict,
        csv_sample_rate_hz=request.csv_sample_rate_hz,
    )
    # Copies would seem to be as many recordings that sound alike.
    different = [copies[0] for copies in group_by_content(dataset.recordings).values()]
    if len(different) < MIN_CLIPS:
        raise TooFewClips(f"{len(different)} different usable recordings in {folder}: at least {MIN_CLIPS} are needed.")
    if n_copies := len(dataset.recordings) - len(different):
        watcher.say(f"{n_copies} are copies of others and do not count.")
    for doubt in check_new(request.version, dataset):
        watcher.say(doubt)
    return replace(dataset, recordings=tuple(different))


def rate_of(request: CalibrationRequest) -> float:
    """The rate asked for, else that of the calibration that holds, else the usual one."""
    if request.target_false_alarm_rate is not None:
        return request.target_false_alarm_rate
    try:
        now = choose(request.version, None, detector_for(request.version).calibration)
    except NotCalibrated:
        return DEFAULT_RATE
    return now.calibration.target_false_alarm_rate


def score(version: ModelVersion, dataset: Dataset, watcher: Watcher) -> Scores:
    """Score every recording just as analyses would be."""
    watcher.stage("Scoring")
    waveforms = [recording.waveform for recording in dataset.recordings]
    done = iter(range(1, len(waveforms) + 1))
    return score_clips(detector_for(version), waveforms, on_clip=lambda: watcher.advance(next(done), len(waveforms)))
