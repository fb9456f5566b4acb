"""How well it detects, beside the baselines of the field: real faults, planted faults, nuisances.

Every method is fitted on the same clips and scores the same test clips, planted faults and
disturbances, in one run; and again where the names of a set tell its recording sessions, with other
whole sessions to be tested.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from rich.console import Console
from threadpoolctl import threadpool_limits

from analysis.sound.audio import SAMPLE_RATE_HZ, Waveform
from benchmarks.peers import pyod_audio
from benchmarks.support import sheets
from benchmarks.support.commits import open_commit
from benchmarks.support.detection_tables import (
    Record,
    Scopes,
    make_scopes,
    summarize_detection,
    summarize_nuisances,
    summarize_planted_faults,
)
from benchmarks.support.levels import find_sets
from benchmarks.support.machine_sets import OWN_SPLIT, MachineSet, add_set_options
from benchmarks.support.measuring import (
    CALIBRATION,
    DETECTION,
    NUISANCES,
    PLANTED,
    ROTATION,
    SPLIT_TABLES,
    TABLES,
    Measurement,
    measure,
)
from benchmarks.support.methods import Method, make_methods
from benchmarks.support.nuisances import Nuisance, make_nuisances
from benchmarks.support.rotation import MAX_SPLITS, rotate
from benchmarks.support.rotation_tables import summarize_calibration, summarize_rotation
from benchmarks.support.sandbox import open_sandbox
from training.demo_sounds import MACHINES, write_machine
from training.fitters.sounds import Sound

SUMMARIES: dict[str, Callable[[Sequence[Measurement], Scopes], list[Record]]] = {
    DETECTION: summarize_detection,
    ROTATION: summarize_rotation,
    CALIBRATION: summarize_calibration,
    PLANTED: summarize_planted_faults,
    NUISANCES: summarize_nuisances,
}
TITLES = {
    DETECTION: "Detection: mean of the seeds (95 % interval); "
    "alarms at each method's own 5 % threshold",
    ROTATION: "Rotation: the set's own split, and mean (95 % interval) and worst of the splits "
    "with other sessions tested",
    CALIBRATION: "Calibration: share of healthy clips of unheard sessions with a p-value up to "
    "each limit (95 % interval)",
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
    with ExitStack() as stack:
        stack.enter_context(open_sandbox())
        stack.enter_context(threadpool_limits(1))
        folder = Path(stack.enter_context(TemporaryDirectory()))
        options.data = options.data or synthesise(folder / "demo")
        methods = make_methods(has_pyod=bool(options.pyod))
        for commit in options.commits:
            methods |= stack.enter_context(open_commit(commit))
        measurements = []
        for measurement in measure_all(options, methods, folder):
            measurements.append(measurement)
            console.print(
                f"{measurement.machine}, {measurement.split}, {measurement.method}, "
                f"seed {measurement.seed}",
                highlight=False,
            )
    report(measurements, options, console)


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_data_options(parser)
    add_method_options(parser)
    add_table_options(parser)
    return parser.parse_args()


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """Add what is measured on."""
    parser.add_argument(
        "--data",
        type=Path,
        help="folder of sets; its other_sounds has the dog (default: the demo's machines)",
    )
    add_set_options(parser)
    parser.add_argument(
        "--splits",
        type=int,
        default=MAX_SPLITS,
        help="how often other sessions are tested, at most (default: %(default)s)",
    )
    parser.add_argument(
        "--rotate_all",
        action="store_true",
        help="plant faults and disturb in every split, not only in the set's own",
    )
    parser.add_argument(
        "--judged_on",
        nargs="+",
        default=[],
        metavar="SET",
        help="sets on which nothing was chosen: they and the others get a row each",
    )


def add_method_options(parser: argparse.ArgumentParser) -> None:
    """Add what is measured."""
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument(
        "--methods", nargs="+", metavar="NAME", help="only those that begin with one of these"
    )
    parser.add_argument(
        "--pyod", type=Path, metavar="DIR", help="measure PyOD too; it is installed in this folder"
    )
    parser.add_argument(
        "--commits",
        nargs="+",
        default=[],
        metavar="COMMIT",
        help="measure our levels as they were there, too",
    )


def add_table_options(parser: argparse.ArgumentParser) -> None:
    """Add what becomes of it."""
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=list(TABLES))
    parser.add_argument(
        "--results",
        type=Path,
        metavar="DIR",
        help="store the scores of every fit there, and measure only what is not there yet",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables for a page")


def synthesise(folder: Path) -> Path:
    """Write a set of each of the demo's machines and return their folder."""
    for machine in MACHINES:
        write_machine(folder / machine.machine_type, machine)
    return folder


def measure_all(
    options: argparse.Namespace, methods: Mapping[str, Method], scratch: Path
) -> Iterator[Measurement]:
    """Measure every set, split, method and seed of the options.

    Without randomness one seed is enough, and one is enough for the splits that are drawn.
    """
    groups = dict(pair.split("=", 1) for pair in options.group_by)
    disturbances = make_nuisances(read_barks(options.data / OTHER_SOUNDS))
    has_rotation = options.rotate_all or not {ROTATION, CALIBRATION}.isdisjoint(options.tables)
    max_splits = options.splits if has_rotation else 0
    for folder in find_sets(options.data, options.sets):
        own = MachineSet.read(folder, groups.get(folder.name))
        for machine in (own, *rotate(own, scratch, max_splits=max_splits)):
            for name, method in choose_methods(methods, options.methods).items():
                has_seeds = method.is_seeded and machine.split == OWN_SPLIT
                for seed in options.seeds if has_seeds else options.seeds[:1]:
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
    """Return the barks of a dog, where there are any, with their pauses."""
    return [Sound.read(path, 0).at(SAMPLE_RATE_HZ) for path in sorted(folder.glob(BARKS))]


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
    if machine.split != OWN_SPLIT and not options.rotate_all:
        tables = [table for table in tables if table in SPLIT_TABLES]
    if not options.results:
        return measure(name, method, machine, seed, tables, disturbances)

    options.results.mkdir(parents=True, exist_ok=True)
    path = options.results / f"{machine.name}, {machine.split}, {name}, {seed}.json"
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
    scopes = make_scopes(measurements, options.judged_on)
    tables = {table: SUMMARIES[table](measurements, scopes) for table in options.tables}
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
