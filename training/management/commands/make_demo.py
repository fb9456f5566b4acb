"""manage.py make_demo: something to see and to try in an empty registry."""

import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from analysis.models import Device
from registry.models import RegisteredModel
from training.demo_sounds import MACHINES, Machine, write_machine

DESCRIPTION = "Trained on synthesised sounds, to try SignalCraft with."


class Command(BaseCommand):
    help = "Fill an empty registry: synthesised machines, models trained on them, devices, users."

    def handle(self, **options: Any) -> None:
        registered = set(RegisteredModel.objects.values_list("pk", flat=True))
        demo_ids = {model_id for machine in MACHINES for model_id in demo_models(machine)}
        # Complete a demo that was interrupted; leave a registry with models of its own alone.
        if registered - demo_ids:
            self.stdout.write("The registry has models of its own: no demo is made.")
        else:
            for machine in MACHINES:
                self.make_machine(machine, registered)
        call_command("create_first_users", field_engineer=True, stdout=self.stdout)

    def make_machine(self, machine: Machine, registered: set[str]) -> None:
        """Make the device and the missing models of a machine."""
        missing = {
            model_id: options
            for model_id, options in demo_models(machine).items()
            if model_id not in registered
        }
        if not missing:
            return

        name = machine.machine_type
        Device.objects.get_or_create(
            device_id=f"demo-{name}", defaults={"name": f"Demo {name}", "machine_type_id": name}
        )
        sounds = self.synthesise(machine)
        for model_id, options in missing.items():
            train(sounds, model_id=model_id, **options)

    def synthesise(self, machine: Machine) -> Path:
        """Write the recordings of a machine, once."""
        folder = Path(settings.MEDIA_ROOT, "demo", machine.machine_type)
        if folder.exists():
            return folder

        unfinished = folder.with_name(f"{folder.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        write_machine(unfinished, machine)
        unfinished.rename(folder)
        self.stdout.write(
            f"Recordings of a demo {machine.machine_type}, healthy and faulty: {folder}"
        )
        return folder


def demo_models(machine: Machine) -> dict[str, dict[str, str]]:
    """Return the options of the models of a machine, by id."""
    name = machine.machine_type
    return {
        f"{name}_autoencoder_demo": {
            "command": "train_autoencoder",
            "name": f"Demo {name}, autoencoder",
            "description": DESCRIPTION,
            "output_name": f"{name}_autoencoder_demo.pth",
        },
        f"{name}_if_demo": {
            "command": "train_if",
            "name": f"Demo {name}, isolation forest",
            "description": DESCRIPTION,
            "output_if_name": f"{name}_if_demo.pkl",
            "output_scaler_name": f"{name}_scaler_demo.pkl",
        },
        f"{name}_mahalanobis_demo": {
            "command": "train_mahalanobis",
            "name": f"Demo {name}, Mahalanobis distance",
            "description": DESCRIPTION,
            "output_name": f"{name}_mahalanobis_demo.npz",
        },
    }


def train(sounds: Path, *, command: str, **options: str) -> None:
    """Train as a person would, by the command."""
    folders = {
        "data_dir": sounds / "train_normal",
        "test_normal": sounds / "test_normal",
        "test_abnormal": sounds / "test_abnormal",
    }
    given = [f"--{option}={value}" for option, value in (options | folders).items()]
    call_command(command, "--make_default", *given)
