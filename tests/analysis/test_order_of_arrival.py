"""A clock that was ahead for a while leaves nothing on top, and nothing behind for ever."""

from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from analysis.disturbed import DISTURBED
from analysis.models import Analysis, Recording
from analysis.pipeline import was_disturbed
from older_app.reports import compute_trend, list_history
from registry.admin.statistics import count_weeks
from tests.support.pump_sounds import pump, send
from tests.support.stored_analyses import create_analysis

pytestmark = pytest.mark.django_db
FILL = import_module("analysis.migrations.0015_fill_sequence_number")


def upload(api, *, days=0):
    """Upload with a clock that is some days ahead."""
    pk = send(api, pump()).rsplit("/", 1)[1]
    moment = timezone.now() + timedelta(days=days)
    Analysis.objects.filter(pk=pk).update(created_at=moment)
    Recording.objects.filter(analyses=pk).update(created_at=moment)
    return Analysis.objects.get(pk=pk)


@pytest.fixture
def ahead_and_now(api, pump_7):
    """An analysis that a clock put into next year, and one that came when it was right again."""
    keys = [upload(api, days=365).pk, upload(api).pk]
    Analysis.objects.update(device=pump_7)
    return [Analysis.objects.get(pk=key) for key in keys]


def list_ids(api, **query):
    return [row["id"] for row in api.get("/api/v1/analyses", query).json()["analyses"]]


def test_lists_begin_with_what_came_last(api, ahead_and_now):
    ahead, now = ahead_and_now
    assert list_ids(api) == [str(now.pk), str(ahead.pk)]
    assert list_ids(api, cursor=now.pk) == [str(ahead.pk)]
    assert list(Analysis.objects.newest_of(now.version.registered_model, 1)) == [now]


def test_each_arrival_has_the_next_number(ahead_and_now):
    ahead, now = ahead_and_now
    assert now.sequence_number == ahead.sequence_number + 1


def test_the_last_verdict_of_a_machine_is_the_one_that_came_last(api, ahead_and_now):
    _, now = ahead_and_now
    verdict = api.get("/api/v1/devices/pump-07").json()["last_verdict"]
    assert verdict["analysis_id"] == str(now.pk)


def test_the_report_of_the_older_app_is_on_what_came_last(api, ahead_and_now):
    _, now = ahead_and_now
    package = api.get("/api/mobile/report/pump-07").json()["data_package"]
    assert package["original_analysis_result"]["id"] == str(now.pk)


def test_a_trend_leaves_out_what_has_not_happened_yet(ahead_and_now):
    _, now = ahead_and_now
    history = list_history(Analysis.objects.all(), now)
    assert list(history) == [now]
    assert compute_trend(history) is None


def test_the_recording_before_is_not_one_of_the_future(ahead_and_now):
    ahead, _ = ahead_and_now
    quality = ahead.quality | {"warnings": [DISTURBED]}
    Analysis.objects.filter(pk=ahead.pk).update(quality=quality)
    assert not was_disturbed(ahead.owner, ahead.version, ahead.device)


def test_the_admin_lists_what_came_last_first(client, make_user, ahead_and_now):
    ahead, now = ahead_and_now
    client.force_login(make_user(is_staff=True, is_superuser=True))
    page = client.get("/admin/analysis/analysis/")
    assert list(page.context["cl"].result_list) == [now, ahead]
    shown = client.get(f"/admin/analysis/device/{now.device_id}/change/").content.decode()
    assert shown.index(str(now.pk)) < shown.index(str(ahead.pk))


def test_a_week_ends_now(ahead_and_now):
    _, now = ahead_and_now
    assert count_weeks([now.version.registered_model])["pump_forest"].n == 1


def test_versions_are_listed_as_they_came(client, make_user, publish):
    ahead = publish(created_at=timezone.now() + timedelta(days=365))
    now = publish()
    client.force_login(make_user(is_staff=True, is_superuser=True))
    page = client.get("/admin/registry/modelversion/")
    assert list(page.context["cl"].result_list) == [now, ahead]


def test_a_recording_of_the_future_goes_when_those_after_it_are_old(
    settings, field_engineer, publish
):
    settings.RECORDING_RETENTION_DAYS = 30
    version = publish()
    kept = []
    for age, days in [(3, 365), (2, -31), (1, 365)]:
        recording = create_analysis(field_engineer, version, age=age).recording
        path = storages["recordings"].save(recording.path, ContentFile(b"sound"))
        moment = timezone.now() + timedelta(days=days)
        Recording.objects.filter(pk=recording.pk).update(path=path, created_at=moment)
        kept.append(path)
    call_command("purge_recordings")
    assert [storages["recordings"].exists(path) for path in kept] == [False, False, True]


def test_older_analyses_are_numbered_by_their_times(field_engineer, publish):
    version = publish()
    rows = [create_analysis(field_engineer, version, age=age) for age in (1, 3, 2)]
    Analysis.objects.update(sequence_number=0)
    FILL.fill_sequence_number(apps, SimpleNamespace(connection=connection))
    numbers = dict(Analysis.objects.values_list("pk", "sequence_number"))
    assert [numbers[row.pk] for row in rows] == [3, 1, 2]
