"""How well it detects, beside the baselines of the field: real faults, planted faults, nuisances.

Every method is fitted on the same clips and scores the same test clips, planted faults and
disturbances, in one run.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from rich.console import Console
from threadpoolctl import threadpool_limits

from analysis.sound.audio import Waveform, decode
from benchmarks.peers import pyod_audio
from benchmarks.support import sheets
from benchmarks.support.detection_tables import SUMMARIES
from benchmarks.support.levels import find_sets
from benchmarks.support.machine_sets import MachineSet
from benchmarks.support.measuring import DETECTION, NUISANCES, PLANTED, TABLES, Measurement, measure
from benchmarks.support.methods import Method, make_methods
from benchmarks.support.nuisances import Nuisance, make_nuisances
from benchmarks.support.sandbox import open_sandbox
from training.demo_sounds import MACHINES, write_machine

TITLES = {
    DETECTION: "Detection: mean of the seeds (95 % interval); "
    "alarms at each method's own 5 % threshold",
    PLANTED: "Planted faults: AUC against the same clips without, by level and by fault type",
    NUISANCES: "Nuisances: false alarms on normal clips at the version's own 5 % threshold",
}
OTHER_SOUNDS = "other_sounds"
BARKS = "dog_bark*"
WIDTH = 220


def main() -> None:
    """Measure what is not measured yet, then print the tables."""
    options = parse_options()
    console = Console(width=WIDTH)
    torch.set_num_threads(1)
    if options.pyod:
        pyod_audio.install(options.pyod)
    with open_sandbox(), threadpool_limits(1), TemporaryDirectory() as folder:
        options.data = options.data or synthesise(Path(folder))
        measurements = []
        for measurement in measure_all(options):
            measurements.append(measurement)
            console.print(
                f"{measurement.machine}, {measurement.method}, seed {measurement.seed}",
                highlight=False,
            )
    report(measurements, options, console)


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data",
        type=Path,
        help="folder of sets; its other_sounds has the dog (default: the demo's machines)",
    )
    parser.add_argument("--sets", nargs="+", help="only these")
    parser.add_argument(
        "--group_by",
        nargs="*",
        default=[],
        metavar="SET=REGEX",
        help="what in a file name is its recording session",
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument(
        "--methods", nargs="+", metavar="NAME", help="only those that begin with one of these"
    )
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=list(TABLES))
    parser.add_argument(
        "--pyod", type=Path, metavar="DIR", help="measure PyOD too; it is installed in this folder"
    )
    parser.add_argument(
        "--results",
        type=Path,
        metavar="DIR",
        help="store the scores of every fit there, and measure only what is not there yet",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables for a page")
    return parser.parse_args()


def synthesise(folder: Path) -> Path:
    """Write a set of each of the demo's machines and return their folder."""
    for machine in MACHINES:
        write_machine(folder / machine.machine_type, machine)
    return folder


def measure_all(options: argparse.Namespace) -> Iterator[Measurement]:
    """Measure every set, method and seed of the options; without randomness one seed is enough."""
    groups = dict(pair.split("=", 1) for pair in options.group_by)
    methods = choose_methods(make_methods(has_pyod=bool(options.pyod)), options.methods)
    disturbances = make_nuisances(read_barks(options.data / OTHER_SOUNDS))
    for folder in find_sets(options.data, options.sets):
        machine = MachineSet.read(folder, groups.get(folder.name))
        for name, method in methods.items():
            for seed in options.seeds if method.is_seeded else [0]:
                yield measure_once(name, method, machine, seed, disturbances, options)


def choose_methods(
    methods: Mapping[str, Method], beginnings: Sequence[str] | None
) -> dict[str, Method]:
    """Return the methods whose names begin so, or all."""
    return {
        name: method
        for name, method in methods.items()
        if not beginnings or name.startswith(tuple(beginnings))
    }


def read_barks(folder: Path) -> list[Waveform]:
    """Return the barks of a dog, where there are any."""
    return [decode(path).waveform for path in sorted(folder.glob(BARKS))]


def measure_once(
    name: str,
    method: Method,
    machine: MachineSet,
    seed: int,
    disturbances: dict[str, Nuisance],
    options: argparse.Namespace,
) -> Measurement:
    """Return the stored measurement if it is enough for the tables, else measure and store it."""
    tables = [table for table in options.tables if method.is_ours or table != NUISANCES]
    if not options.results:
        return measure(name, method, machine, seed, tables, disturbances)

    options.results.mkdir(parents=True, exist_ok=True)
    path = options.results / f"{machine.folder.name}, {name}, {seed}.json"
    stored = Measurement.read(path)
    if stored and stored.has(tables):
        return stored

    measurement = measure(name, method, machine, seed, tables, disturbances)
    measurement.write(path)
    return measurement


def report(
    measurements: Sequence[Measurement], options: argparse.Namespace, console: Console
) -> None:
    """Print the tables, and write them to the files of the options."""
    tables = {table: SUMMARIES[table](measurements) for table in options.tables}
    figures = {table: records for table, records in tables.items() if records}
    for table, records in figures.items():
        console.print(sheets.make_rich_table(TITLES[table], records))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    if options.markdown:
        pages = [sheets.render_markdown(TITLES[table], figures[table]) for table in figures]
        options.markdown.write_text("\n".join(pages))


if __name__ == "__main__":
    main()
