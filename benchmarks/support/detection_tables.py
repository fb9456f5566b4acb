"""From measurements to figures: detection, planted faults and nuisances, each a list of records."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import numpy as np

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
STATISTICS = ("AUC", "pAUC", "false alarms", "detection")

Record = dict[str, Any]
Seeds = list[Measurement]  # of one method and set


def detection(measurements: Sequence[Measurement]) -> list[Record]:
    """A record a set and method: mean of the seeds and 95 % interval; then one a method over all sets."""
    records: list[Record] = []
    of_method: dict[str, list[tuple[Seeds, Array]]] = {}
    for machine, method, seeds in by_set_and_method(measurements):
        draws = statistics(seeds)
        of_method.setdefault(method, []).append((seeds, draws))
        records.append(
            {"set": machine, "method": method, **estimates(draws, [seeds]), **times(seeds)}
        )
    return records + [over_sets(method, measured) for method, measured in of_method.items()]


def over_sets(method: str, measured: Sequence[tuple[Seeds, Array]]) -> Record:
    """Means over the sets, but false alarms pooled over their clips."""
    seeds, draws = zip(*measured, strict=True)
    mean = np.mean(draws, axis=0)
    n_normal = [len(of_set[0].normal) for of_set in seeds]
    mean[:, 2] = np.average([of_set[:, 2] for of_set in draws], axis=0, weights=n_normal)
    every = [one for of_set in seeds for one in of_set]
    return {"set": ALL_SETS, "method": method, **estimates(mean, seeds), **times(every)}


def by_set_and_method(measurements: Sequence[Measurement]) -> Iterator[tuple[str, str, Seeds]]:
    """The seeds of each set and method together, in the order in which they were measured."""
    order = {
        method: i for i, method in enumerate(dict.fromkeys(one.method for one in measurements))
    }
    in_order = sorted(measurements, key=lambda one: (one.machine, order[one.method]))
    for (machine, method), seeds in groupby(in_order, key=lambda one: (one.machine, one.method)):
        yield machine, method, list(seeds)


def statistics(seeds: Seeds) -> Array:
    """STATISTICS, mean of the seeds, of the clips as they are and drawn again: (1 + N_RESAMPLES, 4)."""
    return np.mean([statistics_of(one) for one in seeds], axis=0)


def statistics_of(one: Measurement) -> Array:
    """The same of one seed; all seeds draw the same clips."""
    normal, abnormal = np.array(one.normal), np.array(one.abnormal)

    def figures(here: Indices, there: Indices) -> tuple[float, ...]:
        alarms = [
            float(np.mean(scores >= one.warning)) for scores in (normal[here], abnormal[there])
        ]
        return (*roc_areas(normal[here], abnormal[there]), *alarms)

    return bootstrap(figures, one.normal_takes, one.abnormal_takes, stream=one.machine)


def estimates(draws: Array, sets: Sequence[Seeds]) -> Record:
    """By name; all seeds of a set hear the same clips."""
    heard = [seeds[0] for seeds in sets]
    clips = [
        sum(map(len, scores))
        for scores in zip(*((one.normal, one.abnormal) for one in heard), strict=True)
    ]
    takes = zip(
        *(
            (resampling_units(one.normal_takes), resampling_units(one.abnormal_takes))
            for one in heard
        ),
        strict=True,
    )
    drawn = [sum(map(len, of_kind)) for of_kind in takes]
    areas = [estimate_area(column, n_clips=min(clips)) for column in draws.T[:2]]
    rates = [estimate_rate(*each) for each in zip(draws.T[2:], clips, drawn, strict=True)]
    return dict(zip(STATISTICS, areas + rates, strict=True))


def times(seeds: Seeds) -> Record:
    """What fitting and scoring a clip took."""
    fit, score = (
        np.mean([getattr(one, took) for one in seeds]) for took in ("fit_seconds", "score_ms")
    )
    return {"fit s": f"{fit:.1f}", "score ms": f"{score:.1f}"}


def planted(measurements: Sequence[Measurement]) -> list[Record]:
    """A record a set and method: mean AUC of faulty against healthy clips, by level and kind; then over all sets."""
    records: list[Record] = []
    of_method: dict[str, list[Array]] = {}
    for machine, method, seeds in by_set_and_method([one for one in measurements if one.planted]):
        aucs = np.mean([planted_aucs(one) for one in seeds], axis=0)
        of_method.setdefault(method, []).append(aucs)
        records.append(planted_record(machine, method, aucs, seeds[0]))
        like = seeds[0]
    return records + [
        planted_record(ALL_SETS, method, np.mean(aucs, axis=0), like)
        for method, aucs in of_method.items()
    ]


def planted_aucs(one: Measurement) -> Array:
    """(n_kinds, n_levels)."""
    normal = np.array(one.normal)
    return np.array(
        [
            [roc_areas(normal, np.array(scores))[0] for scores in levels.values()]
            for levels in one.planted.values()
        ]
    )


def planted_record(machine: str, method: str, aucs: Array, like: Measurement) -> Record:
    """Over everything, by level, by kind."""
    levels = list(next(iter(like.planted.values())))
    by_level = dict(zip(levels, aucs.mean(axis=0).tolist(), strict=True))
    by_kind = dict(zip(like.planted, aucs.mean(axis=1).tolist(), strict=True))
    return {"set": machine, "method": method, "mean": float(aucs.mean()), **by_level, **by_kind}


def nuisances(measurements: Sequence[Measurement]) -> list[Record]:
    """A record a method and nuisance: false alarms on each set, mean of the seeds, and pooled over all clips."""
    records: dict[tuple[str, str], Record] = {}
    sizes: dict[str, int] = {}
    for machine, method, seeds in by_set_and_method([one for one in measurements if one.nuisances]):
        sizes[machine] = len(seeds[0].normal)
        for name in ("as recorded", *seeds[0].nuisances):
            record = records.setdefault((method, name), {"method": method, "nuisance": name})
            record[machine] = float(np.mean([false_alarm_rate(one, name) for one in seeds]))
    for record in records.values():
        heard = [machine for machine in sizes if machine in record]
        pooled = np.average(
            [record[machine] for machine in heard], weights=[sizes[machine] for machine in heard]
        )
        record["pooled"] = float(pooled)
    return sorted(records.values(), key=lambda record: record["method"])


def false_alarm_rate(one: Measurement, nuisance: str) -> float:
    """The share of normal clips that are not NORMAL then."""
    scores = one.nuisances.get(nuisance, one.normal)
    return float(np.mean(np.array(scores) >= one.warning))
