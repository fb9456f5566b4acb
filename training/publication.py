"""The last stage of training: store the files, then insert and serve the version."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version as installed_version
from platform import python_version
from typing import Any

from django.db import transaction
from django.utils import timezone

from analysis.detectors.calibration import Calibration
from registry import storage
from registry.models import Action, MachineType, ModelVersion, NewModel, NewVersion, RegisteredModel
from registry.storage import ArtifactFile
from training.checks.copies import waveform_digest
from training.checks.issues import DataCheck
from training.datasets.datasets import Dataset, count_by_code
from training.evaluation.evaluator import store_evaluation
from training.fitters.base import FileBytes
from training.fitters.building import TrainedDetector
from training.models import Evaluation, TrainingRun
from training.requests import TrainingRequest

LIBRARIES = ("numpy", "scipy", "scikit-learn", "torch", "librosa", "soxr")


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """Everything that a version's row and files are made of."""

    request: TrainingRequest
    dataset: Dataset
    detector: TrainedDetector
    data_check: DataCheck
    metrics: dict[str, Any]
    tests: Mapping[str, Dataset]
    # What an evaluation on the tests stores; None where there were none of both kinds.
    estimates: dict[str, Any] | None

    @property
    def is_served(self) -> bool:
        """Whether the version serves at once."""
        return not (self.request.is_candidate or self.data_check.serving_blockers)


def publish(publication: Publication, run: TrainingRun) -> tuple[ModelVersion, Evaluation | None]:
    """Store the files, then insert and serve the version and finish the run, all or nothing.

    Returns the evaluation too, if there were test recordings of both kinds.
    """
    request = publication.request
    detector = publication.detector
    names = request.all_file_names
    contents = {
        **detector.fit.exchange,
        "serving": detector.serving_form,
        "sidecar": write_sidecar(publication),
    }
    files = [ArtifactFile(role, names[role], content) for role, content in contents.items()]
    new_version = NewVersion(
        files=storage.write_files(request.model_id, files),
        dataset_path=str(request.data_dir),
        dataset_fingerprint=publication.dataset.fingerprint,
        sample_count=len(publication.dataset.clips),
        parameters=request.recorded_parameters,
        metrics=publication.metrics,
        library_versions=library_versions(),
    )
    with transaction.atomic():
        version = register(request, run, new_version, is_served=publication.is_served)
        return version, store_evaluation_of(publication, version)


def store_evaluation_of(publication: Publication, version: ModelVersion) -> Evaluation | None:
    """Store how well the version did on the test recordings, as evaluate_model would."""
    if publication.estimates is None:
        return None
    tests = publication.tests
    return store_evaluation(
        version, tests["test_normal"], tests["test_abnormal"], publication.estimates
    )


def register(
    request: TrainingRequest, run: TrainingRun, new_version: NewVersion, *, is_served: bool
) -> ModelVersion:
    """Insert the version, serve it as was asked, and finish the run."""
    name = request.machine_type.replace("-", " ").capitalize()
    MachineType.objects.get_or_create(slug=request.machine_type, defaults={"name": name})
    new_model = NewModel(
        id=request.model_id,
        type=request.detector_type,
        machine_type=request.machine_type,
        name=request.name,
        description=request.description,
    )
    version = RegisteredModel.objects.publish(
        new_model, new_version, serve=is_served, by=request.by
    )
    if request.make_default and is_served:
        version.registered_model.decide(
            Action.MAKE_DEFAULT, by=request.by, why="published as the default"
        )
    run.succeed(version)
    return version


def write_sidecar(publication: Publication) -> FileBytes:
    """Write what a person or another program may want to know of the version."""
    request = publication.request
    dataset = publication.dataset
    artifact = publication.detector.artifact
    content = {
        "model_id": request.model_id,
        "type": request.detector_type,
        "machine_type": request.machine_type,
        "created_at": timezone.now().isoformat(),
        "dataset_path": str(request.data_dir),
        "dataset_fingerprint": dataset.fingerprint,
        "sample_count": len(dataset.clips),
        "refused": count_by_code(dataset.refusals),
        "not_recordings": dict(dataset.others),
        "recordings": [clip.sha256 for clip in dataset.clips],
        "sounds": [waveform_digest(clip).hex() for clip in dataset.clips],
        "data_check": publication.data_check.to_json(),
        "parameters": request.recorded_parameters,
        "feature_spec": asdict(artifact.front_end.spec),
        "metrics": publication.metrics,
        "calibration": summarize_calibration(artifact.calibration),
        "parity": asdict(publication.detector.parity),
        "library_versions": library_versions(),
        "files": request.all_file_names,
    }
    return json.dumps(content, indent=2, ensure_ascii=False).encode()


def summarize_calibration(calibration: Calibration) -> dict[str, Any]:
    """Return the calibration without its scores."""
    return {
        "method": calibration.method,
        "n": calibration.n,
        "n_groups": calibration.n_groups,
        "notes": calibration.notes,
        "target_false_alarm_rate": calibration.target_false_alarm_rate,
        "thresholds": {"warning": calibration.warning, "critical": calibration.critical},
    }


def library_versions() -> dict[str, str]:
    """Return the releases that made the numbers."""
    return {"python": python_version()} | {name: installed_version(name) for name in LIBRARIES}
