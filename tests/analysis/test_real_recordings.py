"""The main job on real machines: train by command, analyse over the API, and both agree."""

import io

import numpy as np
import pytest
from django.core.management import call_command
from sklearn.metrics import roc_auc_score

from analysis.loading import detector_for
from analysis.sound.audio import decode
from benchmarks.main_job import TEST_PARTS, analyze, count_alarms
from benchmarks.support.levels import list_recordings, train
from benchmarks.support.transcoding import LOSSY, transcode
from registry.models import RegisteredModel
from tests.support.needs import needs_real
from tests.support.places import REAL

GROUPS = {"bldc_m2": r"m2_\d+", "engine_car02": r"take\d+", "compressor": r"^\d{6,8}"}
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    needs_real,
]


def trained(name, level):
    """The id of a model of the set, trained as its takes ask for."""
    return train(REAL / name, level, 0, GROUPS.get(name))


def analyses(api, model_id, name, kind):
    return [
        analyze(api, model_id, path.name, path.read_bytes())
        for path in list_recordings(REAL / name, kind)
    ]


def score_first(artifact, analysis, path):
    """Return the score at the first hearing: what is heard beside the machine is not cut out."""
    if "disturbed" not in analysis["quality"]["warnings"]:
        return analysis["anomaly_score"]
    clip = decode(path)
    score = artifact.compute_anomaly_score(clip.waveform, clip.codec)
    assert score >= analysis["anomaly_score"]
    return score


@pytest.mark.parametrize(
    ("name", "level", "least_auc"),
    [
        ("engine_car02", "level 1", 0.95),
        ("engine_car02", "level 2", 0.95),
        ("bldc_m2", "level 1", 0.95),
        ("bldc_m2", "level 2", 0.85),
        ("compressor", "level 1", 0.95),
        ("compressor", "level 2", 0.95),
    ],
)
def test_faults_are_separated_from_normal_and_the_api_agrees_with_the_command(
    api, name, level, least_auc
):
    model_id = trained(name, level)
    normal, abnormal = (analyses(api, model_id, name, kind) for kind in TEST_PARTS)
    is_abnormal = np.repeat([0, 1], [len(normal), len(abnormal)])
    scores = [analysis["anomaly_score"] for analysis in normal + abnormal]
    assert roc_auc_score(is_abnormal, scores) >= least_auc

    version = RegisteredModel.objects.get(pk=model_id).serving_version
    artifact = detector_for(version)
    paths = [path for kind in TEST_PARTS for path in list_recordings(REAL / name, kind)]
    pairs = zip(normal + abnormal, paths, strict=True)
    auc = roc_auc_score(is_abnormal, [score_first(artifact, *pair) for pair in pairs])
    assert version.metrics["auc"] == pytest.approx(auc, abs=1e-6)
    assert version.metrics["false_alarm_rate"] == pytest.approx(count_alarms(normal) / len(normal))
    assert version.metrics["detection_rate"] == pytest.approx(
        count_alarms(abnormal) / len(abnormal)
    )


def test_few_normal_slides_raise_an_alarm_in_whatever_format_they_come(api):
    model_id = trained("slider_id_00", "level 1")
    paths = list_recordings(REAL / "slider_id_00", "test_normal")
    as_recorded = analyses(api, model_id, "slider_id_00", "test_normal")
    assert count_alarms(as_recorded) <= 4
    median = np.median([analysis["anomaly_score"] for analysis in as_recorded])
    for form in LOSSY:
        sent = [analyze(api, model_id, f"clip.{form}", transcode(path, form)) for path in paths]
        pairs = list(zip(as_recorded, sent, strict=True))
        assert np.mean([one["label"] == other["label"] for one, other in pairs]) >= 0.9
        change = np.median(
            [abs(one["anomaly_score"] - other["anomaly_score"]) for one, other in pairs]
        )
        assert change < as_recorded[0]["thresholds"]["warning"] - median


def test_a_set_that_loudness_explains_is_named():
    # At rest, off, and running loud: other states, and no fault.
    model_id = trained("compressor", "level 1")
    group_by = GROUPS["compressor"]
    folders = [f"--{kind}={REAL / 'compressor' / kind}" for kind in TEST_PARTS]
    printed = io.StringIO()
    call_command("evaluate_model", model_id, *folders, f"--group_by={group_by}", stdout=printed)
    assert "Loudness alone tells abnormal clips from normal ones" in printed.getvalue()
    metrics = (
        RegisteredModel.objects.get(pk=model_id).serving_version.evaluations.latest("pk").metrics
    )
    assert list(metrics["kinds"]) == ["off", "runloud"]
    auc = metrics["auc"]
    # Where every resample agrees on a perfect AUC there is no interval: then it has to be perfect.
    assert auc["low"] > 0.9 if auc["low"] is not None else auc["value"] == 1.0
