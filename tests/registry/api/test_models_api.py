"""What the app may pick from: GET models and GET models/{id}."""

from itertools import pairwise

import numpy as np
import pytest

from analysis.detectors.calibration import Calibration
from analysis.detectors.legacy import LEGACY_DETECTORS
from analysis.models import CalibrationRecord, Device
from registry.models import RegisteredModel
from registry.names import TYPES_WITHOUT_CALIBRATION
from training.models import Evaluation

pytestmark = pytest.mark.django_db
URL = "/api/v1/models"


def ids(response):
    assert response.status_code == 200
    return [model["id"] for model in response.json()["models"]]


@pytest.fixture
def models(publish):
    """Four models: two pumps at level 2, one at level 1, one fan."""
    publish("pump_a")
    publish("pump_b")
    publish("pump_c", type="level1_isolation_forest")
    publish("fan_a", machine_type="fan")


def test_a_model_is_shown_with_its_serving_version(api, publish):
    version = publish("pump_a")
    response = api.get(URL)
    assert response.json() == {
        "models": [
            {
                "id": "pump_a",
                "name": "pump_a",
                "type": "level2_autoencoder",
                "level": 2,
                "machine_type": "pump",
                "description": "",
                "is_default": False,
                "is_recommended": False,
                "is_calibrated": True,
                "is_tested": True,
                "version": 1,
                "file_name": "detector.pth",
                "meta_file": "detector_meta.json",
                "metrics": {"auc": 0.97},
                "sample_count": version.sample_count,
                "created_at": version.created_at.isoformat().replace("+00:00", "Z"),
            }
        ],
        "next": None,
    }


def test_where_there_is_no_exchange_form_the_serving_form_is_named(api, publish):
    from registry import storage

    publish(
        "pump_a",
        files=storage.write_files("pump_a", [storage.ArtifactFile("serving", "pump.npz", b"")]),
    )
    [model] = api.get(URL).json()["models"]
    assert (model["file_name"], model["meta_file"]) == ("pump.npz", None)


def test_only_what_can_serve_is_listed(api, models, publish):
    publish("candidate", serve=False)
    RegisteredModel.objects.get(pk="pump_b").deactivate(by=None)
    assert ids(api.get(URL)) == ["fan_a", "pump_a", "pump_c"]


def test_defaults_come_first(api, models):
    RegisteredModel.objects.get(pk="pump_b").make_default(by=None)
    assert ids(api.get(URL)) == ["pump_b", "fan_a", "pump_a", "pump_c"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"device_type": "fan"}, ["fan_a"]),
        ({"level": "1"}, ["pump_c"]),
        ({"device_type": "pump", "level": "2"}, ["pump_a", "pump_b"]),
        ({"device_type": "", "level": ""}, ["fan_a", "pump_a", "pump_b", "pump_c"]),
        ({"device_type": "teapot"}, []),
    ],
)
def test_models_are_filtered(api, models, query, expected):
    assert ids(api.get(URL, query)) == expected


@pytest.mark.parametrize("level", ["0", "10", "two", "-1", "1.5", "9" * 30])
def test_a_level_that_cannot_be_is_invalid(api, level):
    response = api.get(URL, {"level": level})
    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    assert "level" in response.json()["fields"]


def test_a_promotion_shows_at_once(api, publish):
    first = publish("pump_a")
    publish("pump_a")
    first.registered_model.serve(first, by=None)
    assert api.get(URL).json()["models"][0]["version"] == 1


def test_long_lists_come_in_pages(api, models, monkeypatch):
    from registry.api.views import ModelPages

    assert ModelPages.page_size == 500
    monkeypatch.setattr(ModelPages, "page_size", 3)
    first = api.get(URL, {"device_type": ""})
    second = api.get(first.json()["next"])
    assert (ids(first), ids(second)) == (["fan_a", "pump_a", "pump_b"], ["pump_c"])
    assert second.json()["next"] is None
    assert api.get(URL, {"page": 9}).json()["code"] == "not_found"


