"""The sensitivity of a device is applied to its verdicts from the next recording on."""

import numpy as np
import pytest

from analysis.batch import analyze_folder
from analysis.calibration_choice import SET_BY_ENGINEER, resolve_calibration
from analysis.detectors.calibration import EXTRAPOLATED, retarget
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


def test_how_rare_a_score_is_stays_as_it_was(own):
    stretched = apply_settings(own, target_rate=None, threshold_multiplier=2.0)
    for score in np.linspace(own.median, own.critical, 5):
        assert stretched.compute_p_value(score) == own.compute_p_value(score)
        assert stretched.score(score) == own.score(score)


def test_label_and_health_follow_the_thresholds(own):
    stretched = apply_settings(own, target_rate=None, threshold_multiplier=2.0)
    assert own.label(own.warning) == "WARNING"
    assert stretched.label(own.warning) == "NORMAL"
    assert stretched.compute_health_score(stretched.warning) == pytest.approx(60)


def test_a_rate_and_a_multiplier_together_stretch_from_the_median_of_that_rate(own):
    of_rate = retarget(own, 0.02)
    both = apply_settings(own, target_rate=0.02, threshold_multiplier=3.0)
    for threshold in ("warning", "critical"):
        distance = getattr(of_rate, threshold) - of_rate.median
        assert getattr(both, threshold) - both.median == pytest.approx(3 * distance)


def test_a_rarer_rate_than_the_clips_can_show_is_noted(own):
    assert own.n < 249
    rare = apply_settings(own, target_rate=0.02, threshold_multiplier=1.0)
    assert EXTRAPOLATED in rare.notes


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


def test_a_folder_is_judged_anew_after_the_settings_changed(pump_7, tmp_path):
    folder = tmp_path / "recordings"
    folder.mkdir()
    (folder / "a.wav").write_bytes(pump())
    run = {"model_id": "pump_forest", "csv_path": tmp_path / "a.csv", "device_id": "pump-07"}
    assert analyze_folder(folder, **run).n_reused == 0
    assert analyze_folder(folder, **run).n_reused == 1
    pump_7.threshold_multiplier = 2.0
    pump_7.save()
    assert analyze_folder(folder, **run).n_reused == 0
    assert analyze_folder(folder, **run).n_reused == 1
