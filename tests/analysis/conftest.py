"""What the tests of analysis have in common: a pump that is known by its label."""

import pytest

from analysis.models import Device


@pytest.fixture
def pump_7(pump_version):
    return Device.objects.create(
        device_id="pump-07",
        name="Pump 7",
        machine_type_id="pump",
        preferred_model=pump_version.registered_model,
    )
