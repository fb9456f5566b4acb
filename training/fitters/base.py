"""Defines a fitter: the part of training that differs between detector classes."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from analysis.detectors import Detector
from analysis.detectors.score_distribution import Scores
from analysis.sound.features import FloatArray, FrontEnd
from training.datasets.grouping import Grouping
from training.errors import NotTrainable
from training.fitters.clips import ClipFeatures
from training.watcher import Epoch

FileBytes = bytes


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted detector, its scores of the clips it learnt from, and its exchange form by role.

    scores: (n_clips,).
    """

    detector: Detector
    scores: Scores
    exchange: Mapping[str, FileBytes]
    final_loss: float | None = None


class Fitter(ABC):
    """Fits one detector class, and scores with the library that fitted it.

    domain_shifts: (n_shifts, n_features), what phones and codecs add to the features.

    on_epoch is called after every epoch, on_step often enough to show that training is alive.
    """

    detector_type: ClassVar[str]
    max_folds: ClassVar[int]
    # Fitted to what each codec makes of the clips; else codecs are domain shifts among others.
    learns_codecs: ClassVar[bool] = False
    # In standard deviations of the scores of the clips that were learnt from.
    shift_cost_deviations: ClassVar[float] = 0.25
    # What a shift costs less for each unit of the score that it explains.
    shift_relief: ClassVar[float] = 0.0

    best_loss: float | None = None
    on_epoch: Callable[[Epoch], None] = staticmethod(lambda epoch: None)
    on_step: Callable[[], None] = staticmethod(lambda: None)

    def __init__(
        self,
        front_end: FrontEnd,
        domain_shifts: FloatArray,
        *,
        seed: int,
        accelerator: str,
        parameters: Mapping[str, Any],
    ) -> None:
        self.front_end = front_end
        self.domain_shifts = domain_shifts
        self.seed = seed
        self.accelerator = accelerator
        self.parameters = parameters

    def prepare(self, clips: Sequence[ClipFeatures], grouping: Grouping) -> None:
        """Decide before any fit what the clips must decide; here, nothing."""
        return

    @abstractmethod
    def fit(self, clips: Sequence[ClipFeatures], *, phase: str) -> Fit:
        """Fit on these clips: all of them, or those that a fold does not hold out."""

    def rescale(self, scores: Scores, here: float, there: float) -> Scores:
        """Put scores of one fit on the scale of another.

        here, there: the median that each fit gives the clips that both learnt from. By a factor,
        because scores are positive and the fit that knows fewer clips gives higher ones throughout.
        """
        return scores * there / here

    def compute_shift_cost(self, scores: Scores) -> float:
        """Return what it costs to take a domain shift off, on the scale of a fit.

        scores: of the clips that the fit learnt from.
        """
        return self.shift_cost_deviations * float(scores.std())

    @abstractmethod
    def reference_scores(
        self, exchange: Mapping[str, FileBytes], clips: Sequence[ClipFeatures]
    ) -> Scores:
        """Score clips with the exchange form, read back, in the library that fitted it."""


def median_by_clip(scores: npt.NDArray[np.floating[Any]], clips: Sequence[ClipFeatures]) -> Scores:
    """Reduce one score a window to one a clip."""
    ends = np.cumsum([len(clip.windows) for clip in clips])
    by_clip = np.split(scores, ends[:-1])
    return np.array([np.median(of_clip) for of_clip in by_clip], dtype=np.float64)


def median_score(scores: Scores) -> float:
    """Return the median score; NotTrainable where most scores are the same."""
    low, median, high = np.percentile(scores, [25, 50, 75])
    if high <= low:
        raise NotTrainable(
            "Most of the clips are the same recording: training needs different recordings."
        )
    return float(median)


def compare_scales(fit: Fit, final: Fit, fold: int, grouping: Grouping) -> tuple[float, float]:
    """Return what is usual on the scale of the fit of a fold, and on the final fit's.

    Both score the clips that both learnt from. Raises NotTrainable where these do not differ.
    """
    here = median_score(fit.scores)
    there = median_score(final.scores[grouping.training_indices(fold)])
    return here, there
