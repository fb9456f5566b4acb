"""The demo is made in an empty registry by commands, and completed when it was interrupted."""

import shutil
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from analysis.models import Device
from registry.models import RegisteredModel
from training.demo_sounds import PUMP, Machine
from training.management.commands import make_demo

pytestmark = pytest.mark.django_db
DEMO = [
    f"{machine}_{kind}_demo"
    for machine in ("pump", "fan")
    for kind in ("mahalanobis", "autoencoder", "if")
]


def make():
    printed = StringIO()
    call_command("make_demo", stdout=printed)
    return printed.getvalue()


class Interrupted(Exception):
    """The machine was switched off."""


@dataclass
class Training:
    """Publishes what it is asked to train, as long as the power is on."""

    publish: Callable[..., object]
    done: list[str] = field(default_factory=list)
    interrupted_at: str = ""
    with_history: list[str] = field(default_factory=list)

    def make_history(self, machines: Mapping[Device, Machine], owner: User) -> None:
        assert owner.email == "engineer@example.com"
        self.with_history += [device.device_id for device in machines]

    def __call__(self, sounds: Path, *, model_id: str, **options: object) -> None:
        if model_id == self.interrupted_at:
            raise Interrupted
        assert any((sounds / "train_normal").iterdir())
        self.publish(model_id, machine_type=model_id.split("_")[0])
        self.done.append(model_id)


@pytest.fixture
def training(monkeypatch, publish):
    """In place of training, which takes long."""
    stand_in = Training(publish)
    monkeypatch.setattr(make_demo, "train", stand_in)
    monkeypatch.setattr(make_demo, "make_history", stand_in.make_history)
    monkeypatch.setattr(make_demo, "keep_convincing", lambda sounds, models: None)
    few = {"n_sessions": 1, "clips_per_session": 1, "seconds": 1}
    monkeypatch.setattr(make_demo, "RECORDINGS", few)
    return stand_in


def test_two_machines_a_detector_of_each_level(training):
    make()
    assert training.done == DEMO
    assert set(Device.objects.values_list("device_id", "machine_type")) == {
        ("demo-pump", "pump"),
        ("demo-fan", "fan"),
    }
    preferred = set(Device.objects.values_list("preferred_model", flat=True))
    assert preferred == {"pump_mahalanobis_demo", "fan_mahalanobis_demo"}
    assert training.with_history == ["demo-pump", "demo-fan"]
    assert set(User.objects.values_list("email", flat=True)) == {
        "admin@example.com",
        "engineer@example.com",
    }


def test_each_model_is_one_line(training):
    lines = [line for line in make().splitlines() if "_demo" in line]
    assert [line.split()[1] for line in lines] == DEMO
    assert all("serves now" in line for line in lines)


def test_passwords_can_be_kept_for_the_end_of_the_start(training, tmp_path):
    kept = tmp_path / "passwords"
    printed = StringIO()
    call_command("make_demo", passwords_file=kept, stdout=printed)
    assert "shown only once" not in printed.getvalue()
    assert kept.read_text().count("shown only once") == 2
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_passwords_are_printed_once(training):
    assert make().count("shown only once") == 2
    assert make() == ""


def test_what_a_person_removed_stays_removed(training, media):
    make()
    training.done.clear()
    Device.objects.get(device_id="demo-fan").delete()
    shutil.rmtree(media / "demo")
    make()
    assert training.done == []
    assert Device.objects.count() == 1
    assert training.with_history == ["demo-pump", "demo-fan"]
    assert not (media / "demo").exists()


def test_an_interrupted_demo_is_completed(training, media):
    training.interrupted_at = "pump_if_demo"
    with pytest.raises(Interrupted):
        make()
    # As a process leaves it that was killed while it wrote the recordings of the fan.
    (media / "demo" / "fan.unfinished" / "train_normal").mkdir(parents=True)
    training.interrupted_at = ""
    make()
    assert training.done == DEMO
    assert {path.name for path in (media / "demo").iterdir()} == {"pump", "fan"}


def test_a_registry_with_models_of_its_own_is_left_alone(training, publish, media):
    publish("compressor_7")
    assert "no demo is made" in make()
    assert training.done == []
    assert not (media / "demo").exists()


@pytest.mark.slow
def test_the_real_commands_train_and_make_defaults(monkeypatch):
    monkeypatch.setattr(make_demo, "MACHINES", (PUMP,))
    few = {"n_sessions": 10, "clips_per_session": 4, "seconds": 2.0}
    monkeypatch.setattr(make_demo, "RECORDINGS", few)
    monkeypatch.setattr(make_demo, "make_history", lambda machines, owner: None)
    make()
    assert set(RegisteredModel.objects.defaults().values_list("id", "level")) == {
        ("pump_autoencoder_demo", 2),
        ("pump_if_demo", 1),
        ("pump_mahalanobis_demo", 3),
    }


@pytest.fixture
def processes(monkeypatch):
    """In place of processes of their own, which would not see the database of a test."""
    begun = []

    class Process:
        def __init__(self, command):
            begun.append(command)
            self.arguments = command[2:]

        def wait(self):
            try:
                call_command(*self.arguments, stdout=StringIO())
            except Interrupted:
                return 1
            return 0

    monkeypatch.setattr(make_demo.subprocess, "Popen", Process)
    return begun


def test_machines_can_be_made_side_by_side(training, processes):
    call_command("make_demo", "--parallel", stdout=StringIO())
    assert [command[2:] for command in processes] == [
        ["make_demo", "-v1", "--machine=pump"],
        ["make_demo", "-v1", "--machine=fan"],
    ]
    assert training.with_history == ["demo-pump", "demo-fan"]
    assert Device.objects.count() == 2
    call_command("make_demo", "--parallel", stdout=StringIO())
    assert len(processes) == 2


def test_a_machine_that_could_not_be_made_beside_another_is_told(training, processes):
    training.interrupted_at = "fan_if_demo"
    with pytest.raises(CommandError, match="No demo fan: the reason is above"):
        call_command("make_demo", "--parallel", stdout=StringIO())
    assert training.with_history == ["demo-pump"]
    training.interrupted_at = ""
    call_command("make_demo", "--parallel", stdout=StringIO())
    assert set(training.done) == set(DEMO)
    assert training.with_history == ["demo-pump", "demo-fan"]
    assert Device.objects.count() == 2
