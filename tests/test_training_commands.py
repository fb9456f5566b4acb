"""The training commands: from a folder to a version that serves, or a sentence and nothing registered."""

import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pytest
import torch
from django.core.management import CommandError, call_command

from registry import storage
from registry.models import ModelVersion, Promotion, RegisteredModel
from tests.pump_sounds import BROKEN_BEARING, pump
from training.models import TrainingRun

pytestmark = pytest.mark.django_db
# Small and few, so that a test takes a second or two.
COMMANDS = {
    "level1_isolation_forest": (
        "train_if",
        {"output_if_name": "pump_if_v1.pkl", "output_scaler_name": "s.pkl", "n_estimators": 20},
    ),
    "level2_autoencoder": ("train_autoencoder", {"output_name": "pump_autoencoder_v1.pth", "epochs": 3}),
}


@pytest.fixture(scope="session")
def recordings(tmp_path_factory):
    """Six takes of four healthy clips, and a few of each kind to test on."""
    folder = tmp_path_factory.mktemp("recordings")
    parts = {
        "train_normal": [(f"take{n // 4}_{n}", n, None) for n in range(24)],
        "test_normal": [(f"take9_{n}", 100 + n, None) for n in range(4)],
        "test_abnormal": [(f"faulty_{n}", 200 + n, BROKEN_BEARING) for n in range(4)],
    }
    for part, clips in parts.items():
        (folder / part).mkdir()
        for name, seed, fault in clips:
            (folder / part / f"{name}.wav").write_bytes(pump(seed, fault=fault, seconds=1.5))
    return folder


@pytest.fixture
def train(recordings):
    """Run a training command as a person would; returns what it printed."""

    def run(command="train_if", **options):
        names = next(names for name, names in COMMANDS.values() if name == command)
        given = {"data_dir": recordings / "train_normal", "group_by": r"take\d+"} | names | options
        printed = io.StringIO()
        switches = [f"--{name}" for name, value in given.items() if value is True]
        values = [f"--{name}={value}" for name, value in given.items() if value not in (True, None)]
        call_command(command, *switches, *values, stdout=printed)
        return printed.getvalue()

    return run


@pytest.fixture(params=COMMANDS)
def detector_type(request):
    return request.param


def only_version():
    return ModelVersion.objects.get()


def sidecar_of(version):
    return json.loads(storage.read(version, "sidecar"))


def stored_files(media):
    return [path for path in (media / "artifacts").rglob("*") if path.is_file()]


def test_a_folder_becomes_a_version_that_serves(train, recordings, detector_type):
    command = COMMANDS[detector_type][0]
    enough = {"epochs": 25} if command == "train_autoencoder" else {}
    tests = {part: recordings / part for part in ("test_normal", "test_abnormal")}
    printed = train(command, **enough, name="Pumps of hall 3", **tests)
    version = only_version()
    model = version.registered_model
    assert (model.type, model.machine_type_id, model.name) == (detector_type, "pump", "Pumps of hall 3")
    assert model.serving_version == version
    assert version.sample_count == 24
    assert version.metrics["auc"] == 1.0
    assert set(version.metrics) == {
        *("final_loss", "best_loss", "validation_score", "auc", "pauc", "false_alarm_rate", "detection_rate"),
        *("seconds", "accelerator"),
    }
    assert version.parameters["group_by"] == r"take\d+"
    assert f"Registered {version}" in printed
    assert str(version.metrics["auc"]) in printed


def test_without_test_folders_the_rates_are_unknown(train):
    train()
    metrics = only_version().metrics
    assert {metrics[name] for name in ("auc", "pauc", "false_alarm_rate", "detection_rate")} == {None}


