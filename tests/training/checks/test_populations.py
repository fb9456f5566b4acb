"""Two populations among the recordings are found, and the sessions of one machine are none."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from analysis.sound.audio import Limits
from tests.support.needs import needs_real
from tests.support.places import REAL
from training.checks.issues import TWO_POPULATIONS, TWO_SOUNDS, UNLIKE_SOUNDS
from training.checks.outliers import check_outlier_count, check_outliers
from training.checks.populations import check_populations
from training.datasets.datasets import read_dataset
from training.datasets.group_patterns import find_group_pattern, find_groups
from training.datasets.listing import list_recordings
from training.demo_sounds import FAN, PUMP, write_machine
from training.fitters.front_end import build_front_end

MACHINES = (
    *("bearing_rig", "bldc_m2", "compressor", "slider_id_00"),
    *("engine_car02", "engine_car03", "engine_car04"),
)
N_DRAWS = 100
SECONDS = 3


@cache
def read(folder):
    """Return clips with their mean spectra."""
    clips = read_dataset(list_recordings(folder), limits=Limits()).clips
    front_end = build_front_end([np.zeros(16_000 * SECONDS)])
    means = [
        np.concatenate([window.frames for window in front_end.extract_windows(clip.waveform)]).mean(
            axis=0, dtype=np.float64
        )
        for clip in clips
    ]
    return list(zip(clips, means, strict=True))


def normal(machine):
    return read(REAL / machine / "train_normal")


def renamed(clips, pattern):
    """Give clips other names; {name}, {i}: of the clip, and its number."""
    return [
        (replace(clip, name=pattern.format(name=clip.name, i=i)), mean)
        for i, (clip, mean) in enumerate(clips)
    ]


def find(clips):
    """Return the code and the names of what is found."""
    in_order = sorted(clips, key=lambda pair: pair[0].name)
    names = [clip.name for clip, _mean in in_order]
    groups = find_groups(names, find_group_pattern(names))
    grouped = [
        replace(clip, group=group) for (clip, _mean), group in zip(in_order, groups, strict=True)
    ]
    issues = check_populations(grouped, np.stack([mean for _clip, mean in in_order]))
    return {issue.code: issue for issue in issues}


@pytest.fixture(scope="module")
def machines(tmp_path_factory):
    """Healthy clips of a synthesised pump and fan, in twelve sessions each."""
    folder = tmp_path_factory.mktemp("machines")
    for machine in (PUMP, FAN):
        write_machine(folder / machine.machine_type, machine)
    return folder


def of(machines, machine_type):
    return read(machines / machine_type / "train_normal")


@pytest.mark.parametrize(
    ("pump_names", "fan_names", "code"),
    [
        ("{name}", "fan_{name}", TWO_POPULATIONS),
        ("pump/{name}", "fan/{name}", TWO_POPULATIONS),
        ("pump_{i:03}.wav", "fan_{i:03}.wav", TWO_POPULATIONS),
        ("take{i}.wav", "take{i}00.wav", None),
        ("{i:03}.wav", "9{i:03}.wav", TWO_SOUNDS),
    ],
)
def test_a_pump_and_a_fan_are_two_populations(machines, pump_names, fan_names, code):
    pumps = renamed(of(machines, "pump"), pump_names)
    fans = renamed(of(machines, "fan")[:12], fan_names)
    found = find(pumps + fans)
    assert list(found) == ([code] if code else [])
    if code:
        assert set(found[code].names) == {clip.name for clip, _mean in fans}
        assert "--keep_outliers" in found[code].detail


def test_one_machine_is_one_population_whatever_its_files_are_called(machines):
    clips = of(machines, "pump")
    assert find(clips) == {}
    assert find(renamed(clips[:24], "idle_{i}.wav") + renamed(clips[24:], "load_{i}.wav")) == {}


@needs_real
def test_an_engine_and_a_compressor_are_two_populations():
    mixed = normal("engine_car02")[:30] + normal("compressor")[:12]
    assert list(find(mixed)) == [TWO_POPULATIONS]
    numbered = renamed(mixed, "{i:03}.flac")
    assert "format" in find(numbered)[TWO_POPULATIONS].detail


@needs_real
def test_babies_saws_and_clocks_are_no_machine():
    assert list(find(read(REAL / "other_sounds")[:23])) == [TWO_POPULATIONS]


@needs_real
@pytest.mark.parametrize("other", ["engine_car03", "engine_car04"])
@pytest.mark.parametrize(
    ("names", "other_names"),
    [
        ("{name}", "other_{name}"),
        ("a/{name}", "b/{name}"),
        ("car1/{name}", "car2/{name}"),
        ("car1_{name}", "car2_{name}"),
    ],
)
def test_two_cars_are_two_populations_though_both_have_a_take1(other, names, other_names):
    others = renamed(normal(other)[:15], other_names)
    found = find(renamed(normal("engine_car02"), names) + others)
    assert list(found) == [TWO_POPULATIONS]
    assert found[TWO_POPULATIONS].names == tuple(clip.name for clip, _mean in others)


@needs_real
@pytest.mark.parametrize("first", ["engine_car02", "engine_car03", "engine_car04"])
@pytest.mark.parametrize("second", ["engine_car02", "engine_car03", "engine_car04"])
def test_two_cars_in_one_take_are_told_by_the_sound_of_that_take(first, second):
    if first == second:
        assert find(normal(first)) == {}
        return
    others = renamed(normal(second)[:15], "normal_take1_1{i:02}.flac")
    found = find(normal(first) + others)
    assert list(found) == [TWO_SOUNDS]
    assert set(found[TWO_SOUNDS].names) == {clip.name for clip, _mean in others}
    assert "of the recording session take1" in found[TWO_SOUNDS].detail


@needs_real
@pytest.mark.parametrize("part", [slice(0, 12), slice(12, 24), slice(0, 23)])
def test_sounds_that_have_nothing_in_common_are_told_though_their_names_say_nothing(part):
    sounds = renamed(read(REAL / "other_sounds")[part], "{i:03}.ogg")
    assert list(find(sounds)) == [UNLIKE_SOUNDS]


@needs_real
@pytest.mark.parametrize("machine", MACHINES)
def test_recordings_of_one_machine_have_something_in_common(machine):
    for clips in (normal(machine), read(REAL / machine / "test_normal")):
        assert UNLIKE_SOUNDS not in find(renamed(clips, "{i:03}.flac"))
        assert UNLIKE_SOUNDS not in find(renamed(clips[::3], "{i:03}.flac"))


@needs_real
@pytest.mark.parametrize("machine", MACHINES)
def test_real_machines_are_never_held_back(machine):
    assert TWO_POPULATIONS not in find(normal(machine))


@needs_real
@pytest.mark.slow
@pytest.mark.parametrize("machine", MACHINES)
def test_of_draws_of_half_the_sessions_at_most_5_percent_are_held_back(machine):
    clips = normal(machine)
    names = [clip.name for clip, _mean in clips]
    groups = find_groups(names, find_group_pattern(names))
    sessions = sorted(set(groups if len(set(groups)) > 1 else names))
    rng = np.random.default_rng(7)
    n_held = 0
    for _ in range(N_DRAWS):
        drawn = set(rng.choice(sessions, size=(len(sessions) + 1) // 2, replace=False))
        half = [
            pair
            for pair, name, group in zip(clips, names, groups, strict=True)
            if {name, group} & drawn
        ]
        n_held += TWO_POPULATIONS in find(half) or has_many_outliers(half)
    assert n_held <= 0.05 * N_DRAWS


def has_many_outliers(clips):
    names = [clip.name for clip, _mean in clips]
    means = np.stack([mean for _clip, mean in clips])
    band_hz = np.linspace(30, 7_600, means.shape[1])
    return bool(check_outlier_count(check_outliers(names, means, band_hz), n_recordings=len(names)))
