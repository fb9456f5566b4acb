"""The check of the recordings before anything is learnt from them."""

from collections.abc import Callable, Mapping, Sequence

from analysis.sound.features import Frames, FrontEnd
from training.checks.copies import check_copies
from training.checks.findings import DataCheck
from training.checks.outliers import check_outliers, check_strays, mean_spectra
from training.checks.sufficiency import CHECKS, check_number
from training.datasets.datasets import Recording


def check_data(
    recordings: Sequence[Recording],
    clips: Sequence[Sequence[Frames]],
    front_end: FrontEnd,
    *,
    tests: Mapping[str, Sequence[Recording]],
    target_false_alarm_rate: float,
    keep_outliers: bool = False,
    on_step: Callable[[], None] = lambda: None,
) -> DataCheck:
    """Everything that may mislead a detector; clips: the recordings as it hears them.

    tests: the recordings of each test folder, by the folder's name. keep_outliers: however many, they are normal.
    """
    outliers = check_outliers([each.name for each in recordings], mean_spectra(clips), front_end.band_hz[1:-1])
    findings = [
        *check_copies(recordings, tests, on_step=on_step),
        *outliers,
        *([] if keep_outliers else check_strays(outliers, n_recordings=len(recordings))),
        *(finding for check in CHECKS for finding in check(recordings)),
        *check_number(recordings, target_false_alarm_rate),
    ]
    return DataCheck(tuple(findings))
