"""A plant with two models, and a browser with a microphone, for all tests of the field app."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.mobile.app_build import build_app
from tests.support.field_app_browser import Microphone, browser
from tests.support.needs import need_chromium, need_node
from tests.support.plant import Plant
from training.demo_sounds import FAN, PUMP, write_machine


@pytest.fixture(scope="package")
def sounds(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sounds")
    for machine in (PUMP, FAN):
        write_machine(folder / machine.machine_type, machine)
    return folder


@pytest.fixture(scope="package")
def trained(tmp_path_factory, sounds) -> Path:
    """The folder of a plant with two models, trained on the sounds of a pump and of a fan."""
    need_node()
    need_chromium()
    plant = Plant(tmp_path_factory.mktemp("trained"))
    pump = (
        "--name=Cooling water pump",
        "--description=Trained on eight recording sessions of a healthy pump.",
    )
    plant.train(sounds / "pump", "pump_forest", "--make_default", *pump)
    plant.train(sounds / "fan", "fan_forest", "--make_default", "--name=Exhaust fan")
    return plant.media


# Of a module: what the tests of one file recorded does not show in the lists of another.
@pytest.fixture(scope="module")
def plant(tmp_path_factory, trained) -> Iterator[Plant]:
    """A plant with two models; the app is built."""
    build_app()
    plant = Plant(shutil.copytree(trained, tmp_path_factory.mktemp("plant") / "media"))
    plant.start()
    yield plant
    plant.stop()


@pytest.fixture
def microphone(tmp_path) -> Microphone:
    microphone = Microphone(tmp_path / "microphone.wav")
    microphone.hears_a_pump()
    return microphone


@pytest.fixture
def page(plant, tmp_path, microphone) -> Iterator[Page]:
    """A browser in which no mistake of the app goes unnoticed."""
    with browser(tmp_path / "profile", microphone) as context:
        page = context.pages[0]
        mistakes: list[str] = []
        page.on("pageerror", lambda error: mistakes.append(str(error)))
        yield page
        assert mistakes == []
