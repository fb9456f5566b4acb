"""Schemathesis asks what the schema allows and much that it does not; answers match it."""

import contextlib

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import connection
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, settings
from rest_framework_simplejwt.tokens import AccessToken
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from analysis.loading import detector_for
from analysis.models import CalibrationRecord, Device
from tests.support.pump_sounds import send

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(public=True))
application = get_wsgi_application()


def answer_whole(environ, start_response):
    """Close what was answered, as servers do and schemathesis does not."""
    with contextlib.closing(application(environ, start_response)) as response:
        return list(response)


schema.app = answer_whole
# A schema cannot tell which pages exist or what is a recording; unknown parameters are ignored.
OF_MEANING = [positive_data_acceptance, negative_data_rejection]
# Seeded, and without a database of examples: the same questions in every run.
bounded = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    # What the fixtures made is the same for every question of a test.
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
    ],
)


@pytest.fixture(autouse=True)
def one_connection(monkeypatch):
    """A request ends with its connection, unless it is that of a test."""
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)


@pytest.fixture
def engineer(make_user):
    return make_user("curator", username="engineer")


@pytest.fixture
def signed_in(engineer):
    return {"Authorization": f"Bearer {AccessToken.for_user(engineer)}"}


@pytest.fixture
def known(engineer, sign_in, pump_version):
    """What paths can name that is there."""
    device = Device.objects.create(device_id="pump-07", name="Pump 7", machine_type_id="pump")
    own = detector_for(pump_version).calibration
    CalibrationRecord.record(own, version=pump_version, device=device, by=engineer)
    calibration = CalibrationRecord.record(own, version=pump_version, by=engineer)
    named = {"model_id": "pump_forest", "device_id": "pump-07", "calibration_id": calibration.pk}
    return named | {"id": send(sign_in(engineer)).rpartition("/")[2]}


@schema.parametrize()
@bounded
def test_every_answer_is_in_the_schema(case, signed_in):
    case.call_and_validate(headers=signed_in, excluded_checks=OF_MEANING)


@schema.include(path_regex="{").parametrize()
@bounded
def test_so_is_every_answer_about_what_is_there(case, signed_in, known):
    case.path_parameters |= {
        name: known[name] for name in case.path_parameters.keys() & known.keys()
    }
    case.call_and_validate(headers=signed_in, excluded_checks=OF_MEANING)


@schema.parametrize()
@bounded
def test_so_is_every_answer_to_a_stranger(case):
    case.call_and_validate(excluded_checks=OF_MEANING)
