"""A plant with a pump, and the older app in it."""

import pytest

from analysis.models import Device
from registry.cache import model_cache


@pytest.fixture
def pump_model(publish, pump_artifact):
    model_cache.clear()
    return publish(
        "pump_forest", type="level1_isolation_forest", content=pump_artifact
    ).registered_model


@pytest.fixture
def pump_7(pump_model):
    return Device.objects.create(
        device_id="pump-07", name="Feed pump 7", machine_type_id="pump", preferred_model=pump_model
    )
