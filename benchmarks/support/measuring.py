"""The scores that one method, fitted once on one set, gives to every clip; all tables follow."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from time import perf_counter
from typing import Any, Self

import numpy as np

from analysis.sound.audio import Waveform
from benchmarks.support.machine_sets import ABNORMAL, NORMAL, MachineSet
from benchmarks.support.methods import FittedMethod, Method
from benchmarks.support.nuisances import Nuisance, disturb
from benchmarks.support.planted_faults import FAULT_TYPES, LEVELS_DB, plant

DETECTION = "detection"
PLANTED = "planted"
NUISANCES = "nuisances"
ROTATION = "rotation"
CALIBRATION = "calibration"
# Made of the test clips of every split.
SPLIT_TABLES = (DETECTION, ROTATION, CALIBRATION)
TABLES = (*SPLIT_TABLES, PLANTED, NUISANCES)

Scores = list[float]


@dataclass(frozen=True, slots=True)
class Measurement:
    """Scores of the test clips, and of the normal ones with faults planted and disturbed.

    split: of the set's normal clips. normal_p_values: empty for a method without calibration.
    planted_faults: by fault type and level; nuisances: by name. Both are empty where not measured.
    """

    method: str
    machine: str
    split: str
    seed: int
    fit_seconds: float
    score_ms: float
    warning: float
    normal: Scores
    normal_p_values: list[float]
    abnormal: Scores
    normal_groups: list[str]
    abnormal_groups: list[str]
    planted_faults: dict[str, dict[str, Scores]]
    nuisances: dict[str, Scores]

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Read a stored measurement; None where there is none, or one of another release."""
        if not path.exists():
            return None
        stored = json.loads(path.read_text())
        is_current = stored.keys() == {field.name for field in fields(cls)}
        return cls(**stored) if is_current else None

    def write(self, path: Path) -> None:
        """Store it whole, or not at all where the run is killed."""
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(asdict(self)))
        unfinished.replace(path)

    def has(self, tables: Sequence[str]) -> bool:
        """Return whether these tables can be made of it."""
        scores: dict[str, Any] = dict.fromkeys(SPLIT_TABLES, self.normal)
        scores |= {PLANTED: self.planted_faults, NUISANCES: self.nuisances}
        return all(scores[table] for table in tables)


def measure(
    name: str,
    method: Method,
    machine: MachineSet,
    seed: int,
    tables: Sequence[str],
    nuisances: dict[str, Nuisance],
) -> Measurement:
    """Fit once and score all that the tables need; only our levels are measured with nuisances."""
    fitted = method.fit(machine, seed)
    normal = machine.waveforms[NORMAL]
    has_nuisances = NUISANCES in tables and method.is_ours
    disturbances = nuisances if has_nuisances else {}
    scores, score_ms = time_scores(fitted, normal)
    return Measurement(
        method=name,
        machine=machine.name,
        split=machine.split,
        seed=seed,
        fit_seconds=fitted.fit_seconds,
        score_ms=score_ms,
        warning=fitted.warning,
        normal=scores,
        normal_p_values=[fitted.compute_p_value(each) for each in scores]
        if fitted.compute_p_value
        else [],
        abnormal=score_all(fitted, machine.waveforms[ABNORMAL]),
        normal_groups=machine.groups[NORMAL],
        abnormal_groups=machine.groups[ABNORMAL],
        planted_faults=score_planted(fitted.score, normal) if PLANTED in tables else {},
        nuisances=score_disturbed(fitted, machine.paths[NORMAL], disturbances),
    )


def time_scores(fitted: FittedMethod, waveforms: Sequence[Waveform]) -> tuple[Scores, float]:
    """Return the scores, and the median of the milliseconds that each took."""
    scores = []
    seconds = []
    for waveform in waveforms:
        started = perf_counter()
        scores.append(fitted.score(waveform))
        seconds.append(perf_counter() - started)
    return scores, 1000 * float(np.median(seconds))


def score_all(fitted: FittedMethod, waveforms: Sequence[Waveform]) -> Scores:
    """Return one score a clip."""
    return [fitted.score(waveform) for waveform in waveforms]


def score_planted(
    score: Callable[[Waveform], float], normal: Sequence[Waveform]
) -> dict[str, dict[str, Scores]]:
    """Return scores by fault type and level; faults are the same for every method and seed."""
    return {
        fault_type: {
            f"{level_db} dB": [
                score(plant(waveform, fault_type, level_db, i)) for i, waveform in enumerate(normal)
            ]
            for level_db in LEVELS_DB
        }
        for fault_type in FAULT_TYPES
    }


def score_disturbed(
    fitted: FittedMethod, normal: Sequence[Path], nuisances: dict[str, Nuisance]
) -> dict[str, Scores]:
    """Return scores by nuisance; disturbances are the same for every method and seed."""
    if fitted.score_stored is None:
        return {}
    scores = {}
    for name, nuisance in nuisances.items():
        arrived = [disturb(path, nuisance, i) for i, path in enumerate(normal)]
        scores[name] = [fitted.score_stored(each.waveform, each.codec) for each in arrived]
    return scores
