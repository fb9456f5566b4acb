"""manage.py train_if: a level 1 model from a folder of normal recordings."""

from collections.abc import Mapping
from typing import Any

from training.commands import OutputName, Spellings, TrainCommand


class Command(TrainCommand):
    example = "--data_dir recordings/pump7/healthy --model_id pump7_if"
    help = "Train an isolation forest on normal recordings; register and serve it."
    detector_type = "level1_isolation_forest"
    default_model_id = "pump_isolation_forest_default"
    outputs = {
        "output_if_name": OutputName("isolation_forest_model.pkl", "{}.pkl"),
        "output_scaler_name": OutputName("scaler.pkl", "{}_scaler.pkl"),
    }

    def add_detector_arguments(self, add: Spellings) -> None:
        self.add_output(add, "output_if_name", "file name of the forest")
        self.add_output(add, "output_scaler_name", "file name of the scaler")
        add("n_estimators", type=int, default=300, help="number of trees (default: %(default)s)")

    def file_names(self, options: Mapping[str, Any]) -> dict[str, str]:
        return {"exchange": options["output_if_name"], "scaler": options["output_scaler_name"]}

    def parameters(self, options: Mapping[str, Any]) -> dict[str, Any]:
        return {"n_estimators": options["n_estimators"]}
