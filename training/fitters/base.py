"""What a fitter is: the part of training that differs from one kind of detector to the next."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from analysis.detectors import Detector
from analysis.detectors.base import Features
from analysis.detectors.calibration import Scores
from analysis.sound.features import FloatArray, FrontEnd
from training.datasets.grouping import Grouping
from training.errors import NotTrainable
from training.fitters.clips import ClipFeatures
from training.watcher import Epoch

FileBytes = bytes


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted detector, how it scores the clips that it learnt from, and its exchange form by role.

    scores: (n_clips,).
    """

    detector: Detector
    scores: Scores
    exchange: Mapping[str, FileBytes]
    final_loss: float | None = None


class Fitter(ABC):
    """Fits one kind of detector; knows its exchange form and how the library that fitted it would score.

    channels: (n_channels, n_features), what phones and codecs add to a description (training.channels).

    on_epoch is called after every epoch and on_step often enough to show that training is alive.
    """

    detector_type: ClassVar[str]
    max_folds: ClassVar[int]

    best_loss: float | None = None
    on_epoch: Callable[[Epoch], None] = staticmethod(lambda epoch: None)
    on_step: Callable[[], None] = staticmethod(lambda: None)

    def __init__(
        self,
        front_end: FrontEnd,
        channels: FloatArray,
        *,
        seed: int,
        accelerator: str,
        parameters: Mapping[str, Any],
    ) -> None:
        self.front_end = front_end
        self.channels = channels
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
        """Put scores of one fit on the scale of another, by what both typically give the clips that both learnt from.

        By a factor: scores are positive, and the fit that knows fewer clips gives higher ones throughout.
        """
        return scores * there / here

    @abstractmethod
    def reference_scores(
        self, exchange: Mapping[str, FileBytes], clips: Sequence[ClipFeatures]
    ) -> Scores:
        """Score clips as they are with the exchange form, read back, in the library that fitted it."""


def median_by_clip(scores: npt.NDArray[np.floating[Any]], clips: Sequence[ClipFeatures]) -> Scores:
    """From one score a window to one a clip."""
    ends = np.cumsum([len(clip.windows) for clip in clips])
    return np.array(
        [np.median(of_clip) for of_clip in np.split(scores, ends[:-1])], dtype=np.float64
    )


def all_window_features(clips: Sequence[ClipFeatures]) -> Iterator[Features]:
    """That of each window of each clip."""
    return (window.description for clip in clips for window in clip.windows)


def median_score(scores: Scores) -> float:
    """The median score; NotTrainable where most scores are the same."""
    low, median, high = np.percentile(scores, [25, 50, 75])
    if high <= low:
        raise NotTrainable(
            "Most of the clips are the same recording: a detector needs different ones."
        )
    return float(median)
