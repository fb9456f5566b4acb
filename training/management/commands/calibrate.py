"""manage.py calibrate: new thresholds for a version, from recordings or for another target rate."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from core.commands import CommandWithExample
from core.errors import SignalCraftError
from registry.models import RegisteredModel
from registry.models.promotions import MAX_REASON_LENGTH
from training.commands import Spellings, resolve_optional_folder
from training.console import ConsoleWatcher
from training.errors import InvalidOption
from training.recalibration import CalibrationRequest, recalibrate
from training.summaries import next_after_calibration, recalibration_rows


class Command(CommandWithExample):
    example = "pump7 --target_false_alarm_rate 0.02"
    help = (
        "Calibrate a version on normal recordings that it was not trained on; without --data_dir, "
        "move the thresholds to another target of false alarms. Applies at once to every device "
        "without a calibration of its own, and can be undone in admin."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "name", metavar="MODEL_ID[@NUMBER]", help="a model's serving version, or one by number"
        )
        add = Spellings(parser)
        add(
            "target_false_alarm_rate",
            type=float,
            help="share of healthy recordings that may raise an alarm (default: as before)",
        )
        add("why", default="", help="saved in the decision log")
        add_recording_arguments(add)

    def handle(self, **options: Any) -> str:
        watcher = ConsoleWatcher(self.stdout)
        try:
            with watcher:
                result = recalibrate(build_request(options), watcher)
        except SignalCraftError as exc:
            raise CommandError(str(exc)) from exc
        except KeyboardInterrupt as exc:
            raise CommandError("Stopped: the calibration did not change.") from exc

        watcher.print_table(str(result.record), recalibration_rows(result))
        calibrated = self.style.SUCCESS(f"Calibrated {result.record.version}")
        return f"{calibrated}\n{next_after_calibration(result)}"


def add_recording_arguments(add: Spellings) -> None:
    """Add the options that say which recordings are used, and how."""
    add(
        "data_dir",
        metavar="DIR",
        help="at least 20 normal recordings that the version was not trained on",
    )
    add(
        "group_by",
        metavar="REGEX",
        help="finds the recording session in a file name (default: as in training)",
    )
    add(
        "keep_outliers",
        action="store_true",
        help="use recordings unlike the others too: they are normal",
    )
    add(
        "far_from_training",
        action="store_true",
        help="the recordings are normal, although the version judges most of them CRITICAL",
    )
    add(
        "allow_names",
        action="store_true",
        help="names like faulty or test_* in the folder mean nothing: all recordings are normal",
    )
    add("strict", action="store_true", help="refuse a folder with unusable files")
    add(
        "csv_sample_rate",
        type=int,
        default=16_000,
        help="sample rate of CSV files in Hz (default: %(default)s)",
    )


def build_request(options: dict[str, Any]) -> CalibrationRequest:
    """Build the request from the options."""
    if len(options["why"]) > MAX_REASON_LENGTH:
        raise InvalidOption(f"--why may have at most {MAX_REASON_LENGTH} characters.")
    return CalibrationRequest(
        version=RegisteredModel.objects.get_version(options["name"]),
        data_dir=resolve_optional_folder(options["data_dir"]),
        target_false_alarm_rate=options["target_false_alarm_rate"],
        group_by=options["group_by"],
        is_strict=options["strict"],
        keep_outliers=options["keep_outliers"],
        far_from_training=options["far_from_training"],
        allow_names=options["allow_names"],
        csv_sample_rate_hz=options["csv_sample_rate"],
        why=options["why"],
    )
