"""The registry of the older system is imported as it scored there; the rest is reported."""

import io
import json
import os
import pickle

import joblib
import numpy as np
import pytest
import torch
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from sklearn.ensemble import IsolationForest
from sklearn.preprocessing import StandardScaler

from analysis.loading import detector_for
from analysis.models import CalibrationRecord
from analysis.sound.audio import decode
from registry.models import ModelVersion, Promotion, RegisteredModel
from tests.support.places import REAL
from tests.support.pump_sounds import URL as ANALYSES
from tests.support.pump_sounds import pump
from training.evaluation import evaluator
from training.legacy import conversion

pytestmark = pytest.mark.django_db
OLD = REAL / "old_registry"
SLIDER = REAL / "slider_id_00"
MATCH = "/api/v1/models/match"
needs_the_real_one = pytest.mark.skipif(
    not OLD.is_dir(), reason="The older registry beside the project is not here."
)
WIDTHS = {
    "encoder": {0: (64, 128), 3: (128, 64), 5: (64, 16)},
    "decoder": {0: (16, 64), 3: (64, 128), 5: (128, 64)},
}


@pytest.fixture(scope="module")
def forest():
    """A forest and a scaler as the older system made them."""
    features = np.random.default_rng(0).normal(size=(80, 34))
    scaler = StandardScaler().fit(features)
    return IsolationForest(n_estimators=5, contamination=0.01, random_state=0).fit(
        scaler.transform(features)
    ), scaler


@pytest.fixture
def folder(tmp_path, forest):
    """An older registry with a forest and an autoencoder."""
    folder = tmp_path / "old"
    folder.mkdir()
    joblib.dump(forest[0], folder / "pump_if.pkl")
    joblib.dump(forest[1], folder / "pump_scaler.pkl")
    torch.manual_seed(0)
    state = {}
    for part, layers in WIDTHS.items():
        for number, (n_in, n_out) in layers.items():
            state |= {
                f"{part}.{number}.weight": torch.randn(n_out, n_in),
                f"{part}.{number}.bias": torch.randn(n_out),
            }
    torch.save(state, folder / "pump_ae.pth")
    return folder


FOREST = {
    "id": "pump_if",
    "type": "level1_isolation_forest",
    "file_name": "pump_if.pkl",
    "scaler_file": "pump_scaler.pkl",
}
AUTOENCODER = {"id": "pump_ae", "type": "level2_autoencoder", "file_name": "pump_ae.pth"}


def import_from(folder, *entries, **options):
    if entries:
        (folder / "registry.json").write_text(json.dumps({"models": entries}, ensure_ascii=False))
    printed = io.StringIO()
    call_command(
        "import_registry", folder / "registry.json", trust_pickles=True, stdout=printed, **options
    )
    return printed.getvalue()


def test_forest_and_autoencoder_come_in_and_serve_uncalibrated(api, folder):
    report = import_from(folder, FOREST, AUTOENCODER)
    assert "2 imported, 0 can be imported, 0 already imported, 0 not imported" in report
    for model_id, level in [("pump_if", 1), ("pump_ae", 2)]:
        model = RegisteredModel.objects.get_by_id(model_id)
        assert (model.level, model.machine_type_id) == (level, "pump")
        assert model.type in ("level1_legacy_isolation_forest", "level2_legacy_autoencoder")
        response = api.post(
            ANALYSES,
            {"file": SimpleUploadedFile("pump.wav", pump()), "model_id": model_id},
            format="multipart",
        )
        assert (response.status_code, response.json()["code"]) == (409, "not_calibrated")


def test_a_legacy_detector_scores_a_recording_as_scikit_learn_does(folder, forest):
    import_from(folder, FOREST)
    waveform = decode(pump(1)).waveform
    artifact = detector_for(ModelVersion.objects.get())
    features = artifact.detector.extract_features(waveform, artifact.mel_filterbank)
    older = forest[0].decision_function(forest[1].transform(features[np.newaxis]))[0]
    prediction = artifact.predict(waveform)
    assert (
        prediction.anomaly_score
        == artifact.compute_anomaly_score(waveform)
        == pytest.approx(0.5 - older, rel=1e-6)
    )
    assert prediction.warnings == ("unexplained",)
    assert (
        len(prediction.explanation.curve),
        prediction.explanation.segments,
        prediction.explanation.bands,
    ) == (0, (), ())


