"""Data migrations of analyses, run on rows as an older release left them."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from analysis.models import Analysis
from tests.support.stored_analyses import create_analysis

pytestmark = pytest.mark.django_db
FILL = import_module("analysis.migrations.0009_fill_serving_sha256")


def fill():
    FILL.fill_serving_sha256(apps, SimpleNamespace(connection=connection))


def test_older_analyses_get_the_digest_of_their_versions_file(field_engineer, publish):
    versions = [publish("pump_a", content=b"first"), publish("pump_a", content=b"second")]
    rows = [create_analysis(field_engineer, version) for version in versions]
    Analysis.objects.update(serving_sha256="")
    fill()
    for row, version in zip(rows, versions, strict=True):
        row.refresh_from_db()
        assert row.serving_sha256 == version.files.get(role="serving").sha256
    assert rows[0].serving_sha256 != rows[1].serving_sha256


def test_a_digest_that_is_there_stays(field_engineer, publish):
    row = create_analysis(field_engineer, publish())
    fill()
    assert Analysis.objects.get().serving_sha256 == row.serving_sha256
