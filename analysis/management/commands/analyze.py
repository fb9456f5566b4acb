"""manage.py analyze: a folder of recordings, judged by one model into a CSV file."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from accounts.models import User
from analysis.batch import Batch, analyze_folder
from analysis.result_sheet import ResultRow
from core.errors import SignalCraftError

STOPPED_BY_HAND = 130


class Command(BaseCommand):
    help = (
        "Analyse every recording below a folder by the serving version of one model, into a CSV file. Rows that are "
        "there already stay while file and version are the same, so a run that was stopped goes on where it was. "
        "Nothing is stored in the database unless --user says whose analyses these are."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder", metavar="DIR", type=Path, help="folder of recordings, with those below it"
        )
        parser.add_argument(
            "--model_id", "--model-id", dest="model_id", required=True, help="the model to ask"
        )
        parser.add_argument(
            "--csv", dest="csv_path", metavar="FILE", type=Path, required=True, help="a row a file"
        )
        parser.add_argument(
            "--device_id",
            "--device-id",
            dest="device_id",
            default="",
            help="the machine, if it is one",
        )
        parser.add_argument(
            "--user",
            metavar="EMAIL",
            help="store recordings and analyses as if this user sent them",
        )
        parser.add_argument(
            "--json",
            action="store_true",
            dest="is_json",
            help="print the summary as JSON and no more",
        )

    def handle(self, *, is_json: bool, user: str | None, **options: Any) -> None:
        asked = {name: options[name] for name in ("folder", "model_id", "csv_path", "device_id")}
        console = Console(file=self.stdout, highlight=False, soft_wrap=True, quiet=is_json)  # type: ignore[arg-type]
        try:
            with show_progress(console) as show:
                batch = analyze_folder(owner=get_user(user) if user else None, on_row=show, **asked)
        except SignalCraftError as exc:
            raise CommandError(str(exc)) from exc
        except KeyboardInterrupt as exc:
            raise CommandError(
                "Stopped. The same command goes on from here.", returncode=STOPPED_BY_HAND
            ) from exc
        if is_json:
            self.stdout.write(json.dumps(build_summary(batch, asked["csv_path"]), indent=2))
            return
        console.print(build_table(batch, asked["csv_path"]))
        console.print(f"Rows in {asked['csv_path']}", markup=False)


def get_user(email: str) -> User:
    """Find a user by e-mail address."""
    try:
        return User.objects.get_by_natural_key(email)
    except User.DoesNotExist as exc:
        raise CommandError(f"There is no user {email}.") from exc


@contextmanager
def show_progress(console: Console) -> Iterator[Any]:
    """Show a bar on a terminal, and everywhere a line for each file that is refused."""
    columns = (TextColumn("Analysing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("", total=None)

        def show(done: int, total: int, row: ResultRow) -> None:
            bar.update(task, completed=done, total=total)
            if row.code:
                console.print(f"{row.file}: {row.code}. {row.detail}", markup=False)

        yield show


def build_summary(batch: Batch, csv_path: Path) -> dict[str, Any]:
    """What came of a run, for programs."""
    return {
        "model_id": batch.version.registered_model_id,
        "version": batch.version.number,
        "csv": str(csv_path),
        "files": len(batch.rows),
        "analysed": len(batch.rows) - batch.n_reused - len(batch.refused),
        "already_there": batch.n_reused,
        "labels": batch.count_by_label,
        "refused": [
            {"file": row.file, "code": row.code, "detail": row.detail} for row in batch.refused
        ],
        "seconds": round(batch.seconds, 3),
    }


def build_table(batch: Batch, csv_path: Path) -> Table:
    """What came of a run, for people."""
    said = build_summary(batch, csv_path)
    rows = {
        "Files": said["files"],
        "Analysed now": said["analysed"],
        "There already": said["already_there"],
    }
    rows |= {"Refused": len(batch.refused)} | said["labels"] | {"Seconds": said["seconds"]}
    lines = Table(title=str(batch.version), show_header=False, title_justify="left")
    for name, value in rows.items():
        lines.add_row(name, str(value))
    return lines
