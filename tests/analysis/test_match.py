"""Which model? All are asked; the most normal is suggested, or none; failures are named."""

import io
from dataclasses import replace

import pytest
from rest_framework.test import APIClient

from analysis import detectors, loading, matching, pipeline
from analysis.detectors import calibration
from analysis.loading import detector_for
from analysis.models import Analysis, CalibrationRecord, Recording
from registry.models import RegisteredModel
from tests.support.pump_sounds import BROKEN_BEARING, pump

pytestmark = pytest.mark.django_db
URL = "/api/v1/models/match"


def ask(api, content=None, **fields):
    return api.post(
        URL,
        {"file": io.BytesIO(pump(1) if content is None else content)} | fields,
        format="multipart",
    )


def matches(api, content=None, **fields):
    response = ask(api, content, **fields)
    assert response.status_code == 200, response.json()
    return response.json()


def ids(body):
    return [match["model"]["id"] for match in body["matches"]]


@pytest.fixture
def strict(publish, pump_artifact, pump_version):
    """A second model of the same sound, to which half of the normal recordings are not NORMAL."""
    version = publish(
        "a_strict", type="level1_isolation_forest", machine_type="fan", content=pump_artifact
    )
    own = detector_for(version).calibration
    lower = replace(own, scores=own.scores - 2 * (own.critical - own.median))
    CalibrationRecord.record(lower, version=version, by=None)
    return version


def test_the_model_to_which_it_is_most_normal_comes_first_and_is_suggested(
    api, pump_version, strict
):
    body = matches(api)
    assert ids(body) == ["pump_forest", "a_strict"]
    assert body["suggestion"] == "pump_forest"
    assert [match["label"] for match in body["matches"]] == ["NORMAL", "CRITICAL"]
    assert body["matches"][0]["p_value"] > body["matches"][1]["p_value"]
    assert (
        body["matches"][0]["model"]
        == api.get("/api/v1/models", {"device_type": "pump"}).json()["models"][0]
    )
    assert (body["unavailable"], body["left_out"]) == ([], 0)


def test_a_match_has_the_numbers_of_an_analysis(api, pump_version):
    (match,) = matches(api)["matches"]
    analysis, _ = pipeline.compute_analysis(pump(1), version=pump_version, device=None)
    for name in ("p_value", "score", "anomaly_score", "label"):
        assert match[name] == getattr(analysis, name)


def test_a_sound_that_is_normal_to_none_is_none_of_these(api, pump_version, strict):
    body = matches(api, pump(1, fault=BROKEN_BEARING))
    assert body["suggestion"] is None
    assert len(body["matches"]) == 2
    assert "NORMAL" not in [match["label"] for match in body["matches"]]


@pytest.fixture
def of_another_machine(publish, pump_artifact):
    """A second model of the same sound, which has learnt of which machine it is not."""
    artifact = detectors.read(pump_artifact)
    none = replace(artifact.line_fingerprint, limit=2.0)
    content = detectors.write(replace(artifact, line_fingerprint=none))
    version = publish("a_stranger", type="level1_isolation_forest", content=content)
    version.registered_model.make_default(by=None)
    return version


def test_a_model_of_another_machine_comes_last_and_is_not_suggested(
    api, pump_version, of_another_machine
):
    body = matches(api)
    assert ids(body) == ["pump_forest", "a_stranger"]
    assert [match["warnings"] for match in body["matches"]] == [[], ["maybe_other_machine"]]
    assert {match["label"] for match in body["matches"]} == {"NORMAL"}
    assert (body["suggestion"], body["is_none_of_these"]) == ("pump_forest", False)


def test_what_is_of_the_machine_of_no_model_is_none_of_these(api, of_another_machine):
    body = matches(api)
    assert ids(body) == ["a_stranger"]
    assert (body["suggestion"], body["is_none_of_these"]) == (None, True)


def test_another_machine_is_marked_in_an_analysis(api, pump_version, of_another_machine):
    versions = (pump_version, of_another_machine)
    own, other = (
        pipeline.compute_analysis(pump(1), version=version, device=None)[0] for version in versions
    )
    assert "maybe_other_machine" not in own.quality["warnings"]
    assert "maybe_other_machine" in other.quality["warnings"]
    for name in ("label", "p_value", "score", "anomaly_score"):
        assert getattr(own, name) == getattr(other, name)


def test_of_two_doubts_about_the_machine_the_stronger_is_said_alone(
    of_another_machine, monkeypatch
):
    # However far the pump is from CRITICAL, it is too far.
    monkeypatch.setattr(calibration, "FAR_OUT", -100.0)
    other, _ = pipeline.compute_analysis(pump(1), version=of_another_machine, device=None)
    doubts = {"not_this_machine", "maybe_other_machine"}
    assert doubts & set(other.quality["warnings"]) == {"not_this_machine"}


