"""The benchmark of what recorders do: its kinds differ, and its summary hides nothing."""

import numpy as np

from benchmarks.kinds.all_kinds import KINDS
from benchmarks.kinds.kind import Source, leave_as_it_is
from benchmarks.robustness import summarize
from tests.support.recordings import machine

SOURCE = Source(0.1 * machine(16_000, 3.0).astype(np.float64), 16_000)


def measured(kind, of_set, level, *, kept=10, refused="0", wrong="0"):
    return {
        "kind": kind,
        "set": of_set,
        "level": level,
        "clips": 10,
        "kept": kept,
        "refused": refused,
        "wrong": wrong,
    }


def test_every_kind_changes_the_recording_in_its_own_way():
    files = {kind.name: kind.change(SOURCE, np.random.default_rng(0)) for kind in KINDS}
    assert len(files) == len(KINDS)
    assert len(set(files.values())) == len(KINDS)
    assert leave_as_it_is(SOURCE, np.random.default_rng(0)) not in files.values()


def test_a_summary_adds_up_sets_and_names_what_was_not_kept():
    records = [
        measured("8 bits", "pump", "level 1"),
        measured("8 bits", "pump", "level 3", kept=9, wrong="1 WARNING"),
        measured("8 bits", "fan", "level 1", kept=0, refused="10 too_coarse"),
        measured("8 bits", "fan", "level 3", kept=0, refused="10 too_coarse"),
        measured("a gap", "fan", "level 1"),
    ]
    assert summarize(records) == [
        {
            "kind": "8 bits",
            "level 1": "10 / 20",
            "level 3": "9 / 20",
            "refused": "fan: 10 too_coarse",
            "wrong": "pump, level 3: 1 WARNING",
        },
        {"kind": "a gap", "level 1": "10 / 10", "level 3": "0 / 0", "refused": "0", "wrong": "0"},
    ]
