"""From two folders of recordings to an evaluation of a version, kept as a row."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from analysis.calibration_choice import resolve_calibration
from analysis.detectors import Artifact, LegacyArtifact
from analysis.detectors.calibration import Calibration
from analysis.loading import detector_for
from analysis.sound.quality import measure_level_dbfs
from registry.models import ModelVersion
from training.checks.overlap import check_disjoint
from training.datasets.compatibility import keep_compatible
from training.datasets.datasets import Dataset, compile_pattern, find_group, find_recordings
from training.datasets.fault_types import infer_fault_types
from training.datasets.group_patterns import find_group_pattern, find_groups
from training.datasets.reading import read_with_progress
from training.errors import InvalidOption, UnusableRecordings
from training.evaluation.estimates import estimate_metrics
from training.evaluation.metrics import score_clips
from training.evaluation.scored_clips import ScoredClips
from training.models import Evaluation
from training.requests import check_csv_sample_rate
from training.watcher import Watcher


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRequest:
    """What is evaluated on what; group_by: as in training, and the version's own where it is None."""

    version: ModelVersion
    test_normal: Path
    test_abnormal: Path
    group_by: str | None = None
    csv_sample_rate_hz: int = 16_000


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """The row, the clips behind it, and what they were held against."""

    evaluation: Evaluation
    normal: ScoredClips
    abnormal: ScoredClips
    calibration: Calibration


def evaluate_version(request: EvaluationRequest, watcher: Watcher) -> EvaluationResult:
    """Read, score, describe and keep; the SignalCraftError that names why not, and then nothing is kept."""
    check_csv_sample_rate(request.csv_sample_rate_hz)
    for folder in (request.test_normal, request.test_abnormal):
        find_recordings(folder)
    artifact = detector_for(request.version)
    calibration = resolve_calibration(request.version, None, artifact.calibration).calibration
    datasets = [read(request, name, artifact, watcher) for name in ("test_normal", "test_abnormal")]
    unchecked = check_disjoint(request.version, *datasets)
    pattern = compile_pattern(choose_pattern(request, datasets[0]))
    if request.group_by:
        check_pattern(request.group_by, pattern, datasets)
    watcher.begin_stage("Scoring")
    normal, abnormal = (score(artifact, dataset, pattern, watcher) for dataset in datasets)
    watcher.begin_stage("Resampling")
    metrics = estimate_metrics(normal, abnormal, calibration)
    metrics["warnings"] += unchecked
    return EvaluationResult(keep(request.version, datasets, metrics), normal, abnormal, calibration)


def read(
    request: EvaluationRequest, name: str, artifact: Artifact | LegacyArtifact, watcher: Watcher
) -> Dataset:
    """Read what would be analysed of one of the two folders."""
    folder: Path = getattr(request, name)
    dataset = read_with_progress(
        folder, f"Reading {name}", watcher, csv_sample_rate_hz=request.csv_sample_rate_hz
    )
    kept = keep_compatible(dataset.recordings, artifact, watcher)
    if not kept:
        raise UnusableRecordings(
            f"{request.version} would analyse none of the recordings in {folder}."
        )
    return replace(dataset, recordings=kept)


def choose_pattern(request: EvaluationRequest, normal: Dataset) -> str | None:
    """What was asked for, else the training's where the names tell takes by it, else what does."""
    names = [recording.name for recording in normal.recordings]
    as_in_training = request.version.parameters.get("group_by")
    if request.group_by is not None:
        return request.group_by
    return as_in_training if any(find_groups(names, as_in_training)) else find_group_pattern(names)


def keep(version: ModelVersion, datasets: Sequence[Dataset], metrics: dict[str, Any]) -> Evaluation:
    """Write the row."""
    normal, abnormal = datasets
    return Evaluation.objects.create(
        version=version,
        normal_path=str(normal.folder),
        normal_fingerprint=normal.fingerprint,
        abnormal_path=str(abnormal.folder),
        abnormal_fingerprint=abnormal.fingerprint,
        metrics=metrics,
    )


def check_pattern(
    group_by: str, pattern: re.Pattern[str] | None, datasets: Sequence[Dataset]
) -> None:
    """Refuse a pattern that was asked for and finds no take at all."""
    names = [recording.name for dataset in datasets for recording in dataset.recordings]
    if not any(find_group(name, pattern) for name in names):
        raise InvalidOption(
            f"--group_by {group_by!r} is found in none of the names, such as {names[0]}."
        )


def score(
    artifact: Artifact | LegacyArtifact,
    dataset: Dataset,
    pattern: re.Pattern[str] | None,
    watcher: Watcher,
) -> ScoredClips:
    """Score a folder just as analyses would be."""
    names = [recording.name for recording in dataset.recordings]
    waveforms = [recording.waveform for recording in dataset.recordings]
    done = iter(range(1, len(names) + 1))
    return ScoredClips(
        names=names,
        groups=[find_group(name, pattern) for name in names],
        fault_types=infer_fault_types(names, pattern),
        levels_dbfs=np.array([measure_level_dbfs(waveform) for waveform in waveforms]),
        scores=score_clips(
            artifact, waveforms, on_clip=lambda: watcher.advance(next(done), len(names))
        ),
    )
