"""Steady machines sound alike all day: no two normal recordings of real ones are taken for copies, nor for outliers."""

import pytest

from analysis.sound.audio import Limits
from tests.support.places import REAL
from training.checks.copies import check_copies
from training.checks.data_check import check_data
from training.datasets.datasets import read_dataset
from training.fitters.front_end import build_front_end

# Takes, and the recordings that sound unlike the others of their folder.
SETS = {
    "slider_id_00": (None, 0),
    "compressor": (r"^\d{6}", 1),
    "engine_car02": (r"take\d", 0),
    "engine_car04": (r"take\d", 0),
    "bldc_m2": (r"m2_\d+", 0),
}
TAKES = {"few_takes", "uneven_takes"}
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not REAL.is_dir(), reason=f"There are no real recordings in {REAL}."),
]


def read(name, part):
    return read_dataset(
        REAL / name / part,
        limits=Limits(),
        group_by=SETS[name][0] if part == "train_normal" else None,
    )


@pytest.mark.parametrize("name", SETS)
def test_little_is_found_in_recordings_of_healthy_machines(name):
    recordings = read(name, "train_normal").recordings
    front_end = build_front_end([each.waveform for each in recordings])
    clips = [
        [window.frames for window in front_end.extract_windows(each.waveform)]
        for each in recordings
    ]
    checked = check_data(recordings, clips, front_end, tests={}, target_false_alarm_rate=0.05)
    codes = [issue.code for issue in checked.issues if issue.code not in TAKES]
    assert codes == ["outlier"] * SETS[name][1]


@pytest.mark.parametrize("name", SETS)
def test_test_recordings_are_not_taken_for_training_recordings(name):
    tests = {part: read(name, part).recordings for part in ("test_normal", "test_abnormal")}
    issues = check_copies(read(name, "train_normal").recordings, tests)
    found = [issue.names for issue in issues]
    # One slide was recorded once and mixed twice: sample for sample in step, at a correlation of 0.92.
    assert found == ([("test_normal/normal_id_00_00000064.wav",)] if name == "slider_id_00" else [])
