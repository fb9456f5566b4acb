"""What the server tells clients about its limits, so that they hold no copies."""

import tomllib

import pytest

from analysis.detectors.score_distribution import MIN_P_VALUE
from analysis.sound import quality, spectrogram
from tests.support.places import PROJECT

pytestmark = pytest.mark.django_db
URL = "/api/v1/capabilities"


@pytest.fixture
def told(api, field_engineer):
    return api.get(URL).json()


def test_the_limits_are_those_that_hold(told, settings):
    assert told["recording"]["max_bytes"] == settings.MAX_UPLOAD_BYTES
    assert told["recording"]["max_seconds"] == settings.MAX_RECORDING_SECONDS
    assert told["recording"]["quiet_dbfs"] == quality.QUIET_DBFS
    assert told["device_calibration"] == {"min_clips": 5, "max_clips": 20}
    assert told["spectrogram"]["max_width"] == spectrogram.MAX_WIDTH
    assert told["spectrogram"]["min_em"] == spectrogram.MIN_EM
    assert told["verdict"]["min_p_value"] == MIN_P_VALUE


def test_the_version_is_that_of_the_project(told):
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    assert told["version"] == project["project"]["version"]


def test_only_staff_are_told_of_colleagues(sign_in, curator, told):
    assert told["includes_colleagues"] is False
    assert sign_in(curator).get(URL).json()["includes_colleagues"]


def test_whoever_is_not_signed_in_is_refused(client):
    assert client.get(URL).status_code == 401
