"""A report tells what was measured, and nothing else."""

from datetime import timedelta
from math import sqrt

import numpy as np
import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from analysis.models import Analysis, Device
from older_app.trend import fit_trend
from tests.support.pump_sounds import BROKEN_BEARING, pump

URL = "/api/mobile/report/pump-07"


def upload(api, content):
    form = {"file": SimpleUploadedFile("pump.wav", content), "device_id": "pump-07"}
    answer = api.post("/api/mobile/upload", form, format="multipart")
    return Analysis.objects.get(pk=answer.json()["task_id"])


def read(api, **headers):
    return api.get(URL, **headers).json()["data_package"]


def age(analysis, days, anomaly_score=None):
    columns = {"created_at": timezone.now() - timedelta(days=days)}
    if anomaly_score is not None:
        columns["anomaly_score"] = anomaly_score
    Analysis.objects.filter(pk=analysis.pk).update(**columns)


def test_a_machine_that_was_never_judged_is_unknown(api, pump_7):
    package = read(api)
    assert package["status"]["current_state"] == "UNKNOWN"
    assert package["status"]["health_score"] == 0
    assert "Nothing is known" in package["status"]["summary"]
    assert package["predictive_insight"]["rul_prediction_days"] == -1
    assert package["original_analysis_result"] is None


def test_an_unknown_machine_has_no_report(api, db):
    assert api.get(URL).status_code == 404


def test_every_number_is_that_of_the_newest_analysis(api, pump_7):
    upload(api, pump())
    newest = upload(api, pump(2, fault=BROKEN_BEARING))
    package = read(api)
    assert package["status"]["health_score"] == newest.health_score
    assert package["diagnosis"]["confidence"] == pytest.approx(1 - newest.p_value)
    rhythms = newest.explanation["evidence"]["envelope_peaks"]
    assert [peak["hz"] for peak in package["frequency_analysis"]["detected_peaks"]] == [
        rhythm["frequency_hz"] for rhythm in rhythms
    ]
    assert package["maintenance_guide"]["recommended_parts"] == []


def test_other_levels_vote_on_the_newest_recording(api, pump_7, publish, pump_artifact):
    publish("pump_other", type="level3_mahalanobis", content=pump_artifact)
    publish("pump_second", type="level1_isolation_forest", content=pump_artifact)
    newest = upload(api, pump())
    votes = read(api)["ensemble_analysis"]
    assert set(votes["voting_result"]) == {"pump_forest", "pump_other"}
    assert votes["voting_result"]["pump_forest"]["status"] == newest.label
    scores = [vote["score"] for vote in votes["voting_result"].values()]
    assert votes["consensus_score"] == pytest.approx(np.mean(scores))


def test_a_rising_trend_says_when_it_meets_critical(api, pump_7):
    analyses = [upload(api, pump()) for _ in range(5)]
    critical = analyses[0].critical_threshold
    for days, analysis in enumerate(reversed(analyses)):
        age(analysis, days, critical - 10 - days)
    insight = read(api)["predictive_insight"]
    assert insight["rul_prediction_days"] == pytest.approx(10, abs=0.1)
    assert "10 days" in insight["summary"]


def test_scores_that_scatter_show_no_trend(api, pump_7):
    analyses = [upload(api, pump()) for _ in range(4)]
    for days, (analysis, score) in enumerate(zip(analyses, [1, 2, 1, 2], strict=True)):
        age(analysis, days, score)
    insight = read(api)["predictive_insight"]
    assert insight["rul_prediction_days"] == -1
    assert "no trend" in insight["summary"]


def test_the_summary_is_korean_for_a_korean(api, pump_7):
    upload(api, pump())
    package = read(api, HTTP_ACCEPT_LANGUAGE="ko")
    assert package["status"]["summary"].startswith(("정상", "주의", "위험"))
    assert package["predictive_insight"]["summary"].startswith("최근 30일")


def test_a_recording_that_was_purged_has_the_vote_that_it_got(api, pump_7):
    newest = upload(api, pump())
    newest.recording.__class__.objects.filter(pk=newest.recording_id).update(
        purged_at=timezone.now()
    )
    assert set(read(api)["ensemble_analysis"]["voting_result"]) == {"pump_forest"}


def test_a_retired_machine_has_no_report(api, pump_7):
    Device.objects.get().retire()
    assert api.get(URL).status_code == 404


def test_the_interval_of_a_slope_is_that_of_the_textbook():
    trend = fit_trend([-3, -2, -1, 0], [1.0, 2.1, 2.9, 4.0])
    assert trend.slope == pytest.approx(0.98)
    # The residuals are -.03, .09, -.09 and .03, and t of two degrees of freedom is 4.3027.
    half_width = 4.3027 * sqrt((2 * 0.03**2 + 2 * 0.09**2) / 2 / 5)
    assert trend.slope_high - trend.slope == pytest.approx(half_width, rel=1e-4)
    assert trend.slope - trend.slope_low == pytest.approx(half_width, rel=1e-4)


def test_equal_scores_at_irregular_times_do_not_rise():
    days = np.random.default_rng(0).uniform(-30, 0, 9)
    assert fit_trend(days, [3.1415] * 9) is None


def test_the_version_that_judged_keeps_its_verdict(api, pump_7, publish, pump_artifact):
    publish("pump_other", type="level3_mahalanobis", content=pump_artifact)
    pump_7.threshold_multiplier = 5.0
    pump_7.save()
    newest = upload(api, pump(2, fault=BROKEN_BEARING))
    votes = read(api)["ensemble_analysis"]["voting_result"]
    assert votes["pump_forest"] == {"status": newest.label, "score": newest.score}
    # The other is the same detector, judged at the same settings.
    assert votes["pump_other"] == votes["pump_forest"]


def test_a_recording_that_is_gone_leaves_the_report(api, pump_7, publish, pump_artifact):
    publish("pump_other", type="level3_mahalanobis", content=pump_artifact)
    newest = upload(api, pump())
    storages["recordings"].delete(newest.recording.path)
    assert set(read(api)["ensemble_analysis"]["voting_result"]) == {"pump_forest"}


@pytest.mark.parametrize("days", [[], [0], [0, -1], [0, 0, 0], [-0.3, -0.2, -0.1, 0]])
def test_too_few_days_have_no_trend(days):
    assert fit_trend(days, range(len(days))) is None
