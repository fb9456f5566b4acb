"""Checks the recordings before anything is learnt from them."""

from collections.abc import Callable, Mapping, Sequence

from analysis.sound.features import Frames, FrontEnd
from training.checks.copies import check_copies
from training.checks.data_quality import CHECKS, check_count
from training.checks.issues import DataCheck, Issue
from training.checks.outliers import check_outlier_count, check_outliers, compute_mean_spectra
from training.checks.populations import check_populations
from training.datasets.datasets import TrainingClip


def check_data(
    clips: Sequence[TrainingClip],
    frames: Sequence[Sequence[Frames]],
    front_end: FrontEnd,
    *,
    tests: Mapping[str, Sequence[TrainingClip]],
    target_false_alarm_rate: float,
    keep_outliers: bool = False,
    on_step: Callable[[], None] = lambda: None,
) -> DataCheck:
    """Find what may mislead a detector.

    frames: of each window of each clip. tests: the clips of each test folder, by the folder's name.
    keep_outliers: outliers are normal, however many they are.
    """
    issues: list[Issue] = check_copies(clips, tests, on_step=on_step)

    names = [clip.name for clip in clips]
    means = compute_mean_spectra(frames)
    outliers = check_outliers(names, means, front_end.band_hz[1:-1])
    issues += outliers
    if not keep_outliers:
        issues += check_outlier_count(outliers, n_recordings=len(clips))
        issues += check_populations(clips, means)

    for check in CHECKS:
        issues += check(clips)
    issues += check_count(clips, target_false_alarm_rate)
    return DataCheck(tuple(issues))
