"""manage.py restore: put a backup in the place of what is there."""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser

from core.commands import CommandWithExample
from core.errors import SignalCraftError
from signalcraft.backup.backup import restore


class Command(CommandWithExample):
    example = "/mnt/backup/2026-11-30"
    help = (
        "Put back what `manage.py backup` wrote. The server must be stopped. A database that is "
        "there is moved aside, not deleted. Run it again if it was interrupted."
    )
    # The database may be damaged, or not be there.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder of the backup")

    def handle(self, *, folder: Path, **options: Any) -> str:
        try:
            manifest = restore(folder, self.stdout.write)
        except SignalCraftError as exc:
            raise CommandError(str(exc)) from exc
        # A backup of an older release is brought up to this one; triggers are put up again.
        call_command("migrate", interactive=False, verbosity=0)
        return self.style.SUCCESS(
            f"Restored the backup of {manifest.created_at}: the database and"
            f" {len(manifest.files)} files, verified by digest. `manage.py registry_doctor` says"
            " whether rows and bytes agree."
        )
