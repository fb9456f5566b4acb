"""No two normal recordings of real, steady machines are taken for copies or outliers."""

import pytest

from analysis.sound.audio import Limits
from tests.support.needs import needs_real
from tests.support.places import REAL
from training.checks.copies import check_copies
from training.checks.data_check import check_data
from training.datasets.datasets import read_dataset
from training.datasets.listing import list_recordings
from training.fitters.front_end import build_front_end

# The pattern of the sessions, and how many recordings are outliers.
SETS = {
    "slider_id_00": (None, 0),
    "compressor": (r"^\d{6}", 1),
    "engine_car02": (r"take\d", 0),
    "engine_car04": (r"take\d", 0),
    "bldc_m2": (r"m2_\d+", 0),
}
SESSION_CODES = {"few_takes", "uneven_takes"}
pytestmark = [
    pytest.mark.slow,
    needs_real,
]


def read(name, part):
    return read_dataset(
        list_recordings(REAL / name / part),
        limits=Limits(),
        group_by=SETS[name][0] if part == "train_normal" else None,
    )


@pytest.mark.parametrize("name", SETS)
def test_recordings_of_healthy_machines_have_few_issues(name):
    dataset = read(name, "train_normal")
    front_end = build_front_end(dataset.waveforms)
    frames = [
        [window.frames for window in front_end.extract_windows(waveform)]
        for waveform in dataset.waveforms
    ]
    checked = check_data(dataset.clips, frames, front_end, tests={}, target_false_alarm_rate=0.05)
    codes = [issue.code for issue in checked.issues if issue.code not in SESSION_CODES]
    # The recorder of the compressor did lose buffers.
    assert codes == ["outlier"] * SETS[name][1] + ["dropouts"] * (name == "compressor")


@pytest.mark.parametrize("name", SETS)
def test_test_recordings_are_not_taken_for_training_recordings(name):
    tests = {part: read(name, part).clips for part in ("test_normal", "test_abnormal")}
    issues = check_copies(read(name, "train_normal").clips, tests)
    found = [issue.names for issue in issues]
    # One slide was recorded once and mixed twice, at a correlation of 0.92.
    assert found == ([("test_normal/normal_id_00_00000064.wav",)] if name == "slider_id_00" else [])
