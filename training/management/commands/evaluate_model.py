"""manage.py evaluate_model: how well a version tells normal from abnormal recordings."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.module_loading import import_string

from core.commands import CommandWithExample
from core.errors import SignalCraftError
from registry.models import RegisteredModel
from training.commands import Spellings
from training.console import ConsoleWatcher
from training.datasets.listing import resolve_folder
from training.errors import InvalidOption
from training.evaluation.document import build_document
from training.evaluation.evaluator import EvaluationRequest, EvaluationResult, evaluate_version
from training.evaluation.report import table_rows
from training.summaries import next_after_evaluation


class Command(CommandWithExample):
    example = "pump7 --test_normal recordings/healthy --test_abnormal recordings/faulty"
    help = (
        "Evaluate a version on normal and abnormal test recordings: print and store AUC, false "
        "alarms and detection with 95 % intervals. The version must not have been trained on them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "name", metavar="MODEL_ID[@NUMBER]", help="a model's serving version, or one by number"
        )
        add = Spellings(parser)
        add("test_normal", metavar="DIR", required=True, help="normal recordings")
        add(
            "test_abnormal",
            metavar="DIR",
            required=True,
            help="abnormal recordings, with a sub-folder for each fault type if there are several",
        )
        add(
            "group_by",
            metavar="REGEX",
            help="finds the recording session in a file name (default: as in training)",
        )
        add(
            "csv_sample_rate",
            type=int,
            default=16_000,
            help="sample rate of CSV files in Hz (default: %(default)s)",
        )
        parser.add_argument(
            "--json",
            dest="json_path",
            metavar="FILE",
            type=Path,
            help="write the metrics, and a record for each clip",
        )
        add("plots", metavar="DIR", type=Path, help="write scores.png, roc.png, reliability.png")

    def handle(self, *, json_path: Path | None, plots: Path | None, **options: Any) -> str:
        watcher = ConsoleWatcher(self.stdout)
        try:
            check_outputs(json_path, plots)
            with watcher:
                result = evaluate_version(build_request(options), watcher)
        except SignalCraftError as exc:
            raise CommandError(str(exc)) from exc
        except KeyboardInterrupt as exc:
            raise CommandError("Stopped: no evaluation was stored.") from exc

        evaluation = result.evaluation
        watcher.print_table(str(evaluation), table_rows(evaluation.metrics))
        for warning in evaluation.metrics["warnings"]:
            self.stdout.write(self.style.WARNING(f"Warning: {warning}"))
        write_outputs(result, json_path, plots)
        stored = self.style.SUCCESS(f"Stored {evaluation}")
        return f"{stored}\n{next_after_evaluation(evaluation)}"


def check_outputs(json_path: Path | None, plots: Path | None) -> None:
    """Refuse paths that cannot be written, before anything is read."""
    try:
        if json_path and (json_path.is_dir() or not json_path.parent.is_dir()):
            raise InvalidOption(f"--json {json_path} is not a file in an existing folder.")
        if plots:
            plots.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise InvalidOption(f"Nothing can be written to {exc.filename}: {exc.strerror}.") from exc


def write_outputs(result: EvaluationResult, json_path: Path | None, plots: Path | None) -> None:
    """Write what was asked for beside the row."""
    try:
        if json_path:
            document = json.dumps(build_document(result), indent=1, ensure_ascii=False)
            json_path.write_text(f"{document}\n", encoding="utf-8")
        if plots:
            # By name: matplotlib takes a second to import and writes its list of fonts.
            import_string("training.evaluation.plots.write_plots")(result, plots)
    except OSError as exc:
        raise CommandError(
            f"{result.evaluation} is stored, but {exc.filename} cannot be written: {exc.strerror}."
        ) from exc


def build_request(options: dict[str, Any]) -> EvaluationRequest:
    """Build the request from the options."""
    return EvaluationRequest(
        version=RegisteredModel.objects.get_version(options["name"]),
        test_normal=resolve_folder(options["test_normal"]),
        test_abnormal=resolve_folder(options["test_abnormal"]),
        group_by=options["group_by"],
        csv_sample_rate_hz=options["csv_sample_rate"],
    )
