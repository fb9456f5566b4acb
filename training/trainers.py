"""From a folder of normal recordings to a calibrated, checked and published version."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version as installed_version
from pathlib import Path
from platform import python_version
from time import monotonic
from typing import Any

import joblib
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from threadpoolctl import threadpool_limits

from analysis.detectors import Detector
from analysis.detectors.artifact import DETECTORS
from analysis.detectors.calibration import Calibration
from analysis.errors import RecordingRefused
from analysis.sound.features import FrontEnd
from registry import storage
from registry.models import Action, MachineType, ModelVersion, NewModel, NewVersion, RegisteredModel
from registry.storage import ArtifactFile
from training.checking import check, check_enough, leave_out, tell
from training.checks.copies import waveform_digest
from training.checks.issues import DataCheck
from training.datasets.compatibility import keep_compatible
from training.datasets.datasets import Dataset, Refusal, TrainingClip, check_refusals, count_by_code
from training.datasets.group_patterns import describe_groups, find_groups
from training.datasets.grouping import group_clips
from training.datasets.reading import read_with_progress
from training.evaluation.metrics import Metrics, evaluate_artifact
from training.fitters.base import FileBytes, Fitter
from training.fitters.building import TrainedDetector, build_artifact
from training.fitters.clips import ClipFeatures
from training.fitters.domain_shifts import Sound, measure_domain_shifts
from training.fitters.front_end import build_front_end, with_bandwidth
from training.models import TrainingRun
from training.progress import Progress
from training.requests import TrainingRequest
from training.serving_gate import check_detection, check_false_alarms
from training.watcher import NullWatcher, Watcher

# By name: a fitter imports its heavy library, and nothing may before the request and the recordings are found good.
FITTERS = {
    "level1_isolation_forest": "training.fitters.forest.ForestFitter",
    "level2_autoencoder": "training.fitters.autoencoder.AutoencoderFitter",
    "level3_mahalanobis": "training.fitters.mahalanobis.MahalanobisFitter",
}
LIBRARIES = ("numpy", "scipy", "scikit-learn", "torch", "librosa", "soxr")


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """What came of a training run."""

    version: ModelVersion
    calibration: Calibration
    found: DataCheck


def train(request: TrainingRequest, *, watcher: Watcher | None = None) -> PublishedVersion:
    """Train, check and publish one version; a TrainingRun row tells of every attempt that was worth beginning.

    Raises the SignalCraftError that names why nothing was published.
    """
    request.check()
    request = request.with_group_pattern()
    run = TrainingRun.objects.create(
        model_id=request.model_id,
        type=request.detector_type,
        dataset_path=str(request.data_dir),
        parameters=request.recorded_parameters,
        seed=request.seed,
    )
    try:
        # On matrices of this size a second thread of BLAS waits more than it works, the more so beside other processes.
        with threadpool_limits(limits=1):
            return attempt(request, run, Progress(run, watcher or NullWatcher()))
    except BaseException as exc:
        run.fail(str(exc) or type(exc).__name__)
        raise


def attempt(request: TrainingRequest, run: TrainingRun, progress: Progress) -> PublishedVersion:
    """One attempt, from the recordings to the version."""
    started = monotonic()
    dataset = read(
        request, request.data_dir, "Reading recordings", progress, group_by=request.group_by
    )
    check_enough(dataset)
    progress.report(
        describe_groups(dataset.groups, request.group_by, request.target_false_alarm_rate)
    )
    tests = {name: read_test(request, name, progress) for name in ("test_normal", "test_abnormal")}
    front_end = build_front_end([recording.waveform for recording in dataset.recordings])
    dataset, clips = hear(request, front_end, dataset, progress)
    check_enough(dataset)
    found = check(request, run, dataset, clips, front_end, tests, progress)
    dataset, clips = leave_out(request, found, dataset, clips, progress)
    front_end = with_bandwidth(
        front_end, [recording.quality.bandwidth_hz for recording in dataset.recordings]
    )
    fitter = make_fitter(request, front_end, dataset, progress)
    grouping = group_clips(dataset.groups, max_folds=fitter.max_folds)
    trained = build_artifact(
        fitter, clips, grouping, request.target_false_alarm_rate, on_stage=progress.begin_stage
    )
    progress.begin_stage("Evaluating")
    normal, abnormal = (
        keep_compatible(recordings, trained.artifact, progress) for recordings in tests.values()
    )
    waveforms = ([each.waveform for each in recordings] for recordings in (normal, abnormal))
    tested = evaluate_artifact(trained.artifact, *waveforms, on_clip=progress.step)
    takes = find_groups([each.name for each in normal], request.group_by)
    alarms = check_false_alarms(
        tested, takes, target_false_alarm_rate=request.target_false_alarm_rate
    )
    found = tell(
        run, found, [*alarms, *check_detection(tested, n_abnormal=len(abnormal))], progress
    )
    metrics = measured(fitter, trained, tested, seconds=monotonic() - started)
    serve = not (request.is_candidate or found.serving_blockers)
    progress.begin_stage("Publishing")
    version = publish(request, run, dataset, trained, metrics, serve=serve)
    if request.make_default and not serve:
        progress.report("It does not serve, so it is not made the default.")
    return PublishedVersion(version, trained.artifact.calibration, found)


def read(
    request: TrainingRequest,
    folder: Path,
    stage: str,
    progress: Progress,
    *,
    group_by: str | None = None,
) -> Dataset:
    """Read a folder as the request says it is to be read."""
    return read_with_progress(
        folder,
        stage,
        progress,
        group_by=group_by,
        csv_sample_rate_hz=request.csv_sample_rate_hz,
        is_strict=request.is_strict,
        on_step=progress.step,
    )


def hear(
    request: TrainingRequest, front_end: FrontEnd, dataset: Dataset, progress: Progress
) -> tuple[Dataset, list[ClipFeatures]]:
    """The clips as the detector hears them, without those in which there is nothing to hear for too long."""
    progress.begin_stage("Listening")
    outcomes = list[ClipFeatures | Refusal]()
    heard = joblib.Parallel(n_jobs=-1, prefer="threads", return_as="generator")(
        joblib.delayed(extract_clip)(recording, front_end, DETECTORS[request.detector_type])
        for recording in dataset.recordings
    )
    for outcome in heard:
        outcomes.append(outcome)
        progress.advance(len(outcomes), len(dataset.recordings))
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
    for refusal in refusals:
        progress.report(f"  {refusal.name} is not used: {refusal.detail}")
    kept = dataset.without(refusals)
    check_refusals(kept.refusals, kept.n_files, is_strict=request.is_strict)
    return kept, [outcome for outcome in outcomes if isinstance(outcome, ClipFeatures)]


def extract_clip(
    recording: TrainingClip, front_end: FrontEnd, kind: type[Detector]
) -> ClipFeatures | Refusal:
    """One clip, or why a detector cannot hear it: half of it may be silent."""
    try:
        return ClipFeatures.extract(recording.waveform, front_end, kind)
    except RecordingRefused as exc:
        return Refusal(recording.name, exc.code, str(exc))


def make_fitter(
    request: TrainingRequest, front_end: FrontEnd, dataset: Dataset, progress: Progress
) -> Fitter:
    """The fitter of this kind of detector; its library is imported here."""
    sounds = [partial(Sound.read, recording.source) for recording in dataset.recordings]
    fitter: Fitter = import_string(FITTERS[request.detector_type])(
        front_end,
        measure_domain_shifts(front_end, DETECTORS[request.detector_type], sounds),
        seed=request.seed,
        accelerator=request.accelerator,
        parameters=request.parameters,
    )
    fitter.on_epoch, fitter.on_step = progress.finish_epoch, progress.step
    return fitter


def read_test(request: TrainingRequest, name: str, progress: Progress) -> Sequence[TrainingClip]:
    """The recordings of a test folder, none where none was given."""
    folder: Path | None = getattr(request, name)
    if folder is None:
        return []
    return read(request, folder, f"Reading {name}", progress).recordings


def measured(
    fitter: Fitter, trained: TrainedDetector, tested: Metrics, *, seconds: float
) -> dict[str, Any]:
    """What a version's row keeps of how it was made and how well it does."""
    return {
        "final_loss": trained.fit.final_loss,
        "best_loss": fitter.best_loss,
        "validation_score": float(trained.artifact.calibration.scores.mean()),
        "clip_seconds": round(trained.artifact.front_end.spec.clip_seconds, 3),
        **tested.to_json(),
        "seconds": round(seconds, 3),
        "accelerator": fitter.accelerator,
    }


