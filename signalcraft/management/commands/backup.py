"""manage.py backup: copy everything that a server keeps, while it runs."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from core.commands import CommandWithExample
from core.errors import SignalCraftError
from signalcraft.backup.backup import back_up


class Command(CommandWithExample):
    example = "/mnt/backup/2026-11-30"
    help = (
        "Copy database, artifacts and recordings to a folder, while the server runs. Run it again "
        "if it was interrupted. The file .env is not in it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="a new or empty folder")

    def handle(self, *, folder: Path, **options: Any) -> str:
        try:
            manifest = back_up(folder, self.stdout.write)
        except SignalCraftError as exc:
            raise CommandError(str(exc)) from exc
        size = filesizeformat(manifest.database.size + sum(file.size for file in manifest.files))
        return self.style.SUCCESS(
            f"Backed up the database and {len(manifest.files)} files ({size}), verified by digest."
            " .env is not in it: keep it apart, its SECRET_KEY signs everybody in."
        )
