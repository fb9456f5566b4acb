"""What a training run makes of the check of its recordings: told, kept, and acted on."""

from collections.abc import Iterable, Mapping, Sequence

from analysis.detectors.calibration import MIN_CLIPS
from analysis.sound.features import FrontEnd
from training.checks.data_check import check_data
from training.checks.issues import DataCheck, Issue
from training.checks.outliers import exclude_outliers
from training.datasets.datasets import Dataset, TrainingClip
from training.errors import TooFewClips
from training.fitters.clips import ClipFeatures
from training.models import TrainingRun
from training.progress import Progress
from training.requests import TrainingRequest
from training.serving_gate import check_serving_version


def check(
    request: TrainingRequest,
    run: TrainingRun,
    dataset: Dataset,
    clips: Sequence[ClipFeatures],
    front_end: FrontEnd,
    tests: Mapping[str, Sequence[TrainingClip]],
    progress: Progress,
) -> DataCheck:
    """Check the recordings, keep and tell what was found, and refuse what cannot be learnt from."""
    progress.begin_stage("Checking recordings")
    found = check_data(
        dataset.recordings,
        [[window.frames for window in clip.windows] for clip in clips],
        front_end,
        tests=tests,
        target_false_alarm_rate=request.target_false_alarm_rate,
        keep_outliers=request.keep_outliers,
        on_step=progress.step,
    )
    unlike = check_serving_version(request.model_id, dataset.recordings, on_step=progress.step)
    found = tell(run, DataCheck(), (*found.issues, *unlike), progress)
    found.refuse(is_strict=request.is_strict)
    return found


def tell(
    run: TrainingRun, found: DataCheck, more: Iterable[Issue], progress: Progress
) -> DataCheck:
    """Keep and tell what was found besides."""
    every = found.with_issues(more)
    run.record_heartbeat(data_check=every.to_json())
    for issue in every.issues[len(found.issues) :]:
        progress.report(f"  {issue.detail}")
    return every


def leave_out(
    request: TrainingRequest,
    found: DataCheck,
    dataset: Dataset,
    clips: Sequence[ClipFeatures],
    progress: Progress,
) -> tuple[Dataset, list[ClipFeatures]]:
    """Leave out the few recordings that are unlike the others, unless they were said to be normal."""
    kept = dataset if request.keep_outliers else exclude_outliers(dataset, found.issues)
    if n_strays := len(dataset.recordings) - len(kept.recordings):
        progress.report(
            f"  {n_strays} left out as unlike the others: if normal, --keep_outliers keeps them."
        )
    check_enough(kept)
    names = {recording.name for recording in kept.recordings}
    heard = zip(dataset.recordings, clips, strict=True)
    return kept, [clip for recording, clip in heard if recording.name in names]


def check_enough(dataset: Dataset) -> None:
    """Refuse a folder that cannot tell what is normal."""
    if len(dataset.recordings) < MIN_CLIPS:
        raise TooFewClips(
            f"{len(dataset.recordings)} usable recordings in {dataset.folder}: at least {MIN_CLIPS} of the normal "
            "machine are needed. Record more, in several takes."
        )
