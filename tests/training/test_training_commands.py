"""The training commands make a version that serves, or a sentence and nothing registered."""

import hashlib
import io
import re

import joblib
import numpy as np
import pytest
import torch
from django.core.management import call_command
from django.core.management.base import CommandError

from registry import storage
from registry.models import ModelVersion, Promotion, RegisteredModel
from tests.support.training_by_command import COMMANDS, only_version, sidecar_of
from training.models import TrainingRun

pytestmark = pytest.mark.django_db


def test_a_folder_becomes_a_version_that_serves(train, recordings, detector_type):
    command = COMMANDS[detector_type][0]
    enough = {"epochs": 40} if command == "train_autoencoder" else {}
    tests = {part: recordings / part for part in ("test_normal", "test_abnormal")}
    printed = train(command, **enough, name="Pumps of hall 3", **tests)
    version = only_version()
    model = version.registered_model
    assert (model.type, model.machine_type_id, model.name) == (
        detector_type,
        "pump",
        "Pumps of hall 3",
    )
    assert model.serving_version == version
    assert version.sample_count == 24
    assert version.metrics["auc"] == 1.0
    assert set(version.metrics) == {
        "final_loss",
        "best_loss",
        "validation_score",
        "clip_seconds",
        "n_sessions",
        "auc",
        "pauc",
        "false_alarm_rate",
        "detection_rate",
        "seconds",
        "accelerator",
    }
    assert version.parameters["group_by"] == r"take\d+"
    assert f"Registered {version}" in printed
    assert re.search(r"AUC +│ 1 ", printed)
    assert "python manage.py evaluate_model" in printed
    assert f"/admin/registry/registeredmodel/{model.pk}/change/" in printed


def test_the_address_of_the_model_can_be_opened_as_printed(train, media):
    (media / "served-at.txt").write_text("http://127.0.0.1:8123")
    address = "http://127.0.0.1:8123/admin/registry/registeredmodel/pump_a/change/"
    assert f"see the model on the server: {address}" in train(model_id="pump_a")


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("train_if", {"pump_a.pkl", "pump_a_scaler.pkl", "pump_a.npz", "pump_a_meta.json"}),
        ("train_mahalanobis", {"pump_a.npz", "pump_a_meta.json"}),
    ],
)
def test_files_are_named_after_the_model_unless_they_are_named(recordings, command, names):
    call_command(
        command, data_dir=recordings / "train_normal", model_id="pump_a", stdout=io.StringIO()
    )
    assert {file.name for file in only_version().files.all()} == names


def test_a_training_without_a_folder_is_told_that_one_is_needed(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError, match="Name the folder of healthy recordings with --data_dir"):
        call_command("train_mahalanobis", model_id="pump_a")


def test_epochs_are_lines_only_where_every_detail_is_asked_for(train):
    assert "epoch" not in train("train_autoencoder", model_id="pump_a")
    assert "fold 1 of 5: epoch 1, loss" in train(
        "train_autoencoder", model_id="pump_b", verbosity=2
    )
    assert train("train_if", model_id="pump_c", verbosity=0).strip() == ""


def test_without_test_folders_the_rates_are_unknown(train):
    train()
    metrics = only_version().metrics
    assert {metrics[name] for name in ("auc", "pauc", "false_alarm_rate", "detection_rate")} == {
        None
    }


def test_the_table_has_only_rows_that_the_detector_has(train):
    printed = train("train_mahalanobis")
    for label in ("AUC", "Loss after training", "Best validation loss", "unknown", "None"):
        assert label not in printed
    assert "Mean held-out score" in printed
    warning = re.search(r"WARNING from +│ ([\d.]+) ", printed)[1]
    assert len(warning.replace(".", "").lstrip("0")) <= 4


def test_the_sidecar_records_how_the_version_was_made(train, recordings, detector_type):
    train(COMMANDS[detector_type][0], group_by=r"take\d+")
    version = only_version()
    about = sidecar_of(version)
    assert about["dataset_path"] == str(recordings / "train_normal")
    assert about["sample_count"] == 24
    assert about["metrics"] == version.metrics
    assert about["parameters"] == version.parameters
    assert about["calibration"]["n_groups"] == 6
    assert about["feature_spec"]["bandwidth_hz"] == 7600
    assert about["parity"]["clips"] == 24
    assert about["parity"]["max_relative_difference"] <= 1e-4
    assert about["parity"]["verdict_flips"] == 0
    assert about["library_versions"]["torch"] == version.library_versions["torch"]


def test_the_exchange_form_opens_in_the_library_that_made_it(train):
    train("train_autoencoder")
    state = torch.load(io.BytesIO(only_version().read_file("exchange")), weights_only=True)
    assert state["layers.0.weight"].shape == (64, 640)


def test_forest_and_scaler_are_files_of_their_own(train):
    train("train_if")
    version = only_version()
    forest, scaler = (
        joblib.load(io.BytesIO(version.read_file(role))) for role in ("exchange", "scaler")
    )
    assert len(forest.estimators_) == 20
    assert scaler.mean_.shape == (forest.n_features_in_,)
    assert {file.name for file in version.files.all()} == {
        "pump_if_v1.pkl",
        "s.pkl",
        "pump_if_v1.npz",
        "pump_if_v1_meta.json",
    }


