"""manage.py analyze: judge a folder of recordings by one model into a CSV file."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from accounts.models import User
from analysis.batch import Batch, analyze_folder
from analysis.result_sheet import ResultRow
from analysis.sound.folders import describe_others
from core.commands import CommandWithExample
from core.errors import SignalCraftError

# What a shell reports of a program that was stopped with Ctrl-C.
INTERRUPTED = 130

OnRow = Callable[[int, int, ResultRow], None]


class Command(CommandWithExample):
    example = "recordings/july --model_id pump7 --csv july.csv"
    help = (
        "Judge every recording below a folder by the serving version of one model, into a CSV "
        "file. Rows of an earlier run are reused while file, version and calibration are the "
        "same, so a run that was stopped continues where it was. Nothing is stored in the "
        "database unless --user names the owner of the analyses."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder",
            metavar="DIR",
            type=Path,
            help="folder of recordings; subfolders are included",
        )
        parser.add_argument(
            "--model_id", "--model-id", dest="model_id", required=True, help="id of the model"
        )
        parser.add_argument(
            "--csv",
            dest="csv_path",
            metavar="FILE",
            type=Path,
            required=True,
            help="CSV file for the results, one row per recording",
        )
        parser.add_argument(
            "--device_id",
            "--device-id",
            dest="device_id",
            default="",
            help="device_id of the machine, if all recordings are of one",
        )
        parser.add_argument(
            "--user",
            metavar="EMAIL",
            help="store recordings and analyses as if this user had uploaded them",
        )
        parser.add_argument(
            "--json",
            action="store_true",
            dest="is_json",
            help="print the summary as JSON and nothing else",
        )

    def handle(self, *, is_json: bool, user: str | None, **options: Any) -> None:
        names = ("folder", "model_id", "csv_path", "device_id")
        params = {name: options[name] for name in names}
        console = Console(
            file=self.stdout,  # type: ignore[arg-type]
            highlight=False,
            soft_wrap=True,
            quiet=is_json,
        )
        try:
            with show_progress(console) as on_row:
                batch = analyze_folder(
                    owner=get_user(user) if user else None, on_row=on_row, **params
                )
        except SignalCraftError as exc:
            raise CommandError(str(exc)) from exc
        except KeyboardInterrupt as exc:
            raise CommandError(
                "Stopped. Run the same command again to continue.", returncode=INTERRUPTED
            ) from exc

        summary = build_summary(batch, params["csv_path"])
        if is_json:
            self.stdout.write(json.dumps(summary, indent=2))
            return
        console.print(build_table(str(batch.version), summary))
        console.print(f"Results in {params['csv_path']}", markup=False)


def get_user(email: str) -> User:
    """Return the user of this e-mail address."""
    try:
        return User.objects.get_by_natural_key(email)
    except User.DoesNotExist as exc:
        raise CommandError(f"There is no user {email}.") from exc


@contextmanager
def show_progress(console: Console) -> Iterator[OnRow]:
    """Show a progress bar on a terminal, and everywhere a line for each refused file."""
    columns = (
        TextColumn("Analysing"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    is_hidden = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=is_hidden) as bar:
        task = bar.add_task("", total=None)

        def on_row(done: int, total: int, row: ResultRow) -> None:
            bar.update(task, completed=done, total=total)
            if row.code:
                console.print(f"{row.file}: {row.code}. {row.detail}", markup=False)

        yield on_row


def build_summary(batch: Batch, csv_path: Path) -> dict[str, Any]:
    """Return the result of a run as JSON values."""
    n_refused = len(batch.refused)
    return {
        "model_id": batch.version.registered_model_id,
        "version": batch.version.number,
        "csv": str(csv_path),
        "files": len(batch.rows),
        "analysed": len(batch.rows) - batch.n_reused - n_refused,
        "already_there": batch.n_reused,
        "labels": batch.count_by_label,
        "refused": [
            {"file": row.file, "code": row.code, "detail": row.detail} for row in batch.refused
        ],
        "not_recordings": dict(batch.others),
        "seconds": round(batch.seconds, 3),
    }


def build_table(title: str, summary: dict[str, Any]) -> Table:
    """Lay the result of a run out for a terminal."""
    values = {
        "Files": summary["files"],
        "Analysed now": summary["analysed"],
        "Reused from an earlier run": summary["already_there"],
        "Refused": len(summary["refused"]),
        "Not recordings": describe_others(summary["not_recordings"]) or 0,
        **summary["labels"],
        "Seconds": summary["seconds"],
    }
    table = Table(title=title, show_header=False, title_justify="left")
    for name, value in values.items():
        table.add_row(name, str(value))
    return table
