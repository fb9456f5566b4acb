"""How long one training and one analysis take at another commit, and how long now.

The two commits run in turn (base, now, base, now), with the same Python, and each run has a
process, a database and a media folder of its own: whatever slows the machine slows both.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.support.clips import provide_clips, read_ten_second_wavs
from benchmarks.support.run_of_one_commit import Seconds
from benchmarks.support.sandbox import ROOT, SETTINGS, check_out, make_environment

STEPS = ROOT / "benchmarks" / "support" / "run_of_one_commit.py"

Pair = tuple[Seconds, Seconds]  # base, now


def main() -> None:
    """Time the pairs and print their ratios."""
    options = parse_options()
    with (
        tempfile.TemporaryDirectory(prefix="signalcraft-pairs-") as scratch,
        provide_clips(options.data) as clips,
        check_out(options.base) as base,
    ):
        recording = Path(scratch, "clip.wav")
        recording.write_bytes(read_ten_second_wavs(clips, 1)[0])
        trees = (base, ROOT)
        pairs = time_pairs(trees, clips / "train_normal", recording, options.pairs)
    Console(width=110).print(make_table(options.base, pairs))


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--base", required=True, metavar="COMMIT", help="the commit to compare with"
    )
    parser.add_argument(
        "--data", type=Path, help="a set of recordings; without it, a pump is synthesised"
    )
    parser.add_argument("--pairs", type=int, default=10, help="of runs (default: %(default)s)")
    return parser.parse_args()


def time_pairs(trees: Sequence[Path], folder: Path, recording: Path, n_pairs: int) -> list[Pair]:
    """Time both trees in turn, so many times; each run begins with a fresh copy of the database."""
    with tempfile.TemporaryDirectory(prefix="signalcraft-databases-") as scratch:
        prepared = [Path(scratch, str(number)) for number in range(len(trees))]
        for tree, media in zip(trees, prepared, strict=True):
            media.mkdir()
            run(tree, media, "prepare")

        pairs = []
        for _ in range(n_pairs):
            base, now = (
                time_once(tree, media, folder, recording)
                for tree, media in zip(trees, prepared, strict=True)
            )
            pairs.append((base, now))
        return pairs


def time_once(tree: Path, prepared: Path, folder: Path, recording: Path) -> Seconds:
    """Train, then analyse with what was trained; each in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="signalcraft-media-") as media:
        shutil.copytree(prepared, media, dirs_exist_ok=True)
        training = run(tree, Path(media), "train", folder)
        return training | run(tree, Path(media), "analyze", recording)


def run(tree: Path, media: Path, step: str, *paths: Path) -> Seconds:
    """Take one step with the code of a tree and return what it took."""
    env = os.environ | SETTINGS | make_environment(media) | {"PYTHONPATH": str(tree)}
    # -P: the folder of the file itself is not searched, only the tree.
    command = [sys.executable, "-P", str(STEPS), step, *(str(path.resolve()) for path in paths)]
    output = subprocess.run(command, cwd=tree, env=env, check=True, stdout=subprocess.PIPE).stdout
    seconds: Seconds = json.loads(output.splitlines()[-1])
    return seconds


def make_table(commit: str, pairs: Sequence[Pair]) -> Table:
    """Make a row for each thing timed: medians, the median of the paired ratios, their range."""
    columns = [f"{commit}, ms", "now, ms", "ratio, median", "min", "max"]
    title = f"Medians of {len(pairs)} pairs; ratio: now to {commit}, of each pair"
    table = Table("", *columns, title=title, title_justify="left")
    for name in pairs[0][0]:
        base = [1000 * before[name] for before, _ in pairs]
        now = [1000 * after[name] for _, after in pairs]
        ratios = [new / old for old, new in zip(base, now, strict=True)]
        medians = [f"{median(base):.1f}", f"{median(now):.1f}"]
        table.add_row(name, *medians, *(f"{pick(ratios):.3f}" for pick in (median, min, max)))
    return table


if __name__ == "__main__":
    main()
