"""The sensitivity of a device is applied to its verdicts from the next recording on."""

import pytest

from analysis.calibration_choice import SET_BY_ENGINEER, resolve_calibration
from analysis.detectors.device_calibration import apply_settings
from analysis.loading import detector_for
from analysis.pipeline import analyze
from tests.support.pump_sounds import pump

pytestmark = pytest.mark.django_db


@pytest.fixture
def own(pump_model):
    return detector_for(pump_model.serving_version).calibration


def test_a_multiplier_stretches_the_distance_from_the_median(own):
    stretched = apply_settings(own, target_rate=None, threshold_multiplier=2.0)
    assert stretched.median == pytest.approx(own.median)
    for threshold in ("warning", "critical"):
        before = getattr(own, threshold) - own.median
        assert getattr(stretched, threshold) - own.median == pytest.approx(2 * before)


def test_the_p_value_follows(own):
    stretched = apply_settings(own, target_rate=None, threshold_multiplier=2.0)
    assert stretched.compute_p_value(stretched.warning) == pytest.approx(
        own.compute_p_value(own.warning), rel=1e-6
    )


@pytest.mark.parametrize(("level", "rate"), [("HIGH", 0.10), ("MEDIUM", 0.05), ("LOW", 0.02)])
def test_a_sensitivity_is_a_target_rate(pump_7, pump_model, own, level, rate):
    pump_7.sensitivity = level
    effective = resolve_calibration(pump_model.serving_version, pump_7, own)
    assert effective.calibration.target_false_alarm_rate == rate
    assert effective.notes[-1] == SET_BY_ENGINEER


def test_without_settings_nothing_changes(pump_7, pump_model, own):
    effective = resolve_calibration(pump_model.serving_version, pump_7, own)
    assert effective.calibration is own
    assert SET_BY_ENGINEER not in effective.notes


def test_an_analysis_is_judged_by_the_settings(pump_7, field_engineer, own):
    pump_7.threshold_multiplier = 2.0
    pump_7.save()
    analysis = analyze(pump(), user=field_engineer, device_id="pump-07")
    assert analysis.warning_threshold - own.median == pytest.approx(2 * (own.warning - own.median))
    assert SET_BY_ENGINEER in analysis.calibration_notes