def test_the_sidecar_tells_how_the_version_was_made(train, recordings, detector_type):
    train(COMMANDS[detector_type][0], group_by=r"take\d+")
    version, about = only_version(), sidecar_of(only_version())
    assert about["dataset_path"] == str(recordings / "train_normal")
    assert about["sample_count"] == 24
    assert about["metrics"] == version.metrics
    assert about["parameters"] == version.parameters
    assert about["calibration"]["n_groups"] == 6
    assert about["parity"]["clips"] == 24
    assert about["parity"]["max_relative_difference"] <= 1e-4
    assert about["parity"]["verdict_flips"] == 0
    assert about["library_versions"]["torch"] == version.library_versions["torch"]


def test_the_exchange_form_opens_in_the_library_that_made_it(train):
    train("train_autoencoder")
    state = torch.load(io.BytesIO(storage.read(only_version(), "exchange")), weights_only=True)
    assert state["layers.0.weight"].shape == (128, 640)


def test_forest_and_scaler_are_files_of_their_own(train):
    train("train_if")
    version = only_version()
    forest, scaler = (joblib.load(io.BytesIO(storage.read(version, role))) for role in ("exchange", "scaler"))
    assert len(forest.estimators_) == 20
    assert scaler.mean_.shape == (forest.n_features_in_,)
    assert {file.name for file in version.files.all()} == {
        *("pump_if_v1.pkl", "s.pkl", "pump_if_v1.npz", "pump_if_v1_meta.json")
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


def test_the_same_seed_gives_the_same_scores(train, detector_type):
    for model_id, seed in (("pump_a", 3), ("pump_b", 3), ("pump_c", 4)):
        train(COMMANDS[detector_type][0], model_id=model_id, seed=seed)
    a, b, c = (version.metrics["validation_score"] for version in ModelVersion.objects.order_by("pk"))
    assert a == b != c


def test_the_fingerprint_is_of_names_sizes_and_contents(train, recordings):
    train()
    digest = hashlib.sha256()
    for path in sorted((recordings / "train_normal").iterdir()):
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    assert only_version().dataset_fingerprint == digest.hexdigest()


@pytest.mark.parametrize(
    ("command", "names", "model_id"),
    [
        ("train_if", {"output_if_name": None, "output_scaler_name": None}, "pump_isolation_forest_default"),
        ("train_autoencoder", {"output_name": None}, "pump_autoencoder_default"),
        ("train_if", {}, "pump_if_v1"),
    ],
)
def test_the_model_id_follows_the_first_name(train, command, names, model_id):
    train(command, **names)
    assert only_version().registered_model_id == model_id


def test_a_stem_that_looks_like_a_version_is_told_how_to_be_one(train):
    assert "--model_id pump_if " in train()
    assert "Hint" not in train(model_id="pump_if")


@pytest.mark.parametrize(
    ("options", "machine_type"),
    [
        ({"model_id": "hall3_fan_if"}, "fan"),
        ({"model_id": "fanfare"}, "unspecified"),
        ({"machine_type": "gearbox"}, "gearbox"),
    ],
)
def test_the_machine_type_is_named_or_told_by_the_id(train, options, machine_type):
    printed = train(**options)
    assert only_version().registered_model.machine_type_id == machine_type
    assert f"machine type {machine_type}" in printed


def test_both_spellings_of_an_option_are_one(train, recordings):
    call_command(
        "train_if", "--data-dir", str(recordings / "train_normal"), "--model-id", "pump_if", stdout=io.StringIO()
    )
    assert only_version().registered_model_id == "pump_if"


def test_columns_of_numbers_are_recordings_too(train, tmp_path):
    rng = np.random.default_rng(0)
    for n in range(20):
        column = "\n".join(f"{value:.6f}" for value in rng.normal(size=12_000) * 5)
        (tmp_path / f"{n:02d}.csv").write_text(f"acceleration\n{column}\n" if n % 2 else column)
    train(data_dir=tmp_path, csv_sample_rate=8000, n_estimators=10)
    assert only_version().sample_count == 20


# Refusals: a sentence, and nothing is registered.


def spoil(folder, recordings, *, good, bad):
    """A folder of so many usable and unusable files."""
    for n, path in enumerate(sorted((recordings / "train_normal").iterdir())[:good]):
        (folder / f"good_{n}.wav").write_bytes(path.read_bytes())
    for n in range(bad):
        (folder / f"bad_{n}.wav").write_bytes(b"not a recording")
    return folder


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"data_dir": "/nowhere/at/all"}, "There is no folder"),
        ({"output_if_name": "../../x.pkl"}, "is no file name"),
        ({"output_scaler_name": "pump_if_v1.pkl"}, "different names"),
        ({"output_scaler_name": "pump_if_v1.npz"}, "different names"),
        ({"model_id": "../x"}, "A model id"),
        ({"model_id": "match"}, "A model id"),
        ({"machine_type": "Ein Lüfter"}, "--machine_type"),
        ({"target_false_alarm_rate": 0}, "--target_false_alarm_rate"),
        ({"target_false_alarm_rate": "nan"}, "--target_false_alarm_rate"),
        ({"n_estimators": 0}, "--n_estimators"),
        ({"seed": -1}, "--seed"),
        ({"group_by": "("}, "regular expression"),
        ({"candidate": True, "make_default": True}, "--candidate"),
        ({"test_normal": "/nowhere"}, "There is no folder"),
        ({"accelerator": "cuda"}, "CPU"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(train, media, options, sentence):
    with pytest.raises(CommandError, match=sentence):
        train(**options)
    assert not RegisteredModel.objects.exists()
    assert not stored_files(media)


def test_an_empty_folder_is_no_data(train, tmp_path):
    with pytest.raises(CommandError, match="There are no recordings"):
        train(data_dir=tmp_path)
    assert not RegisteredModel.objects.exists()


def test_too_few_clips_are_refused_with_their_number(train, recordings, tmp_path):
    with pytest.raises(CommandError, match="19 usable recordings"):
        train(data_dir=spoil(tmp_path, recordings, good=19, bad=1))
    assert TrainingRun.objects.get().shown_state == "FAILED"
    assert not RegisteredModel.objects.exists()


def test_a_few_bad_files_are_counted_and_many_are_refused(train, recordings, tmp_path):
    folder = spoil(tmp_path, recordings, good=24, bad=2)
    train(data_dir=folder)
    assert sidecar_of(only_version())["refused"] == {"unsupported_format": 2}
    with pytest.raises(CommandError, match="2 of 26 files cannot be used"):
        train(data_dir=folder, strict=True)
    with pytest.raises(CommandError, match="9 of 33 files cannot be used"):
        train(data_dir=spoil(tmp_path, recordings, good=24, bad=9))


def test_copies_of_one_recording_tell_nothing(train, recordings, tmp_path):
    content = next((recordings / "train_normal").iterdir()).read_bytes()
    for n in range(20):
        (tmp_path / f"{n}.wav").write_bytes(content)
    with pytest.raises(CommandError, match="the same recording"):
        train(data_dir=tmp_path)
    assert not RegisteredModel.objects.exists()


def test_a_model_of_another_type_or_machine_type_is_not_overwritten(train):
    train("train_if", model_id="pump_one")
    with pytest.raises(CommandError, match="needs another id"):
        train("train_autoencoder", model_id="pump_one")
    with pytest.raises(CommandError, match="needs another id"):
        train("train_if", model_id="pump_one", machine_type="fan")
    assert ModelVersion.objects.count() == 1


def test_bad_names_and_folders_are_refused_before_torch_is_imported():
    refused = [["--output_name", "../../x.pth"], ["--data_dir", "/nowhere"]]
    code = (
        "import io, sys; import tests; from django.core.management import CommandError, call_command\n"
        f"for options in {refused!r}:\n"
        "    try: call_command('train_autoencoder', *options, stdout=io.StringIO())\n"
        "    except CommandError as error: print(error)\n"
        "print('torch' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parent.parent
    )
    first, second, loaded = done.stdout.splitlines()
    assert "is no file name" in first
    assert "There is no folder" in second
    assert loaded == "False"


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