def test_what_the_older_registry_knew_is_stored(folder):
    meta = {
        "model_type": "level1_isolation_forest",
        "created_at": "2024-12-07T12:00:00",
        "dataset_path": "C:\\data\\펌프",
        "sample_count": 991,
        "training_parameters": {"contamination": 0.01},
        "training_metrics": {"status": "Completed"},
    }
    (folder / "about.json").write_text(json.dumps(meta))
    import_from(
        folder, FOREST | {"name": "펌프용 (기본)", "meta_file": "about.json", "description": "기본"}
    )
    version = ModelVersion.objects.get()
    assert (version.registered_model.name, version.registered_model.description) == (
        "펌프용 (기본)",
        "기본",
    )
    assert (version.dataset_path, version.sample_count) == ("C:\\data\\펌프", 991)
    assert (version.parameters, version.metrics) == (
        {"contamination": 0.01},
        {"status": "Completed"},
    )
    assert f"{version.created_at:%Y-%m-%d}" == "2024-12-07"
    assert json.loads(version.read_file("sidecar"))["imported"]["sidecar"] == meta
    assert version.read_file("exchange") == (folder / "pump_if.pkl").read_bytes()
    assert version.find_file("scaler").name == "pump_scaler.pkl"


@pytest.mark.parametrize(
    "spelling", [("file_name_model", "file_name_scaler"), ("model_file", "scaler_file_name")]
)
def test_files_are_found_by_any_spelling_of_their_keys(folder, spelling):
    entry = {"id": "pump_if", "type": "level1_isolation_forest"} | dict(
        zip(spelling, ["pump_if.pkl", "pump_scaler.pkl"], strict=True)
    )
    assert "1 imported" in import_from(folder, entry)


def test_of_two_defaults_the_first_is_the_default(folder):
    report = import_from(
        folder,
        AUTOENCODER | {"is_default": True},
        AUTOENCODER | {"id": "pump_b", "is_default": True},
    )
    assert RegisteredModel.objects.defaults().get().pk == "pump_ae"
    assert "not the default, because pump_ae is" in " ".join(report.split())
    assert Promotion.objects.filter(why__contains="imported").count() == 3


def test_importing_again_changes_nothing(folder):
    import_from(folder, AUTOENCODER)
    assert "1 already imported" in import_from(folder)
    assert ModelVersion.objects.count() == 1


def test_a_dry_run_opens_and_compares_and_writes_nothing(folder, media):
    assert "1 can be imported" in import_from(folder, FOREST, dry_run=True)
    assert not RegisteredModel.objects.exists()
    assert not (media / "artifacts").exists()


def test_pickles_are_opened_only_on_request(folder):
    with pytest.raises(CommandError, match="--trust-pickles"):
        call_command("import_registry", folder / "registry.json")


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (FOREST | {"file_name": "gone.pkl"}, "Its model file gone.pkl is not there."),
        ({key: FOREST[key] for key in ("id", "type", "file_name")}, "It has no scaler file."),
        (FOREST | {"file_name": "../old/pump_if.pkl"}, "is no file name"),
        (FOREST | {"meta_file": "C:\\meta.json"}, "is no file name"),
        (FOREST | {"type": "level3_magic"}, "can be imported"),
        (FOREST | {"id": "Pump IF"}, "A model id has at most"),
        (FOREST | {"file_name": "pump_scaler.pkl"}, "do not hold an isolation forest and a scaler"),
        (FOREST | {"file_name": "pump_ae.pth"}, "not a readable pickle"),
        (AUTOENCODER | {"file_name": "pump_if.pkl"}, "not a state_dict"),
        ("pump_if", "The entry is not a JSON object."),
        (None, "The entry is not a JSON object."),
    ],
)
def test_what_cannot_be_imported_is_reported(folder, entry, why):
    report = " ".join(import_from(folder, entry).replace("│", " ").split())
    assert why in report
    assert "0 imported, 0 can be imported, 0 already imported, 1 not imported" in report


def test_what_cannot_be_imported_keeps_nothing_else_out(folder):
    report = import_from(folder, AUTOENCODER | {"file_name": "gone.pth"}, AUTOENCODER, AUTOENCODER)
    assert "1 imported, 0 can be imported, 0 already imported, 2 not imported" in report
    assert "Another entry before it has the same id." in report


