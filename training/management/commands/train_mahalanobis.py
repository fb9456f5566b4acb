"""manage.py train_mahalanobis: a level 3 model from a folder of normal recordings."""

from collections.abc import Mapping
from typing import Any

from training.commands import Spellings, TrainCommand


class Command(TrainCommand):
    help = "Train a Mahalanobis detector on normal recordings in seconds; register and serve it."
    detector_type = "level3_mahalanobis"
    default_names = {"mahalanobis.npz": "pump_mahalanobis_default"}

    def add_detector_arguments(self, add: Spellings) -> None:
        add(
            "output_name",
            default="mahalanobis.npz",
            help="file name of the model, .npz (default: %(default)s)",
        )

    def file_names(self, options: Mapping[str, Any]) -> dict[str, str]:
        return {"serving": options["output_name"]}

    def parameters(self, options: Mapping[str, Any]) -> dict[str, Any]:
        return {}
