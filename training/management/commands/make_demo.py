"""manage.py make_demo: something to see and to try in an empty registry."""

import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser

from accounts.models import User
from analysis.detectors.calibration import CRITICAL, NORMAL, NOT_THIS_MACHINE
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
        parser.add_argument(
            "--parallel",
            action="store_true",
            help="make each machine in a process of its own, which is quicker",
        )
        parser.add_argument(
            "--machine",
            choices=[machine.machine_type for machine in MACHINES],
            help="make only the recordings and models of this machine",
        )

    def handle(
        self,
        *,
        passwords_file: Path | None,
        parallel: bool,
        machine: str | None,
        verbosity: int,
        **options: Any,
    ) -> None:
        self.verbosity = verbosity
        registered = set(RegisteredModel.objects.values_list("pk", flat=True))
        if machine:
            (one,) = (each for each in MACHINES if each.machine_type == machine)
            self.make_machine(one, registered)
            return

        call_command(
            "create_first_users",
            field_engineer=True,
            passwords_file=passwords_file,
            stdout=self.stdout,
        )
        demo_ids = {model_id for each in MACHINES for model_id in demo_models(each)}
        # Complete a demo that was interrupted; leave a registry with models of its own alone.
        if registered - demo_ids:
            self.stdout.write("The registry has models of its own: no demo is made.")
            return
        new = [each for each in MACHINES if set(demo_models(each)) - registered]
        self.make_machines(new, registered, parallel=parallel)

    def make_machines(
        self, new: Sequence[Machine], registered: set[str], *, parallel: bool
    ) -> None:
        """Make machines and their past, whichever can be made; raise CommandError for others."""
        failed: list[Machine] = []
        if parallel:
            failed = make_apart(new, verbosity=self.verbosity)
        else:
            for each in new:
                self.make_machine(each, registered)
        # Now or never: a machine that has all its models is not new the next time.
        self.make_history({make_device(each): each for each in new if each not in failed})
        if failed:
            names = " and no demo ".join(each.machine_type for each in failed)
            raise CommandError(f"No demo {names}: the reason is above.")

    def make_machine(self, machine: Machine, registered: set[str]) -> None:
        """Make the recordings, the missing models and the device of a machine."""
        models = demo_models(machine)
        sounds = self.synthesise(machine)
        for model_id in models:
            if model_id in registered:
                continue
            began = monotonic()
            # A line a model; who wants every epoch asks for it.
            verbosity = self.verbosity if self.verbosity >= 2 else 0
            train(sounds, model_id=model_id, verbosity=verbosity, **models[model_id])
            self.report(f"{describe_model(model_id)} ({monotonic() - began:.1f} s)")
        keep_convincing(sounds, models)
        make_device(machine)

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


def make_apart(machines: Sequence[Machine], *, verbosity: int) -> list[Machine]:
    """Make machines side by side, each in a process of its own; return those that failed."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "make_demo", f"-v{verbosity}"]
    processes = [
        subprocess.Popen([*command, f"--machine={machine.machine_type}"]) for machine in machines
    ]
    # All are waited for.
    return [each for each, process in zip(machines, processes, strict=True) if process.wait()]


def keep_to_try(folder: Path, machine: Machine) -> None:
    """Give a healthy and a faulty recording that no model learnt from a name to remember."""
    fault = machine.faults[0].__name__
    shutil.copy(min(folder.glob("test_normal/*.wav")), folder / "healthy.wav")
    shutil.copy(min(folder.glob(f"test_abnormal/{fault}_*.wav")), folder / "faulty.wav")


def keep_convincing(folder: Path, model_ids: Iterable[str]) -> None:
    """Let the recordings to try be the first that every model judges rightly, if there are any."""
    models = RegisteredModel.objects.filter(pk__in=model_ids, serving_version__isnull=False)
    versions = [model.get_version_to_serve() for model in models]
    for part, is_right, name in (
        ("test_normal", is_healthy, "healthy.wav"),
        ("test_abnormal", is_fault, "faulty.wav"),
    ):
        for path in sorted(folder.glob(f"{part}/*.wav")):
            content = path.read_bytes()
            judged = (compute_analysis(content, version=each, device=None)[0] for each in versions)
            if all(map(is_right, judged)):
                shutil.copy(path, folder / name)
                break


def is_healthy(analysis: Analysis) -> bool:
    """Return whether nothing is unusual."""
    return analysis.label == NORMAL


def is_fault(analysis: Analysis) -> bool:
    """Return whether it is surely a fault, and surely of this machine."""
    return analysis.label == CRITICAL and NOT_THIS_MACHINE not in analysis.quality["warnings"]


def make_device(machine: Machine) -> Device:
    """Make the device of a machine, judged by its best model, unless it is there."""
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
