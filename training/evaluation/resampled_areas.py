"""Computes ROC areas of many resamples at once: by how often each clip is in them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from training.evaluation.intervals import (
    MAX_FALSE_POSITIVE_RATE,
    Array,
    Indices,
    bootstrap_indices,
    standardise_area,
)

Flags = npt.NDArray[np.bool_]  # (n_clips,)
# So many at once: what they need in memory grows with the clips too.
N_AT_ONCE = 100


class Resamples(NamedTuple):
    """How often each clip is in each resample, (1 + N_RESAMPLES, n_clips); the first as it is."""

    normal: Array
    abnormal: Array


def resample(normal_groups: Sequence[str], abnormal_groups: Sequence[str]) -> Resamples:
    """Draw the resamples that `bootstrap` draws too."""
    rng = np.random.default_rng([])
    return Resamples(count_clips(normal_groups, rng), count_clips(abnormal_groups, rng))


def count_clips(groups: Sequence[str], rng: np.random.Generator) -> Array:
    """Draw resamples, and count how often each clip is in each."""
    n_clips = len(groups)
    counts = [np.bincount(indices, minlength=n_clips) for indices in bootstrap_indices(groups, rng)]
    return np.array(counts, dtype=np.float64)


def compute_shares(flags: Flags, counts: Array) -> Array:
    """Compute the share of the clips with a flag in each resample: (n_resamples,)."""
    shares: Array = counts @ flags.astype(np.float64) / counts.sum(axis=1)
    return shares


def compute_resampled_areas(
    normal: Array, abnormal: Array, resamples: Resamples
) -> tuple[Array, Array]:
    """Compute AUC and standardised pAUC of each resample, as `roc_areas` does of one."""
    scores = np.concatenate([normal, abnormal])
    order = np.argsort(-scores, kind="stable")
    # Where each score begins: clips of one score pass a threshold together.
    begins = np.flatnonzero(np.diff(scores[order], prepend=np.inf))
    counts = np.concatenate(resamples, axis=1)
    is_normal = np.arange(len(scores)) < len(normal)
    parts = [
        compute_areas(
            sum_up(part * is_normal, order, begins), sum_up(part * ~is_normal, order, begins)
        )
        for part in np.array_split(counts, max(1, len(counts) // N_AT_ONCE))
    ]
    aucs, paucs = np.concatenate(parts, axis=1)
    return aucs, paucs


def sum_up(counts: Array, order: Indices, begins: Indices) -> Array:
    """Count the clips of each resample that pass each threshold, from none to all."""
    at_score = np.add.reduceat(counts[:, order], begins, axis=1)
    return np.pad(np.cumsum(at_score, axis=1), ((0, 0), (1, 0)))


def compute_areas(false_alarms: Array, detections: Array) -> Array:
    """Compute AUC and standardised pAUC below each curve of counts: (2, n_resamples)."""
    n_normal, n_abnormal = false_alarms[:, -1:], detections[:, -1:]
    widths = np.diff(false_alarms, axis=1)
    rises = np.diff(detections, axis=1)
    heights = detections[:, :-1]
    inside = np.diff(np.minimum(false_alarms, MAX_FALSE_POSITIVE_RATE * n_normal), axis=1)
    # Where the limit falls within a step, the curve is straight up to it.
    share = np.divide(inside, widths, out=np.zeros_like(widths), where=widths > 0)

    # Of whole clips, so that sums are exact, and divided once.
    n_pairs = (n_normal * n_abnormal)[:, 0]
    auc = (widths * (heights + rises / 2)).sum(axis=1) / n_pairs
    area = (inside * (heights + share * rises / 2)).sum(axis=1) / n_pairs
    return np.array([auc, standardise_area(area)])
