"""How far a training run is: told to its row and to whoever watches."""

from time import monotonic

from training.models import TrainingRun
from training.watcher import Epoch, Watcher

# Often enough to be believed alive, seldom enough not to keep the database busy.
BEAT_SECONDS = 2.0


class Progress:
    """Tells the run's row, at most every BEAT_SECONDS, and the watcher, at once."""

    def __init__(self, run: TrainingRun, watcher: Watcher) -> None:
        self._run = run
        self._watcher = watcher
        self._next_beat = 0.0

    def begin_stage(self, name: str) -> None:
        """Begin a stage."""
        self._run.record_heartbeat(stage=name, progress=0.0, epochs=self._run.epochs)
        self._watcher.begin_stage(name)

    def advance(self, done: int, total: int) -> None:
        """So many steps of the stage are done."""
        self._run.progress = done / total
        self.step()
        self._watcher.advance(done, total)

    def finish_epoch(self, epoch: Epoch) -> None:
        """One pass over the clips is done."""
        self._run.epochs.append(epoch.to_json())
        self._watcher.finish_epoch(epoch)

    def report(self, line: str) -> None:
        """Tell the watcher what a person should know."""
        self._watcher.report(line)

    def step(self) -> None:
        """The run is alive."""
        if monotonic() < self._next_beat:
            return
        self._next_beat = monotonic() + BEAT_SECONDS
        self._run.record_heartbeat(progress=self._run.progress, epochs=self._run.epochs)
