"""The check of the recordings before anything is learnt from them."""

from collections.abc import Callable, Mapping, Sequence

from analysis.sound.features import Frames, FrontEnd
from training.checks.copies import check_copies
from training.checks.data_quality import CHECKS, check_count
from training.checks.issues import DataCheck
from training.checks.outliers import check_outlier_count, check_outliers, compute_mean_spectra
from training.datasets.datasets import TrainingClip


def check_data(
    recordings: Sequence[TrainingClip],
    clips: Sequence[Sequence[Frames]],
    front_end: FrontEnd,
    *,
    tests: Mapping[str, Sequence[TrainingClip]],
    target_false_alarm_rate: float,
    keep_outliers: bool = False,
    on_step: Callable[[], None] = lambda: None,
) -> DataCheck:
    """Everything that may mislead a detector; clips: the recordings as it hears them.

    tests: the recordings of each test folder, by the folder's name. keep_outliers: however many, they are normal.
    """
    outliers = check_outliers(
        [each.name for each in recordings], compute_mean_spectra(clips), front_end.band_hz[1:-1]
    )
    issues = [
        *check_copies(recordings, tests, on_step=on_step),
        *outliers,
        *([] if keep_outliers else check_outlier_count(outliers, n_recordings=len(recordings))),
        *(issue for check in CHECKS for issue in check(recordings)),
        *check_count(recordings, target_false_alarm_rate),
    ]
    return DataCheck(tuple(issues))
