"""manage.py registry_doctor: whether rows and bytes agree; the exit status is for cron."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from signalcraft.doctor import examine, mend


class Command(BaseCommand):
    help = "Tell what is amiss in the registry; exit status 1 if anything is left amiss."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--fix", action="store_true", help="mend what can be mended; no bytes are deleted"
        )

    def handle(self, *, fix: bool, **options: Any) -> None:
        n_found = n_mended = 0
        for finding in examine():
            n_found += 1
            line = f"{finding.problem}: {finding.what}"
            if fix:
                is_mended, how = mend(finding)
                n_mended += is_mended
                line += f" - {'mended' if is_mended else 'left'}: {how}"
            self.stdout.write(line)
        self.stdout.write(
            f"{n_found} found, {n_mended} mended." if n_found else "Rows and bytes agree."
        )
        if n_found > n_mended:
            sys.exit(1)
