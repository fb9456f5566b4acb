"""manage.py import_registry: models of the older, file-based system become models of this one."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from core.errors import SignalCraftError
from training.legacy.importer import ImportResult, Outcome, import_models

WIDTH = 160


class Command(BaseCommand):
    help = "Import the models of an older registry; they answer once `calibrate` has given them thresholds."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="its registry.json, with the files beside it")
        parser.add_argument(
            "--dry-run", action="store_true", help="open and compare everything, and import nothing"
        )
        parser.add_argument(
            "--trust-pickles",
            action="store_true",
            help="open its pickles; needed, because a pickle can be made to run code (they are opened in a process "
            "of their own that finds only the classes of a scaler and a forest)",
        )

    def handle(self, *, path: Path, dry_run: bool, trust_pickles: bool, **options: Any) -> None:
        if not trust_pickles:
            raise CommandError(
                "The older forests are pickles: say --trust-pickles if you know who made these files."
            )
        try:
            told = list(import_models(path, is_dry_run=dry_run))
        except SignalCraftError as exc:
            raise CommandError(str(exc)) from exc
        self.report(told)

    def report(self, told: list[ImportResult]) -> None:
        """Say of every entry what became of it."""
        table = Table("model", "outcome", "why")
        for each in told:
            table.add_row(each.id, each.outcome, each.why)
        console = Console(file=self.stdout, width=WIDTH, markup=False)
        console.print(table)
        counts = ", ".join(
            f"{sum(each.outcome is outcome for each in told)} {outcome}" for outcome in Outcome
        )
        console.print(counts)
