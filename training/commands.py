"""Defines what the training commands share: common options, and the request that they make."""

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from django.core.management.base import CommandError, CommandParser

from core.commands import CommandWithExample
from core.errors import SignalCraftError
from training.console import ConsoleWatcher
from training.datasets.listing import resolve_folder
from training.errors import NoRecordings
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


class OutputName(NamedTuple):
    """What a file is called where nobody says: without a model id, and with one."""

    default: str
    by_model_id: str

    def choose(self, model_id: str | None) -> str:
        """Return the name for this model."""
        return self.by_model_id.format(model_id) if model_id else self.default


class TrainCommand(CommandWithExample):
    """Trains one detector type on a folder of normal recordings and publishes the result."""

    detector_type: ClassVar[str]
    # Of a training that names neither a model nor a file.
    default_model_id: ClassVar[str]
    # By option; the model is named after the first where no id is given.
    outputs: ClassVar[Mapping[str, OutputName]]

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

    def add_output(self, add: "Spellings", name: str, what: str) -> None:
        """Add the option of a file's name, which the model id gives too."""
        default, by_model_id = self.outputs[name]
        add(name, help=f"{what} (default: {by_model_id.format('MODEL_ID')}, else {default})")

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
        file_names = self.file_names(self.complete_outputs(options))
        model_id = options["model_id"] or self.name_model(next(iter(file_names.values())))
        return TrainingRequest(
            detector_type=self.detector_type,
            model_id=model_id,
            machine_type=resolve_machine_type(options["machine_type"], model_id),
            file_names=file_names,
            data_dir=resolve_data_dir(options["data_dir"]),
            test_normal=resolve_optional_folder(options["test_normal"]),
            test_abnormal=resolve_optional_folder(options["test_abnormal"]),
            parameters=self.parameters(options),
            is_candidate=options["candidate"],
            is_strict=options["strict"],
            csv_sample_rate_hz=options["csv_sample_rate"],
            **{name: options[name] for name in SAME_NAMES},
        )

    def complete_outputs(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options with a name for every file."""
        names = {
            option: options[option] or output.choose(options["model_id"])
            for option, output in self.outputs.items()
        }
        return {**options, **names}

    def name_model(self, first_file: str) -> str:
        """Return the id that goes with the first file's name."""
        is_default = first_file == next(iter(self.outputs.values())).default
        return self.default_model_id if is_default else Path(first_file).stem


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


def resolve_data_dir(option: str) -> Path:
    """Return the training folder; NoRecordings where nobody named one and there is no default."""
    folder = resolve_folder(option)
    if option == DEFAULT_DATA_DIR and not folder.is_dir():
        raise NoRecordings(
            "Name the folder of healthy recordings with --data_dir. (Without it "
            f"{DEFAULT_DATA_DIR} is taken, which is not here.)"
        )
    return folder


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
