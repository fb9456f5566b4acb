"""Calibrations in admin: listed with what they changed, and undone with a reason."""

import re
from dataclasses import replace

import numpy as np
import pytest

from analysis.detectors.calibration import Calibration
from analysis.loading import detector_for
from analysis.models import CalibrationRecord
from core.admin.tables import format_value
from tests.support.admin_desk import choose_action, confirm_action, get_page, list_messages

pytestmark = pytest.mark.django_db
ADMIN = "/admin/analysis/calibrationrecord/"


def test_undo_is_confirmed_with_a_reason(desk, curator, pump_version):
    row = CalibrationRecord.record(
        detector_for(pump_version).calibration, version=pump_version, by=None
    )
    assert (
        "is withdrawn: the version&#x27;s own calibration applies again."
        in choose_action(desk, ADMIN, "undo", row).content.decode()
    )
    assert CalibrationRecord.objects.count() == 1
    response = confirm_action(desk, ADMIN, "undo", row, why="too many alarms")
    assert list_messages(response) == [("success", f"Calibration {row} was undone.")]
    undone = CalibrationRecord.objects.first()
    assert (undone.is_withdrawn, undone.by, undone.why) == (True, curator, "too many alarms")
    assert list_messages(confirm_action(desk, ADMIN, "undo", row))[-1][0] == "error"
    assert CalibrationRecord.objects.count() == 2


def test_the_list_shows_the_calibration_in_use_and_the_thresholds_before(
    desk, pump_version, pump_7
):
    own = detector_for(pump_version).calibration
    rows = [
        CalibrationRecord.record(
            replace(own, target_false_alarm_rate=rate), version=pump_version, by=None
        )
        for rate in (0.2, 0.1)
    ]
    of_device = CalibrationRecord.record(own, version=pump_version, device=pump_7, by=None)
    rows[1].undo(by=None)
    undone = CalibrationRecord.objects.first()
    text = get_page(desk, ADMIN)
    cells = re.findall(r'<td class="field-status">(.*?)</td>', text)
    assert cells == ["in use", "in use", f"replaced by #{undone.pk}", f"replaced by #{rows[1].pk}"]
    before = f"{format_value(rows[1].warning)}, {format_value(rows[1].critical)}"
    assert f" <small>before: {before}</small></td>" in text
    assert 'field-who">a command<' in text
    of_device.undo(by=None)
    assert '<td class="field-status">withdrawn</td>' in get_page(desk, ADMIN)


def test_the_page_shows_the_thresholds_before_and_offers_to_undo_the_newest(
    desk, pump_version, pump_7
):
    own = detector_for(pump_version).calibration
    first = CalibrationRecord.record(
        replace(own, notes=("extrapolated",)), version=pump_version, by=None
    )
    second = CalibrationRecord.record(
        replace(own, target_false_alarm_rate=0.2), version=pump_version, device=pump_7, by=None
    )

    def shown(row):
        return get_page(desk, f"{ADMIN}{row.pk}/change/")

    own_thresholds = (
        f"WARNING from {format_value(own.warning)}, CRITICAL from {format_value(own.critical)}"
    )
    for row in (first, second):
        for text in (own_thresholds, 'value="undo"', "a command", "in use"):
            assert text in shown(row)
    assert f"an estimate: only {own.n} healthy recordings were available" in shown(first)
    second.undo(by=None)
    assert 'value="undo"' not in shown(second)
    assert f"replaced by #{second.pk + 1}" in shown(second)
    assert 'value="undo"' not in shown(CalibrationRecord.objects.first())


def test_the_page_offers_to_undo_only_what_one_may_undo(client, make_user, pump_version, pump_7):
    own = detector_for(pump_version).calibration
    rows = [
        CalibrationRecord.record(own, version=pump_version, device=device, by=None)
        for device in (None, pump_7)
    ]
    for role, offered in [
        ("viewer", [False, False]),
        ("engineer", [False, True]),
        ("curator", [True, True]),
    ]:
        client.force_login(make_user(role, username=f"a-{role}", is_staff=True))
        assert [
            'value="undo"' in get_page(client, f"{ADMIN}{row.pk}/change/") for row in rows
        ] == offered


def test_the_confirmation_of_an_undo_shows_the_thresholds_before_and_after(desk, pump_version):
    own = detector_for(pump_version).calibration
    row = CalibrationRecord.record(
        replace(own, target_false_alarm_rate=0.2), version=pump_version, by=None
    )
    text = choose_action(desk, ADMIN, "undo", row).content.decode()
    for name, of in [("Now", row), ("After", own)]:
        assert (
            f"{name}: <strong>WARNING from {format_value(of.warning)}, "
            f"CRITICAL from {format_value(of.critical)}</strong>" in text
        )


def test_undoing_the_only_calibration_of_a_version_warns_of_refused_analyses(
    desk, pump_version, uncalibrated_version, pump_7
):
    own = Calibration(np.arange(20.0), 0.1, 4, "conformal", ())
    for device in (None, pump_7):
        row = CalibrationRecord.record(own, version=pump_version, device=device, by=None)
        text = choose_action(desk, ADMIN, "undo", row).content.decode()
        assert ("has no other calibration, so its analyses are refused" in text) == (device is None)
    assert "the calibration for all devices applies again" in text


def test_an_engineer_undoes_what_is_for_a_device_and_no_more(
    client, make_user, pump_version, pump_7
):
    own = detector_for(pump_version).calibration
    of_version = CalibrationRecord.record(own, version=pump_version, by=None)
    of_device = [
        CalibrationRecord.record(own, version=pump_version, device=pump_7, n=5, by=None)
        for _ in range(2)
    ]
    client.force_login(make_user("engineer", is_staff=True))
    assert confirm_action(client, ADMIN, "undo", of_version, of_device[1]).status_code == 403
    assert CalibrationRecord.objects.count() == 3
    assert "apply again" in choose_action(client, ADMIN, "undo", of_device[1]).content.decode()
    confirm_action(client, ADMIN, "undo", of_device[1])
    assert CalibrationRecord.objects.first().restores == of_device[0]


def test_a_viewer_reads_and_nobody_edits(client, make_user, pump_version, pump_7):
    row = CalibrationRecord.record(
        detector_for(pump_version).calibration, version=pump_version, device=pump_7, by=None
    )
    client.force_login(make_user("viewer", is_staff=True))
    assert "Pump 7" in client.get(ADMIN).content.decode()
    assert client.get(f"{ADMIN}{row.pk}/change/").status_code == 200
    assert 'value="undo"' not in client.get(ADMIN).content.decode()
    client.force_login(make_user(username="root", is_staff=True, is_superuser=True))
    assert client.get(f"{ADMIN}add/").status_code == 403
    assert client.post(f"{ADMIN}{row.pk}/change/", {"why": "another"}).status_code == 403
    assert client.post(f"{ADMIN}{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_list_costs_the_same_queries_however_long(
    client, curator, pump_version, pump_7, django_assert_num_queries
):
    client.force_login(curator)
    own = detector_for(pump_version).calibration
    CalibrationRecord.record(own, version=pump_version, device=pump_7, by=None)
    client.get(ADMIN)
    with django_assert_num_queries(9):
        client.get(ADMIN)
    for _ in range(3):
        CalibrationRecord.record(own, version=pump_version, device=pump_7, by=None)
    with django_assert_num_queries(9):
        client.get(ADMIN)
