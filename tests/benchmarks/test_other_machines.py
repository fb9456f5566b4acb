"""Of two machines, each is another one to the model of the other."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.other_machines import compare, extract_all
from benchmarks.support.machine_sets import ABNORMAL, NORMAL, OWN_SPLIT, TRAIN, MachineSet
from training.demo_sounds import MACHINES, RecordingSession, record

SESSIONS = {TRAIN: range(5), NORMAL: range(5, 8), ABNORMAL: range(8, 9)}
CLIPS_PER_SESSION = 3


def synthesise(number, machine) -> MachineSet:
    waveforms: dict[str, list[np.ndarray]] = {part: [] for part in SESSIONS}
    groups: dict[str, list[str]] = {part: [] for part in SESSIONS}
    for part, sessions in SESSIONS.items():
        for take in sessions:
            rng = np.random.default_rng([number, take])
            session = RecordingSession.sample(rng)
            for _ in range(CLIPS_PER_SESSION):
                sound = record(rng, machine, session, seconds=2.0, fault=None)
                waveforms[part].append(sound.astype(np.float32))
                groups[part].append(f"take{take}")
    return MachineSet(
        name=machine.machine_type,
        split=OWN_SPLIT,
        folder=Path(),
        group_by=None,
        paths={part: [] for part in SESSIONS},
        waveforms=waveforms,
        groups=groups,
    )


def test_another_machine_is_told_from_the_own():
    machines = [synthesise(number, machine) for number, machine in enumerate(MACHINES)]
    lines = {machine.name: extract_all(machine) for machine in machines}
    folders = {"as in the fan": lines["fan"][NORMAL]}
    for record_of_set in compare(machines, lines, folders):
        assert record_of_set["own, healthy"] == pytest.approx(0, abs=0.12)
        assert record_of_set["others, mean"] >= 0.9
    assert record_of_set["as in the fan"] == record_of_set["own, healthy"]
    assert record_of_set["model of"] == "fan"
