"""Calibrations of a version: another rate, new recordings, append-only rows, undo."""

import io

import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction

from analysis.detectors.calibration import Calibration
from analysis.loading import detector_for
from analysis.models import Analysis, CalibrationRecord
from analysis.models.calibrations import CalibrationRecordQuerySet
from core.errors import RowIsImmutable
from tests.support.admin_desk import confirm_action
from tests.support.calibrated_devices import analyze, calibrate, make_shifted_clips
from tests.support.pump_sounds import pump

pytestmark = pytest.mark.django_db
URL = "/api/v1/models/pump_forest/calibrations"
ADMIN = "/admin/analysis/calibrationrecord/"


@pytest.fixture
def app(sign_in, curator, pump_version):
    """A curator's API client, beside a version that listens."""
    return sign_in(curator)


def retarget(client, rate, url=URL, **why):
    response = client.post(url, {"target_rate": rate} | why, format="json")
    assert response.status_code == 201, response.json()
    return response.json()


# Another rate


def test_another_rate_moves_the_thresholds_without_recordings(app, pump_version):
    own = detector_for(pump_version).calibration
    body = retarget(app, 0.2, why="ask early")
    assert body["thresholds"]["warning"] < own.warning
    assert (body["model"], body["target_rate"], body["why"]) == (
        {"id": "pump_forest", "version": 1},
        0.2,
        "ask early",
    )
    assert (body["n"], body["n_groups"], body["method"]) == (own.n, own.n_groups, own.method)
    assert CalibrationRecord.objects.get().calibration.scores.tolist() == own.scores.tolist()


def test_a_calibration_applies_to_the_next_analysis_which_names_it(app):
    before = analyze(app, pump(1), device_id="")
    made = retarget(app, 0.2)
    after = analyze(app, pump(1), device_id="")
    assert before["calibration"]["id"] is None
    assert after["calibration"] == {
        name: made[name] for name in ("id", "method", "n", "n_groups", "notes")
    }
    assert after["thresholds"] == made["thresholds"] != before["thresholds"]
    assert after["anomaly_score"] == before["anomaly_score"]
    # Of few sessions, p-values are told so that they reach the rate at WARNING.
    for answer, rate in ((before, 0.05), (after, 0.2)):
        assert (answer["p_value"] <= rate) == (answer["label"] != "NORMAL")
    assert list(Analysis.objects.order_by("created_at").values_list("calibration", flat=True)) == [
        None,
        made["id"],
    ]


def test_what_was_calibrated_a_moment_earlier_is_what_is_retargeted(app, pump_version, monkeypatch):
    measured = Calibration(np.linspace(1, 2, 40), 0.05, 5, "of recordings after training")
    lock = CalibrationRecordQuerySet.lock

    def lock_after_another(self, version):
        monkeypatch.setattr(CalibrationRecordQuerySet, "lock", lock)
        CalibrationRecord.record(measured, version=version, by=None)
        lock(self, version)

    monkeypatch.setattr(CalibrationRecordQuerySet, "lock", lock_after_another)
    retarget(app, 0.2)
    assert CalibrationRecord.objects.latest("pk").scores == measured.scores.tolist()


def test_undo_restores_the_versions_own(app):
    made = retarget(app, 0.2)
    undone = app.post(f"{URL}/{made['id']}/undo").json()
    assert undone["method"] == "withdrawn"
    assert analyze(app, pump(1), device_id="")["calibration"]["id"] is None
    assert [row["id"] for row in app.get(URL).json()["calibrations"]] == [undone["id"], made["id"]]


def test_a_device_keeps_its_own_calibration_and_follows_the_versions_when_it_is_undone(app, pump_7):
    of_device = calibrate(app, make_shifted_clips(range(320, 325))).json()["calibration"]
    of_version = retarget(app, 0.2)
    assert analyze(app, pump(1))["calibration"]["id"] == of_device["id"]
    app.post(f"/api/v1/devices/pump-07/calibrations/{of_device['id']}/undo")
    assert analyze(app, pump(1))["calibration"]["id"] == of_version["id"]


@pytest.mark.parametrize("rate", [0, -0.1, 0.0001, 0.51, "nan", "inf", None, "often", [0.1]])
def test_a_rate_that_is_none_is_refused(app, rate):
    response = app.post(URL, {"target_rate": rate}, format="json")
    assert (response.status_code, list(response.json()["fields"])) == (400, ["target_rate"])
    assert not CalibrationRecord.objects.exists()


def test_setting_a_rate_is_for_curators(api, sign_in, make_user, app):
    engineer, viewer = (sign_in(make_user(role)) for role in ("engineer", "viewer"))
    made = retarget(app, 0.2)["id"]
    for client in (api, engineer, viewer):
        assert client.post(URL, {"target_rate": 0.2}, format="json").status_code == 403
        assert client.post(f"{URL}/{made}/undo").status_code == 403
    assert [client.get(URL).status_code for client in (api, engineer, viewer)] == [403, 200, 200]