def test_of_equals_the_default_is_first_then_by_id(api, publish, pump_artifact):
    for name in ("c", "b", "a"):
        publish(name, type="level1_isolation_forest", content=pump_artifact)
    RegisteredModel.objects.get(pk="b").make_default(by=None)
    assert ids(matches(api)) == ["b", "a", "c"]


def test_a_machine_type_narrows_it(api, pump_version, strict):
    assert ids(matches(api, device_type="fan")) == ["a_strict"]
    assert matches(api, device_type="submarine") == {
        "matches": [],
        "suggestion": None,
        "is_none_of_these": False,
        "unavailable": [],
        "left_out": 0,
    }


def test_only_selectable_models_are_asked(api, pump_version, strict, publish, pump_artifact):
    publish("candidate", type="level1_isolation_forest", content=pump_artifact, serve=False)
    strict.registered_model.deactivate(by=None)
    assert ids(matches(api)) == ["pump_forest"]


def test_who_cannot_answer_is_named_and_the_others_do(
    api, pump_version, publish, pump_artifact, monkeypatch, media
):
    publish("broken", content=b"no artifact")
    gone = publish("gone", type="level1_isolation_forest", content=pump_artifact)
    (media / "artifacts" / gone.files.get(role="serving").path).unlink()
    changed = publish("changed", type="level1_isolation_forest", content=pump_artifact)
    (media / "artifacts" / changed.files.get(role="serving").path).write_bytes(b"other bytes")
    body = matches(api)
    assert ids(body) == ["pump_forest"]
    assert {each["model_id"]: each["code"] for each in body["unavailable"]} == {
        "broken": "artifact_corrupt",
        "changed": "artifact_corrupt",
        "gone": "artifact_unavailable",
    }
    assert all(each["detail"] for each in body["unavailable"])


def test_a_model_without_calibration_is_named(api, pump_version, monkeypatch):
    artifact = replace(detector_for(pump_version), calibration=None)
    monkeypatch.setattr(matching, "detector_for", lambda version, **options: artifact)
    body = matches(api)
    assert (body["matches"], body["suggestion"]) == ([], None)
    assert body["unavailable"][0]["code"] == "not_calibrated"


def test_what_is_beyond_the_cap_is_counted(
    api, pump_version, strict, publish, pump_artifact, monkeypatch
):
    publish("zz", type="level1_isolation_forest", content=pump_artifact)
    monkeypatch.setattr(matching, "MAX_MODELS", 2)
    body = matches(api)
    assert (sorted(ids(body)), body["left_out"]) == (["a_strict", "pump_forest"], 1)


def test_many_models_cost_the_same_queries(
    api, pump_version, publish, pump_artifact, django_assert_num_queries
):
    matches(api)
    with django_assert_num_queries(5):
        matches(api)
    for n in range(3):
        publish(f"another_{n}", type="level1_isolation_forest", content=pump_artifact)
    matches(api)
    with django_assert_num_queries(5):
        assert len(matches(api)["matches"]) == 4


def test_a_match_stores_nothing(api, pump_version):
    matches(api)
    assert not Analysis.objects.exists()
    assert not Recording.objects.exists()


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "empty"),
        (b"no sound", 415, "unsupported_format"),
        (pump(1)[:3000], 422, "truncated"),
    ],
)
def test_a_bad_recording_is_named(api, pump_version, content, status, code):
    response = ask(api, content)
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_it_is_for_those_who_may_analyse(sign_in, make_user, pump_version):
    assert ask(APIClient()).status_code == 401
    assert ask(sign_in(make_user("viewer"))).status_code == 403


def test_match_is_no_model(api):
    assert api.get(URL).status_code == 405


def test_a_match_does_not_evict_a_detector_in_use(
    api, publish, pump_artifact, pump_version, monkeypatch
):
    for name in "abc":
        publish(name, type="level1_isolation_forest", content=pump_artifact)
    monkeypatch.setattr(loading.model_cache, "max_entries", 1)
    detector_for(pump_version)
    loads = loading.model_cache.get_statistics().loads
    assert len(matches(api)["matches"]) == 4
    detector_for(pump_version)
    statistics = loading.model_cache.get_statistics()
    assert (statistics.loads - loads, statistics.entries) == (3, 1)


def test_a_model_to_which_everything_is_quieter_than_normal_comes_last(
    api, publish, pump_artifact, pump_version
):
    version = publish(
        "a_deaf", type="level1_isolation_forest", machine_type="fan", content=pump_artifact
    )
    own = detector_for(version).calibration
    higher = replace(own, scores=own.scores + 2 * (own.critical - own.median))
    CalibrationRecord.record(higher, version=version, by=None)
    body = matches(api)
    assert [match["label"] for match in body["matches"]] == ["NORMAL", "NORMAL"]
    assert ids(body) == ["pump_forest", "a_deaf"]
    assert body["matches"][0]["p_value"] < body["matches"][1]["p_value"]
