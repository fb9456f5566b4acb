"""A training run on a terminal: a progress bar for people, plain lines for logs, a table at the end."""

from collections.abc import Iterable
from typing import IO

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from analysis.detectors.calibration import Calibration
from registry.models import ModelVersion
from training.checks.issues import DataCheck
from training.watcher import Epoch


class ConsoleWatcher:
    """Shows a run as it goes by; a context manager, because the bar must be cleared whatever happens."""

    def __init__(self, file: IO[str]) -> None:
        self._console = Console(file=file, highlight=False, soft_wrap=True)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        self._bar = Progress(
            *columns, console=self._console, transient=True, disable=not self._console.is_terminal
        )
        self._task: TaskID | None = None

    def __enter__(self) -> "ConsoleWatcher":
        self._bar.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._bar.stop()

    def begin_stage(self, name: str) -> None:
        """One line a stage; on a terminal a bar as well."""
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(name, total=None)
        self._console.print(name)

    def advance(self, done: int, total: int) -> None:
        """Move the bar."""
        if self._task is not None:
            self._bar.update(self._task, completed=done, total=total)

    def finish_epoch(self, epoch: Epoch) -> None:
        """One line an epoch."""
        validation = (
            ""
            if epoch.validation_loss is None
            else f", validation loss {epoch.validation_loss:.4f}"
        )
        line = f"{epoch.phase}: epoch {epoch.epoch}, loss {epoch.loss:.4f}{validation}"
        if self._task is not None:
            self._bar.update(self._task, description=line)
        if not self._console.is_terminal:
            self._console.print(f"  {line}")

    def report(self, line: str) -> None:
        """One line, as it is: a file's name may look like markup."""
        self._console.print(line, markup=False)

    def print_summary(
        self, version: ModelVersion, calibration: Calibration, found: DataCheck
    ) -> None:
        """What came of it, as a table, and why the version does not serve if that was not asked for."""
        self.print_table(
            f"{version} ({version.registered_model.type})", summary_rows(version, calibration)
        )
        for issue in found.serving_blockers:
            self.report(f"Not served: {issue.detail}")

    def print_table(self, title: str, rows: Iterable[tuple[str, str]]) -> None:
        """Names and what they come to, as they are: a folder's name may look like markup."""
        table = Table(title=escape(title), show_header=False, title_justify="left")
        for name, value in rows:
            table.add_row(escape(name), escape(value))
        self._console.print(table)


def describe_state(version: ModelVersion) -> str:
    """Whether it is what the app uses, and if not, who can make it so."""
    model = version.registered_model
    if model.serving_version_id == version.pk:
        return "serves now, default" if model.is_default else "serves now"
    if model.proposals.pending().filter(version=version).exists():
        return "proposed: the model is protected, another curator can approve it in admin"
    return "candidate: a curator can serve it in admin"


def summary_rows(version: ModelVersion, calibration: Calibration) -> list[tuple[str, str]]:
    """Name and value of what someone who trained wants to see first."""
    model = version.registered_model
    notes = f" ({', '.join(calibration.notes)})" if calibration.notes else ""
    takes = f"{version.sample_count} in {calibration.n_groups} groups"
    rows = [
        ("Machine type", model.machine_type_id),
        ("State", describe_state(version)),
        ("Files", ", ".join(file.name for file in version.files.all())),
        ("Normal clips", f"{takes}{notes}"),
        ("WARNING from", f"{calibration.warning:.6g}"),
        ("CRITICAL from", f"{calibration.critical:.6g}"),
    ]
    # An AUC is repeated elsewhere and compared: all of its digits are printed.
    return rows + [
        (name, "unknown" if value is None else str(value))
        for name, value in version.metrics.items()
    ]
