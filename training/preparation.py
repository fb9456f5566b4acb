"""The first stage of training: read the recordings, extract features, check, leave out outliers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import joblib
import numpy as np

from analysis.detectors.artifact import DETECTORS
from analysis.detectors.calibration import MIN_CLIPS
from analysis.detectors.compatibility import check_intact_length
from analysis.errors import RecordingRefused
from analysis.sound.features import FrontEnd
from training.checks.data_check import check_data
from training.checks.issues import DataCheck
from training.checks.outliers import exclude_outliers
from training.datasets.datasets import Dataset, Refusal, TrainingClip, check_refusals
from training.datasets.group_patterns import describe_groups
from training.datasets.grouping import Indices
from training.datasets.reading import read_with_progress
from training.errors import TooFewClips
from training.fitters.clips import ClipFeatures
from training.fitters.front_end import build_front_end, with_bandwidth
from training.progress import Progress
from training.requests import Folders, TrainingRequest
from training.serving_gate import check_serving_version


@dataclass(frozen=True, slots=True)
class FeatureSet:
    """A dataset with the features of each of its clips."""

    dataset: Dataset
    features: tuple[ClipFeatures, ...]

    def select(self, dataset: Dataset) -> "FeatureSet":
        """Return the features of the clips that are still in the dataset."""
        names = set(dataset.names)
        pairs = zip(self.dataset.clips, self.features, strict=True)
        return FeatureSet(
            dataset, tuple(features for clip, features in pairs if clip.name in names)
        )


@dataclass(frozen=True, slots=True)
class PreparedData:
    """Everything that a detector is fitted and evaluated on.

    features: of each clip; recordings: (n_clips,), the recording of the dataset that each is of. A
    recording is one clip, unless it is much longer than the others.
    """

    dataset: Dataset
    features: tuple[ClipFeatures, ...]
    recordings: Indices
    front_end: FrontEnd
    tests: Mapping[str, Dataset]
    data_check: DataCheck

    def get_test_clips(self, name: str) -> tuple[TrainingClip, ...]:
        """Return the clips of a test folder, none where it was not given."""
        return self.tests[name].clips if name in self.tests else ()


def prepare(request: TrainingRequest, folders: Folders, progress: Progress) -> PreparedData:
    """Read the recordings, refuse what cannot be learnt from, and leave out a few outliers."""
    read = read_training_data(request, folders, progress)
    tests = read_test_data(request, folders, progress)

    front_end = build_front_end(read.waveforms)
    feature_set = extract_features(request, front_end, read, progress)
    data_check = run_data_check(request, feature_set, front_end, tests, progress)
    kept = leave_out_outliers(request, data_check, feature_set, progress)
    features, recordings = cut_long_recordings(request, front_end, kept, progress)

    bandwidths_hz = [clip.quality.bandwidth_hz for clip in kept.dataset.clips]
    return PreparedData(
        dataset=kept.dataset,
        features=features,
        recordings=recordings,
        front_end=with_bandwidth(front_end, bandwidths_hz),
        tests=tests,
        data_check=replace(data_check, entries=kept.dataset.entry_counts),
    )


def read_training_data(request: TrainingRequest, folders: Folders, progress: Progress) -> Dataset:
    """Read the training folder and say which recording sessions it has."""
    dataset = read_with_progress(
        folders.training,
        "Reading recordings",
        progress,
        group_by=request.group_by,
        csv_sample_rate_hz=request.csv_sample_rate_hz,
        is_strict=request.is_strict,
    )
    check_clip_count(dataset)
    target = request.target_false_alarm_rate
    progress.report(describe_groups(dataset.groups, request.group_by, target))
    return dataset


def read_test_data(
    request: TrainingRequest, folders: Folders, progress: Progress
) -> dict[str, Dataset]:
    """Read the test folders that were given, by name."""
    read = partial(
        read_with_progress,
        csv_sample_rate_hz=request.csv_sample_rate_hz,
        is_strict=request.is_strict,
    )
    return {
        name: read(listing, f"Reading {name}", progress) for name, listing in folders.tests.items()
    }


def extract_features(
    request: TrainingRequest, front_end: FrontEnd, dataset: Dataset, progress: Progress
) -> FeatureSet:
    """Extract the features of each clip; leave out clips that are silent for too long."""
    progress.begin_stage("Extracting features")
    outcomes: list[ClipFeatures | Refusal] = []
    for outcome in extract_all(request.detector_type, front_end, dataset.clips):
        outcomes.append(outcome)
        progress.advance(len(outcomes), len(dataset.clips))

    refusals = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
    for refusal in refusals:
        progress.report(f"  {refusal.name} is not used: {refusal.detail}")
    kept = dataset.refuse(refusals)
    check_refusals(kept.refusals, kept.n_files, is_strict=request.is_strict)
    check_clip_count(kept)
    features = tuple(outcome for outcome in outcomes if isinstance(outcome, ClipFeatures))
    return FeatureSet(kept, features)


def extract_all(
    detector_type: str, front_end: FrontEnd, clips: Sequence[TrainingClip]
) -> Iterator[ClipFeatures | Refusal]:
    """Extract in threads; yield in order."""
    parallel = joblib.Parallel(n_jobs=-1, prefer="threads", return_as="generator")
    outcomes: Iterator[ClipFeatures | Refusal] = parallel(
        joblib.delayed(extract_clip)(clip, front_end, detector_type) for clip in clips
    )
    return outcomes


def extract_clip(
    clip: TrainingClip, front_end: FrontEnd, detector_type: str
) -> ClipFeatures | Refusal:
    """Extract one clip, or name why it cannot be: half of it may be silent, or lost."""
    try:
        check_intact_length(clip.quality, front_end.spec.clip_seconds)
        return ClipFeatures.extract(clip.intact, front_end, DETECTORS[detector_type])
    except RecordingRefused as exc:
        return Refusal(clip.name, exc.code, str(exc))


def run_data_check(
    request: TrainingRequest,
    feature_set: FeatureSet,
    front_end: FrontEnd,
    tests: Mapping[str, Dataset],
    progress: Progress,
) -> DataCheck:
    """Check the recordings, report the issues, and refuse what cannot be learnt from."""
    progress.begin_stage("Checking recordings")
    clips = feature_set.dataset.clips
    found = check_data(
        clips,
        [[window.frames for window in features.windows] for features in feature_set.features],
        front_end,
        tests={name: dataset.clips for name, dataset in tests.items()},
        target_false_alarm_rate=request.target_false_alarm_rate,
        keep_outliers=request.keep_outliers,
        on_step=progress.step,
    )
    unlike_serving = check_serving_version(request.model_id, clips, on_step=progress.step)
    data_check = progress.report_issues(DataCheck(), (*found.issues, *unlike_serving))
    data_check.raise_if_unfit(is_strict=request.is_strict)
    return data_check


def leave_out_outliers(
    request: TrainingRequest, data_check: DataCheck, feature_set: FeatureSet, progress: Progress
) -> FeatureSet:
    """Leave out a few outliers, unless the request says that they are normal."""
    if request.keep_outliers:
        return feature_set

    kept = exclude_outliers(feature_set.dataset, data_check.issues)
    n_outliers = len(feature_set.dataset.clips) - len(kept.clips)
    if n_outliers:
        progress.report(
            f"  {n_outliers} left out as unlike the others. If they are normal, train with "
            "--keep_outliers."
        )
    check_clip_count(kept)
    return feature_set.select(kept)


def cut_long_recordings(
    request: TrainingRequest, front_end: FrontEnd, feature_set: FeatureSet, progress: Progress
) -> tuple[tuple[ClipFeatures, ...], Indices]:
    """Make clips of the windows of long recordings; return them and the recording of each.

    The windows of one recording would otherwise count as a single held-out score.
    """
    features: list[ClipFeatures] = []
    recordings: list[int] = []
    pairs = zip(feature_set.dataset.clips, feature_set.features, strict=True)
    for number, (clip, whole) in enumerate(pairs):
        parts = [whole] if len(whole.windows) == 1 else cut_clip(clip, front_end, request, progress)
        features += parts
        recordings += [number] * len(parts)

    n_long = sum(len(each.windows) > 1 for each in feature_set.features)
    if n_long:
        progress.report(
            f"  {n_long} of {len(feature_set.features)} recordings are much longer than the others"
            f" and are cut: {len(features)} clips of {front_end.spec.clip_seconds:.1f} s."
        )
    return tuple(features), np.array(recordings, dtype=np.intp)


def cut_clip(
    clip: TrainingClip, front_end: FrontEnd, request: TrainingRequest, progress: Progress
) -> list[ClipFeatures]:
    """Extract the clips that a long recording is cut into; a silent one is left out."""
    parts = []
    for waveform in front_end.cut_waveform(clip.intact):
        progress.step()
        piece = replace(clip, waveform=waveform, gaps=())
        part = extract_clip(piece, front_end, request.detector_type)
        if isinstance(part, ClipFeatures):
            parts.append(part)
        else:
            progress.report(f"  A part of {part.name} is not used: {part.detail}")
    return parts


def check_clip_count(dataset: Dataset) -> None:
    """Refuse a folder with too few clips to learn what is normal."""
    if len(dataset.clips) < MIN_CLIPS:
        raise TooFewClips(
            f"{len(dataset.clips)} usable recordings in {dataset.folder}: at least {MIN_CLIPS} of "
            "the healthy machine are needed. Record more, in several sessions."
        )
