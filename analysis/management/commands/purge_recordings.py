"""manage.py purge_recordings: delete the bytes of old recordings; their analyses stay."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from analysis.retention import (
    PurgeTotals,
    compute_cutoff,
    purge_leftovers,
    purge_recordings,
)
from core.commands import CommandWithExample


class Command(CommandWithExample):
    example = "--dry-run"
    help = (
        "Delete the bytes of recordings older than RECORDING_RETENTION_DAYS. "
        "Analyses, with all their numbers, stay."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="delete nothing, only report what would be deleted",
        )

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        days = settings.RECORDING_RETENTION_DAYS
        if not days:
            self.stdout.write("RECORDING_RETENTION_DAYS is 0: recordings are kept for ever.")
            return

        totals = PurgeTotals()
        for totals in purge_recordings(before=compute_cutoff(days), is_dry_run=dry_run):
            if options["verbosity"] > 1:
                self.stdout.write(f"{totals.n_recordings} so far")

        verb = "Would delete" if dry_run else "Deleted"
        plural = "" if totals.n_recordings == 1 else "s"
        self.stdout.write(
            f"{verb} {totals.n_recordings} recording{plural} older than {days} days "
            f"({filesizeformat(totals.n_bytes)})."
        )
        leftovers = purge_leftovers(before=compute_cutoff(days), is_dry_run=dry_run)
        if leftovers.n_recordings:
            self.stdout.write(
                f"{verb} {leftovers.n_recordings} files without a row"
                f" ({filesizeformat(leftovers.n_bytes)})."
            )
        if n_failed := totals.n_failed + leftovers.n_failed:
            raise CommandError(
                f"{n_failed} could not be deleted; the log says why. Run this command again."
            )
