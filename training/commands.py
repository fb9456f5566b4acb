"""Defines what the training commands share: common options, and the request that they make."""

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import SignalCraftError
from training.console import ConsoleWatcher
from training.datasets.listing import resolve_folder
from training.evaluation.report import table_rows
from training.requests import UNSPECIFIED, TrainingRequest, resolve_machine_type, version_hint
from training.summaries import describe_entries, next_after_training, training_rows
from training.trainers import PublishedVersion, train

DEFAULT_DATA_DIR = "data_backup/normal"
# Options with the name of the request's field.
SAME_NAMES = (
    "name",
    "description",
    "make_default",
    "seed",
    "group_by",
    "target_false_alarm_rate",
    "accelerator",
    "keep_outliers",
    "allow_names",
)


class TrainCommand(BaseCommand):
    """Trains one detector type on a folder of normal recordings and publishes the result."""

    detector_type: ClassVar[str]
    # By first output name: the model id that goes with the default one.
    default_names: ClassVar[Mapping[str, str]]

    def add_arguments(self, parser: CommandParser) -> None:
        add = Spellings(parser)
        add(
            "data_dir",
            default=DEFAULT_DATA_DIR,
            help="folder of normal recordings (default: %(default)s)",
        )
        self.add_detector_arguments(add)
        add_model_arguments(add)
        add_training_arguments(add)
        add_recording_arguments(add)

    @abstractmethod
    def add_detector_arguments(self, add: "Spellings") -> None:
        """Add the options that only this detector type has."""

    @abstractmethod
    def file_names(self, options: Mapping[str, Any]) -> dict[str, str]:
        """Return the names of the exchange form, by role."""

    @abstractmethod
    def parameters(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fitter's parameters."""

    def handle(self, *, verbosity: int = 1, **options: Any) -> str:
        try:
            request = self.build_request(options)
            if verbosity:
                self.print_request(request, is_named=bool(options["model_id"]))
            watcher = ConsoleWatcher(self.stdout, verbosity=verbosity)
            with watcher:
                published = train(request, watcher=watcher)
        except SignalCraftError as exc:
            raise CommandError(str(exc)) from exc
        except KeyboardInterrupt as exc:
            raise CommandError("Stopped: nothing was registered.") from exc

        print_result(published, watcher)
        if not verbosity:
            return ""
        registered = self.style.SUCCESS(f"Registered {published.version}")
        return f"{registered}\n{next_after_training(published.version)}"

    def print_request(self, request: TrainingRequest, *, is_named: bool) -> None:
        """Print which model and machine type the options came to."""
        self.stdout.write(f"Model {request.model_id}, machine type {request.machine_type}")
        if request.machine_type == UNSPECIFIED:
            self.stdout.write(
                "Hint: the id contains no known machine type; name one with --machine_type."
            )
        hint = version_hint(request.model_id)
        if hint and not is_named:
            self.stdout.write(f"Hint: {hint}")

    def build_request(self, options: Mapping[str, Any]) -> TrainingRequest:
        """Build the request from the options."""
        file_names = self.file_names(options)
        first = next(iter(file_names.values()))
        model_id = options["model_id"] or self.default_names.get(first) or Path(first).stem
        return TrainingRequest(
            detector_type=self.detector_type,
            model_id=model_id,
            machine_type=resolve_machine_type(options["machine_type"], model_id),
            file_names=file_names,
            data_dir=resolve_folder(options["data_dir"]),
            test_normal=resolve_optional_folder(options["test_normal"]),
            test_abnormal=resolve_optional_folder(options["test_abnormal"]),
            parameters=self.parameters(options),
            is_candidate=options["candidate"],
            is_strict=options["strict"],
            csv_sample_rate_hz=options["csv_sample_rate"],
            **{name: options[name] for name in SAME_NAMES},
        )


class Spellings:
    """Adds every option as --like_this and --like-this."""

    def __init__(self, parser: CommandParser) -> None:
        self._parser = parser

    def __call__(self, name: str, **settings: Any) -> None:
        spellings = dict.fromkeys((f"--{name}", f"--{name.replace('_', '-')}"))
        self._parser.add_argument(*spellings, dest=name, **settings)


def add_model_arguments(add: Spellings) -> None:
    """Add the options that name the model and decide how it is offered."""
    add(
        "model_id",
        help="the model to publish a version of (default: the stem of the first output name)",
    )
    add(
        "machine_type",
        help="its machine type, created if new (default: a known one that is a part of the id)",
    )
    add("name", default="", help="for people, when the model is new (default: its id)")
    add("description", default="", help="for people, when the model is new")
    add(
        "make_default",
        action="store_true",
        help="offer the model first for its machine type and level",
    )
    add("candidate", action="store_true", help="publish the version without serving it")


def add_training_arguments(add: Spellings) -> None:
    """Add the options that decide how training goes."""
    add(
        "seed",
        type=int,
        default=0,
        help="same seed, same recordings, same scores (default: %(default)s)",
    )
    add(
        "target_false_alarm_rate",
        type=float,
        default=0.05,
        help="share of healthy recordings that may raise an alarm (default: %(default)s)",
    )
    add(
        "accelerator",
        choices=["auto", "cpu", "cuda"],
        default="auto",
        help="(default: %(default)s)",
    )


def add_recording_arguments(add: Spellings) -> None:
    """Add the options that say how recordings are read and checked."""
    add(
        "group_by",
        metavar="REGEX",
        help="finds the recording session in a file name (default: the plainest; '': none)",
    )
    add(
        "strict",
        action="store_true",
        help="refuse unusable files, and any issue that the check of the recordings finds",
    )
    add(
        "keep_outliers",
        action="store_true",
        help="learn from recordings unlike the others too: they are normal",
    )
    add(
        "allow_names",
        action="store_true",
        help="names like faulty or test_* in the folder mean nothing: all recordings are normal",
    )
    add(
        "csv_sample_rate",
        type=int,
        default=16_000,
        help="sample rate of CSV files in Hz (default: %(default)s)",
    )
    add("test_normal", metavar="DIR", help="normal recordings to evaluate on")
    add("test_abnormal", metavar="DIR", help="abnormal recordings to evaluate on")


def resolve_optional_folder(option: str | None) -> Path | None:
    """Return the folder that an option names, if it was given."""
    return resolve_folder(option) if option else None


def print_result(published: PublishedVersion, watcher: ConsoleWatcher) -> None:
    """Print tables of the version and its evaluation, and what speaks against serving it."""
    version = published.version
    title = f"{version} ({version.registered_model.type})"
    watcher.print_table(title, training_rows(version, published.calibration))
    watcher.report(describe_entries(published.data_check.entries))
    if published.evaluation:
        metrics = published.evaluation.metrics
        watcher.print_table(str(published.evaluation), table_rows(metrics))
        for caveat in metrics["warnings"]:
            watcher.report(f"Warning: {caveat}")
    for issue in published.data_check.serving_blockers:
        watcher.report(f"Not served: {issue.detail}")
