"""manage.py train_autoencoder: a level 2 model from a folder of normal recordings."""

from collections.abc import Mapping
from typing import Any

from training.commands import OutputName, Spellings, TrainCommand


class Command(TrainCommand):
    example = "--data_dir recordings/pump7/healthy --model_id pump7_autoencoder"
    help = "Train an autoencoder on normal recordings; register and serve it."
    detector_type = "level2_autoencoder"
    default_model_id = "pump_autoencoder_default"
    outputs = {"output_name": OutputName("autoencoder.pth", "{}.pth")}

    def add_detector_arguments(self, add: Spellings) -> None:
        self.add_output(add, "output_name", "file name of the state_dict")
        add(
            "epochs",
            type=int,
            default=50,
            help="at most; fewer where more do not help (default: %(default)s)",
        )
        add("learning_rate", type=float, default=1e-3, help="of Adam (default: %(default)s)")
        add("batch_size", type=int, default=256, help="(default: %(default)s)")
        add(
            "objective",
            choices=["reconstruction", "interpolation"],
            default="reconstruction",
            help="interpolation predicts the middle frame: for impulsive machines "
            "(default: %(default)s)",
        )

    def file_names(self, options: Mapping[str, Any]) -> dict[str, str]:
        return {"exchange": options["output_name"]}

    def parameters(self, options: Mapping[str, Any]) -> dict[str, Any]:
        names = ("epochs", "learning_rate", "batch_size", "objective")
        return {name: options[name] for name in names}