class Bomb:
    """A pickle that writes a file when it is opened."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.system, (f"touch {self.marker}",)


@pytest.mark.parametrize("hidden", [False, True])
def test_a_pickle_that_would_run_code_runs_none(folder, tmp_path, hidden):
    marker = tmp_path / "it ran"
    bomb = np.array([Bomb(marker)], dtype=object) if hidden else Bomb(marker)
    (joblib.dump if hidden else lambda value, path: path.write_bytes(pickle.dumps(value)))(
        bomb, folder / "pump_if.pkl"
    )
    report = " ".join(import_from(folder, FOREST).split())
    assert "which no scaler and no forest needs" in report
    assert not marker.exists()
    assert not RegisteredModel.objects.exists()


def test_opening_a_file_has_a_time_limit(folder, monkeypatch):
    monkeypatch.setattr(conversion, "MAX_SECONDS_TO_OPEN", 0.05)
    assert "could not be opened within 0.05 s" in " ".join(import_from(folder, FOREST).split())


def test_the_process_that_opens_pickles_knows_no_secret(settings):
    assert settings.BARE_ENVIRONMENT.keys() <= {"PATH", "SYSTEMROOT", "TEMP", "TMP"}


@pytest.mark.parametrize(
    "content", ["", "[]", '{"models": {}}', "{", '{"models": [NaN]}', "[" * 100_000]
)
def test_what_is_no_registry_is_refused(tmp_path, content):
    (tmp_path / "registry.json").write_text(content)
    with pytest.raises(CommandError, match=r"registry\.json"):
        call_command("import_registry", tmp_path / "registry.json", trust_pickles=True)


def test_a_missing_registry_is_refused(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_registry", tmp_path / "registry.json", trust_pickles=True)


@needs_the_real_one
def test_the_real_registry_comes_in_and_scores_as_it_did():
    report = import_from(OLD)
    assert "4 imported, 0 can be imported, 0 already imported, 2 not imported" in report
    oracle = json.loads((OLD / "oracle.json").read_text())["clips"]
    for name, expected in oracle.items():
        waveform = decode(REAL / name).waveform
        for model_id, older_score in expected["older_scores"].items():
            artifact = detector_for(
                RegisteredModel.objects.get_by_id(model_id).get_version_to_serve()
            )
            is_forest = artifact.detector.type.startswith("level1")
            vector = expected["statistics_34" if is_forest else "mel_mean_64"]
            features = artifact.detector.extract_features(waveform, artifact.mel_filterbank)
            np.testing.assert_allclose(features, vector, rtol=1e-5, atol=1e-5)
            expected_score = 0.5 - older_score if is_forest else older_score
            assert artifact.compute_anomaly_score(waveform) == pytest.approx(
                expected_score, rel=1e-5, abs=1e-5
            )
    assert {model.pk for model in RegisteredModel.objects.defaults()} == {
        "pump_autoencoder_default",
        "pump_isolation_forest_default",
    }


def send(api, content, model_id):
    return api.post(
        ANALYSES,
        {"file": SimpleUploadedFile("a.wav", content), "model_id": model_id},
        format="multipart",
    )


def command(*options):
    printed = io.StringIO()
    call_command(*options, stdout=printed)
    return printed.getvalue()


@needs_the_real_one
@pytest.mark.skipif(
    not SLIDER.is_dir(), reason="The recordings of a slider beside the project are not here."
)
@pytest.mark.parametrize("model_id", ["pump_isolation_forest_default", "pump_autoencoder_default"])
def test_an_older_model_answers_once_it_is_calibrated(api, model_id):
    import_from(OLD)
    heard = next((SLIDER / "test_normal").glob("*.wav")).read_bytes()
    refused = send(api, heard, model_id)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_calibrated")
    with pytest.raises(SystemExit):
        command("registry_doctor")
    printed = command("calibrate", model_id, f"--data_dir={SLIDER / 'train_normal'}")
    assert f"Calibrated {model_id} v1" in printed
    answered = send(api, heard, model_id)
    assert answered.status_code == 201, answered.json()
    assert answered.json()["label"] in ("NORMAL", "WARNING", "CRITICAL")
    assert answered.json()["calibration"]["id"] == CalibrationRecord.objects.get().pk

    matched = api.post(
        MATCH, {"file": SimpleUploadedFile("a.wav", heard)}, format="multipart"
    ).json()
    assert [match["model"]["id"] for match in matched["matches"]] == [model_id]
    assert {each["code"] for each in matched["unavailable"]} == {"not_calibrated"}

    folders = (f"--{part}={SLIDER / part}" for part in ("test_normal", "test_abnormal"))
    assert f"Stored {model_id} v1 evaluation" in command("evaluate_model", model_id, *folders)


def test_an_older_model_is_evaluated_only_once_it_is_calibrated(folder, tmp_path, monkeypatch):
    import_from(folder, AUTOENCODER)
    (tmp_path / "pump.wav").write_bytes(pump())
    monkeypatch.setattr(evaluator, "read_with_progress", None)  # it costs nothing to be refused
    with pytest.raises(CommandError, match="calibrate it on normal recordings first"):
        command(
            "evaluate_model", "pump_ae", f"--test_normal={tmp_path}", f"--test_abnormal={tmp_path}"
        )


def test_another_rate_needs_a_calibration_first(folder):
    import_from(folder, AUTOENCODER)
    with pytest.raises(CommandError, match="calibrate it on normal recordings first"):
        command("calibrate", "pump_ae", "--target_false_alarm_rate=0.1")
