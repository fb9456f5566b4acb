"""Finds recordings that sound unlike the others of their folder, and excludes a few of them."""

from collections.abc import Sequence
from math import ceil
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist
from sklearn.covariance import ledoit_wolf

from analysis.sound.features import Frames
from training.checks.issues import MANY_OUTLIERS, OUTLIER, Issue
from training.datasets.datasets import Dataset, Refusal
from training.datasets.listing import abbreviate

ClipMeans: TypeAlias = npt.NDArray[np.float64]  # (n_clips, n_mels), dB
Values: TypeAlias = npt.NDArray[np.float64]  # (n_clips,)

# In robust standard deviations, chosen on real recordings (docs/decisions/training-outliers.md).
MAX_DEVIATION = 7.0
MAX_ISOLATION = 5.0
# More outliers than this are probably another way of running, not strays.
MAX_OUTLIER_SHARE = 0.1
# Fewer distinct clips do not show what is usual.
MIN_CLIPS = 20
# Makes the median absolute deviation of a normal distribution its standard deviation.
NORMAL_MAD = 1.4826
# Two phones differ by as much, so a smaller spread of a band says nothing.
MIN_SPREAD_DB = 0.5
OCTAVES_HZ = (30, 125, 250, 500, 1_000, 2_000, 4_000, 7_600)


def compute_mean_spectra(frames: Sequence[Sequence[Frames]]) -> ClipMeans:
    """Average the frames of all windows of each clip."""
    return np.stack([np.concatenate(windows).mean(axis=0, dtype=np.float64) for windows in frames])


def check_outliers(
    names: Sequence[str], means: ClipMeans, band_hz: npt.NDArray[np.floating]
) -> list[Issue]:
    """Find recordings far from the others and say where they differ; band_hz: (n_mels,), centres.

    Measured twice: a single outlier shows best against the covariance of the others. Several that
    are alike are a part of that covariance, but have few neighbours.
    """
    _, first_of, sound_of = np.unique(means, axis=0, return_index=True, return_inverse=True)
    if len(first_of) < MIN_CLIPS:
        return []

    distinct = means[first_of]
    is_far = robust_z_scores(mahalanobis_distances(distinct)) >= MAX_DEVIATION
    is_isolated = robust_z_scores(log_neighbour_distances(distinct)) >= MAX_ISOLATION
    outliers = np.flatnonzero((is_far | is_isolated)[sound_of.ravel()]).tolist()
    return [describe_outlier(names[i], means, i, band_hz) for i in outliers]


def describe_outlier(
    name: str, means: ClipMeans, index: int, band_hz: npt.NDArray[np.floating]
) -> Issue:
    """Describe one outlier."""
    detail = f"{name} sounds unlike the others: {describe_band(means, index, band_hz)}."
    return Issue(OUTLIER, detail, (name,))


def check_outlier_count(outliers: Sequence[Issue], *, n_recordings: int) -> list[Issue]:
    """Find outliers too many to be strays."""
    names = tuple(name for outlier in outliers for name in outlier.names)
    if len(names) <= MAX_OUTLIER_SHARE * n_recordings:
        return []
    detail = (
        f"{len(names)} of {n_recordings} recordings are unlike the others ({abbreviate(names)}), "
        "too many to leave out: is there a second machine, or a fault, among them? If all of them "
        "are normal, train with --keep_outliers."
    )
    return [Issue(MANY_OUTLIERS, detail, names)]


def exclude_outliers(dataset: Dataset, issues: Sequence[Issue]) -> Dataset:
    """Return the dataset without its outliers, unless they are many.

    A single dog among the recordings widens what is normal until no fault is found.
    """
    if any(issue.code == MANY_OUTLIERS for issue in issues):
        return dataset
    outliers = [issue for issue in issues if issue.code == OUTLIER]
    return dataset.refuse(
        [Refusal(name, OUTLIER, issue.detail) for issue in outliers for name in issue.names]
    )


def mahalanobis_distances(means: ClipMeans) -> Values:
    """Compute the distance of each clip to the others, shrunk by Ledoit and Wolf (2004).

    Leaving one clip out changes the covariance of the others by a matrix of rank one, so it is
    inverted only once (Sherman, Morrison).
    """
    n, n_mels = means.shape
    centred = means - means.mean(axis=0)
    shrunk, shrinkage = ledoit_wolf(centred, assume_centered=True)
    target = shrinkage * np.trace(shrunk) / n_mels * np.eye(n_mels)
    of_others = (shrunk - target) * n / (n - 1) + target

    squares = np.einsum("ij,ji->i", centred, np.linalg.solve(of_others, centred.T))
    own_part = (1 - shrinkage) * n / (n - 1) ** 2 * squares
    distances: Values = n / (n - 1) * np.sqrt(squares / (1 - own_part))
    return distances


def log_neighbour_distances(means: ClipMeans) -> Values:
    """Compute the log distance of each clip to its k-th neighbour; k: one more than strays may be.

    In units of the spread of most clips, in which strays have no part.
    """
    spread = robust_spread(means)
    distances = np.sort(cdist(means / spread, means / spread), axis=1)
    k = ceil(MAX_OUTLIER_SHARE * len(means)) + 1
    logarithms: Values = np.log(distances[:, k])
    return logarithms


def robust_spread(means: ClipMeans) -> npt.NDArray[np.float64]:
    """Compute the spread of each band over most clips: (n_mels,), dB."""
    deviations = np.abs(means - np.median(means, axis=0))
    spread: npt.NDArray[np.float64] = NORMAL_MAD * np.median(deviations, axis=0) + MIN_SPREAD_DB
    return spread


def robust_z_scores(values: Values) -> Values:
    """Compute how far each lies above the median, in standard deviations of most values."""
    above = values - np.median(values)
    spread = NORMAL_MAD * float(np.median(np.abs(above)))
    return above / max(spread, np.finfo(np.float64).tiny)


def describe_band(means: ClipMeans, index: int, band_hz: npt.NDArray[np.floating]) -> str:
    """Name the octave in which the clip differs most from the usual, and by how much."""
    difference_db = means[index] - np.median(means, axis=0)
    strangeness = np.abs(difference_db / robust_spread(means))
    octave_of = np.digitize(band_hz, OCTAVES_HZ[1:-1])
    octaves = range(len(OCTAVES_HZ) - 1)
    strangest = int(np.argmax([np.mean(strangeness[octave_of == octave]) for octave in octaves]))

    mean_db = float(np.mean(difference_db[octave_of == strangest]))
    how = "stronger" if mean_db > 0 else "weaker"
    low_hz = OCTAVES_HZ[strangest]
    high_hz = OCTAVES_HZ[strangest + 1]
    return f"mostly {low_hz}-{high_hz} Hz, {abs(mean_db):.0f} dB {how} than usual"
