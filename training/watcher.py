"""Who watches a training run: what is told, and an answer for when nobody looks."""

from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass over the training clips; validation_loss is null where no clip is held out."""

    phase: str
    epoch: int
    loss: float
    validation_loss: float | None

    def to_json(self) -> dict[str, Any]:
        """As a training run keeps it: a loss that is not finite is null, because JSON has no word for it."""
        validation = self.validation_loss
        return asdict(self) | {
            "loss": self.loss if isfinite(self.loss) else None,
            "validation_loss": validation
            if validation is not None and isfinite(validation)
            else None,
        }


class Watcher(Protocol):
    """Sees a run go by."""

    def begin_stage(self, name: str) -> None:
        """Called as something begins."""

    def advance(self, done: int, total: int) -> None:
        """Called when so many of the steps of the stage are done."""

    def finish_epoch(self, epoch: Epoch) -> None:
        """Called after each pass over the clips."""

    def report(self, line: str) -> None:
        """Called with what a person should know."""


class NullWatcher:
    """Nobody looks on."""

    def begin_stage(self, name: str) -> None:
        pass

    def advance(self, done: int, total: int) -> None:
        pass

    def finish_epoch(self, epoch: Epoch) -> None:
        pass

    def report(self, line: str) -> None:
        pass
