"""Analyses in admin are history: to be read, found, and left alone."""

import pytest
from django.db import connection
from django.utils import timezone

from analysis import detectors
from analysis.admin import analyses
from analysis.models import Analysis, CalibrationRecord, Device, Feedback, Recording
from core.admin import paginator
from core.admin.tables import format_value
from registry.models import Promotion
from tests.support.pump_sounds import pump, send
from tests.support.stored_analyses import create_analysis

pytestmark = pytest.mark.django_db
ANALYSES = "/admin/analysis/analysis/"
DEVICES = "/admin/analysis/device/"
FEEDBACK = "/admin/analysis/feedback/"
CALIBRATIONS = "/admin/analysis/calibrationrecord/"


def of_version(row):
    return row.version.registered_model_id


@pytest.fixture
def desk(client, make_user):
    """A browser of someone who may do everything that can be done."""
    client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


def test_not_even_a_superuser_adds_changes_or_deletes_an_analysis(desk, field_engineer, publish):
    row = create_analysis(field_engineer, publish())
    assert desk.get(f"{ANALYSES}add/").status_code == 403
    assert desk.get(f"{ANALYSES}{row.pk}/delete/").status_code == 403
    assert desk.post(f"{ANALYSES}{row.pk}/change/", {"label": "CRITICAL"}).status_code == 403
    row.refresh_from_db()
    assert row.label == "NORMAL"


def test_an_analysis_can_be_read_and_found_by_its_device(desk, field_engineer, publish):
    device = Device.objects.create(device_id="pump-07", name="Pump 7", machine_type_id="pump")
    row = create_analysis(field_engineer, publish(), device=device)
    assert desk.get(f"{ANALYSES}{row.pk}/change/").status_code == 200
    assert str(row.pk) in desk.get(ANALYSES, {"q": "pump-07"}).content.decode()
    assert str(row.pk) not in desk.get(ANALYSES, {"q": "pump-08"}).content.decode()


@pytest.mark.parametrize("url", [ANALYSES, FEEDBACK, CALIBRATIONS])
def test_a_list_is_narrowed_to_a_model_without_a_link_for_each(
    desk, field_engineer, publish, pump_artifact, url
):
    calibration = detectors.read(pump_artifact).calibration
    for name in ("pump_a", "fan_a"):
        version = publish(name)
        row = create_analysis(field_engineer, version, label="WARNING")
        Feedback.objects.give(row, field_engineer, verdict="IGNORE")
        CalibrationRecord.record(calibration, version=version, by=None)
    of = {
        ANALYSES: of_version,
        FEEDBACK: lambda row: of_version(row.analysis),
        CALIBRATIONS: of_version,
    }[url]
    publish("pump_that_nobody_asked_for")
    assert "pump_that_nobody_asked_for" not in desk.get(url).content.decode()
    found = desk.get(url, {"model": " fan_a ", "q": ""})
    assert [of(row) for row in found.context["cl"].result_list] == ["fan_a"]
    for unknown in ("fan_b", "\0"):
        answer = desk.get(url, {"model": unknown})
        assert "There is no model with this id." in answer.content.decode()
        assert not answer.context["cl"].result_list


@pytest.mark.parametrize("url", [ANALYSES, DEVICES])
def test_a_list_costs_the_same_queries_however_long(
    desk, field_engineer, publish, url, django_assert_max_num_queries, django_assert_num_queries
):
    def add(n):
        model = publish(f"model{n}")
        preferred = model.registered_model
        device = Device.objects.create(
            device_id=f"pump-{n}", name="Pump", machine_type_id="pump", preferred_model=preferred
        )
        create_analysis(field_engineer, model, device=device)

    add(0)
    with django_assert_max_num_queries(20) as first:
        desk.get(url)
    for n in range(1, 6):
        add(n)
    with django_assert_num_queries(len(first)):
        desk.get(url)


def test_an_analysis_reads_as_words_and_tables(client, pump_version, curator):
    analysis = create_analysis(curator, pump_version, label="WARNING")
    analysis.explanation["bands"] = [{"low_hz": 100.0, "high_hz": 200.0, "excess_db": 4.5}]
    analysis.save()
    client.force_login(curator)
    text = client.get(f"/admin/analysis/analysis/{analysis.pk}/change/").content.decode()
    assert "Warning: the machine sounds different from usual." in text
    assert "<tr><th>bands: 1: excess db</th><td>4.5</td></tr>" in text
    assert "<tr><th>duration s</th><td>2</td></tr>" in text
    assert "<tr><th>segments</th><td>none</td></tr>" in text
    assert "{&#x27;" not in text
    assert ">0.3<" in text
    assert "0.30000000000000004" not in text


def test_admin_shows_the_picture_and_plays_the_sound(client, api, pump_version, make_user):
    url = send(api, pump(1))
    page = f"{ANALYSES}{url.rpartition('/')[2]}/"
    client.force_login(make_user("viewer", is_staff=True))
    text = client.get(f"{page}change/").content.decode()
    assert f'<audio controls preload="none" src="{page}audio">' in text
    assert f'<img class="spectrogram" src="{page}spectrogram.png"' in text
    picture = client.get(f"{page}spectrogram.png")
    audio = client.get(f"{page}audio")
    assert picture.content == api.get(f"{url}/spectrogram.png").content
    assert audio.getvalue() == api.get(f"{url}/audio").getvalue() == pump(1)
    part = client.get(f"{page}audio", headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.getvalue()) == (206, pump(1)[4:8])
    assert "Cookie" in audio["Vary"]
    assert client.get(f"{page}audio", headers={"If-None-Match": audio["ETag"]}).status_code == 304
    assert client.get(f"{page}audio", headers={"Range": "bytes=999999999-"}).status_code == 416


