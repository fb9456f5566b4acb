"""A set of recordings of one machine: what is learnt from, and what is told apart."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from analysis.sound.audio import Waveform, decode
from benchmarks.support.levels import recordings
from training.datasets.datasets import compile_pattern, find_group

TRAIN, NORMAL, ABNORMAL = PARTS = ("train_normal", "test_normal", "test_abnormal")


@dataclass(frozen=True, slots=True)
class MachineSet:
    """Files, waveforms and takes ("" where nothing tells) of each part, in order of name."""

    folder: Path
    group_by: str | None
    paths: dict[str, list[Path]]
    waveforms: dict[str, list[Waveform]]
    takes: dict[str, list[str]]

    @classmethod
    def read(cls, folder: Path, group_by: str | None) -> Self:
        """Decode all of it, through the same gate as an upload."""
        pattern = compile_pattern(group_by)
        paths = {part: recordings(folder, part) for part in PARTS}
        return cls(
            folder,
            group_by,
            paths,
            {part: [decode(path).waveform for path in of_part] for part, of_part in paths.items()},
            {
                part: [find_group(path.name, pattern) for path in of_part]
                for part, of_part in paths.items()
            },
        )
