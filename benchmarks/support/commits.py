"""Our levels as they were at another commit, measured beside those of now."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any

from analysis.sound.audio import LOSSLESS, Waveform
from benchmarks.support.levels import DETERMINISTIC, list_levels, make_command
from benchmarks.support.machine_sets import MachineSet
from benchmarks.support.methods import FittedMethod, Method
from benchmarks.support.sandbox import ROOT, SETTINGS, check_out, make_environment

PROGRAM = ROOT / "benchmarks" / "peers" / "level_of_one_commit.py"


@dataclass(frozen=True, slots=True)
class Worker:
    """A process with the code of a commit, which trains and scores when asked."""

    process: subprocess.Popen[bytes]

    def ask(self, request: dict[str, Any], content: bytes = b"") -> dict[str, float]:
        """Send a request, and bytes that belong to it, and return the answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(request).encode() + b"\n" + content)
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"The code of the other commit failed at {request}.")
        figures: dict[str, float] = json.loads(answer)
        return figures

    def fit(self, level: str, machine: MachineSet, seed: int) -> FittedMethod:
        """Train a level by the commit's own command."""
        model_id, command = make_command(
            machine.folder, level, seed, machine.group_by, split=machine.split
        )
        trained = self.ask({"model_id": model_id, "command": command})
        return FittedMethod(
            self.score,
            trained["warning"],
            trained["seconds"],
            lambda anomaly_score: self.ask({"anomaly_score": anomaly_score})["p_value"],
            self.score,
        )

    def score(self, waveform: Waveform, codec: str = LOSSLESS) -> float:
        """Score with what was trained last."""
        content = waveform.astype("<f4").tobytes()
        return self.ask({"n_samples": len(waveform), "codec": codec}, content)["score"]


@contextmanager
def open_commit(commit: str) -> Iterator[dict[str, Method]]:
    """Give our levels as they were at a commit, by name, with a database of their own."""
    with check_out(commit) as tree, TemporaryDirectory(prefix="signalcraft-commit-") as media:
        env = os.environ | SETTINGS | make_environment(media) | {"PYTHONPATH": str(tree)}
        # -P: the folder of the file itself is not searched, only the tree.
        command = [sys.executable, "-P", str(PROGRAM)]
        with subprocess.Popen(
            command, cwd=tree, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            yield {
                f"{level} at {commit}": Method(
                    make_fit(Worker(process), level), level not in DETERMINISTIC, is_ours=True
                )
                for level in list_levels()
            }


def make_fit(worker: Worker, level: str) -> Callable[[MachineSet, int], FittedMethod]:
    """Return the fit of a level by the worker."""
    return lambda machine, seed: worker.fit(level, machine, seed)
