"""Splits the normal clips of a set anew: other whole recording sessions are tested."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import comb
from pathlib import Path

import numpy as np

from analysis.sound.audio import Waveform
from benchmarks.support.machine_sets import ABNORMAL, NORMAL, TRAIN, MachineSet

MAX_SPLITS = 4

Sessions = frozenset[str]


def rotate(machine: MachineSet, scratch: Path, *, max_splits: int) -> list[MachineSet]:
    """Return the set in up to so many other splits; none where names tell too few sessions.

    As many sessions are tested as in the set's own split. scratch: a folder that must outlive the
    splits, where what they train on is linked. The same splits in every run: the name of the set
    is the seed.
    """
    sessions = sorted({*machine.groups[TRAIN], *machine.groups[NORMAL]})
    n_tested = len(set(machine.groups[NORMAL]))
    if not max_splits or "" in sessions or n_tested >= len(sessions):
        return []

    rng = np.random.default_rng(list(machine.name.encode()))
    drawn = draw_sessions(sessions, n_tested, max_splits, rng)
    return [
        split_anew(machine, f"rotation {number}", tested, scratch)
        for number, tested in enumerate(drawn, 1)
    ]


def draw_sessions(
    sessions: Sequence[str], n_tested: int, max_splits: int, rng: np.random.Generator
) -> list[Sessions]:
    """Draw up to max_splits different selections; none is drawn twice before all are drawn once."""
    n_splits = min(max_splits, comb(len(sessions), n_tested))
    drawn: list[Sessions] = []
    for tested in deal(sessions, n_tested, rng):
        if tested not in drawn:
            drawn.append(tested)
        if len(drawn) == n_splits:
            break
    return drawn


def deal(sessions: Sequence[str], n_tested: int, rng: np.random.Generator) -> Iterator[Sessions]:
    """Yield hands of n_tested sessions from a shuffled pack, shuffling again whenever it ends."""
    while True:
        pack = [sessions[i] for i in rng.permutation(len(sessions))]
        for start in range(0, len(pack) - n_tested + 1, n_tested):
            yield frozenset(pack[start : start + n_tested])


def split_anew(machine: MachineSet, split: str, tested: Sessions, scratch: Path) -> MachineSet:
    """Return the set with the clips of these sessions as its normal test clips."""
    clips = [clip for part in (TRAIN, NORMAL) for clip in list_clips(machine, part)]
    parts = {
        TRAIN: [clip for clip in clips if clip[2] not in tested],
        NORMAL: [clip for clip in clips if clip[2] in tested],
        ABNORMAL: list_clips(machine, ABNORMAL),
    }
    paths = {part: [path for path, _waveform, _group in of] for part, of in parts.items()}
    return replace(
        machine,
        split=split,
        folder=link_training_clips(scratch / split / machine.name, paths[TRAIN]),
        paths=paths,
        waveforms={
            part: [waveform for _path, waveform, _group in of] for part, of in parts.items()
        },
        groups={part: [group for _path, _waveform, group in of] for part, of in parts.items()},
    )


def list_clips(machine: MachineSet, part: str) -> list[tuple[Path, Waveform, str]]:
    """Return path, waveform and group of each clip of a part."""
    return list(
        zip(machine.paths[part], machine.waveforms[part], machine.groups[part], strict=True)
    )


def link_training_clips(folder: Path, paths: Sequence[Path]) -> Path:
    """Make a folder whose train_normal links to these files."""
    (folder / TRAIN).mkdir(parents=True)
    for path in paths:
        (folder / TRAIN / path.name).symlink_to(path.resolve())
    return folder
