"""Devices: what the app lists, whose verdicts it shows, and at what cost in queries."""

import pytest
from rest_framework.test import APIClient

from analysis.api import devices
from analysis.models import Device
from tests.support.stored_analyses import create_analysis

pytestmark = pytest.mark.django_db
URL = "/api/v1/devices"
ADMIN = "/admin/analysis/device/"


@pytest.fixture
def version(publish):
    return publish("pump_forest", type="level1_isolation_forest")


@pytest.fixture
def device(version):
    return new_device("pump-07", preferred_model=version.registered_model)


@pytest.fixture
def desk(client, make_user):
    """An engineer's browser in admin."""
    client.force_login(make_user("engineer", is_staff=True))
    return client


def new_device(device_id, **columns):
    return Device.objects.create(
        device_id=device_id, name=f"Pump {device_id}", machine_type_id="pump", **columns
    )


def list_ids(api, url=URL, **query):
    response = api.get(url, query)
    assert response.status_code == 200, response.json()
    return [each["device_id"] for each in response.json()["devices"]]


# One device


def test_a_device_shows_its_model_and_its_last_verdict(api, field_engineer, device, version):
    create_analysis(field_engineer, version, device=device, label="CRITICAL", age=60)
    newest = create_analysis(field_engineer, version, device=device, label="WARNING")
    assert api.get(f"{URL}/pump-07").json() == {
        "device_id": "pump-07",
        "name": "Pump pump-07",
        "machine_type": "pump",
        "preferred_model": {"id": "pump_forest", "name": "pump_forest", "level": 1},
        "last_verdict": {
            "analysis_id": str(newest.pk),
            "label": "WARNING",
            "health_score": 90.0,
            "created_at": "2026-08-01T00:00:00Z",
        },
    }


def test_a_new_device_has_no_model_and_no_verdict(api):
    new_device("pump-08")
    body = api.get(f"{URL}/pump-08").json()
    assert (body["preferred_model"], body["last_verdict"]) == (None, None)


def test_a_verdict_is_shown_to_whoever_may_read_its_analysis(
    sign_in, make_user, field_engineer, curator, device, version
):
    own = create_analysis(field_engineer, version, device=device, age=60)
    colleague = make_user("field engineer", username="park")
    newer = create_analysis(colleague, version, device=device)
    shown = {
        user: sign_in(user).get(f"{URL}/pump-07").json()["last_verdict"]
        for user in (field_engineer, colleague, curator)
    }
    assert [shown[user]["analysis_id"] for user in shown] == [
        str(own.pk),
        str(newer.pk),
        str(newer.pk),
    ]
    assert sign_in(make_user("viewer")).get(f"{URL}/pump-07").json()["last_verdict"] is None


def test_the_analysis_that_is_named_can_be_read(api, field_engineer, device, version):
    create_analysis(field_engineer, version, device=device)
    named = api.get(f"{URL}/pump-07").json()["last_verdict"]["analysis_id"]
    assert api.get(f"/api/v1/analyses/{named}").status_code == 200


@pytest.mark.parametrize("odd", ["nowhere", "Pump-07", "펌프", "%00", "a/b", "x" * 5000])
def test_a_device_that_is_not_there_is_not_found(api, device, odd):
    response = api.get(f"{URL}/{odd}")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_a_stranger_sees_no_machines(device):
    assert APIClient().get(URL).status_code == 401
    assert APIClient().get(f"{URL}/pump-07").status_code == 401


def test_who_has_no_role_sees_no_machines(sign_in, make_user, device):
    nobody = sign_in(make_user())
    assert nobody.get(URL).status_code == 403
    assert nobody.get(f"{URL}/pump-07").status_code == 403


def test_devices_are_neither_replaced_nor_deleted(api, device):
    for method in ("put", "delete"):
        assert getattr(api, method)(f"{URL}/pump-07").status_code == 405
        assert getattr(api, method)(URL).status_code == 405
    assert api.post(f"{URL}/pump-07").status_code == 405
    assert api.patch(URL).status_code == 405


# Lists


def test_a_list_is_in_order_of_device_id(api):
    for device_id in ("pump-2", "fan-1", "pump-1"):
        new_device(device_id)
    assert list_ids(api) == ["fan-1", "pump-1", "pump-2"]
    assert api.get(URL).json()["next"] is None


def test_pages_follow_each_other_without_gap_or_repeat(api, monkeypatch):
    monkeypatch.setattr(devices, "PAGE_SIZE", 2)
    for n in range(5):
        new_device(f"pump-{n}")
    url = URL
    seen = []
    while url:
        seen.append(list_ids(api, url))
        url = api.get(url).json()["next"]
    assert seen == [["pump-0", "pump-1"], ["pump-2", "pump-3"], ["pump-4"]]


def test_a_cursor_of_a_deleted_device_still_works(api):
    new_device("pump-2")
    assert list_ids(api, cursor="pump-1") == ["pump-2"]
    assert list_ids(api, cursor="") == ["pump-2"]


@pytest.mark.parametrize("cursor", ["%00", "a b", "x" * 101])
def test_an_odd_cursor_is_invalid(api, cursor):
    response = api.get(f"{URL}?cursor={cursor}")
    assert (response.status_code, list(response.json()["fields"])) == (400, ["cursor"])


# Cost


def test_a_list_costs_the_same_queries_however_long(
    api, field_engineer, publish, django_assert_num_queries
):
    def add(n):
        version = publish(f"model{n}")
        device = new_device(f"pump-{n}", preferred_model=version.registered_model)
        for age in range(3):
            create_analysis(field_engineer, version, device=device, age=age)

    for n in range(4):
        add(n)
        # The user, the permissions, the devices with all that is shown of them.
        with django_assert_num_queries(3):
            assert len(list_ids(api)) == n + 1


