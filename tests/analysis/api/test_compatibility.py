"""What analyses, matches and calibrations answer to a recording that lacks what a model needs."""

import io

import pytest

from analysis.models import Device
from tests.support.calibrated_devices import calibrate
from tests.support.pump_sounds import pump
from tests.support.recordings import at_rate, read_samples, wav
from tests.support.trained_pump import to_format_2

ANALYSES = "/api/v1/analyses"
MATCH = "/api/v1/models/match"


def send(api, url, content, **fields):
    return api.post(url, {"file": io.BytesIO(content)} | fields, format="multipart")


def narrow(seed):
    return at_rate(pump(seed), 8_000)


def coarse(seed):
    """Store in 8 bits, as quiet as a phone far from the machine."""
    samples, rate_hz = read_samples(pump(seed))
    return wav(samples * 10 ** (-42 / 20) / samples.std(), rate_hz, "PCM_U8")


LACKING = [(narrow, "bandwidth_too_narrow"), (coarse, "too_coarse")]


@pytest.mark.django_db
@pytest.mark.parametrize(("record", "code"), LACKING)
def test_an_analysis_names_what_is_missing(api, pump_version, record, code):
    response = send(api, ANALYSES, record(1), model_id="pump_forest")
    assert (response.status_code, response.json()["code"]) == (422, code)


@pytest.mark.django_db
def test_a_match_names_the_incompatible_models(api, pump_version, publish, pump_artifact):
    publish("older", type="level1_isolation_forest", content=to_format_2(pump_artifact))
    answer = send(api, MATCH, narrow(1)).json()
    assert [each["model"]["id"] for each in answer["matches"]] == ["older"]
    assert [(each["model_id"], each["code"]) for each in answer["unavailable"]] == [
        ("pump_forest", "bandwidth_too_narrow")
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(("record", "code"), LACKING)
def test_a_recording_that_suits_no_model_is_refused(api, pump_version, record, code):
    response = send(api, MATCH, record(1))
    assert (response.status_code, response.json()["code"]) == (422, code)


@pytest.mark.django_db
@pytest.mark.parametrize(("record", "code"), LACKING)
def test_a_device_is_not_calibrated_on_an_incompatible_clip(
    sign_in, make_user, pump_version, record, code
):
    Device.objects.create(
        device_id="pump-07",
        name="Pump 7",
        machine_type_id="pump",
        preferred_model=pump_version.registered_model,
    )
    clips = [pump(seed) for seed in range(4)] + [record(4)]
    response = calibrate(sign_in(make_user("engineer")), clips)
    assert (response.status_code, response.json()["code"]) == (422, code)
    assert response.json()["detail"].startswith("Clip 5: ")
