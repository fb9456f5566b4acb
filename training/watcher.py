"""Defines who watches a training run, and a watcher for when nobody does."""

from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass over the training clips; validation_loss is None where no clip is held out."""

    phase: str
    epoch: int
    loss: float
    validation_loss: float | None

    def to_json(self) -> dict[str, Any]:
        """Return what a training run stores: None for a loss that JSON cannot express."""
        return asdict(self) | {
            "loss": finite_or_none(self.loss),
            "validation_loss": finite_or_none(self.validation_loss),
        }


def finite_or_none(value: float | None) -> float | None:
    """Return the value if it is finite."""
    return value if value is not None and isfinite(value) else None


class Watcher(Protocol):
    """Receives the progress of a run."""

    def begin_stage(self, name: str) -> None:
        """Called as a stage begins."""

    def advance(self, done: int, total: int) -> None:
        """Called when so many of the steps of the stage are done."""

    def finish_epoch(self, epoch: Epoch) -> None:
        """Called after each pass over the clips."""

    def report(self, line: str) -> None:
        """Called with what a person should know."""


class NullWatcher:
    """Ignores everything."""

    def begin_stage(self, name: str) -> None:
        pass

    def advance(self, done: int, total: int) -> None:
        pass

    def finish_epoch(self, epoch: Epoch) -> None:
        pass

    def report(self, line: str) -> None:
        pass