# Admin


def test_an_engineer_gives_a_device_its_model(desk, device, publish):
    publish("other")
    form = {
        "device_id": "pump-07",
        "name": "Feed pump",
        "machine_type": "pump",
        "preferred_model": "other",
        "threshold_multiplier": "1.5",
    }
    assert desk.post(f"{ADMIN}{device.pk}/change/", form).status_code == 302
    device.refresh_from_db()
    assert (device.name, device.preferred_model_id) == ("Feed pump", "other")


def test_the_list_shows_the_model_and_the_last_verdict(desk, device, version, field_engineer):
    new_device("pump-08")
    create_analysis(field_engineer, version, device=device, label="WARNING", age=60)
    create_analysis(field_engineer, version, device=device, label="CRITICAL")
    page = desk.get(ADMIN).content.decode()
    assert "CRITICAL 2026-08-01" in page
    assert "WARNING 2026-08-01" not in page
    assert "none yet" in page
    assert page.count("pump_forest") >= 1


def test_a_device_shows_its_last_verdicts_newest_first_with_links(
    desk, device, version, field_engineer
):
    older = create_analysis(field_engineer, version, device=device, label="WARNING", age=60)
    newer = create_analysis(field_engineer, version, device=device, label="CRITICAL")
    page = desk.get(f"{ADMIN}{device.pk}/change/").content.decode()
    assert (
        0 < page.index(f"/admin/analysis/analysis/{newer.pk}/change/") < page.index(str(older.pk))
    )
    assert "pump_forest v1" in page


def test_a_device_costs_the_same_queries_however_long_its_history(
    desk, device, version, field_engineer, django_assert_max_num_queries, django_assert_num_queries
):
    create_analysis(field_engineer, version, device=device)
    with django_assert_max_num_queries(12) as first:
        desk.get(f"{ADMIN}{device.pk}/change/")
    for age in range(30):
        create_analysis(field_engineer, version, device=device, age=age)
    with django_assert_num_queries(len(first)):
        desk.get(f"{ADMIN}{device.pk}/change/")


def test_a_new_device_is_made_in_admin(client, make_user):
    client.force_login(make_user(is_staff=True, is_superuser=True))
    assert client.get(f"{ADMIN}add/").status_code == 200
    form = {
        "device_id": "pump-09",
        "name": "Pump 9",
        "machine_type": "pump",
        "preferred_model": "",
        "threshold_multiplier": "1",
    }
    assert client.post(f"{ADMIN}add/", form).status_code == 302
    assert Device.objects.get().device_id == "pump-09"


# Scripts that make devices


@pytest.fixture
def engineer_api(make_user):
    client = APIClient()
    client.force_authenticate(make_user("engineer"))
    return client


def add(client, **fields):
    return client.post(URL, {"device_id": "fan-3", "machine_type": "fan"} | fields, format="json")


def change(client, device_id="pump-07", **fields):
    return client.patch(f"{URL}/{device_id}", fields, format="json")


def test_an_engineer_adds_a_device(engineer_api, version):
    answer = add(engineer_api, machine_type="pump", name="Fan 3", preferred_model="pump_forest")
    assert answer.status_code == 201
    assert answer.json() == engineer_api.get(f"{URL}/fan-3").json()
    assert answer.json()["name"] == "Fan 3"
    assert answer.json()["preferred_model"]["id"] == "pump_forest"


def test_a_device_is_called_by_its_id_unless_it_has_a_name(engineer_api):
    answer = add(engineer_api).json()
    assert (answer["name"], answer["preferred_model"]) == ("fan-3", None)


def test_a_device_id_is_taken_once(engineer_api):
    assert add(engineer_api).status_code == 201
    answer = add(engineer_api, name="Another")
    assert (answer.status_code, answer.json()["code"]) == (409, "device_exists")
    assert Device.objects.get().name == "fan-3"


@pytest.mark.parametrize(
    "fields",
    [
        {"device_id": "has a blank"},
        {"device_id": ""},
        {"machine_type": "no_such_type"},
        {"preferred_model": "no_such_model"},
        {"name": "x" * 201},
    ],
    ids=str,
)
def test_a_device_that_is_not_described_well_is_not_made(engineer_api, fields):
    answer = add(engineer_api, **fields)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert not Device.objects.exists()


def test_only_engineers_add_and_change_devices(api, device):
    assert add(api).status_code == 403
    assert change(api, name="Mine").status_code == 403
    assert Device.objects.get().name == "Pump pump-07"


def test_an_engineer_changes_what_is_named_and_nothing_else(engineer_api, device):
    assert change(engineer_api, name="Feed pump").json()["name"] == "Feed pump"
    answer = change(engineer_api, preferred_model=None).json()
    assert (answer["name"], answer["preferred_model"]) == ("Feed pump", None)
    assert change(engineer_api, device_id="no-such", name="x").status_code == 404
    assert change(engineer_api, preferred_model="no_such_model").status_code == 400


def test_a_device_is_taken_out_of_use_and_put_back(engineer_api, device, field_engineer, version):
    create_analysis(field_engineer, version, device=device)
    assert change(engineer_api, is_in_use=False).status_code == 200
    assert list_ids(engineer_api) == []
    assert change(engineer_api, name="x").status_code == 404
    assert device.analyses.count() == 1
    assert add(engineer_api, device_id="pump-07", machine_type="fan").status_code == 409
    assert add(engineer_api, device_id="pump-07", machine_type="pump").status_code == 201
    assert list_ids(engineer_api) == ["pump-07"]
