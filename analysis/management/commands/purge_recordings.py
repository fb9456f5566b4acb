"""manage.py purge_recordings: the bytes of old recordings go, what was made of them stays."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from analysis.retention import PurgeTotals, compute_cutoff, purge_recordings


class Command(BaseCommand):
    help = "Delete the bytes of recordings older than RECORDING_RETENTION_DAYS; analyses stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="delete nothing, only tell what would be deleted"
        )

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        days = settings.RECORDING_RETENTION_DAYS
        if not days:
            self.stdout.write("RECORDING_RETENTION_DAYS is 0: every recording is kept.")
            return
        total = PurgeTotals()
        for total in purge_recordings(before=compute_cutoff(days), is_dry_run=dry_run):
            if options["verbosity"] > 1:
                self.stdout.write(f"{total.n_recordings} so far")
        self.stdout.write(
            f"Recordings older than {days} days {'that would be deleted' if dry_run else 'deleted'}: "
            f"{total.n_recordings} ({filesizeformat(total.n_bytes)})."
        )
        if total.n_failed:
            raise CommandError(
                f"Recordings that could not be deleted: {total.n_failed}; the log says why. Run this again."
            )