def test_only_readers_of_analyses_get_the_media_in_admin(
    client, api, pump_version, make_user, field_engineer
):
    page = f"{ANALYSES}{send(api, pump(1)).rpartition('/')[2]}/"
    stranger = make_user(is_staff=True)
    for user, status in [(None, 302), (field_engineer, 302), (stranger, 403)]:
        if user:
            client.force_login(user)
        assert {
            client.get(f"{page}{name}").status_code for name in ("audio", "spectrogram.png")
        } == {status}


def test_the_page_of_a_purged_recording_says_so(desk, field_engineer, publish):
    analysis = create_analysis(field_engineer, publish())
    assert desk.get(f"{ANALYSES}{analysis.pk}/audio").status_code == 404
    Recording.objects.filter(pk=analysis.recording_id).mark_purged()
    text = desk.get(f"{ANALYSES}{analysis.pk}/change/").content.decode()
    assert "Deleted on " in text
    assert "<audio" not in text


def test_the_page_lists_what_may_mislead_a_verdict(desk, field_engineer, publish):
    analysis = create_analysis(field_engineer, publish())
    analysis.quality["warnings"] = ["clipped", "transient"]
    analysis.calibration_notes = ["device_calibration_lapsed", "few_takes"]
    analysis.save()
    text = desk.get(f"{ANALYSES}{analysis.pk}/change/").content.decode()
    for sentence in [
        "overdriven",
        "may be a voice",
        "calibrate this machine again",
        "<div>few takes</div>",
    ]:
        assert sentence in text


def test_the_newest_of_a_model_are_of_any_version_of_it(field_engineer, publish):
    first = publish()
    second = publish()
    other = publish("fan_a")
    rows = [
        create_analysis(field_engineer, version, age=age)
        for age, version in enumerate([first, second, other, second, first])
    ]
    of_model = [row for row in rows if row.version != other]
    for n in range(1, 6):
        assert list(Analysis.objects.newest_of(first.registered_model, n)) == of_model[:n]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="It reads SQLite's plan.")
def test_the_newest_of_a_version_are_found_by_one_index(publish):
    model = publish().registered_model
    newest = Analysis.objects.newest_of(model, 10).explain()
    assert "USING INDEX analysis_latest_of_version (version_id=? AND sequence_number>?)" in newest
    week = Analysis.objects.filter(version=model.serving_version, created_at__gte=timezone.now())
    index = "USING INDEX analysis_newest_of_version (version_id=? AND created_at>?)"
    assert index in week.explain()


@pytest.mark.parametrize(
    ("query", "listed"), [({}, 2), ({"label": "CRITICAL"}, 1), ({"o": "1"}, 3)]
)
def test_a_list_of_a_model_leaves_out_only_what_nobody_could_page_to(
    desk, field_engineer, publish, monkeypatch, query, listed
):
    monkeypatch.setattr(analyses, "MAX_ROWS", 1)
    version = publish()
    for age, label in enumerate(["NORMAL", "NORMAL", "CRITICAL"]):
        create_analysis(field_engineer, version, label=label, age=age)
    assert len(desk.get(ANALYSES, {"model": "pump_a"} | query).context["cl"].result_list) == listed


def test_a_list_of_a_model_says_that_it_does_not_list_all(
    desk, field_engineer, publish, monkeypatch
):
    for module in (analyses, paginator):
        monkeypatch.setattr(module, "MAX_ROWS", 2)
    version = publish()
    for age, is_told in enumerate([False, False, True]):
        create_analysis(field_engineer, version, age=age)
        text = desk.get(ANALYSES, {"model": "pump_a"}).content.decode()
        assert ("Only the first 2 are listed" in text) == is_told


@pytest.mark.parametrize("language", ["en", "ko"])
def test_moments_are_shown_to_the_second_with_their_zone(desk, field_engineer, publish, language):
    row = create_analysis(field_engineer, publish(), age=1)
    for url in [
        ANALYSES,
        f"{ANALYSES}{row.pk}/change/",
        "/admin/registry/registeredmodel/pump_a/change/",
    ]:
        text = desk.get(url, headers={"Accept-Language": language}).content.decode()
        assert "2026-07-31 23:59:59 UTC" in text
    log = desk.get(
        "/admin/registry/promotion/", headers={"Accept-Language": language}
    ).content.decode()
    assert f"{Promotion.objects.get().at:%Y-%m-%d %H:%M:%S} UTC" in log


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1 + 0.2, "0.3"),
        (16000.0, "16000"),
        (-31.02999, "-31.03"),
        (1.5e-7, "1.5e-07"),
        (None, "–"),
    ],
)
def test_numbers_are_shown_with_four_digits(value, text):
    assert format_value(value) == text
