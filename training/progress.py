"""Reports the progress of a training run to its row and to whoever watches."""

from collections.abc import Iterable
from time import monotonic

from training.checks.issues import DataCheck, Issue
from training.models import TrainingRun
from training.watcher import Epoch, Watcher

# Often enough to be believed alive, seldom enough not to keep the database busy.
BEAT_SECONDS = 2.0


class Progress:
    """Reports to the watcher at once, and to the run's row at most every BEAT_SECONDS."""

    def __init__(self, run: TrainingRun, watcher: Watcher) -> None:
        self._run = run
        self._watcher = watcher
        self._next_beat = 0.0

    def begin_stage(self, name: str) -> None:
        """Begin a stage."""
        self._run.record_heartbeat(stage=name, progress=0.0, epochs=self._run.epochs)
        self._watcher.begin_stage(name)

    def advance(self, done: int, total: int) -> None:
        """Report that so many steps of the stage are done."""
        self._run.progress = done / total
        self.step()
        self._watcher.advance(done, total)

    def finish_epoch(self, epoch: Epoch) -> None:
        """Report one pass over the clips."""
        self._run.epochs.append(epoch.to_json())
        self._watcher.finish_epoch(epoch)

    def report(self, line: str) -> None:
        """Report what a person should know."""
        self._watcher.report(line)

    def report_issues(self, data_check: DataCheck, more: Iterable[Issue]) -> DataCheck:
        """Store and report issues that were found besides; return all of them."""
        every = data_check.with_issues(more)
        self._run.record_heartbeat(data_check=every.to_json())
        for issue in every.issues[len(data_check.issues) :]:
            self.report(f"  {issue.detail}")
        return every

    def step(self) -> None:
        """Report that the run is alive."""
        if monotonic() < self._next_beat:
            return
        self._next_beat = monotonic() + BEAT_SECONDS
        self._run.record_heartbeat(progress=self._run.progress, epochs=self._run.epochs)
