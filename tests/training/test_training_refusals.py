"""The training commands refuse in a sentence, with nothing registered, and leave out bad files."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from django.core.management import CommandError

from registry.models import ModelVersion, RegisteredModel
from tests.support.places import PROJECT
from tests.support.training_by_command import only_version, sidecar_of, stored_files
from training.models import TrainingRun

pytestmark = pytest.mark.django_db


def spoil(folder, recordings, *, good, bad):
    """A folder of so many usable and unusable files."""
    for n, path in enumerate(sorted((recordings / "train_normal").iterdir())[:good]):
        (folder / f"take{n // 4}_{n}.wav").write_bytes(path.read_bytes())
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
        ({"target_false_alarm_rate": 1e-6}, "0.001 to 0.5"),
        ({"n_estimators": 0}, "--n_estimators"),
        ({"csv_sample_rate": 10**12}, "--csv_sample_rate"),
        ({"data_dir": "~nobody-of-this-name/x"}, "names no folder"),
        ({"name": "x" * 201}, "--name"),
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


def test_a_batch_of_one_is_refused(train, media):
    with pytest.raises(CommandError, match="--batch_size must be at least 2"):
        train("train_autoencoder", batch_size="1")
    assert not stored_files(media)


def test_a_pattern_that_finds_no_session_is_refused(train):
    with pytest.raises(CommandError, match=r"found in no file name, such as take0_0\.wav"):
        train(group_by=r"day\d+")
    assert not RegisteredModel.objects.exists()


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
    printed = train(data_dir=folder)
    assert "2 of 26 files are not used" in printed
    assert "bad_1.wav" in printed
    assert sidecar_of(only_version())["refused"] == {"unsupported_format": 2}
    with pytest.raises(CommandError, match="2 of 26 files cannot be used"):
        train(data_dir=folder, strict=True)
    with pytest.raises(CommandError, match="9 of 33 files cannot be used"):
        train(data_dir=spoil(tmp_path, recordings, good=24, bad=9))


def test_copies_of_one_recording_are_refused(train, recordings, tmp_path):
    content = next((recordings / "train_normal").iterdir()).read_bytes()
    for n in range(20):
        (tmp_path / f"take{n // 5}_{n}.wav").write_bytes(content)
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


@pytest.mark.slow
def test_bad_names_and_folders_are_refused_before_torch_is_imported():
    refused = [
        ["--output_name", "../../x.pth", "--data_dir", "/nowhere"],
        ["--data_dir", "/nowhere"],
    ]
    code = (
        "import io, sys; import tests\n"
        "from django.core.management import CommandError, call_command\n"
        "call_command('migrate', verbosity=0)\n"
        f"for options in {refused!r}:\n"
        "    try: call_command('train_autoencoder', *options, stdout=io.StringIO())\n"
        "    except CommandError as error: print(error)\n"
        "print('torch' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT
    )
    first, second, loaded = done.stdout.splitlines()
    assert "is no file name" in first
    assert "There is no folder" in second
    assert loaded == "False"


def test_a_clip_that_is_silent_but_for_its_ends_is_counted_not_learnt(train, recordings, tmp_path):
    folder = spoil(tmp_path, recordings, good=24, bad=0)
    samples = np.zeros(24_000, np.float32)
    samples[:500] = samples[-500:] = 0.5
    soundfile.write(folder / "ends.wav", samples, 16_000)
    train(data_dir=folder)
    assert sidecar_of(only_version())["refused"] == {"silent": 1}


@pytest.mark.skipif(sys.platform == "win32", reason="File names are text on Windows.")
def test_a_name_of_another_code_page_is_read_and_reported(train, recordings, tmp_path):
    folder = spoil(tmp_path, recordings, good=24, bad=0)
    Path(os.fsdecode(os.fsencode(folder) + "/정상.wav".encode("cp949"))).write_bytes(
        b"no recording"
    )
    train(data_dir=folder)
    version = only_version()
    assert version.sample_count == 24
    with pytest.raises(CommandError, match=r"\\xc1\\xa4"):
        train(data_dir=folder, strict=True)


def test_a_training_that_diverges_says_so(train):
    with pytest.raises(CommandError, match="diverged"):
        train("train_autoencoder", learning_rate="1e30")
    run = TrainingRun.objects.get()
    assert run.shown_state == "FAILED"
    assert "learning_rate" in run.error
    with pytest.raises(CommandError, match="--learning_rate"):
        train("train_autoencoder", learning_rate="inf")


def test_an_inactive_model_cannot_be_asked_to_become_the_default(train, media):
    train(model_id="pump_if")
    RegisteredModel.objects.get().deactivate(by=None)
    files = stored_files(media)
    with pytest.raises(CommandError, match="not active"):
        train(model_id="pump_if", make_default=True)
    assert stored_files(media) == files


def test_test_folders_are_read_before_anything_is_trained(train, tmp_path):
    (tmp_path / "bad.wav").write_bytes(b"no recording")
    with pytest.raises(CommandError, match="1 of 1 files cannot be used"):
        train(test_normal=tmp_path)
    assert TrainingRun.objects.get().stage == "Reading test_normal"


def test_the_next_version_keeps_the_machine_type(train):
    train(model_id="gb", machine_type="gearbox")
    train(model_id="gb")
    assert RegisteredModel.objects.get().versions.count() == 2
