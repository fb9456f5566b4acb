"""The log of decisions in admin: what served when, and its export."""

import csv
import io

import pytest
from django.utils import timezone

from registry.models import Promotion
from tests.support.admin_desk import (
    LOG,
    get_page,
)

pytestmark = pytest.mark.django_db


def rows_of(response):
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:])))


def test_what_served_at_a_moment_is_looked_up(desk, publish):
    publish("pump_a")
    moment = timezone.localtime()
    publish("pump_a")
    text = get_page(desk, f"{LOG}?served_at={moment:%Y-%m-%dT%H:%M:%S.%f}")
    assert '<td class="field-to_number">v1</td>' in text
    assert "1 promotion" in text


@pytest.mark.parametrize(
    "moment", ["yesterday", "2026-13-45T99:99", "2026-02-30T10:00", "0001-01-01T00:00%2B14:00"]
)
def test_a_moment_that_is_none_is_told(desk, publish, moment):
    publish("pump_a")
    text = get_page(desk, f"{LOG}?served_at={moment}")
    assert "This is not a date and a time." in text
    assert "0 promotions" in text


def test_the_log_is_exported_as_it_is_filtered(desk, publish, curator):
    model = publish("pump_a").registered_model
    publish("fan_a", machine_type="fan")
    model.deactivate(by=curator, why='=HYPERLINK("evil")')
    rows = rows_of(desk.get(f"{LOG}export.csv?kind__exact=deactivate"))
    assert [(row["model"], row["by"]) for row in rows] == [("pump_a", curator.email)]
    assert rows[0]["why"] == '\'=HYPERLINK("evil")'
    assert len(rows_of(desk.get(f"{LOG}export.csv"))) == Promotion.objects.count() == 3
    assert (
        len(rows_of(desk.get(f"{LOG}export.csv?served_at={timezone.now():%Y-%m-%dT%H:%M:%S.%f}")))
        == 1
    )


@pytest.mark.parametrize("query", ["at__gte=garbage", "kind__exact=1&at__lt=2026-99-99"])
def test_a_filter_that_makes_no_sense_exports_nothing(desk, publish, query):
    publish("pump_a")
    assert desk.get(f"{LOG}export.csv?{query}").status_code in (302, 400)
