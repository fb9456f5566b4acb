"""From measurements to tables: detection, planted faults and nuisances, each a list of records.

A table ends with a record for each scope: some of the sets, by the name under which they stand.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np

from benchmarks.support.machine_sets import OWN_SPLIT
from benchmarks.support.measuring import Measurement
from training.evaluation.intervals import (
    Array,
    Indices,
    bootstrap,
    estimate_area,
    estimate_rate,
    resampling_units,
    roc_areas,
)

ALL_SETS = "all sets"
CHOSEN_ON = "chosen on"
JUDGED_ON = "judged on"
STATISTICS = ("AUC", "pAUC", "false alarms", "detection")
FALSE_ALARMS = STATISTICS.index("false alarms")

Record = dict[str, Any]
Seeds = list[Measurement]  # of one method and set
Scopes = Mapping[str, frozenset[str]]  # sets, by the name of the scope


def make_scopes(
    measurements: Sequence[Measurement], judged_on: Sequence[str]
) -> dict[str, frozenset[str]]:
    """Return all sets, and, where a choice is judged on some, those and the others."""
    machines = frozenset(one.machine for one in measurements)
    scopes = {ALL_SETS: machines}
    if judged_on:
        judged = machines & frozenset(judged_on)
        scopes |= {CHOSEN_ON: machines - judged, JUDGED_ON: judged}
    return {scope: sets for scope, sets in scopes.items() if sets}


def summarize_detection(measurements: Sequence[Measurement], scopes: Scopes) -> list[Record]:
    """Make a record a set and method on its own split, mean of the seeds; then one a scope."""
    own = [one for one in measurements if one.split == OWN_SPLIT]
    records: list[Record] = []
    sets_by_method: dict[str, dict[str, tuple[Seeds, Array]]] = {}
    for machine, method, seeds in group_by_set_and_method(own):
        resamples = compute_statistics(seeds)
        sets_by_method.setdefault(method, {})[machine] = (seeds, resamples)
        record = {"set": machine, "method": method}
        records.append(record | make_estimates(resamples, [seeds]) | average_times(seeds))
    for scope, machines in scopes.items():
        for method, sets in sets_by_method.items():
            of_scope = [of_set for machine, of_set in sets.items() if machine in machines]
            if of_scope:
                records.append(summarize_scope(scope, method, of_scope))
    return records


def summarize_scope(scope: str, method: str, sets: Sequence[tuple[Seeds, Array]]) -> Record:
    """Make a record of means over the sets; false alarms are pooled over all clips."""
    seeds, resamples = zip(*sets, strict=True)
    mean = np.mean(resamples, axis=0)
    n_normal = [len(set_seeds[0].normal) for set_seeds in seeds]
    rates = [of_set[:, FALSE_ALARMS] for of_set in resamples]
    mean[:, FALSE_ALARMS] = np.average(rates, axis=0, weights=n_normal)

    every = [measurement for set_seeds in seeds for measurement in set_seeds]
    return {"set": scope, "method": method} | make_estimates(mean, seeds) | average_times(every)


def group_by_set_and_method(
    measurements: Sequence[Measurement],
) -> Iterator[tuple[str, str, Seeds]]:
    """Give the seeds of each set and method, methods in the order in which they were measured."""
    methods = list(dict.fromkeys(one.method for one in measurements))
    in_order = sorted(measurements, key=lambda one: (one.machine, methods.index(one.method)))
    for (machine, method), seeds in groupby(in_order, key=lambda one: (one.machine, one.method)):
        yield machine, method, list(seeds)


def compute_statistics(seeds: Seeds) -> Array:
    """Return STATISTICS, mean of the seeds, of the clips and of resamples: (1 + N_RESAMPLES, 4)."""
    return np.mean([compute_statistics_of_seed(one) for one in seeds], axis=0)


def compute_statistics_of_seed(one: Measurement) -> Array:
    """Return the same of one seed; all seeds resample the same clips."""
    normal = np.array(one.normal)
    abnormal = np.array(one.abnormal)

    def figures(normal_clips: Indices, abnormal_clips: Indices) -> tuple[float, ...]:
        scores = (normal[normal_clips], abnormal[abnormal_clips])
        alarm_rates = [float(np.mean(of_part >= one.warning)) for of_part in scores]
        return (*roc_areas(*scores), *alarm_rates)

    return bootstrap(figures, one.normal_groups, one.abnormal_groups, stream=one.machine)


def make_estimates(resamples: Array, sets: Sequence[Seeds]) -> Record:
    """Return STATISTICS with their intervals; all seeds of a set have the same clips."""
    first_seeds = [seeds[0] for seeds in sets]
    n_normal = sum(len(one.normal) for one in first_seeds)
    n_abnormal = sum(len(one.abnormal) for one in first_seeds)
    n_normal_units = sum(len(resampling_units(one.normal_groups)) for one in first_seeds)
    n_abnormal_units = sum(len(resampling_units(one.abnormal_groups)) for one in first_seeds)

    auc, pauc, false_alarms, detection = resamples.T
    estimates = (
        estimate_area(auc, n_clips=min(n_normal, n_abnormal)),
        estimate_area(pauc, n_clips=min(n_normal, n_abnormal)),
        estimate_rate(false_alarms, n_normal, n_normal_units),
        estimate_rate(detection, n_abnormal, n_abnormal_units),
    )
    return dict(zip(STATISTICS, estimates, strict=True))


def average_times(seeds: Seeds) -> Record:
    """Return the mean times of fitting and of scoring a clip."""
    fit_seconds = np.mean([one.fit_seconds for one in seeds])
    score_ms = np.mean([one.score_ms for one in seeds])
    return {"fit s": f"{fit_seconds:.1f}", "score ms": f"{score_ms:.1f}"}


def summarize_planted_faults(measurements: Sequence[Measurement], scopes: Scopes) -> list[Record]:
    """Make a record a set and method, AUC by level and by fault type, then one a scope."""
    records: list[Record] = []
    aucs_by_method: dict[str, dict[str, Array]] = {}
    with_faults = [one for one in measurements if one.planted_faults]
    for machine, method, seeds in group_by_set_and_method(with_faults):
        aucs = np.mean([compute_planted_aucs(one) for one in seeds], axis=0)
        aucs_by_method.setdefault(method, {})[machine] = aucs
        records.append(make_planted_record(machine, method, aucs, seeds[0]))
    for scope, machines in scopes.items():
        for method, aucs_of_sets in aucs_by_method.items():
            of_scope = [aucs for machine, aucs in aucs_of_sets.items() if machine in machines]
            if of_scope:
                mean = np.mean(of_scope, axis=0)
                records.append(make_planted_record(scope, method, mean, with_faults[0]))
    return records


def compute_planted_aucs(one: Measurement) -> Array:
    """Return the AUC of faulty against healthy clips: (n_fault_types, n_levels)."""
    normal = np.array(one.normal)
    return np.array(
        [
            [roc_areas(normal, np.array(scores))[0] for scores in levels.values()]
            for levels in one.planted_faults.values()
        ]
    )


def make_planted_record(machine: str, method: str, aucs: Array, like: Measurement) -> Record:
    """Make a record of the mean AUC over everything, by level, and by fault type."""
    levels = list(next(iter(like.planted_faults.values())))
    by_level = dict(zip(levels, aucs.mean(axis=0).tolist(), strict=True))
    by_type = dict(zip(like.planted_faults, aucs.mean(axis=1).tolist(), strict=True))
    record = {"set": machine, "method": method, "mean": float(aucs.mean())}
    return record | by_level | by_type


def summarize_nuisances(measurements: Sequence[Measurement], scopes: Scopes) -> list[Record]:
    """Make a record a method and nuisance: false alarms on each set, and pooled over all clips."""
    records: dict[tuple[str, str], Record] = {}
    sizes: dict[str, int] = {}
    with_nuisances = [one for one in measurements if one.nuisances]
    for machine, method, seeds in group_by_set_and_method(with_nuisances):
        sizes[machine] = len(seeds[0].normal)
        for name in ("as recorded", *seeds[0].nuisances):
            record = records.setdefault((method, name), {"method": method, "nuisance": name})
            rates = [compute_false_alarm_rate(one, name) for one in seeds]
            record[machine] = float(np.mean(rates))
    for record in records.values():
        for scope, machines in scopes.items():
            record["pooled" if scope == ALL_SETS else scope] = pool_rates(record, sizes, machines)
    return sorted(records.values(), key=lambda record: record["method"])


def pool_rates(record: Record, sizes: dict[str, int], machines: frozenset[str]) -> float:
    """Return the rate over all clips of those of the sets that a record has."""
    here = [machine for machine in sizes if machine in record and machine in machines]
    rates = [record[machine] for machine in here]
    return float(np.average(rates, weights=[sizes[machine] for machine in here]))


def compute_false_alarm_rate(one: Measurement, nuisance: str) -> float:
    """Return the share of normal clips that are not NORMAL after a nuisance."""
    scores = one.nuisances.get(nuisance, one.normal)
    return float(np.mean(np.array(scores) >= one.warning))
