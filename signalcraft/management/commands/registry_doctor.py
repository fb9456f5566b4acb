"""manage.py registry_doctor: check that rows and files agree; the exit status is for cron."""

import sys
from typing import Any

from django.core.management.base import CommandParser

from core.commands import CommandWithExample
from signalcraft.doctor import examine, repair


class Command(CommandWithExample):
    example = "--fix"
    help = "Report problems of the registry; exit status 1 if any of them is left."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--fix", action="store_true", help="repair what can be repaired; no file is deleted"
        )

    def handle(self, *, fix: bool, **options: Any) -> None:
        n_found = 0
        n_repaired = 0
        for finding in examine():
            n_found += 1
            line = f"{finding.problem}: {finding.what}"
            if fix:
                is_repaired, how = repair(finding)
                n_repaired += is_repaired
                line += f" - {'repaired' if is_repaired else 'left'}: {how}"
            self.stdout.write(line)
        self.stdout.write(
            f"{n_found} found, {n_repaired} repaired."
            if n_found
            else "No problems: rows and files agree."
        )
        if n_found > n_repaired:
            sys.exit(1)
