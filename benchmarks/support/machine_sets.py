"""A set of recordings of one machine: those to train on, and normal and abnormal ones to test."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from analysis.sound.audio import Waveform, decode
from analysis.sound.decoding.gaps import find_longest_stretch
from benchmarks.support.levels import list_recordings
from training.datasets.datasets import compile_pattern, find_group

TRAIN = "train_normal"
NORMAL = "test_normal"
ABNORMAL = "test_abnormal"
PARTS = (TRAIN, NORMAL, ABNORMAL)
OWN_SPLIT = "own"


@dataclass(frozen=True, slots=True)
class MachineSet:
    """Files, waveforms and groups ("" where none is known) of each part, in order of name.

    folder: its train_normal holds what is trained on. split: which of the normal clips are tested;
    OWN_SPLIT as the set came, else sessions drawn anew.
    """

    name: str
    split: str
    folder: Path
    group_by: str | None
    paths: dict[str, list[Path]]
    waveforms: dict[str, list[Waveform]]
    groups: dict[str, list[str]]

    @classmethod
    def read(cls, folder: Path, group_by: str | None) -> Self:
        """Decode every file, through the same checks as an upload.

        Of a recording in which sound was lost, the longest stretch without a gap, as in training.
        """
        pattern = compile_pattern(group_by)
        paths = {part: list_recordings(folder, part) for part in PARTS}
        waveforms = {
            part: [read_longest_stretch(path) for path in part_paths]
            for part, part_paths in paths.items()
        }
        groups = {
            part: [find_group(path.name, pattern) for path in part_paths]
            for part, part_paths in paths.items()
        }
        return cls(folder.name, OWN_SPLIT, folder, group_by, paths, waveforms, groups)


def read_longest_stretch(recording: Path) -> Waveform:
    """Decode a recording, and return its longest stretch without a gap."""
    clip = decode(recording)
    first, end = find_longest_stretch(len(clip.waveform), clip.gaps)
    return clip.waveform[first:end]


def add_set_options(parser: argparse.ArgumentParser) -> None:
    """Add which sets are measured, and what tells their recording sessions."""
    parser.add_argument("--sets", nargs="+", help="only these")
    parser.add_argument(
        "--group_by",
        nargs="*",
        default=[],
        metavar="SET=REGEX",
        help="what in a file name is its recording session",
    )