def test_the_list_asks_a_constant_number_of_questions(
    api, models, publish, django_assert_num_queries
):
    def ask():
        # the user, the permissions, count, models, files
        with django_assert_num_queries(5):
            return ids(api.get(URL))

    assert len(ask()) == 4
    for number in range(10):
        calibrate(publish(f"valve_{number}", machine_type="valve", type=LEGACY))
    assert len(ask()) == 14


def test_a_model_is_shown_with_the_versions_that_could_serve(api, publish):
    archived = publish("pump_a")
    publish("pump_a")
    publish("pump_a", serve=False)
    archived.registered_model.archive(archived, by=None)
    model = api.get(f"{URL}/pump_a").json()
    assert (model["id"], model["version"]) == ("pump_a", 2)
    assert [version["version"] for version in model["versions"]] == [3, 2]
    assert set(model["versions"][0]) == {
        "version",
        "file_name",
        "meta_file",
        "metrics",
        "is_tested",
        "findings",
        "created_at",
    }


def test_what_other_thresholds_came_to_is_not_told(api, publish):
    version = publish(
        "pump_a", metrics={"auc": 0.97, "false_alarm_rate": 0.1, "detection_rate": 0.8}
    )
    before = api.get(URL)

    def told():
        [listed] = api.get(URL).json()["models"]
        model = api.get(f"{URL}/pump_a").json()
        assert listed["metrics"] == model["metrics"] == model["versions"][0]["metrics"]
        return [listed["metrics"][name] for name in ("auc", "false_alarm_rate", "detection_rate")]

    assert told() == [0.97, 0.1, 0.8]
    calibrate(version)
    assert told() == [0.97, None, None]
    assert api.get(URL, headers={"If-None-Match": before.headers["ETag"]}).status_code == 200
    figure = {"value": 0.5, "low": None, "high": None}
    Evaluation.objects.create(
        version=version, metrics={"false_alarm_rate": figure, "detection_rate": figure}
    )
    assert told() == [0.97, 0.5, 0.5]
    CalibrationRecord.objects.first().undo(by=None)
    assert told() == [0.97, 0.1, 0.8]


def test_a_model_asks_a_constant_number_of_questions(api, publish, django_assert_num_queries):
    for _ in range(5):
        publish("pump_a")
    # the user, the permissions, model, its version's files, versions, their files
    with django_assert_num_queries(6):
        api.get(f"{URL}/pump_a")


@pytest.mark.parametrize(
    ("model_id", "status", "code"),
    [
        ("teapot", 404, "unknown_model"),
        ("inactive", 409, "model_inactive"),
        ("candidate", 409, "no_serving_version"),
        ("..%2F..%2Fx", 404, "not_found"),
        ("pump%00a", 404, "not_found"),
        ("x" * 5000, 404, "unknown_model"),
    ],
)
def test_a_model_that_is_not_to_be_had_says_why(api, publish, model_id, status, code):
    publish("inactive").registered_model.deactivate(by=None)
    publish("candidate", serve=False)
    response = api.get(f"{URL}/{model_id}")
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_models_are_for_those_who_may_see_them(client, sign_in, make_user):
    assert client.get(URL).status_code == 401
    assert sign_in(make_user()).get(URL).status_code == 403
    assert sign_in(make_user("viewer")).get(URL).status_code == 200


def test_models_are_not_written_over_the_api(api, publish):
    publish("pump_a")
    answers = [api.post(URL, {}), api.put(f"{URL}/pump_a", {}), api.delete(f"{URL}/pump_a")]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (405, "method_not_allowed")
    ] * 3


