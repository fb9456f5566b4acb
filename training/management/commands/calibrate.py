"""manage.py calibrate: new thresholds for a version, from normal recordings or for another false-alarm rate."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.recalibration import LabelCounts
from core.errors import SignalCraftError
from registry.models import RegisteredModel
from registry.models.promotions import MAX_REASON_LENGTH
from training.commands import Spellings
from training.console import ConsoleWatcher
from training.datasets.datasets import resolve_folder
from training.errors import InvalidOption
from training.recalibration import CalibrationRequest, RecalibrationResult, recalibrate


class Command(BaseCommand):
    help = (
        "Calibrate a version anew, from normal recordings that it has not learnt from; without --data_dir, derive "
        "thresholds for another rate from the scores it has. Holds at once for every device that has no calibration of "
        "its own; undone in the admin."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "name", metavar="MODEL_ID[@NUMBER]", help="a model's serving version, or one by number"
        )
        add = Spellings(parser)
        add(
            "data_dir",
            metavar="DIR",
            help="normal recordings, 20 at least, that it has not learnt from",
        )
        add(
            "target_false_alarm_rate",
            type=float,
            help="share of normal clips (default: as it is now)",
        )
        add(
            "group_by",
            metavar="REGEX",
            help="what in a file's name tells its take (default: what the version was trained with)",
        )
        add(
            "keep_outliers",
            action="store_true",
            help="recordings unlike the others are normal: keep them",
        )
        add(
            "far_from_training",
            action="store_true",
            help="they are normal, although most are CRITICAL to the version",
        )
        add(
            "strict",
            action="store_true",
            help="refuse the folder if any of its files cannot be used",
        )
        add(
            "csv_sample_rate",
            type=int,
            default=16_000,
            help="Hz, of CSV files (default: %(default)s)",
        )
        add("why", default="", help="goes into the log")

    def handle(self, **options: Any) -> str:
        try:
            with ConsoleWatcher(self.stdout) as watcher:  # type: ignore[arg-type]
                made = recalibrate(build_request(options), watcher)
            watcher.print_table(str(made.record), rows(made))
        except SignalCraftError as exc:
            raise CommandError(str(exc)) from exc
        except KeyboardInterrupt as exc:
            raise CommandError("Stopped: the calibration is as it was.") from exc
        return self.style.SUCCESS(f"Calibrated {made.record.version}")


def build_request(options: dict[str, Any]) -> CalibrationRequest:
    """What the options ask for."""
    if len(options["why"]) > MAX_REASON_LENGTH:
        raise InvalidOption(f"--why may have at most {MAX_REASON_LENGTH} characters.")
    return CalibrationRequest(
        version=RegisteredModel.objects.get_version(options["name"]),
        data_dir=resolve_folder(options["data_dir"]) if options["data_dir"] else None,
        target_false_alarm_rate=options["target_false_alarm_rate"],
        group_by=options["group_by"],
        is_strict=options["strict"],
        keep_outliers=options["keep_outliers"],
        far_from_training=options["far_from_training"],
        csv_sample_rate_hz=options["csv_sample_rate"],
        why=options["why"],
    )


def rows(made: RecalibrationResult) -> list[tuple[str, str]]:
    """Name and value of what someone who calibrated wants to see first."""
    record, before = made.record, made.before
    notes = f" ({', '.join(record.notes)})" if record.notes else ""
    found = [
        ("Normal clips", f"{record.n} in {record.n_groups} groups{notes}"),
        (
            "False alarms",
            changed(record.target_rate, before.target_false_alarm_rate if before else None),
        ),
        ("WARNING from", changed(record.warning, before.warning if before else None)),
        ("CRITICAL from", changed(record.critical, before.critical if before else None)),
    ]
    clips = (("before", made.clips_before), ("now", made.clips_after))
    return found + [
        (f"These clips, {when}", say_counts(counts)) for when, counts in clips if counts
    ]


def changed(now: float | None, before: float | None) -> str:
    """A figure, and what it was."""
    return f"{now:.6g}" if before is None else f"{now:.6g}, before {before:.6g}"


def say_counts(counts: LabelCounts) -> str:
    """How many clips have each verdict."""
    return ", ".join(f"{n} {label}" for label, n in counts.items())