def test_an_autoencoder_that_interpolates_says_so(train):
    train("train_autoencoder", objective="interpolation")
    assert only_version().parameters["objective"] == "interpolation"


def test_an_existing_model_gets_its_next_version_which_serves(train):
    train(model_id="pump_if")
    train(model_id="pump_if", seed=1)
    model = RegisteredModel.objects.get()
    assert [version.number for version in model.versions.order_by("number")] == [1, 2]
    assert model.serving_version.number == 2
    assert Promotion.objects.filter(kind="serve").count() == 2


def test_a_candidate_waits_for_a_curator(train):
    train(model_id="pump_if")
    printed = train(model_id="pump_if", candidate=True)
    model = RegisteredModel.objects.get()
    assert (model.versions.count(), model.serving_version.number) == (2, 1)
    assert "candidate" in printed


def test_make_default_takes_the_place_of_the_default(train):
    train(model_id="pump_a", make_default=True)
    train(model_id="pump_b", make_default=True)
    assert RegisteredModel.objects.defaults().get().pk == "pump_b"


def test_the_same_seed_gives_the_same_scores_and_another_seed_others_where_chance_has_a_part(
    train, detector_type
):
    for model_id, seed in (("pump_a", 3), ("pump_b", 3), ("pump_c", 4)):
        train(COMMANDS[detector_type][0], model_id=model_id, seed=seed)
    a, b, c = (
        version.metrics["validation_score"] for version in ModelVersion.objects.order_by("pk")
    )
    assert a == b
    assert (a != c) == (detector_type != "level3_mahalanobis")


def test_the_fingerprint_is_of_names_sizes_and_contents(train, recordings):
    train()
    digest = hashlib.sha256()
    for path in sorted((recordings / "train_normal").iterdir()):
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    assert only_version().dataset_fingerprint == digest.hexdigest()


@pytest.mark.parametrize(
    ("command", "names", "model_id"),
    [
        (
            "train_if",
            {"output_if_name": None, "output_scaler_name": None},
            "pump_isolation_forest_default",
        ),
        ("train_autoencoder", {"output_name": None}, "pump_autoencoder_default"),
        ("train_if", {}, "pump_if_v1"),
    ],
)
def test_the_model_id_follows_the_first_name(train, command, names, model_id):
    train(command, **names)
    assert only_version().registered_model_id == model_id


def test_a_stem_that_looks_like_a_version_gets_a_hint(train):
    assert "--model_id pump_if " in train()
    assert "Hint" not in train(model_id="pump_if")


@pytest.mark.parametrize(
    ("options", "machine_type"),
    [
        ({"model_id": "hall3_fan_if"}, "fan"),
        ({"model_id": "fanfare"}, "unspecified"),
        ({"model_id": "hall2_pump7"}, "pump"),
        ({"machine_type": "gearbox"}, "gearbox"),
    ],
)
def test_the_machine_type_is_an_option_or_a_part_of_the_id(train, options, machine_type):
    printed = train(**options)
    assert only_version().registered_model.machine_type_id == machine_type
    assert f"machine type {machine_type}" in printed


def test_both_spellings_of_an_option_are_one(train, recordings):
    call_command(
        "train_if",
        "--data-dir",
        str(recordings / "train_normal"),
        "--model-id",
        "pump_if",
        stdout=io.StringIO(),
    )
    assert only_version().registered_model_id == "pump_if"


def test_columns_of_numbers_are_recordings_too(train, tmp_path):
    rng = np.random.default_rng(0)
    for n in range(20):
        column = "\n".join(f"{value:.6f}" for value in rng.normal(size=12_000) * 5)
        (tmp_path / f"take{n // 5}_{n:02d}.csv").write_text(
            f"acceleration\n{column}\n" if n % 2 else column
        )
    train(data_dir=tmp_path, csv_sample_rate=8000, n_estimators=10)
    assert only_version().sample_count == 20


# Attempts


def test_every_attempt_leaves_a_row(train, detector_type):
    train(COMMANDS[detector_type][0], seed=7)
    run = TrainingRun.objects.get()
    assert (run.shown_state, run.version, run.seed) == ("SUCCEEDED", only_version(), 7)
    assert run.finished_at >= run.started_at
    epochs = [(row["phase"], row["epoch"]) for row in run.epochs]
    assert (("final", 1) in epochs) == (detector_type == "level2_autoencoder")


def test_a_failure_while_publishing_registers_nothing(train, monkeypatch):
    def fail(*arguments, **options):
        raise OSError("the disk is full")

    monkeypatch.setattr(storage, "write_files", fail)
    with pytest.raises(OSError, match="the disk is full"):
        train()
    assert not RegisteredModel.objects.exists()
    run = TrainingRun.objects.get()
    assert (run.shown_state, run.error, run.version) == ("FAILED", "the disk is full", None)
