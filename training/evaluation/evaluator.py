"""Evaluates a version on two folders of recordings and stores the result as a row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from analysis.calibration_choice import resolve_calibration
from analysis.detectors.calibration import Calibration
from analysis.loading import AnyArtifact, detector_for
from registry.models import ModelVersion
from training.checks.overlap import check_disjoint
from training.datasets.compatibility import keep_compatible
from training.datasets.csv_recordings import check_csv_sample_rate
from training.datasets.datasets import Dataset, TrainingClip
from training.datasets.fault_types import infer_fault_types
from training.datasets.group_patterns import (
    GroupPattern,
    compile_pattern,
    find_group,
    find_group_pattern,
    find_groups,
)
from training.datasets.listing import Listing, list_recordings
from training.datasets.reading import read_with_progress
from training.errors import InvalidOption, UnusableRecordings
from training.evaluation.estimates import estimate_metrics
from training.evaluation.metrics import score_clips
from training.evaluation.scored_clips import ScoredClips
from training.models import Evaluation
from training.watcher import Watcher


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRequest:
    """Which version is evaluated on which folders.

    group_by: finds the recording session in a file name; None: as in training, if that finds any.
    """

    version: ModelVersion
    test_normal: Path
    test_abnormal: Path
    group_by: str | None = None
    csv_sample_rate_hz: int = 16_000


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """The row, the clips behind it, and the calibration that judged them.

    entries: what became of every entry of each folder, in numbers.
    """

    evaluation: Evaluation
    normal: ScoredClips
    abnormal: ScoredClips
    calibration: Calibration
    entries: Mapping[str, Mapping[str, Any]]


def evaluate_version(request: EvaluationRequest, watcher: Watcher) -> EvaluationResult:
    """Read, score and estimate, then store a row; any SignalCraftError leaves none."""
    check_csv_sample_rate(request.csv_sample_rate_hz)
    listings = {
        "test_normal": list_recordings(request.test_normal),
        "test_abnormal": list_recordings(request.test_abnormal),
    }
    artifact = detector_for(request.version)
    calibration = resolve_calibration(request.version, None, artifact.calibration).calibration

    datasets = read_datasets(request, listings, artifact, watcher)
    normal_data = datasets["test_normal"]
    abnormal_data = datasets["test_abnormal"]
    unverified = check_disjoint(request.version, normal_data, abnormal_data, purpose="Evaluate")
    pattern = resolve_pattern(request, normal_data, abnormal_data)

    watcher.begin_stage("Scoring")
    normal = score_dataset(artifact, normal_data, pattern, watcher)
    abnormal = score_dataset(artifact, abnormal_data, pattern, watcher)

    watcher.begin_stage("Resampling")
    metrics = estimate_metrics(normal, abnormal, calibration)
    metrics["warnings"] += unverified
    evaluation = store_evaluation(request.version, normal_data, abnormal_data, metrics)
    entries = {name: dataset.entry_counts for name, dataset in datasets.items()}
    return EvaluationResult(evaluation, normal, abnormal, calibration, entries)


def read_datasets(
    request: EvaluationRequest,
    listings: Mapping[str, Listing],
    artifact: AnyArtifact,
    watcher: Watcher,
) -> dict[str, Dataset]:
    """Read what the version can analyse of both folders."""
    datasets = {}
    for name, listing in listings.items():
        dataset = read_with_progress(
            listing,
            f"Reading {name}",
            watcher,
            csv_sample_rate_hz=request.csv_sample_rate_hz,
            pick=artifact.pick,
        )
        compatible = keep_compatible(dataset.clips, artifact, watcher)
        if not compatible:
            raise UnusableRecordings(
                f"{request.version} can analyse none of the recordings in {dataset.folder}."
            )
        datasets[name] = replace(dataset, clips=compatible)
    return datasets


def resolve_pattern(
    request: EvaluationRequest, normal: Dataset, abnormal: Dataset
) -> GroupPattern | None:
    """Compile the requested pattern, else that of training if it finds any, else the plainest."""
    if request.group_by is not None:
        pattern = compile_pattern(request.group_by)
        check_pattern(pattern, [*normal.names, *abnormal.names])
        return pattern

    return choose_pattern(request.version.parameters.get("group_by"), normal.names)


def choose_pattern(of_training: str | None, names: list[str]) -> GroupPattern | None:
    """Compile the pattern of training if it finds any session in these names, else the plainest."""
    if any(find_groups(names, of_training)):
        return compile_pattern(of_training)
    return compile_pattern(find_group_pattern(names))


def check_pattern(pattern: GroupPattern | None, names: list[str]) -> None:
    """Refuse a pattern that finds no recording session at all."""
    if pattern and not any(find_group(name, pattern) for name in names):
        raise InvalidOption(
            f"--group_by {pattern.pattern!r} is found in no file name, such as {names[0]}."
        )


def score_dataset(
    artifact: AnyArtifact, dataset: Dataset, pattern: GroupPattern | None, watcher: Watcher
) -> ScoredClips:
    """Score a folder just as analyses would."""
    n_clips = len(dataset.clips)
    numbers = iter(range(1, n_clips + 1))
    return score_test_clips(
        artifact,
        dataset.clips,
        pattern,
        on_clip=lambda: watcher.advance(next(numbers), n_clips),
    )


def score_test_clips(
    artifact: AnyArtifact,
    clips: Sequence[TrainingClip],
    pattern: GroupPattern | None,
    *,
    on_clip: Callable[[], None],
) -> ScoredClips:
    """Score clips just as analyses would; on_clip is called after each."""
    names = [clip.name for clip in clips]
    return ScoredClips(
        names=names,
        groups=[find_group(name, pattern) for name in names],
        fault_types=infer_fault_types(names, pattern),
        levels_dbfs=np.array([clip.quality.level_dbfs for clip in clips]),
        scores=score_clips(artifact, clips, on_clip=on_clip),
    )


def store_evaluation(
    version: ModelVersion, normal: Dataset, abnormal: Dataset, metrics: dict[str, Any]
) -> Evaluation:
    """Write the row."""
    return Evaluation.objects.create(
        version=version,
        normal_path=str(normal.folder),
        normal_fingerprint=normal.fingerprint,
        abnormal_path=str(abnormal.folder),
        abnormal_fingerprint=abnormal.fingerprint,
        metrics=metrics,
    )
