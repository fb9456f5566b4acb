"""From measurements of several splits to tables: rotation, and how far p-values hold."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from benchmarks.support.detection_tables import (
    FALSE_ALARMS,
    STATISTICS,
    Record,
    Scopes,
    compute_statistics,
    group_by_set_and_method,
)
from benchmarks.support.machine_sets import OWN_SPLIT
from benchmarks.support.measuring import Measurement
from training.evaluation.intervals import (
    Array,
    Estimate,
    Indices,
    bootstrap,
    estimate_area,
    estimate_rate,
    resampling_units,
)

NO_SESSIONS = "no sessions"
P_VALUES = (0.01, 0.05, 0.1, 0.2, 0.5)
# What rotation tells of each set: AUC, false alarms and detection.
ROTATED = (STATISTICS.index("AUC"), FALSE_ALARMS, STATISTICS.index("detection"))
# The worst split has the lowest area, the most false alarms, the least detection.
BETTER = np.array([1.0, -1.0, 1.0])

OfSet = TypeVar("OfSet")


@dataclass(frozen=True, slots=True)
class ClipCounts:
    """How many clips were tested, and how many sessions or single clips could be resampled."""

    normal: int
    abnormal: int
    normal_units: int
    abnormal_units: int


@dataclass(frozen=True, slots=True)
class Rotation:
    """Statistics of the own split, and mean and worst of the drawn ones, of a set or of several.

    Each (1 + N_RESAMPLES, len(ROTATED)), the first row of the clips as they are.
    """

    splits: str
    tested: ClipCounts
    own: Array
    mean: Array
    worst: Array


def summarize_rotation(measurements: Sequence[Measurement], scopes: Scopes) -> list[Record]:
    """Make a record a set and method: its own split, mean and worst of the others.

    A set whose names tell no sessions has its own split only, which then stands for the mean.
    Then a record a scope and method: means over its sets, of means and of worst splits.
    """
    rotations = {
        (machine, method): rotate_statistics(splits)
        for machine, method, splits in group_by_set_and_method(measurements)
    }
    means = {
        (scope, method): average_rotations(of_scope)
        for scope, method, of_scope in group_by_scope(rotations, scopes)
    }
    return [
        {"set": name, "method": method} | make_rotation_record(rotation)
        for (name, method), rotation in (rotations | means).items()
    ]


def group_by_scope(
    by_set_and_method: Mapping[tuple[str, str], OfSet], scopes: Scopes
) -> Iterator[tuple[str, str, list[OfSet]]]:
    """Give what there is of the sets of each scope, method by method."""
    methods = list(dict.fromkeys(method for _machine, method in by_set_and_method))
    for scope, machines in scopes.items():
        for method in methods:
            of_scope = [
                of_set
                for (machine, by), of_set in by_set_and_method.items()
                if machine in machines and by == method
            ]
            if of_scope:
                yield scope, method, of_scope


def rotate_statistics(measurements: Sequence[Measurement]) -> Rotation:
    """Compute the statistics of every split of one set by one method."""
    by_split: dict[str, list[Measurement]] = {}
    for one in measurements:
        by_split.setdefault(one.split, []).append(one)
    statistics = {split: compute_statistics(seeds)[:, ROTATED] for split, seeds in by_split.items()}

    drawn = [split for split in by_split if split != OWN_SPLIT]
    counted = drawn or list(by_split)
    of_drawn = [statistics[split] for split in counted]
    return Rotation(
        splits=str(len(drawn)) if drawn else NO_SESSIONS,
        tested=count_tested([by_split[split][0] for split in counted]),
        own=statistics[OWN_SPLIT],
        mean=np.mean(of_drawn, axis=0),
        worst=np.min(of_drawn * BETTER, axis=0) * BETTER,
    )


def count_tested(splits: Sequence[Measurement]) -> ClipCounts:
    """Count the clips of all splits together; a session that is tested twice counts once."""
    normal_groups = {group for one in splits for group in one.normal_groups}
    first = splits[0]
    return ClipCounts(
        normal=sum(len(one.normal) for one in splits),
        abnormal=len(first.abnormal),
        normal_units=max(len(normal_groups), len(resampling_units(first.normal_groups))),
        abnormal_units=len(resampling_units(first.abnormal_groups)),
    )


def average_rotations(rotations: Sequence[Rotation]) -> Rotation:
    """Return the means over several sets."""
    tested = [one.tested for one in rotations]
    return Rotation(
        splits=f"{len(rotations)} sets",
        tested=ClipCounts(
            normal=sum(one.normal for one in tested),
            abnormal=sum(one.abnormal for one in tested),
            normal_units=sum(one.normal_units for one in tested),
            abnormal_units=sum(one.abnormal_units for one in tested),
        ),
        own=np.mean([one.own for one in rotations], axis=0),
        mean=np.mean([one.mean for one in rotations], axis=0),
        worst=np.mean([one.worst for one in rotations], axis=0),
    )


def make_rotation_record(rotation: Rotation) -> Record:
    """Return the figures of one or several sets; means with their intervals."""
    auc, false_alarms, detection = rotation.mean.T
    tested = rotation.tested
    means = (
        estimate_area(auc, n_clips=min(tested.normal, tested.abnormal)),
        estimate_rate(false_alarms, tested.normal, tested.normal_units),
        estimate_rate(detection, tested.abnormal, tested.abnormal_units),
    )
    record: Record = {"splits": rotation.splits}
    for column, (statistic, mean) in enumerate(zip(ROTATED, means, strict=True)):
        name = STATISTICS[statistic]
        record[f"{name}, own"] = float(rotation.own[0, column])
        record[f"{name}, mean"] = mean
        record[f"{name}, worst"] = float(rotation.worst[0, column])
    return record


def summarize_calibration(measurements: Sequence[Measurement], scopes: Scopes) -> list[Record]:
    """Make a record a set and method: the share of healthy clips with a p-value up to each limit.

    Of sessions that were not learnt from, in all splits that were drawn. A well calibrated method
    has each share at the limit. Then means over the sets of each scope.
    """
    shares = {
        (machine, method): average_shares(splits)
        for machine, method, splits in group_by_set_and_method(measurements)
        if splits[0].normal_p_values
    }
    means = {
        (scope, method): np.mean(of_scope, axis=0)
        for scope, method, of_scope in group_by_scope(shares, scopes)
    }
    return [
        {"set": name, "method": method} | make_shares_record(resamples)
        for (name, method), resamples in (shares | means).items()
    ]


def average_shares(measurements: Sequence[Measurement]) -> Array:
    """Return the shares of the drawn splits, or of the own one where there are none."""
    drawn = [one for one in measurements if one.split != OWN_SPLIT]
    mean: Array = np.mean([compute_shares(one) for one in drawn or measurements], axis=0)
    return mean


def compute_shares(one: Measurement) -> Array:
    """Return the share of p-values up to each of P_VALUES: (1 + N_RESAMPLES, len(P_VALUES))."""
    p_values = np.array(one.normal_p_values)

    def shares(normal_clips: Indices, _abnormal_clips: Indices) -> list[float]:
        return [float(np.mean(p_values[normal_clips] <= limit)) for limit in P_VALUES]

    return bootstrap(shares, one.normal_groups, one.abnormal_groups, stream=one.machine)


def make_shares_record(shares: Array) -> Record:
    """Return the shares with their intervals; none where all resamples agree."""
    record: Record = {}
    for column, limit in enumerate(P_VALUES):
        of_limit = shares[:, column]
        is_constant = np.ptp(of_limit) == 0
        record[f"p <= {limit}"] = (
            Estimate(float(of_limit[0]), None, None)
            if is_constant
            else Estimate.from_resamples(of_limit)
        )
    return record