def publish(
    request: TrainingRequest,
    run: TrainingRun,
    dataset: Dataset,
    trained: TrainedDetector,
    metrics: dict[str, Any],
    *,
    serve: bool,
) -> ModelVersion:
    """Store the files, then insert and serve the version and finish the run, all or nothing."""
    about = sidecar(request, run, dataset, trained, metrics)
    contents = {**trained.fit.exchange, "serving": trained.serving_form, "sidecar": about}
    names = request.all_file_names
    stored = storage.write_files(
        request.model_id,
        [ArtifactFile(role, names[role], content) for role, content in contents.items()],
    )
    new_version = NewVersion(
        files=stored,
        dataset_path=str(request.data_dir),
        dataset_fingerprint=dataset.fingerprint,
        sample_count=len(dataset.recordings),
        parameters=request.recorded_parameters,
        metrics=metrics,
        library_versions=library_versions(),
    )
    return register(request, run, new_version, serve=serve)


@transaction.atomic
def register(
    request: TrainingRequest, run: TrainingRun, new_version: NewVersion, *, serve: bool
) -> ModelVersion:
    """Insert the version, offer it as was asked, and finish the run."""
    name = request.machine_type.replace("-", " ").capitalize()
    MachineType.objects.get_or_create(slug=request.machine_type, defaults={"name": name})
    new_model = NewModel(
        id=request.model_id,
        type=request.detector_type,
        machine_type=request.machine_type,
        name=request.name,
        description=request.description,
    )
    version = RegisteredModel.objects.publish(new_model, new_version, serve=serve, by=request.by)
    if request.make_default and serve:
        version.registered_model.decide(
            Action.MAKE_DEFAULT, by=request.by, why="published as the default"
        )
    run.succeed(version)
    return version


