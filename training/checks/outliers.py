"""Recordings that sound unlike the others of their folder, and what becomes of them."""

from collections.abc import Sequence
from math import ceil
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist
from sklearn.covariance import ledoit_wolf

from analysis.sound.features import Frames
from training.checks.issues import MANY_OUTLIERS, OUTLIER, Issue
from training.datasets.datasets import Dataset, Refusal, abbreviate

ClipMeans: TypeAlias = npt.NDArray[np.float64]  # (n_clips, n_mels), dB

# On five sets of real normal recordings 1 of 312 lies beyond. Of one to five recordings of a fault put among them both
# measures together find most on four sets; of another machine nearly all. Faults that are slight stay unknown.
MAX_DEVIATION = 7.0
MAX_LONELINESS = 5.0
# More of a folder than this are no strays: the machine may have another way of running.
MAX_STRAY_SHARE = 0.1
# So many distinct clips tell what is usual.
MIN_CLIPS = 20
NORMAL_MAD = 1.4826
# What two phones differ by; a smaller spread of a band is no yardstick.
MIN_SPREAD_DB = 0.5
OCTAVES_HZ = (30, 125, 250, 500, 1_000, 2_000, 4_000, 7_600)


def compute_mean_spectra(clips: Sequence[Sequence[Frames]]) -> ClipMeans:
    """What each clip is like over all of its windows."""
    return np.stack([np.concatenate(windows).mean(axis=0, dtype=np.float64) for windows in clips])


def check_outliers(
    names: Sequence[str], means: ClipMeans, band_hz: npt.NDArray[np.floating]
) -> list[Issue]:
    """Recordings far from what the others are like, and where; band_hz: (n_mels,), centres.

    Measured twice: a single one shows best beside the covariance of the others, of which several that are alike are a
    part; those show by having few neighbours.
    """
    _, firsts, sound_of = np.unique(means, axis=0, return_index=True, return_inverse=True)
    if len(firsts) < MIN_CLIPS:
        return []
    distinct = means[firsts]
    is_far = deviations(distances_to_others(distinct)) >= MAX_DEVIATION
    is_lonely = deviations(distances_to_neighbours(distinct)) >= MAX_LONELINESS
    found = np.flatnonzero((is_far | is_lonely)[sound_of.ravel()]).tolist()
    return [
        Issue(
            OUTLIER,
            f"{names[i]} sounds unlike the others: {describe_band(means, i, band_hz)}.",
            (names[i],),
        )
        for i in found
    ]


def check_outlier_count(outliers: Sequence[Issue], *, n_recordings: int) -> list[Issue]:
    """Too many outliers to be strays."""
    names = tuple(name for outlier in outliers for name in outlier.names)
    if len(names) <= MAX_STRAY_SHARE * n_recordings:
        return []
    detail = (
        f"{len(names)} of {n_recordings} recordings are unlike the others ({abbreviate(names)}), too many to be left out: "
        "is there a second machine, or a fault, among them? If all of them are normal, --keep_outliers says so."
    )
    return [Issue(MANY_OUTLIERS, detail, names)]


def exclude_outliers(dataset: Dataset, issues: Sequence[Issue]) -> Dataset:
    """The recordings without the few that are unlike the others: one dog among them, and no fault would be heard."""
    if any(issue.code == MANY_OUTLIERS for issue in issues):
        return dataset
    strays = [issue for issue in issues if issue.code == OUTLIER]
    return dataset.without(
        [Refusal(name, OUTLIER, stray.detail) for stray in strays for name in stray.names]
    )


def distances_to_others(means: ClipMeans) -> npt.NDArray[np.float64]:
    """Mahalanobis distance of each clip to the others, with the shrinkage of Ledoit and Wolf (2004) of all of them.

    Leaving one clip out changes their covariance by a matrix of rank one, so it is inverted once (Sherman, Morrison).
    """
    n, n_mels = means.shape
    centred = means - means.mean(axis=0)
    shrunk, shrinkage = ledoit_wolf(centred, assume_centered=True)
    target = shrinkage * np.trace(shrunk) / n_mels * np.eye(n_mels)
    of_others = (shrunk - target) * n / (n - 1) + target
    squares = np.einsum("ij,ji->i", centred, np.linalg.solve(of_others, centred.T))
    own_part = (1 - shrinkage) * n / (n - 1) ** 2 * squares
    distances: npt.NDArray[np.float64] = n / (n - 1) * np.sqrt(squares / (1 - own_part))
    return distances


def distances_to_neighbours(means: ClipMeans) -> npt.NDArray[np.float64]:
    """Logarithm of each clip's distance to its last neighbour, of as many as strays may be and one more.

    In the spread of each band as most clips tell it, so that no stray has a part in the yardstick.
    """
    usual = np.median(means, axis=0)
    spread = NORMAL_MAD * np.median(np.abs(means - usual), axis=0) + MIN_SPREAD_DB
    distances = np.sort(cdist(means / spread, means / spread), axis=1)
    last = ceil(MAX_STRAY_SHARE * len(means)) + 1
    logarithm: npt.NDArray[np.float64] = np.log(distances[:, last])
    return logarithm


def deviations(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How far each lies above the median, in standard deviations as most of the values tell them."""
    above = values - np.median(values)
    spread: float = NORMAL_MAD * float(np.median(np.abs(above)))
    return above / max(spread, np.finfo(np.float64).tiny)


def describe_band(means: ClipMeans, clip: int, band_hz: npt.NDArray[np.floating]) -> str:
    """The octave in which the clip differs most from what is usual there, and by how much."""
    usual = np.median(means, axis=0)
    spread = NORMAL_MAD * np.median(np.abs(means - usual), axis=0) + MIN_SPREAD_DB
    octave = np.digitize(band_hz, OCTAVES_HZ[1:-1])
    excess = means[clip] - usual
    strangeness = [
        np.mean(np.abs(excess / spread)[octave == k]) for k in range(len(OCTAVES_HZ) - 1)
    ]
    most = int(np.argmax(strangeness))
    difference = float(np.mean(excess[octave == most]))
    how = "stronger" if difference > 0 else "weaker"
    return f"mostly {OCTAVES_HZ[most]}-{OCTAVES_HZ[most + 1]} Hz, {abs(difference):.0f} dB {how} than usual"
