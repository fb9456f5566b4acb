"""The demo is made in an empty registry by commands, and completed when it was interrupted."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.models import User
from analysis.models import Device
from registry.models import RegisteredModel
from training.demo_sounds import PUMP, write_machine
from training.management.commands import make_demo

pytestmark = pytest.mark.django_db
DEMO = [
    f"{machine}_{kind}_demo"
    for machine in ("pump", "fan")
    for kind in ("autoencoder", "if", "mahalanobis")
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

    def __call__(self, sounds: Path, *, model_id: str, **options: str) -> None:
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
    monkeypatch.setattr(
        make_demo,
        "write_machine",
        partial(write_machine, n_sessions=1, clips_per_session=1, seconds=1),
    )
    return stand_in


def test_two_machines_a_detector_of_each_level(training):
    make()
    assert training.done == DEMO
    assert set(Device.objects.values_list("device_id", "machine_type")) == {
        ("demo-pump", "pump"),
        ("demo-fan", "fan"),
    }
    assert set(User.objects.values_list("email", flat=True)) == {
        "admin@example.com",
        "engineer@example.com",
    }


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
    monkeypatch.setattr(
        make_demo,
        "write_machine",
        partial(write_machine, n_sessions=3, clips_per_session=7, seconds=1.2),
    )
    make()
    assert set(RegisteredModel.objects.defaults().values_list("id", "level")) == {
        ("pump_autoencoder_demo", 2),
        ("pump_if_demo", 1),
        ("pump_mahalanobis_demo", 3),
    }
