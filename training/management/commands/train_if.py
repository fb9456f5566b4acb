"""manage.py train_if: a level 1 model from a folder of normal recordings."""

from collections.abc import Mapping
from typing import Any

from training.commands import Spellings, TrainCommand


class Command(TrainCommand):
    help = "Train an isolation forest on normal recordings; register and serve it."
    detector_type = "level1_isolation_forest"
    default_names = {"isolation_forest_model.pkl": "pump_isolation_forest_default"}

    def add_detector_arguments(self, add: Spellings) -> None:
        add(
            "output_if_name",
            default="isolation_forest_model.pkl",
            help="file name of the forest (default: %(default)s)",
        )
        add(
            "output_scaler_name",
            default="scaler.pkl",
            help="file name of the scaler (default: %(default)s)",
        )
        add("n_estimators", type=int, default=300, help="number of trees (default: %(default)s)")

    def file_names(self, options: Mapping[str, Any]) -> dict[str, str]:
        return {"exchange": options["output_if_name"], "scaler": options["output_scaler_name"]}

    def parameters(self, options: Mapping[str, Any]) -> dict[str, Any]:
        return {"n_estimators": options["n_estimators"]}
