"""Shows a run on a terminal: a progress bar, plain lines for logs, a table at the end.

How much is printed follows manage.py's --verbosity: 0 is nothing but the bar on a terminal, 1 a
line a stage, and 2 a line an epoch too.
"""

from collections.abc import Iterable
from io import TextIOBase
from typing import IO, cast

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

from training.watcher import Epoch


class ConsoleWatcher:
    """Shows a run; a context manager, because the bar must be cleared whatever happens."""

    def __init__(self, file: TextIOBase, *, verbosity: int = 1) -> None:
        self._verbosity = verbosity
        self._console = Console(file=cast(IO[str], file), highlight=False, soft_wrap=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> "ConsoleWatcher":
        self._bar.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._bar.stop()

    def begin_stage(self, name: str) -> None:
        """Print one line a stage; on a terminal show a bar as well."""
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(name, total=None)
        self.report(name)

    def advance(self, done: int, total: int) -> None:
        """Move the bar."""
        if self._task is not None:
            self._bar.update(self._task, completed=done, total=total)

    def finish_epoch(self, epoch: Epoch) -> None:
        """Show the epoch in the bar, and as a line where every detail is asked for."""
        line = f"{epoch.phase}: epoch {epoch.epoch}, loss {epoch.loss:.4f}"
        if epoch.validation_loss is not None:
            line += f", validation loss {epoch.validation_loss:.4f}"

        if self._task is not None:
            self._bar.update(self._task, description=line)
        if self._verbosity >= 2:
            self.report(f"  {line}")

    def report(self, line: str) -> None:
        """Print one line as it is: a file's name may look like markup."""
        if self._verbosity:
            self._console.print(line, markup=False)

    def print_table(self, title: str, rows: Iterable[tuple[str, str]]) -> None:
        """Print labels and values as they are: a folder's name may look like markup."""
        if not self._verbosity:
            return
        table = Table(title=escape(title), show_header=False, title_justify="left")
        for label, value in rows:
            table.add_row(escape(label), escape(value))
        self._console.print(table)
