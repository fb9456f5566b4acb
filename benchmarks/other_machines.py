"""How often a recording of another machine is marked as such, and one of the own is.

Each set's fingerprint is learnt from its training clips, as training does, and compared with its
own test clips, as recorded and after nuisances, and with all clips of every other set.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console

from analysis.sound.audio import CHOOSE, SAMPLE_RATE_HZ
from analysis.sound.line_fingerprint import LineFingerprint, Lines, extract_lines
from benchmarks.support import sheets
from benchmarks.support.levels import find_sets
from benchmarks.support.machine_sets import ABNORMAL, NORMAL, TRAIN, MachineSet, add_set_options
from benchmarks.support.nuisances import NUISANCES, disturb
from benchmarks.support.sheets import Record
from training.datasets.group_patterns import find_group_pattern
from training.datasets.grouping import group_clips
from training.fitters.mahalanobis import MahalanobisFitter
from training.fitters.sounds import Sound

LinesOf = dict[str, list[Lines]]
WIDTH = 200
# Of a recording shorter than the training clips nothing is said.
SHORTER = "half length"


def main() -> None:
    """Measure and print."""
    options = parse_options()
    groups = dict(pair.split("=", 1) for pair in options.group_by)
    machines = [
        MachineSet.read(folder, groups.get(folder.name) or find_pattern(folder))
        for folder in find_sets(options.data, options.sets)
    ]
    lines = {machine.name: extract_all(machine) for machine in machines}
    folders = {folder.name: read_folder(folder) for folder in options.others}
    tables = {
        "Share that may be of another machine": list(compare(machines, lines, folders)),
        "The same of the set's own healthy test clips after nuisances": [
            measure_nuisances(machine, lines) for machine in machines
        ],
    }
    console = Console(width=WIDTH)
    for title, records in tables.items():
        console.print(sheets.make_rich_table(title, records))
    if options.markdown:
        pages = [sheets.render_markdown(title, records) for title, records in tables.items()]
        options.markdown.write_text("\n".join(pages))


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of sets")
    add_set_options(parser)
    parser.add_argument(
        "--others",
        type=Path,
        nargs="*",
        default=[],
        metavar="FOLDER",
        help="recordings of still other machines or sounds",
    )
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables for a page")
    return parser.parse_args()


def find_pattern(folder: Path) -> str | None:
    """Find what tells the sessions in the names of a set's training clips, as training does."""
    return find_group_pattern(sorted(path.name for path in (folder / TRAIN).iterdir()))


def extract_all(machine: MachineSet) -> LinesOf:
    """Extract the lines of each part of a set."""
    return {part: [extract_lines(each) for each in of] for part, of in machine.waveforms.items()}


def read_folder(folder: Path) -> list[Lines]:
    """Extract the lines of each recording of a folder, with its pauses."""
    sounds = [Sound.read(path, CHOOSE) for path in sorted(folder.iterdir())]
    return [extract_lines(sound.at(SAMPLE_RATE_HZ)) for sound in sounds]


def fit(machine: MachineSet, lines: Mapping[str, LinesOf]) -> LineFingerprint:
    """Fit a fingerprint to a set's training clips, with as many folds as level 3."""
    grouping = group_clips(machine.groups[TRAIN], max_folds=MahalanobisFitter.max_folds)
    return LineFingerprint.fit(lines[machine.name][TRAIN], grouping.folds)


def compare(
    machines: Sequence[MachineSet],
    lines: Mapping[str, LinesOf],
    folders: Mapping[str, Sequence[Lines]],
) -> Iterator[Record]:
    """Compare every set's fingerprint with its own clips and with those of all others."""
    for machine in machines:
        fingerprint = fit(machine, lines)
        own = lines[machine.name]
        others = {
            other: share_unlike(fingerprint, of_other[TRAIN] + of_other[NORMAL])
            for other, of_other in lines.items()
            if other != machine.name
        }
        yield {
            "model of": machine.name,
            "limit": fingerprint.limit,
            "own, healthy": share_unlike(fingerprint, own[NORMAL]),
            "own, faulty": share_unlike(fingerprint, own[ABNORMAL]),
            "others, mean": float(np.mean(list(others.values()))) if others else "",
            **{other.name: others.get(other.name, "") for other in machines},
            **{name: share_unlike(fingerprint, of) for name, of in folders.items()},
        }


def measure_nuisances(machine: MachineSet, lines: Mapping[str, LinesOf]) -> Record:
    """Tell how often a set's own healthy test clips are marked after each nuisance."""
    fingerprint = fit(machine, lines)
    shares = {
        name: share_unlike(
            fingerprint,
            [
                extract_lines(disturb(path, nuisance, seed).waveform)
                for seed, path in enumerate(machine.paths[NORMAL])
            ],
        )
        for name, nuisance in NUISANCES.items()
        if name != SHORTER
    }
    return {"model of": machine.name, **shares}


def share_unlike(fingerprint: LineFingerprint, lines: Sequence[Lines]) -> float:
    """Return the share of recordings that may be of another machine."""
    return float(np.mean([fingerprint.is_unlike(each) for each in lines]))


if __name__ == "__main__":
    main()
