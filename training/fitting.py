"""What a fitter is: the part of training that differs from one kind of detector to the next."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from analysis.calibration import Scores
from analysis.detectors import Detector
from analysis.features import Frames, FrontEnd
from training.errors import NotTrainable
from training.grouping import Grouping

# One clip as a detector hears it: one stretch of frames, or several where the clip is much longer than the others.
Windows = Sequence[Frames]
Content = bytes


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass over the training clips; validation_loss is null where no clip is held out."""

    phase: str
    epoch: int
    loss: float
    validation_loss: float | None

    def as_row(self) -> dict[str, Any]:
        """As a training run keeps it: a loss that is not finite is null, because JSON has no word for it."""
        validation = self.validation_loss
        return asdict(self) | {
            "loss": self.loss if isfinite(self.loss) else None,
            "validation_loss": validation if validation is not None and isfinite(validation) else None,
        }


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted detector, how it scores the clips that it learnt from, and its exchange form by role.

    scores: (n_clips,).
    """

    detector: Detector
    scores: Scores
    exchange: Mapping[str, Content]
    final_loss: float | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and interquartile range of scores."""

    median: float
    range: float

    @classmethod
    def of(cls, scores: Scores) -> Self:
        """NotTrainable where most scores are the same."""
        low, median, high = np.percentile(scores, [25, 50, 75])
        if high <= low:
            raise NotTrainable("Most of the clips are the same recording: a detector needs different ones.")
        return cls(float(median), float(high - low))


class Fitter(ABC):
    """Fits one kind of detector; knows its exchange form and how the library that fitted it would score.

    on_epoch is called after every epoch and on_step often enough to show that training is alive.
    """

    detector_type: ClassVar[str]
    max_folds: ClassVar[int]

    best_loss: float | None = None
    on_epoch: Callable[[Epoch], None] = staticmethod(lambda epoch: None)
    on_step: Callable[[], None] = staticmethod(lambda: None)

    def __init__(self, front_end: FrontEnd, *, seed: int, accelerator: str, parameters: Mapping[str, Any]) -> None:
        self.front_end = front_end
        self.seed = seed
        self.accelerator = accelerator
        self.parameters = parameters

    def prepare(self, clips: Sequence[Windows], grouping: Grouping) -> None:
        """Decide before any fit what the clips must decide; here, nothing."""
        return

    @abstractmethod
    def fit(self, clips: Sequence[Windows], *, phase: str) -> Fit:
        """Fit on these clips: all of them, or those that a fold does not hold out."""

    def rescale(self, scores: Scores, here: Spread, there: Spread) -> Scores:
        """Put scores of one fit on the scale of another, by the median and the interquartile range of both."""
        return (scores - here.median) / here.range * there.range + there.median

    @abstractmethod
    def reference_scores(self, exchange: Mapping[str, Content], clips: Sequence[Windows]) -> Scores:
        """Score clips with the exchange form, read back, in the library that fitted it."""


def median_by_clip(scores: npt.NDArray[np.floating[Any]], clips: Sequence[Windows]) -> Scores:
    """From one score a window to one a clip."""
    ends = np.cumsum([len(windows) for windows in clips])
    return np.array([np.median(of_clip) for of_clip in np.split(scores, ends[:-1])], dtype=np.float64)
