"""manage.py import_registry: import the models of the older, file-based system."""

from collections import Counter
from pathlib import Path
from typing import IO, Any, cast

from django.core.management.base import CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from core.commands import CommandWithExample
from core.errors import SignalCraftError
from training.legacy.importer import ImportResult, Outcome, import_models

WIDTH = 160
NEXT = (
    "Next, calibrate each imported model on healthy recordings: "
    ".venv/bin/python manage.py calibrate MODEL_ID --data_dir DIR"
)


class Command(CommandWithExample):
    example = "OLD/registry.json --trust-pickles --dry-run"
    help = (
        "Import the models of an older registry. They need `calibrate` before they give verdicts."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="its registry.json, with the files beside it")
        parser.add_argument(
            "--dry-run", action="store_true", help="open and compare everything, import nothing"
        )
        parser.add_argument(
            "--trust-pickles",
            action="store_true",
            help="needed, because a pickle can be made to run code: open the pickles, in a process "
            "of their own that finds only the classes of a scaler and a forest",
        )

    def handle(self, *, path: Path, dry_run: bool, trust_pickles: bool, **options: Any) -> None:
        if not trust_pickles:
            raise CommandError(
                "The older forests are pickles: give --trust-pickles if you trust who made them."
            )
        try:
            results = list(import_models(path, is_dry_run=dry_run))
        except SignalCraftError as exc:
            raise CommandError(str(exc)) from exc
        self.print_results(results)

    def print_results(self, results: list[ImportResult]) -> None:
        """Print what became of every entry, and what to do next."""
        table = Table("model", "outcome", "why")
        for result in results:
            table.add_row(result.id, result.outcome, result.why)
        console = Console(file=cast(IO[str], self.stdout), width=WIDTH, markup=False)
        console.print(table)

        counts = Counter(result.outcome for result in results)
        console.print(", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome))
        if counts[Outcome.IMPORTED]:
            console.print(NEXT)
