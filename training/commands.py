"""What the training commands share: their common options, and the way from options to a request."""

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import SignalCraftError
from training.console import ConsoleWatcher
from training.datasets.datasets import resolve_folder
from training.requests import UNSPECIFIED, TrainingRequest, choose_machine_type, version_hint
from training.trainers import train

DEFAULT_DATA_DIR = "data_backup/normal"


class TrainCommand(BaseCommand):
    """Trains one kind of detector on a folder of normal recordings and publishes the result."""

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
        add(
            "model_id",
            help="the model to publish a version of (default: the stem of the first output name)",
        )
        add(
            "machine_type",
            help="its machine type, made if new (default: a known one that is a part of the id)",
        )
        add("name", default="", help="for people, when the model is new (default: its id)")
        add("description", default="", help="for people, when the model is new")
        add(
            "make_default",
            action="store_true",
            help="offer the model first for its machine type and level",
        )
        add("candidate", action="store_true", help="publish the version without serving it")
        add(
            "seed",
            type=int,
            default=0,
            help="same seed, same recordings, same scores (default: %(default)s)",
        )
        add(
            "group_by",
            metavar="REGEX",
            help="what in a file's name tells its take (default: found; '' if nothing)",
        )
        add(
            "target_false_alarm_rate",
            type=float,
            default=0.05,
            help="share of normal clips (default: %(default)s)",
        )
        add(
            "accelerator",
            choices=["auto", "cpu", "cuda"],
            default="auto",
            help="(default: %(default)s)",
        )
        add(
            "strict",
            action="store_true",
            help="refuse files that cannot be used, and what the check finds",
        )
        add(
            "keep_outliers",
            action="store_true",
            help="recordings unlike the others are normal: learn from them too",
        )
        add(
            "csv_sample_rate",
            type=int,
            default=16_000,
            help="Hz, of CSV files (default: %(default)s)",
        )
        add("test_normal", metavar="DIR", help="normal recordings to evaluate on")
        add("test_abnormal", metavar="DIR", help="abnormal recordings to evaluate on")

    @abstractmethod
    def add_detector_arguments(self, add: "Spellings") -> None:
        """The options that only this kind of detector has."""

    @abstractmethod
    def file_names(self, options: Mapping[str, Any]) -> dict[str, str]:
        """The names of the exchange form, by role."""

    @abstractmethod
    def parameters(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """The fitter's parameters."""

    def handle(self, **options: Any) -> str:
        try:
            request = self.build_request(options)
            self.print_request(request, is_named=bool(options["model_id"]))
            with ConsoleWatcher(self.stdout) as watcher:  # type: ignore[arg-type]
                published = train(request, watcher=watcher)
            watcher.print_summary(published.version, published.calibration, published.found)
        except SignalCraftError as exc:
            raise CommandError(str(exc)) from exc
        except KeyboardInterrupt as exc:
            raise CommandError("Stopped: nothing was registered.") from exc
        return self.style.SUCCESS(f"Registered {published.version}")

    def print_request(self, request: TrainingRequest, *, is_named: bool) -> None:
        """Say what the options came to."""
        self.stdout.write(f"Model {request.model_id}, machine type {request.machine_type}")
        if request.machine_type == UNSPECIFIED:
            self.stdout.write(
                "Hint: no part of the id is a known machine type; --machine_type names one, known or new."
            )
        if not is_named and (hint := version_hint(request.model_id)):
            self.stdout.write(f"Hint: {hint}")

    def build_request(self, options: Mapping[str, Any]) -> TrainingRequest:
        """What the options ask for."""
        file_names = self.file_names(options)
        first = next(iter(file_names.values()))
        model_id = options["model_id"] or self.default_names.get(first) or Path(first).stem
        same = (
            "name",
            "description",
            "make_default",
            "seed",
            "group_by",
            "target_false_alarm_rate",
            "accelerator",
            "keep_outliers",
        )
        return TrainingRequest(
            detector_type=self.detector_type,
            model_id=model_id,
            machine_type=choose_machine_type(options["machine_type"], model_id),
            file_names=file_names,
            data_dir=resolve_folder(options["data_dir"]),
            test_normal=resolve_folder(options["test_normal"]) if options["test_normal"] else None,
            test_abnormal=resolve_folder(options["test_abnormal"])
            if options["test_abnormal"]
            else None,
            parameters=self.parameters(options),
            is_candidate=options["candidate"],
            is_strict=options["strict"],
            csv_sample_rate_hz=options["csv_sample_rate"],
            **{name: options[name] for name in same},
        )


class Spellings:
    """Adds every option as --like_this and --like-this."""

    def __init__(self, parser: CommandParser) -> None:
        self._parser = parser

    def __call__(self, name: str, **settings: Any) -> None:
        spellings = dict.fromkeys((f"--{name}", f"--{name.replace('_', '-')}"))
        self._parser.add_argument(*spellings, dest=name, **settings)
