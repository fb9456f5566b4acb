"""What phones and recorders do to a healthy recording, and whether its verdict stays.

Healthy test clips that are NORMAL as they are are changed in every kind, and judged as an upload.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from analysis.errors import RecordingRefused
from benchmarks.kinds.all_kinds import KINDS
from benchmarks.kinds.kind import Kind, Source, leave_as_it_is
from benchmarks.support import sheets
from benchmarks.support.levels import find_sets, list_levels, list_recordings, train
from benchmarks.support.machine_sets import NORMAL, add_set_options
from benchmarks.support.sandbox import get_serving_version, open_sandbox
from benchmarks.support.sheets import Record

if TYPE_CHECKING:
    from registry.models import ModelVersion

KEPT = "NORMAL"
TITLE = "Healthy recordings after what recorders do: of how many the verdict stays NORMAL"
SUMMARY = "Of all sets, a row a kind: kept at each level, and by set what was not"


def main() -> None:
    """Measure and print."""
    options = parse_options()
    with open_sandbox():
        records = list(measure_all(options))
    sheets.publish(TITLE, records, None)
    sheets.publish(SUMMARY, summarize(records), options.markdown)


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of sets")
    add_set_options(parser)
    parser.add_argument("--levels", nargs="+", help="only these (default: all)")
    parser.add_argument("--kinds", nargs="+", help="only those whose name holds one of these words")
    parser.add_argument(
        "--clips", type=int, default=10, help="healthy clips of each set (default: %(default)s)"
    )
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table for a page")
    return parser.parse_args()


def measure_all(options: argparse.Namespace) -> Iterator[Record]:
    """Measure every set and level, kind by kind."""
    groups = dict(pair.split("=", 1) for pair in options.group_by)
    for folder in find_sets(options.data, options.sets):
        for level in options.levels or list_levels():
            model_id = train(folder, level, 0, groups.get(folder.name), tests=())
            version = get_serving_version(model_id)
            sources = choose_healthy(version, folder, options.clips)
            for kind in select_kinds(options.kinds):
                outcomes = judge_changed(version, sources, kind)
                yield {"kind": kind.name, "set": folder.name, "level": level} | count(
                    outcomes, kind
                )


def select_kinds(words: Sequence[str] | None) -> list[Kind]:
    """Return the kinds whose name holds one of these words, all without any."""
    return [kind for kind in KINDS if not words or any(word in kind.name for word in words)]


def choose_healthy(version: "ModelVersion", folder: Path, n_clips: int) -> list[Source]:
    """Return the first healthy test clips, spread over the set, that are NORMAL as they are."""
    paths = list_recordings(folder, NORMAL)
    spread = sorted(range(len(paths)), key=lambda i: (i % max(1, len(paths) // n_clips), i))
    sources: list[Source] = []
    for i in spread:
        source = Source.read(paths[i])
        if judge(version, leave_as_it_is(source, np.random.default_rng(0))) == KEPT:
            sources.append(source)
        if len(sources) == n_clips:
            break
    return sources


def judge_changed(version: "ModelVersion", sources: Sequence[Source], kind: Kind) -> Counter[str]:
    """Return how often each label or refusal comes out; the same clip is always changed alike."""
    return Counter(
        judge(version, kind.change(source, np.random.default_rng(number)))
        for number, source in enumerate(sources)
    )


def judge(version: "ModelVersion", content: bytes) -> str:
    """Return the label of a recording as an upload gets it, or the code of its refusal."""
    # Django's models can be imported only once it is set up.
    from analysis.pipeline import compute_analysis

    try:
        analysis, _container = compute_analysis(content, version=version, device=None)
    except RecordingRefused as exc:
        return exc.code
    return analysis.label


def count(outcomes: Counter[str], kind: Kind) -> Record:
    """Return how many are kept, refused by a name that is right for the kind, or wrong."""
    refused = {code: n for code, n in outcomes.items() if code in kind.refusals}
    wrong = {
        outcome: n for outcome, n in outcomes.items() if outcome != KEPT and outcome not in refused
    }
    return {
        "clips": outcomes.total(),
        "kept": outcomes[KEPT],
        "refused": describe(refused),
        "wrong": describe(wrong),
    }


def summarize(records: Sequence[Record]) -> list[Record]:
    """Return one record a kind: kept of all clips at each level, and where refused or wrong."""
    levels = sorted(list_measured_levels(records))
    kinds = list(dict.fromkeys(record["kind"] for record in records))
    return [
        summarize_kind(kind, [record for record in records if record["kind"] == kind], levels)
        for kind in kinds
    ]


def summarize_kind(kind: str, records: Sequence[Record], levels: Sequence[str]) -> Record:
    """Return the record of one kind."""
    kept = {}
    for level in levels:
        of_level = [record for record in records if record["level"] == level]
        kept[level] = f"{sum_up(of_level, 'kept')} / {sum_up(of_level, 'clips')}"
    where = {what: list_by_set(records, what) for what in ("refused", "wrong")}
    return {"kind": kind} | kept | where


def sum_up(records: Sequence[Record], column: str) -> int:
    """Return the sum of a column of counts."""
    return sum(record[column] for record in records)


def list_by_set(records: Sequence[Record], column: str) -> str:
    """Return what a column says of each set, once where it says the same at every level."""
    said = []
    for name in dict.fromkeys(record["set"] for record in records):
        of_set = {r["level"]: r[column] for r in records if r["set"] == name and r[column] != "0"}
        if len(set(of_set.values())) == 1 and len(of_set) == len(list_measured_levels(records)):
            said.append(f"{name}: {next(iter(of_set.values()))}")
        else:
            said += [f"{name}, {level}: {text}" for level, text in of_set.items()]
    return "; ".join(said) or "0"


def list_measured_levels(records: Sequence[Record]) -> set[str]:
    """Return the levels that there are records of."""
    return {record["level"] for record in records}


def describe(counts: dict[str, int]) -> str:
    """Return counts by name."""
    return ", ".join(f"{n} {name}" for name, n in sorted(counts.items())) or "0"


if __name__ == "__main__":
    main()
