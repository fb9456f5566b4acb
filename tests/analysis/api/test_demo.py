"""The demo's recordings can be tried while the demo is there."""

import pytest

from analysis.models import Device
from tests.support.pump_sounds import pump

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(media):
    """Two demo machines, of which one has recordings, and a machine of the plant."""
    for device_id in ("demo-pump", "demo-fan", "pump-07"):
        Device.objects.create(device_id=device_id, name=device_id, machine_type_id="pump")
    folder = media / "demo" / "pump"
    folder.mkdir(parents=True)
    (folder / "healthy.wav").write_bytes(pump(1))
    (folder / "faulty.wav").write_bytes(pump(2))


def list_devices(api):
    return api.get("/api/v1/capabilities").json()["demo_devices"]


def test_the_demos_machines_with_recordings_are_named(api, demo):
    assert list_devices(api) == ["demo-pump"]


def test_a_recording_is_sent(api, demo):
    answer = api.get("/api/v1/demo/demo-pump/faulty")
    assert (answer.content, answer["Content-Type"]) == (pump(2), "audio/wav")


def test_a_demo_that_was_removed_is_not_offered(api, demo):
    Device.objects.get(device_id="demo-pump").retire()
    assert list_devices(api) == []


@pytest.mark.parametrize("path", ["demo-fan/healthy", "pump-07/healthy", "demo-pump/../healthy"])
def test_there_is_nothing_else(api, demo, path):
    assert api.get(f"/api/v1/demo/{path}").status_code == 404


def test_whoever_may_not_analyse_needs_none(sign_in, make_user, demo):
    assert sign_in(make_user("viewer")).get("/api/v1/demo/demo-pump/healthy").status_code == 403