def sidecar(
    request: TrainingRequest,
    run: TrainingRun,
    dataset: Dataset,
    trained: TrainedDetector,
    metrics: dict[str, Any],
) -> FileBytes:
    """What a person or another program may want to know of the version, beside its files."""
    about = {
        "model_id": request.model_id,
        "type": request.detector_type,
        "machine_type": request.machine_type,
        "created_at": timezone.now().isoformat(),
        "dataset_path": str(request.data_dir),
        "dataset_fingerprint": dataset.fingerprint,
        "sample_count": len(dataset.recordings),
        "refused": count_by_code(dataset.refusals),
        "recordings": [recording.sha256 for recording in dataset.recordings],
        "sounds": [waveform_digest(recording).hex() for recording in dataset.recordings],
        "data_check": run.data_check,
        "parameters": request.recorded_parameters,
        "feature_spec": asdict(trained.artifact.front_end.spec),
        "metrics": metrics,
        "calibration": described(trained.artifact.calibration),
        "parity": asdict(trained.parity),
        "library_versions": library_versions(),
        "files": request.all_file_names,
    }
    return json.dumps(about, indent=2, ensure_ascii=False).encode()


def described(calibration: Calibration) -> dict[str, Any]:
    """The calibration without its scores."""
    return {
        "method": calibration.method,
        "n": calibration.n,
        "n_groups": calibration.n_groups,
        "notes": calibration.notes,
        "target_false_alarm_rate": calibration.target_false_alarm_rate,
        "thresholds": {"warning": calibration.warning, "critical": calibration.critical},
    }


def library_versions() -> dict[str, str]:
    """The releases that made the numbers."""
    return {"python": python_version()} | {name: installed_version(name) for name in LIBRARIES}