def test_a_page_that_has_not_changed_is_not_sent_again(api, models):
    first = api.get(URL, {"device_type": "pump"})
    assert "private" in first.headers["Cache-Control"]
    assert "no-cache" in first.headers["Cache-Control"]
    assert "Authorization" in first.headers["Vary"]
    again = api.get(URL, {"device_type": "pump"}, HTTP_IF_NONE_MATCH=first.headers["ETag"])
    assert (again.status_code, again.content, again.headers["ETag"]) == (
        304,
        b"",
        first.headers["ETag"],
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda model: model.make_default(by=None),
        lambda model: model.deactivate(by=None),
        lambda model: RegisteredModel.objects.filter(pk=model.pk).update(
            description="The loud one"
        ),
    ],
)
def test_a_page_that_has_changed_is_sent_again(api, models, change):
    etag = api.get(URL).headers["ETag"]
    change(RegisteredModel.objects.get(pk="pump_b"))
    response = api.get(URL, HTTP_IF_NONE_MATCH=etag)
    assert response.status_code == 200
    assert response.headers["ETag"] != etag


@pytest.mark.parametrize(
    ("metrics", "is_tested"),
    [({"auc": 0.97}, True), ({"auc": None}, False), ({}, False), ({"false_alarm_rate": 0}, False)],
)
def test_a_model_says_whether_it_was_tested_on_faults(api, publish, metrics, is_tested):
    version = publish("pump_a", metrics=metrics)
    assert api.get(f"{URL}/pump_a").json()["is_tested"] is is_tested
    Evaluation.objects.create(version=version, metrics={"auc": {"value": 0.9}})
    [model] = api.get(URL).json()["models"]
    assert model["is_tested"] is True


LEGACY = "level1_legacy_isolation_forest"


def calibrate(version, device=None):
    return CalibrationRecord.record(
        Calibration(np.linspace(1, 2, 40), 0.01, 40, "leave one out"),
        version=version,
        device=device,
        by=None,
    )


def told(api):
    """What the list says of each model's calibration, and its ETag."""
    response = api.get(URL)
    return {
        each["id"]: each["is_calibrated"] for each in response.json()["models"]
    }, response.headers["ETag"]


@pytest.mark.parametrize("type", LEGACY_DETECTORS)
def test_a_model_of_the_older_system_is_told_to_have_no_thresholds_until_it_is_calibrated(
    api, publish, type
):
    publish("fan_a", machine_type="fan")
    version = publish("old", type=type)
    answers = [told(api)]
    first = calibrate(version)
    answers.append(told(api))
    first.undo(by=None)
    answers.append(told(api))
    calibrate(version)
    answers.append(told(api))
    assert [of_models for of_models, _ in answers] == [
        {"fan_a": True, "old": is_calibrated} for is_calibrated in (False, True, False, True)
    ]
    etags = [etag for _, etag in answers]
    assert all(before != after for before, after in pairwise(etags))
    assert api.get(f"{URL}/old").json()["is_calibrated"] is True


def test_a_calibration_of_another_version_or_for_one_device_says_nothing_of_the_model(api, publish):
    calibrate(publish("old", type=LEGACY))
    version = publish("old", type=LEGACY)
    calibrate(
        version, Device.objects.create(device_id="pump-07", name="Pump 7", machine_type_id="pump")
    )
    assert told(api)[0] == {"old": False}


def test_undoing_the_second_calibration_leaves_the_first(api, publish):
    version = publish("old", type=LEGACY)
    calibrate(version)
    calibrate(version).undo(by=None)
    assert told(api)[0] == {"old": True}


def test_the_registry_names_the_types_that_bring_no_calibration():
    assert set(TYPES_WITHOUT_CALIBRATION) == set(LEGACY_DETECTORS)


def test_a_refusal_has_no_etag(api):
    assert "ETag" not in api.get(URL, {"level": "0"}).headers


@pytest.mark.parametrize(("asked", "given"), [("2", 2), ("999999", 4), ("0", 4), ("many", 4)])
def test_a_client_may_ask_for_smaller_pages(api, models, asked, given):
    assert len(ids(api.get(URL, {"page_size": asked}))) == given
