"""manage.py evaluate_model: how well a version tells normal from abnormal recordings."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string

from core.errors import SignalCraftError
from registry.models import RegisteredModel
from training.commands import Spellings
from training.console import ConsoleWatcher
from training.datasets.datasets import resolve_folder
from training.errors import InvalidOption
from training.evaluation.document import document
from training.evaluation.evaluator import EvaluationRequest, EvaluationResult, evaluate_version
from training.evaluation.report import table_rows


class Command(BaseCommand):
    help = (
        "Score normal and abnormal test recordings by a version; AUC, false alarms and detection with 95 % intervals "
        "are printed and kept. The version must not have learnt from the recordings."
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
            help="abnormal ones, in a sub-folder a kind if there are",
        )
        add(
            "group_by",
            metavar="REGEX",
            help="what in a file's name tells its take (default: as it was trained)",
        )
        add(
            "csv_sample_rate",
            type=int,
            default=16_000,
            help="Hz, of CSV files (default: %(default)s)",
        )
        parser.add_argument(
            "--json",
            dest="json_path",
            metavar="FILE",
            type=Path,
            help="write the figures, and a record a clip",
        )
        add("plots", metavar="DIR", type=Path, help="write scores.png, roc.png and reliability.png")

    def handle(self, *, json_path: Path | None, plots: Path | None, **options: Any) -> str:
        watcher = ConsoleWatcher(self.stdout)  # type: ignore[arg-type]
        try:
            check_places(json_path, plots)
            evaluated = evaluate(build_request(options), watcher)
        except SignalCraftError as exc:
            raise CommandError(str(exc)) from exc
        evaluation = evaluated.evaluation
        watcher.print_table(str(evaluation), table_rows(evaluation.metrics))
        for warning in evaluation.metrics["warnings"]:
            self.stdout.write(self.style.WARNING(f"Warning: {warning}"))
        try:
            write(evaluated, json_path, plots)
        except OSError as exc:
            raise CommandError(
                f"{evaluation} is kept, but {exc.filename} cannot be written: {exc.strerror}."
            ) from exc
        return self.style.SUCCESS(f"Kept {evaluation}")


def check_places(json_path: Path | None, plots: Path | None) -> None:
    """Refuse places that nothing can be written to, before it costs anything."""
    try:
        if json_path and (json_path.is_dir() or not json_path.parent.is_dir()):
            raise InvalidOption(f"--json {json_path} is no file in a folder that is there.")
        if plots:
            plots.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise InvalidOption(f"Nothing can be written to {exc.filename}: {exc.strerror}.") from exc


def evaluate(request: EvaluationRequest, watcher: ConsoleWatcher) -> EvaluationResult:
    """Evaluate behind a progress bar."""
    try:
        with watcher:
            return evaluate_version(request, watcher)
    except KeyboardInterrupt as exc:
        raise CommandError("Stopped: no evaluation was kept.") from exc


def write(evaluated: EvaluationResult, json_path: Path | None, plots: Path | None) -> None:
    """Write what was asked for."""
    if json_path:
        json_path.write_text(
            json.dumps(document(evaluated), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    if plots:
        # By name: matplotlib takes a second to import and writes its list of fonts.
        import_string("training.evaluation.plots.write_plots")(evaluated, plots)


def build_request(options: dict[str, Any]) -> EvaluationRequest:
    """What the options ask for."""
    return EvaluationRequest(
        version=RegisteredModel.objects.get_version(options["name"]),
        test_normal=resolve_folder(options["test_normal"]),
        test_abnormal=resolve_folder(options["test_abnormal"]),
        group_by=options["group_by"],
        csv_sample_rate_hz=options["csv_sample_rate"],
    )
