"""Which figures of a version people are shown: those that hold for it now."""

import pytest

from analysis.models import Device
from tests.support.admin_desk import MODELS, VERSIONS, get_page
from tests.support.measured_versions import evaluate, recalibrate

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("url", [MODELS, VERSIONS, f"{MODELS}pump_a/change/"])
@pytest.mark.parametrize("serve", [True, False])
def test_what_training_did_not_measure_is_told_by_the_newest_evaluation(desk, publish, url, serve):
    version = publish("pump_a", metrics={"auc": None}, serve=serve)
    for auc in (0.5, 0.9127):
        evaluate(version, auc)
    text = get_page(desk, url)
    assert "0.913 <small>evaluated</small>" in text
    assert "0.500 <small>" not in text


@pytest.mark.parametrize(
    "url", [MODELS, VERSIONS, f"{MODELS}pump_a/change/", f"{VERSIONS}{{pk}}/change/"]
)
def test_false_alarms_and_detection_are_those_of_the_thresholds_that_hold(desk, publish, url):
    version = publish(
        "pump_a", metrics={"auc": 0.97, "false_alarm_rate": 0.123, "detection_rate": 0.871}
    )

    def shown(*cells):
        text = get_page(desk, url.format(pk=version.pk))
        return [cell in text for cell in ("0.97", "0.123", "0.871", *cells)]

    evaluate(version, 0.5)
    row = recalibrate(version)
    before = f"<small>not measured since calibration #{row.pk}</small>"
    assert shown(before, "evaluated</small>") == [True, False, False, True, False]
    evaluate(version, 0.661)
    assert shown(before, "0.661 <small>evaluated</small>") == [True, False, False, False, True]
    # What came with the version holds again, and what was measured of it.
    row.undo(by=None)
    assert shown("evaluated</small>", "not measured since") == [True, True, True, False, False]


def test_a_calibration_for_one_device_leaves_the_figures_of_all(desk, publish):
    version = publish("pump_a", metrics={"false_alarm_rate": 0.123})
    pump_7 = Device.objects.create(device_id="pump-07", machine_type_id="pump")
    recalibrate(version, pump_7)
    assert '<td class="field-false_alarms">0.123</td>' in get_page(desk, MODELS)


def test_an_evaluation_of_thresholds_that_were_undone_tells_nothing_of_those_that_hold(
    desk, publish
):
    version = publish("pump_a", metrics={"auc": None})
    row = recalibrate(version)
    evaluate(version, 0.661)
    undone = row.undo(by=None)
    text = get_page(desk, MODELS)
    assert '<td class="field-auc">0.661 <small>evaluated</small></td>' in text
    assert text.count(f"<small>not measured since calibration #{undone.pk}</small>") == 2


def test_of_a_candidate_the_list_tells_what_its_newest_version_promises(desk, publish):
    for auc in (0.5, 0.9127):
        publish("pump_a", metrics={"auc": auc}, serve=False)
    assert '<td class="field-auc">0.913</td>' in get_page(desk, MODELS)