def test_nobody_alone_moves_the_thresholds_of_a_protected_model(
    app, desk, pump_version, curator, pump_7
):
    made = retarget(app, 0.2)
    pump_version.registered_model.protect(by=curator)
    for url, asked in {URL: {"target_rate": 0.5}, f"{URL}/{made['id']}/undo": {}}.items():
        response = app.post(url, asked, format="json")
        assert (response.status_code, response.json()["code"]) == (409, "model_protected")
    confirm_action(desk, ADMIN, "undo", CalibrationRecord.objects.get())
    assert CalibrationRecord.objects.count() == 1
    # What is normal for one device is for whoever stands before it.
    assert calibrate(app, make_shifted_clips(range(320, 325))).status_code == 201


def test_a_model_does_not_undo_what_is_another_ones(app, publish, pump_artifact):
    publish("pump_b", type="level1_isolation_forest", content=pump_artifact)
    made = retarget(app, 0.2)["id"]
    assert app.post(f"/api/v1/models/pump_b/calibrations/{made}/undo").status_code == 404


def test_a_long_list_comes_in_pages_at_the_same_cost(app, pump_version, django_assert_num_queries):
    for _ in range(53):
        CalibrationRecord.record(
            detector_for(pump_version).calibration, version=pump_version, by=None
        )
    with django_assert_num_queries(4):
        first = app.get(URL).json()
    second = app.get(first["next"]).json()
    assert (len(first["calibrations"]), len(second["calibrations"]), second["next"]) == (
        50,
        3,
        None,
    )


# The rows


def test_a_calibration_is_never_changed_or_deleted(pump_version):
    row = CalibrationRecord.record(
        detector_for(pump_version).calibration, version=pump_version, by=None
    )
    row.why = "another"
    with pytest.raises(RowIsImmutable):
        row.save()
    with pytest.raises(RowIsImmutable):
        row.delete()
    with pytest.raises(RowIsImmutable):
        CalibrationRecord.objects.all().delete()
    with pytest.raises(RowIsImmutable):
        CalibrationRecord.objects.update(why="another")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE analysis_calibrationrecord SET why = 'another'",
        "DELETE FROM analysis_calibrationrecord",
    ],
)
def test_not_even_the_database_changes_or_deletes_one(pump_version, sql):
    CalibrationRecord.record(detector_for(pump_version).calibration, version=pump_version, by=None)
    with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
        connection.cursor().execute(sql)


@pytest.mark.parametrize(
    "columns", [{"method": "conformal"}, {"method": "withdrawn", "warning": 1.0, "n": 3}]
)
def test_the_database_refuses_half_a_calibration(pump_version, columns):
    with pytest.raises(IntegrityError, match="whole_or_withdrawn"), transaction.atomic():
        CalibrationRecord.objects.create(version=pump_version, **columns)


def test_scores_come_back_exactly(pump_version):
    own = detector_for(pump_version).calibration
    row = CalibrationRecord.objects.get(
        pk=CalibrationRecord.record(own, version=pump_version, by=None).pk
    )
    assert isinstance(row.calibration, Calibration)
    assert row.calibration.scores.tobytes() == own.scores.tobytes()
    assert (row.calibration.warning, row.calibration.critical) == (own.warning, own.critical)


def test_the_newest_for_all_devices_is_found_among_the_others(
    pump_version, publish, pump_artifact, pump_7
):
    own = detector_for(pump_version).calibration
    another = publish("fan", type="level1_isolation_forest", content=pump_artifact)
    assert CalibrationRecord.objects.of(pump_version, None).first() is None
    for version, device in (
        (pump_version, None),
        (pump_version, None),
        (pump_version, pump_7),
        (another, None),
    ):
        CalibrationRecord.record(own, version=version, device=device, by=None)
    for version in (pump_version, another):
        newest = CalibrationRecord.objects.of(version, None).first()
        assert (newest.version, newest.device) == (version, None)
        assert newest.scores == own.scores.tolist()


def test_the_candidates_for_a_device_cost_one_query(
    pump_version, pump_7, django_assert_num_queries
):
    CalibrationRecord.record(detector_for(pump_version).calibration, version=pump_version, by=None)
    with django_assert_num_queries(1):
        assert len(CalibrationRecord.objects.candidates_for(pump_version, pump_7)) == 1


# A version that brought none


def test_without_any_calibration_there_is_no_verdict(app, uncalibrated_version, pump_7):
    for response in (
        app.post(
            "/api/v1/analyses",
            {"file": io.BytesIO(pump(1)), "model_id": "pump_forest"},
            format="multipart",
        ),
        app.post(URL, {"target_rate": 0.05}, format="json"),
        calibrate(app, make_shifted_clips(range(320, 325))),
    ):
        assert (response.status_code, response.json()["code"]) == (409, "not_calibrated")
    assert not Analysis.objects.exists()


# Admin
