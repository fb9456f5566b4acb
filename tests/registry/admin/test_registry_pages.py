"""What a model owner sees in admin: lists, the page of a model, the log and what served when."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analysis.admin.calibration_words import describe_more_sessions
from analysis.loading import detector_for
from analysis.models import CalibrationRecord, Device
from core.admin import paginator
from registry import storage
from registry.models import MachineType
from tests.support.admin_desk import (
    LOG,
    MACHINE_TYPES,
    MODELS,
    VERSIONS,
    get_page,
)
from tests.support.measured_versions import evaluate, recalibrate
from tests.support.stored_analyses import create_analysis
from training.models import TrainingRun
from training.panels import MAX_EVALUATIONS

pytestmark = pytest.mark.django_db
PUMP_FOREST = f"{MODELS}pump_forest/change/"


@pytest.mark.parametrize("url", [MODELS, VERSIONS, LOG, MACHINE_TYPES])
def test_a_list_asks_a_constant_number_of_questions(
    desk, publish, curator, url, django_assert_num_queries
):
    def fill(first, last):
        for number in range(first, last):
            MachineType.objects.create(slug=f"kind-{number}", name=f"Kind {number}")
            version = publish(f"model_{number}", machine_type=f"kind-{number}", by=curator)
            recalibrate(version)
            evaluate(version, 0.9)

    fill(0, 2)
    get_page(desk, url)
    with CaptureQueriesContext(connection) as few:
        get_page(desk, url)
    fill(2, 12)
    with django_assert_num_queries(len(few)):
        get_page(desk, url)


def test_the_log_tells_who_changed_what_and_why(desk, publish, curator):
    publish("pump_a").registered_model.deactivate(by=curator, why="too many false alarms")
    text = get_page(desk, LOG)
    assert curator.email in text
    assert "too many false alarms" in text
    assert "Deactivate" in text


@pytest.mark.parametrize("url", [MODELS, VERSIONS, LOG])
def test_the_pages_speak_korean_too(desk, publish, url):
    publish("pump_a")
    assert desk.get(url, headers={"Accept-Language": "ko"}).headers["Content-Language"] == "ko"


@pytest.mark.parametrize("url", [LOG, VERSIONS])
def test_a_list_is_counted_as_far_as_anybody_pages(desk, publish, monkeypatch, url):
    for _ in range(4):
        publish("pump_a")
    monkeypatch.setattr(paginator, "MAX_ROWS", 3)
    with CaptureQueriesContext(connection) as asked:
        assert "Only the first 3 are listed. Filter or search to find the others." in get_page(
            desk, url
        )
    counts = [query["sql"] for query in asked if "COUNT(*)" in query["sql"]]
    assert len(counts) == 1
    assert "LIMIT 4)" in counts[0]
    assert "evaluation" not in counts[0]
    monkeypatch.setattr(paginator, "MAX_ROWS", 4)
    assert "are listed" not in get_page(desk, url)


# The list of models


def test_the_list_tells_how_a_model_does(desk, publish, curator):
    version = publish("pump_a", metrics={"auc": 0.97123, "false_alarm_rate": 0.05})
    for label, age in [
        ("NORMAL", 0),
        ("NORMAL", 60),
        ("WARNING", 60),
        ("CRITICAL", 60),
        ("CRITICAL", 10 * 86400),
    ]:
        analysis = create_analysis(curator, version, label=label)
        type(analysis).objects.filter(pk=analysis.pk).update(
            created_at=timezone.now() - timedelta(seconds=age)
        )
    text = get_page(desk, MODELS)
    for column, cell in {
        "auc": "0.971",
        "false_alarms": "0.050",
        "analyses_in_7_days": "4",
        "alarms": "25% / 25%",
        "serving": "v1",
    }.items():
        assert f'<td class="field-{column}">{cell}</td>' in text


def test_a_model_without_analyses_or_metrics_has_dashes(desk, publish):
    publish("pump_a", metrics={})
    text = get_page(desk, MODELS)
    assert '<td class="field-analyses_in_7_days">none</td>' in text
    assert '<td class="field-auc">-</td>' in text


# The page of a model


def test_two_versions_stand_side_by_side_and_what_differs_stands_out(desk, publish):
    publish("pump_a", parameters={"epochs": 3, "seed": 0}, metrics={"auc": 0.9})
    publish("pump_a", parameters={"epochs": 9, "seed": 0}, metrics={"auc": 0.95})
    text = get_page(desk, f"{MODELS}pump_a/change/")
    assert '<tr class="differs"><th scope="row">epochs</th><td>9</td><td>3</td></tr>' in text
    assert '<tr><th scope="row">seed</th><td>0</td><td>0</td></tr>' in text
    assert "<li><strong>metric: auc</strong>: 0.9 → 0.95</li>" in text


def test_the_versions_to_compare_are_chosen(desk, publish):
    for epochs in range(1, 7):
        publish("pump_a", parameters={"epochs": epochs})
    text = get_page(desk, f"{MODELS}pump_a/change/?version=1&version=5&version=2")
    assert '<th scope="row">epochs</th><td>5</td><td>2</td><td>1</td></tr>' in text
    assert 'value="5" aria-label="compare v5" checked' in text


def test_all_versions_are_a_link_away(desk, publish):
    for _ in range(21):
        publish("pump_a")
    publish("pump_ab")
    link = f"{VERSIONS}?registered_model__id__exact=pump_a"
    assert f'<a href="{link}">All versions</a>' in get_page(desk, f"{MODELS}pump_a/change/")
    assert "21 model versions" in get_page(desk, link)


def test_the_page_is_found_from_the_list_too(desk, publish):
    publish("pump_a")
    assert "Versions" in get_page(desk, f"{MODELS}pump_5Fa/change/")


@pytest.mark.parametrize("query", ["?version=99", "?version=x", "?version=" + "9" * 30])
def test_versions_that_are_not_there_are_not_compared(desk, publish, query):
    publish("pump_a")
    get_page(desk, f"{MODELS}pump_a/change/{query}")


def test_a_model_whose_bytes_cannot_be_read_still_has_a_page(desk, publish):
    publish("pump_a")
    assert "The artifact is not a readable .npz of plain arrays." in get_page(
        desk, f"{MODELS}pump_a/change/"
    )


def test_scores_thresholds_and_losses_are_drawn(desk, pump_version, curator):
    epochs = [
        {"phase": "final", "epoch": n, "loss": 1 / n, "validation_loss": None} for n in (1, 2, 3)
    ]
    TrainingRun.objects.create(
        version=pump_version, state="succeeded", model_id="pump_forest", seed=0, epochs=epochs
    )
    analysis = create_analysis(curator, pump_version, label="WARNING")
    text = get_page(desk, f"{MODELS}pump_forest/change/")
    assert '<line class="mark warning"' in text
    assert '<line class="mark critical"' in text
    assert '<polyline class="curve final"' in text
    assert "<tr><th>calibration sessions</th><td>6</td></tr>" in text
    more = describe_more_sessions(detector_for(pump_version).calibration)
    assert more.startswith("fewer false alarms, and fainter faults heard; without one of these")
    assert f"<tr><th>more sessions would bring</th><td>{more}</td></tr>" in text
    assert f"<td>{analysis.label}</td>" in text


def test_the_thresholds_are_those_that_hold_now(desk, pump_version, curator):
    own = detector_for(pump_version).calibration
    newer = CalibrationRecord.record(
        replace(own, scores=own.scores + 1), version=pump_version, by=None
    )
    pump_7 = Device.objects.create(device_id="pump-07", machine_type_id="pump")
    CalibrationRecord.record(
        replace(own, scores=own.scores + 2), version=pump_version, device=pump_7, by=None
    )

    def is_shown(calibration):
        return f"<tr><th>WARNING from</th><td>{calibration.warning:.4g}</td></tr>" in get_page(
            desk, PUMP_FOREST
        )

    assert is_shown(newer)
    newer.undo(by=curator)
    assert is_shown(own)


def test_a_version_without_a_calibration_says_so(desk, uncalibrated_version):
    assert "pump_forest v1 has no calibration" in get_page(desk, PUMP_FOREST)


def test_the_calibrations_of_a_model_are_a_link_away(desk, publish):
    row = recalibrate(publish("pump_a"))
    other = recalibrate(publish("pump_b"))
    address = "/admin/analysis/calibrationrecord/?model=pump_a"
    assert f'<a href="{address}">' in get_page(desk, f"{MODELS}pump_a/change/")
    listed = get_page(desk, address)
    assert f"/admin/analysis/calibrationrecord/{row.pk}/change/" in listed
    assert f"/admin/analysis/calibrationrecord/{other.pk}/change/" not in listed


@pytest.mark.parametrize("of", ["model", "version"])
def test_what_the_check_of_the_recordings_found_is_told(desk, publish, of):
    version = publish("pump_a", sidecar=b'{"refused": {"recording_too_short": 2, "silent": 1}}')
    finding = {
        "code": "copies",
        "detail": "2 recordings are the same.",
        "names": ["a.wav", "<b>.wav"],
    }
    run = {"version": version, "state": "succeeded", "model_id": "pump_a", "seed": 0}
    TrainingRun.objects.create(**run, data_check={"findings": [finding]})
    text = get_page(
        desk, f"{MODELS}pump_a/change/" if of == "model" else f"{VERSIONS}{version.pk}/change/"
    )
    for said in [
        "2 recordings are the same.",
        "<summary>2 recordings</summary>",
        "<div>&lt;b&gt;.wav</div>",
        "Refused files: 2 recording too short, 1 silent.",
    ]:
        assert said in text


def test_a_version_whose_sidecar_is_lost_still_has_a_page(desk, publish):
    version = publish("pump_a")
    storage.get_artifact_storage().delete(version.find_file("sidecar").path)
    assert "The list of refused files cannot be read now." in get_page(
        desk, f"{VERSIONS}{version.pk}/change/"
    )


def test_the_newest_evaluations_of_each_version_are_a_link_away(desk, publish):
    older = publish("pump_a")
    newer = publish("pump_a")
    evaluations = [evaluate(older, 0.5 + n / 100) for n in range(MAX_EVALUATIONS + 1)] + [
        evaluate(newer, 0.9)
    ]
    text = get_page(desk, f"{MODELS}pump_a/change/")
    assert "<td>0.900 (no interval)</td>" in text
    shown = [f'href="/admin/training/evaluation/{each.pk}/change/"' in text for each in evaluations]
    assert shown == [False] + [True] * (MAX_EVALUATIONS + 1)


def test_the_page_of_a_model_asks_a_constant_number_of_questions(desk, publish, curator):
    def choose_action():
        with CaptureQueriesContext(connection) as asked:
            get_page(desk, f"{MODELS}pump_a/change/")
        return len(asked)

    def fill(count):
        for _ in range(count):
            version = publish("pump_a", by=curator)
            evaluate(version, 0.9)
            recalibrate(version)

    fill(3)
    first = choose_action()
    fill(12)
    assert choose_action() == first < 15
