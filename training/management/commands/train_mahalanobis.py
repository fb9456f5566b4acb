"""manage.py train_mahalanobis: a level 3 model from a folder of normal recordings."""

from collections.abc import Mapping
from typing import Any

from training.commands import OutputName, Spellings, TrainCommand


class Command(TrainCommand):
    example = "--data_dir recordings/pump7/healthy --model_id pump7"
    help = "Train a Mahalanobis detector on normal recordings in seconds; register and serve it."
    detector_type = "level3_mahalanobis"
    default_model_id = "pump_mahalanobis_default"
    outputs = {"output_name": OutputName("mahalanobis.npz", "{}.npz")}

    def add_detector_arguments(self, add: Spellings) -> None:
        self.add_output(add, "output_name", "file name of the model, .npz")

    def file_names(self, options: Mapping[str, Any]) -> dict[str, str]:
        return {"serving": options["output_name"]}

    def parameters(self, options: Mapping[str, Any]) -> dict[str, Any]:
        return {}
