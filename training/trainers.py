"""Trains a version: from a folder of normal recordings to a calibrated, checked, published one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic
from typing import Any

from django.utils.module_loading import import_string
from threadpoolctl import threadpool_limits

from analysis.detectors import Artifact
from analysis.detectors.artifact import DETECTORS
from analysis.detectors.calibration import FEW_GROUPS, Calibration
from analysis.sound.audio import AVERAGE
from registry.models import ModelVersion
from training import publication
from training.checks.issues import DataCheck
from training.datasets.compatibility import keep_compatible
from training.datasets.datasets import TrainingClip
from training.datasets.group_patterns import find_groups
from training.datasets.grouping import Grouping, group_clips
from training.evaluation.estimates import estimate_metrics
from training.evaluation.evaluator import choose_pattern, score_test_clips
from training.evaluation.metrics import Metrics, compute_metrics
from training.evaluation.scored_clips import ScoredClips
from training.fitters.base import Fitter
from training.fitters.building import TrainedDetector, build_artifact
from training.fitters.codecs import StoredClips, extract_through_codecs
from training.fitters.crossings import Crossing, extract_crossings
from training.fitters.domain_shifts import measure_domain_shifts
from training.fitters.sounds import Sound
from training.models import Evaluation, TrainingRun
from training.preparation import PreparedData, prepare
from training.progress import Progress
from training.requests import Folders, TrainingRequest, list_folders
from training.serving_gate import check_detection, check_false_alarms
from training.watcher import NullWatcher, Watcher

# By name: a fitter imports its heavy library, which must not happen before the request and the
# recordings are found good.
FITTERS = {
    "level1_isolation_forest": "training.fitters.forest.ForestFitter",
    "level2_autoencoder": "training.fitters.autoencoder.AutoencoderFitter",
    "level3_mahalanobis": "training.fitters.mahalanobis.MahalanobisFitter",
}


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """What came of a training run."""

    version: ModelVersion
    calibration: Calibration
    data_check: DataCheck
    evaluation: Evaluation | None


@dataclass(frozen=True, slots=True)
class EvaluatedDetector:
    """A trained detector with its metrics, and all issues that were found."""

    detector: TrainedDetector
    metrics: Metrics
    data_check: DataCheck
    # What an evaluation stores, where there were test recordings of both kinds.
    estimates: dict[str, Any] | None


def train(request: TrainingRequest, *, watcher: Watcher | None = None) -> PublishedVersion:
    """Train, check and publish one version.

    A TrainingRun row records every attempt that was worth beginning. Raises the SignalCraftError
    that names why nothing was published.
    """
    request.check()
    folders = list_folders(request)
    complete_request = request.with_group_pattern(folders.training.names)
    run = TrainingRun.objects.create(
        model_id=complete_request.model_id,
        type=complete_request.detector_type,
        dataset_path=str(complete_request.data_dir),
        parameters=complete_request.recorded_parameters,
        seed=complete_request.seed,
    )
    try:
        # On matrices of this size a second thread of BLAS waits more than it works.
        with threadpool_limits(limits=1):
            return attempt(complete_request, folders, run, watcher or NullWatcher())
    except BaseException as exc:
        run.fail(str(exc) or type(exc).__name__)
        raise


def attempt(
    request: TrainingRequest, folders: Folders, run: TrainingRun, watcher: Watcher
) -> PublishedVersion:
    """Go through the stages, from the recordings to the version."""
    started = monotonic()
    progress = Progress(run, watcher)

    prepared = prepare(request, folders, progress)

    trained = fit(request, prepared, progress)

    evaluated = evaluate(request, prepared, trained, progress)

    seconds = monotonic() - started
    return publish(request, prepared, evaluated, run, progress, seconds=seconds)


def fit(request: TrainingRequest, prepared: PreparedData, progress: Progress) -> TrainedDetector:
    """Fit and calibrate a detector."""
    fitter = make_fitter(request, prepared, progress)
    # By recording, so that no fold cuts one in two.
    of_recordings = group_clips(prepared.dataset.groups, max_folds=fitter.max_folds)
    grouping = of_recordings.select(prepared.recordings)
    return build_artifact(
        fitter,
        prepared.features,
        grouping,
        request.target_false_alarm_rate,
        stored=store_by_codecs(fitter, prepared, progress),
        crossings=cross_clips(fitter, prepared, of_recordings),
        on_stage=progress.begin_stage,
    )


def store_by_codecs(
    fitter: Fitter, prepared: PreparedData, progress: Progress
) -> dict[str, StoredClips]:
    """Extract the clips as codecs store them, where the fitter learns that."""
    return extract_through_codecs(
        prepared.front_end,
        type(fitter),
        open_sounds(prepared),
        prepared.dataset.groups,
        on_step=progress.step,
    )


def cross_clips(fitter: Fitter, prepared: PreparedData, of_recordings: Grouping) -> list[Crossing]:
    """Extract the windows across two recordings, numbered by the first clip of a recording."""
    crossings = extract_crossings(
        [clip.intact for clip in prepared.dataset.clips],
        of_recordings.groups,
        prepared.front_end,
        DETECTORS[fitter.detector_type],
    )
    recordings = prepared.recordings.tolist()
    # Of a long recording that is cut, every part may be silent.
    return [
        replace(each, clip=recordings.index(each.clip))
        for each in crossings
        if each.clip in recordings
    ]


def open_sounds(prepared: PreparedData) -> list[Callable[[], Sound]]:
    """Return what reads each training clip at its own sample rate."""
    return [
        partial(Sound.read, clip.source, clip.quality.channel or AVERAGE, clip.losses)
        for clip in prepared.dataset.clips
    ]


def make_fitter(request: TrainingRequest, prepared: PreparedData, progress: Progress) -> Fitter:
    """Make the fitter of the detector type; its library is imported here."""
    fitter_class: type[Fitter] = import_string(FITTERS[request.detector_type])
    sounds = open_sounds(prepared)
    domain_shifts = measure_domain_shifts(prepared.front_end, fitter_class, sounds)
    fitter = fitter_class(
        prepared.front_end,
        domain_shifts,
        seed=request.seed,
        accelerator=request.accelerator,
        parameters=request.parameters,
    )
    fitter.on_epoch = progress.finish_epoch
    fitter.on_step = progress.step
    return fitter


def evaluate(
    request: TrainingRequest, prepared: PreparedData, trained: TrainedDetector, progress: Progress
) -> EvaluatedDetector:
    """Measure the detector on the test recordings, if any, and what speaks against serving it."""
    progress.begin_stage("Evaluating")
    artifact = trained.artifact
    clips = {
        name: keep_compatible(prepared.get_test_clips(name), artifact, progress)
        for name in ("test_normal", "test_abnormal")
    }
    normal, abnormal = score_tests(request, artifact, clips, progress)
    metrics = compute_metrics(artifact, normal.scores, abnormal.scores)

    groups = find_groups(normal.names, request.group_by)
    target = request.target_false_alarm_rate
    issues = check_false_alarms(metrics, groups, target_false_alarm_rate=target)
    issues += check_detection(metrics, n_abnormal=len(abnormal))
    data_check = progress.report_issues(prepared.data_check, issues)
    estimates = None
    if len(normal) and len(abnormal):
        estimates = estimate_metrics(normal, abnormal, artifact.calibration)
    return EvaluatedDetector(trained, metrics, data_check, estimates)


def score_tests(
    request: TrainingRequest,
    artifact: Artifact,
    clips: Mapping[str, Sequence[TrainingClip]],
    progress: Progress,
) -> tuple[ScoredClips, ScoredClips]:
    """Score the clips of both test folders just as an evaluation would."""
    pattern = choose_pattern(request.group_by, [clip.name for clip in clips["test_normal"]])
    normal = score_test_clips(artifact, clips["test_normal"], pattern, on_clip=progress.step)
    abnormal = score_test_clips(artifact, clips["test_abnormal"], pattern, on_clip=progress.step)
    return normal, abnormal


def publish(
    request: TrainingRequest,
    prepared: PreparedData,
    evaluated: EvaluatedDetector,
    run: TrainingRun,
    progress: Progress,
    *,
    seconds: float,
) -> PublishedVersion:
    """Publish the version, and serve it unless something speaks against that."""
    progress.begin_stage("Publishing")
    new = publication.Publication(
        request=request,
        dataset=prepared.dataset,
        detector=evaluated.detector,
        data_check=evaluated.data_check,
        metrics=collect_metrics(evaluated, seconds=seconds),
        tests=prepared.tests,
        estimates=evaluated.estimates,
    )
    version, evaluation = publication.publish(new, run)
    if request.make_default and not new.is_served:
        progress.report("The version does not serve, so it was not made the default.")
    calibration = evaluated.detector.artifact.calibration
    return PublishedVersion(version, calibration, evaluated.data_check, evaluation)


def collect_metrics(evaluated: EvaluatedDetector, *, seconds: float) -> dict[str, Any]:
    """Collect what a version's row stores of how it was made and how well it does."""
    detector = evaluated.detector
    artifact = detector.artifact
    calibration = artifact.calibration
    return {
        "final_loss": detector.fit.final_loss,
        "best_loss": detector.best_loss,
        "validation_score": float(calibration.scores.mean()),
        "clip_seconds": round(artifact.front_end.spec.clip_seconds, 3),
        "n_sessions": None if FEW_GROUPS in calibration.notes else calibration.n_groups,
        **evaluated.metrics.to_json(),
        "seconds": round(seconds, 3),
        "accelerator": detector.accelerator,
    }
