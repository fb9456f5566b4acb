"""What one method, fitted once on one set, makes of every clip: scores, from which all tables follow."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Self

import numpy as np

from analysis.sound.audio import Waveform
from benchmarks.support.machine_sets import ABNORMAL, NORMAL, MachineSet
from benchmarks.support.methods import Fitted, Method
from benchmarks.support.nuisances import Nuisance, disturb
from benchmarks.support.planted_faults import KINDS, LEVELS_DB, plant

DETECTION, PLANTED, NUISANCES = TABLES = ("detection", "planted", "nuisances")

Scores = list[float]


@dataclass(frozen=True, slots=True)
class Measurement:
    """Scores of the test clips as they are and, where asked for, with faults planted in the normal ones or disturbed.

    planted: by kind and level; nuisances: by name. Both empty where not measured.
    """

    method: str
    machine: str
    seed: int
    fit_seconds: float
    score_ms: float
    warning: float
    normal: Scores
    abnormal: Scores
    normal_takes: list[str]
    abnormal_takes: list[str]
    planted: dict[str, dict[str, Scores]]
    nuisances: dict[str, Scores]

    @classmethod
    def read(cls, path: Path) -> Self:
        """One that was kept."""
        return cls(**json.loads(path.read_text()))

    def write(self, path: Path) -> None:
        """Keep it; a run that is killed leaves no half of one."""
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(asdict(self)))
        unfinished.replace(path)

    def has(self, tables: Sequence[str]) -> bool:
        """Whether it tells enough for these tables."""
        return all(getattr(self, table) for table in tables if table != DETECTION)


def measure(
    name: str,
    method: Method,
    machine: MachineSet,
    seed: int,
    tables: Sequence[str],
    nuisances: dict[str, Nuisance],
) -> Measurement:
    """Fit once and score everything that the tables ask for; only our levels promise anything about nuisances."""
    fitted = method.fit(machine, seed)
    normal = machine.waveforms[NORMAL]
    scores, score_ms = time_scores(fitted, normal)
    return Measurement(
        method=name,
        machine=machine.folder.name,
        seed=seed,
        fit_seconds=fitted.fit_seconds,
        score_ms=score_ms,
        warning=fitted.warning,
        normal=scores,
        abnormal=score_all(fitted, machine.waveforms[ABNORMAL]),
        normal_takes=machine.takes[NORMAL],
        abnormal_takes=machine.takes[ABNORMAL],
        planted=score_planted(fitted.score, normal) if PLANTED in tables else {},
        nuisances=score_disturbed(fitted, machine.paths[NORMAL], nuisances)
        if NUISANCES in tables and method.is_ours
        else {},
    )


def time_scores(fitted: Fitted, waveforms: Sequence[Waveform]) -> tuple[Scores, float]:
    """Scores, and the milliseconds that one usually takes."""
    scores, seconds = [], []
    for waveform in waveforms:
        started = perf_counter()
        scores.append(fitted.score(waveform))
        seconds.append(perf_counter() - started)
    return scores, 1000 * float(np.median(seconds))


def score_all(fitted: Fitted, waveforms: Sequence[Waveform]) -> Scores:
    """One a clip."""
    return [fitted.score(waveform) for waveform in waveforms]


def score_planted(
    score: Callable[[Waveform], float], normal: Sequence[Waveform]
) -> dict[str, dict[str, Scores]]:
    """By kind and level; every method and seed hears the same faults, a clip's own number being its seed."""
    return {
        kind: {
            f"{level_db} dB": [
                score(plant(waveform, kind, level_db, i)) for i, waveform in enumerate(normal)
            ]
            for level_db in LEVELS_DB
        }
        for kind in KINDS
    }


def score_disturbed(
    fitted: Fitted, normal: Sequence[Path], nuisances: dict[str, Nuisance]
) -> dict[str, Scores]:
    """By nuisance; the same for every method and seed."""
    return {
        name: score_all(fitted, [disturb(path, nuisance, i) for i, path in enumerate(normal)])
        for name, nuisance in nuisances.items()
    }
