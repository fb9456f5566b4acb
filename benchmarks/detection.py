"""How well it detects: our levels beside the field's baselines, on real faults, planted faults and nuisances.

Every method is fitted on the same clips and hears the same test clips, planted faults and disturbances, in one run.
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
from benchmarks.support import detection_tables, sheets
from benchmarks.support.levels import find_sets
from benchmarks.support.machine_sets import MachineSet
from benchmarks.support.measuring import DETECTION, NUISANCES, PLANTED, TABLES, Measurement, measure
from benchmarks.support.methods import Method, all_methods
from benchmarks.support.nuisances import Nuisance, nuisances
from benchmarks.support.sandbox import sandbox
from training.demo_sounds import MACHINES, write_machine

TITLES = {
    DETECTION: "Detection: mean of the seeds (95 % interval); alarms at each method's own 5 % threshold",
    PLANTED: "Planted faults: AUC against the same clips without, by level and by kind",
    NUISANCES: "Nuisances: false alarms on normal clips at the version's own 5 % threshold",
}
OTHER_SOUNDS, BARKS = "other_sounds", "dog_bark*"
WIDTH = 220


def main() -> None:
    """Measure what is not measured yet, then print the tables."""
    options = parse_options()
    console = Console(width=WIDTH)
    torch.set_num_threads(1)
    if options.pyod:
        pyod_audio.install(options.pyod)
    with sandbox(), threadpool_limits(1), TemporaryDirectory() as folder:
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
    """The command line."""
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
        help="what in a name tells the take",
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument(
        "--methods", nargs="+", metavar="NAME", help="only those that begin like this"
    )
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=list(TABLES))
    parser.add_argument(
        "--pyod", type=Path, metavar="DIR", help="measure PyOD too; it is installed in this folder"
    )
    parser.add_argument(
        "--results",
        type=Path,
        metavar="DIR",
        help="keep every fit's scores, and go on from those there",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables for a page")
    return parser.parse_args()


def synthesise(folder: Path) -> Path:
    """A set of each of the demo's machines, for whoever has no recordings at hand."""
    for machine in MACHINES:
        write_machine(folder / machine.machine_type, machine)
    return folder


def measure_all(options: argparse.Namespace) -> Iterator[Measurement]:
    """Every set, method and seed that was asked for; a method without chance is fitted once."""
    groups = dict(pair.split("=", 1) for pair in options.group_by)
    methods = choose_methods(all_methods(has_pyod=bool(options.pyod)), options.methods)
    disturbances = nuisances(read_barks(options.data / OTHER_SOUNDS))
    for folder in find_sets(options.data, options.sets):
        machine = MachineSet.read(folder, groups.get(folder.name))
        for name, method in methods.items():
            for seed in options.seeds if method.is_seeded else [0]:
                yield measure_once(name, method, machine, seed, disturbances, options)


def choose_methods(
    methods: Mapping[str, Method], beginnings: Sequence[str] | None
) -> dict[str, Method]:
    """Those whose names begin so, or all."""
    return {
        name: method
        for name, method in methods.items()
        if not beginnings or name.startswith(tuple(beginnings))
    }


def read_barks(folder: Path) -> list[Waveform]:
    """The dog, where there is one."""
    return [decode(path).waveform for path in sorted(folder.glob(BARKS))]


def measure_once(
    name: str,
    method: Method,
    machine: MachineSet,
    seed: int,
    disturbances: dict[str, Nuisance],
    options: argparse.Namespace,
) -> Measurement:
    """Take the measurement that was kept, if it tells enough, or measure and keep it."""
    tables = [table for table in options.tables if method.is_ours or table != NUISANCES]
    if not options.results:
        return measure(name, method, machine, seed, tables, disturbances)
    options.results.mkdir(parents=True, exist_ok=True)
    path = options.results / f"{machine.folder.name}, {name}, {seed}.json"
    if path.exists() and (kept := Measurement.read(path)).has(tables):
        return kept
    measurement = measure(name, method, machine, seed, tables, disturbances)
    measurement.write(path)
    return measurement


def report(
    measurements: Sequence[Measurement], options: argparse.Namespace, console: Console
) -> None:
    """Print the tables, and write them where that was asked for."""
    found = {table: getattr(detection_tables, table)(measurements) for table in options.tables}
    figures = {table: records for table, records in found.items() if records}
    for table, records in figures.items():
        console.print(sheets.rich_table(TITLES[table], records))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    if options.markdown:
        options.markdown.write_text(
            "\n".join(sheets.markdown(TITLES[table], figures[table]) for table in figures)
        )


if __name__ == "__main__":
    main()
