"""Rotation tests other whole sessions, the same in every run, and tells mean and worst split."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.support.detection_tables import ALL_SETS
from benchmarks.support.machine_sets import ABNORMAL, NORMAL, OWN_SPLIT, TRAIN, MachineSet
from benchmarks.support.measuring import Measurement
from benchmarks.support.rotation import rotate
from benchmarks.support.rotation_tables import (
    NO_SESSIONS,
    summarize_calibration,
    summarize_rotation,
)

ALL = {ALL_SETS: frozenset({"fan"})}
TAKES = {TRAIN: ("take1", "take2", "take3"), NORMAL: ("take4",), ABNORMAL: ("take5",)}


@pytest.fixture
def fan(tmp_path):
    """A fan of four healthy takes of two clips each, the last of which is tested."""
    folder = tmp_path / "data" / "fan"
    names = {
        part: [f"{take}_{i}.wav" for take in takes for i in (0, 1)] for part, takes in TAKES.items()
    }
    paths = {part: [folder / part / name for name in names[part]] for part in TAKES}
    for path in (path for part in paths.values() for path in part):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return MachineSet(
        name="fan",
        split=OWN_SPLIT,
        folder=folder,
        group_by=r"take\d",
        paths=paths,
        waveforms={part: [np.zeros(1, np.float32) for _ in of] for part, of in names.items()},
        groups={part: [name[:5] for name in of] for part, of in names.items()},
    )


@pytest.fixture
def measurement():
    return Measurement(
        method="level 3",
        machine="fan",
        split=OWN_SPLIT,
        seed=0,
        fit_seconds=1.0,
        score_ms=1.0,
        warning=5.0,
        normal=[1.0, 2.0, 3.0, 6.0],
        normal_p_values=[0.9, 0.5, 0.2, 0.01],
        abnormal=[7.0, 8.0],
        normal_groups=["take4"] * 4,
        abnormal_groups=["take5"] * 2,
        planted_faults={},
        nuisances={},
    )


def test_each_split_tests_another_whole_session(fan, tmp_path):
    splits = rotate(fan, tmp_path / "splits", max_splits=4)
    tested = [set(split.groups[NORMAL]) for split in splits]
    assert sorted(tested, key=min) == [{"take1"}, {"take2"}, {"take3"}, {"take4"}]
    for split in splits:
        assert not set(split.groups[NORMAL]) & set(split.groups[TRAIN])
        assert len(split.paths[NORMAL]) == 2
        assert len(split.paths[TRAIN]) == 6
        assert split.paths[ABNORMAL] == fan.paths[ABNORMAL]


def test_what_a_split_learns_from_stands_in_its_folder(fan, tmp_path):
    for split in rotate(fan, tmp_path / "splits", max_splits=4):
        linked = {path.name for path in (split.folder / TRAIN).iterdir()}
        assert linked == {path.name for path in split.paths[TRAIN]}


def test_splits_are_the_same_in_every_run(fan, tmp_path):
    first, second = (rotate(fan, tmp_path / run, max_splits=2) for run in ("first", "second"))
    assert [split.paths for split in first] == [split.paths for split in second]


def test_no_more_splits_are_drawn_than_there_are(fan, tmp_path):
    assert len(rotate(fan, tmp_path / "splits", max_splits=10)) == 4


def test_a_set_whose_names_tell_no_sessions_is_not_rotated(fan, tmp_path):
    nameless = replace(fan, groups={part: [""] * len(of) for part, of in fan.groups.items()})
    assert rotate(nameless, tmp_path / "splits", max_splits=4) == []


def test_rotation_tells_mean_and_worst_beside_the_own_split(measurement):
    first = replace(measurement, split="rotation 1", normal=[1.0, 2.0, 3.0, 4.0])
    second = replace(measurement, split="rotation 2", normal=[9.0, 9.0, 9.0, 4.0])
    of_set, of_all = summarize_rotation([measurement, first, second], ALL)
    assert of_set["splits"] == "2"
    assert (of_set["false alarms, own"], of_set["false alarms, worst"]) == (0.25, 0.75)
    assert of_set["false alarms, mean"].value == pytest.approx(0.375)
    assert (of_set["AUC, own"], of_set["AUC, worst"]) == (1.0, 0.25)
    assert of_all["false alarms, mean"].value == pytest.approx(0.375)


def test_a_set_without_sessions_says_so(measurement):
    of_set, _of_all = summarize_rotation([measurement], ALL)
    assert of_set["splits"] == NO_SESSIONS
    assert of_set["false alarms, mean"].value == of_set["false alarms, own"] == 0.25


def test_shares_of_p_values_are_of_the_drawn_splits(measurement):
    drawn = replace(measurement, split="rotation 1", normal_p_values=[0.9, 0.6, 0.7, 0.8])
    of_set, _of_all = summarize_calibration([measurement, drawn], ALL)
    assert of_set["p <= 0.5"].value == 0
    of_set, _of_all = summarize_calibration([measurement], ALL)
    assert of_set["p <= 0.5"].value == 0.75
    assert of_set["p <= 0.01"].value == 0.25
