"""manage.py make_demo: something to see and to try in an empty registry."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandParser

from accounts.models import User
from analysis.detectors.calibration import NORMAL
from analysis.models import Analysis, Device
from analysis.pipeline import compute_analysis
from core.commands import CommandWithExample
from registry.models import ModelVersion, RegisteredModel
from training.demo_history import make_history
from training.demo_sounds import MACHINES, Machine, write_machine
from training.summaries import describe_state

DESCRIPTION = "Trained on synthesised sounds, to try SignalCraft with."
# Sessions are worth more than clips, and two seconds hold fifty turns of either shaft. The faults
# are such that every level finds them.
RECORDINGS: dict[str, Any] = {
    "n_sessions": 32,
    "clips_per_session": 2,
    "seconds": 2.0,
    "severities": {"outer_race_defect": 1.5, "cavitation": 1.5, "leak": 2.0, "unbalance": 1.5},
}
# Each model of each machine is trained so, in a minute all together.
TRAINING = {"target_false_alarm_rate": "0.01"}
# More learn nothing more from these sounds.
EPOCHS = "8"


class Command(CommandWithExample):
    example = ""
    help = (
        "Fill an empty registry: synthesised machines, models trained on them, devices, users, and "
        "some weeks of history."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--passwords_file",
            type=Path,
            help="write the passwords of the first users there, in place of printing them",
        )

    def handle(self, *, passwords_file: Path | None, verbosity: int, **options: Any) -> None:
        self.verbosity = verbosity
        call_command(
            "create_first_users",
            field_engineer=True,
            passwords_file=passwords_file,
            stdout=self.stdout,
        )
        registered = set(RegisteredModel.objects.values_list("pk", flat=True))
        demo_ids = {model_id for machine in MACHINES for model_id in demo_models(machine)}
        # Complete a demo that was interrupted; leave a registry with models of its own alone.
        if registered - demo_ids:
            self.stdout.write("The registry has models of its own: no demo is made.")
            return
        made = {
            device: machine
            for machine in MACHINES
            if (device := self.make_machine(machine, registered))
        }
        self.make_history(made)

    def make_machine(self, machine: Machine, registered: set[str]) -> Device | None:
        """Make the device and the missing models of a machine; None where none was missing."""
        models = demo_models(machine)
        missing = [model_id for model_id in models if model_id not in registered]
        if not missing:
            return None

        sounds = self.synthesise(machine)
        for model_id in missing:
            began = monotonic()
            # A line a model; who wants every epoch asks for it.
            verbosity = self.verbosity if self.verbosity >= 2 else 0
            train(sounds, model_id=model_id, verbosity=verbosity, **models[model_id])
            self.report(f"{describe_model(model_id)} ({monotonic() - began:.1f} s)")
        keep_normal(sounds, models)
        return make_device(machine)

    def synthesise(self, machine: Machine) -> Path:
        """Write the recordings of a machine, once."""
        folder = Path(settings.MEDIA_ROOT, "demo", machine.machine_type)
        if folder.exists():
            return folder

        began = monotonic()
        unfinished = folder.with_name(f"{folder.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        write_machine(unfinished, machine, **RECORDINGS)
        keep_to_try(unfinished, machine)
        unfinished.rename(folder)
        seconds = monotonic() - began
        self.report(f"Recordings of a demo {machine.machine_type}: {folder} ({seconds:.1f} s)")
        return folder

    def make_history(self, machines: dict[Device, Machine]) -> None:
        """Make the past of new machines, as the field engineer of the demo sent it."""
        owner = User.objects.filter(groups__name="field engineer").order_by("pk").first()
        new = {
            device: machine
            for device, machine in machines.items()
            if not Analysis.objects.filter(device=device).exists()
        }
        if not new or owner is None:
            return
        began = monotonic()
        make_history(new, owner)
        self.report(f"Six weeks of history of {len(new)} machines ({monotonic() - began:.1f} s)")

    def report(self, line: str) -> None:
        """Print a line at once, also where the output goes to a file."""
        self.stdout.write(line)
        self.stdout.flush()


def keep_to_try(folder: Path, machine: Machine) -> None:
    """Give a healthy and a faulty recording that no model learnt from a name to remember."""
    fault = machine.faults[0].__name__
    shutil.copy(min(folder.glob("test_normal/*.wav")), folder / "healthy.wav")
    shutil.copy(min(folder.glob(f"test_abnormal/{fault}_*.wav")), folder / "faulty.wav")


def keep_normal(folder: Path, model_ids: Iterable[str]) -> None:
    """Let the healthy recording be the first that every model calls NORMAL, if there is one."""
    models = RegisteredModel.objects.filter(pk__in=model_ids, serving_version__isnull=False)
    versions = [model.get_version_to_serve() for model in models]
    for path in sorted(folder.glob("test_normal/*.wav")):
        content = path.read_bytes()
        judged = (compute_analysis(content, version=each, device=None)[0] for each in versions)
        if all(analysis.label == NORMAL for analysis in judged):
            shutil.copy(path, folder / "healthy.wav")
            return


def make_device(machine: Machine) -> Device:
    """Make the device of a machine, judged by its best model."""
    name = machine.machine_type
    best = RegisteredModel.objects.get(pk=f"{name}_mahalanobis_demo")
    device, _ = Device.objects.get_or_create(
        device_id=f"demo-{name}",
        defaults={"name": f"Demo {name}", "machine_type_id": name, "preferred_model": best},
    )
    return device


def demo_models(machine: Machine) -> dict[str, dict[str, str]]:
    """Return the options of the models of a machine, by id; the best first."""
    name = machine.machine_type
    return {
        f"{name}_mahalanobis_demo": {
            "command": "train_mahalanobis",
            "name": f"Demo {name} detector",
            "description": DESCRIPTION,
            "output_name": f"{name}_mahalanobis_demo.npz",
        },
        f"{name}_autoencoder_demo": {
            "command": "train_autoencoder",
            "name": f"Demo {name} detector, autoencoder",
            "description": DESCRIPTION,
            "output_name": f"{name}_autoencoder_demo.pth",
            "epochs": EPOCHS,
        },
        f"{name}_if_demo": {
            "command": "train_if",
            "name": f"Demo {name} detector, isolation forest",
            "description": DESCRIPTION,
            "output_if_name": f"{name}_if_demo.pkl",
            "output_scaler_name": f"{name}_scaler_demo.pkl",
        },
    }


def describe_model(model_id: str) -> str:
    """Say what was trained, and whether it serves."""
    version = ModelVersion.objects.filter(registered_model=model_id).latest("number")
    return f"Trained {version} on {version.sample_count} recordings: {describe_state(version)}"


def train(sounds: Path, *, command: str, verbosity: int, **options: str) -> None:
    """Train as a person would, by the command."""
    folders = {
        "data_dir": sounds / "train_normal",
        "test_normal": sounds / "test_normal",
        "test_abnormal": sounds / "test_abnormal",
    }
    given = [f"--{option}={value}" for option, value in (options | folders | TRAINING).items()]
    call_command(command, "--make_default", *given, verbosity=verbosity)
