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


class Command(BaseCommand):
    help = "Fill an empty registry: synthesised machines, models trained on them, devices, first users."

    def handle(self, **options: Any) -> None:
        registered = set(RegisteredModel.objects.values_list("pk", flat=True))
        # A demo that was interrupted is completed; a registry with models of its own is left alone.
        if registered - {model_id for machine in MACHINES for model_id in trainings(machine)}:
            self.stdout.write("The registry has models of its own: no demo is made.")
        else:
            for machine in MACHINES:
                self.demonstrate(machine, registered)
        call_command("create_first_users", field_engineer=True, stdout=self.stdout)

    def demonstrate(self, machine: Machine, registered: set[str]) -> None:
        missing = {
            model_id: options
            for model_id, options in trainings(machine).items()
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
        folder = Path(settings.MEDIA_ROOT, "demo", machine.machine_type)
        if not folder.exists():
            unfinished = folder.with_name(f"{folder.name}.unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            write_machine(unfinished, machine)
            unfinished.rename(folder)
            self.stdout.write(
                f"Recordings of a demo {machine.machine_type}, healthy and faulty: {folder}"
            )
        return folder


def trainings(machine: Machine) -> dict[str, dict[str, str]]:
    """Name the models of a machine, each with its command and the names of its files."""
    name = machine.machine_type
    autoencoder = {
        "command": "train_autoencoder",
        "name": f"Demo {name}, autoencoder",
        "output_name": f"{name}_autoencoder_demo.pth",
    }
    forest = {
        "command": "train_if",
        "name": f"Demo {name}, isolation forest",
        "output_if_name": f"{name}_if_demo.pkl",
        "output_scaler_name": f"{name}_scaler_demo.pkl",
    }
    mahalanobis = {
        "command": "train_mahalanobis",
        "name": f"Demo {name}, Mahalanobis distance",
        "output_name": f"{name}_mahalanobis_demo.npz",
    }
    described = {"description": "Trained on synthesised sounds, to try SignalCraft with."}
    made = {"autoencoder": autoencoder, "if": forest, "mahalanobis": mahalanobis}
    return {f"{name}_{kind}_demo": options | described for kind, options in made.items()}


def train(sounds: Path, *, command: str, **options: str) -> None:
    """Train as a person would, by the command and with the options of its help."""
    options |= {part: str(sounds / part) for part in ("test_normal", "test_abnormal")}
    options |= {"data_dir": str(sounds / "train_normal")}
    call_command(
        command, "--make_default", *(f"--{option}={value}" for option, value in options.items())
    )
