"""A folder of normal recordings whose names speak of faults is refused before anything is read."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from registry.models import RegisteredModel
from tests.support.training_by_command import only_version
from training.checks.folder_names import check_names, has_fault_word
from training.datasets.listing import Listing
from training.errors import SuspectNames
from training.models import TrainingRun

DECOMPOSED = "\u1107\u116e\u11af\u1105\u1163\u11bc"  # 불량 as macOS stores it


@pytest.mark.parametrize(
    "name",
    [
        "test_abnormal/take1_00.wav",
        "anomaly_id_00_01.wav",
        "faulty25_take255_00.flac",
        "2026/Faulty bearing/1.wav",
        "pumpDefect01.wav",
        "broken-3.wav",
        "NG/01.wav",
        "ng_01.wav",
        "불량_01.wav",
        f"{DECOMPOSED}_01.wav",
        "고장/1.wav",
        "펌프 이상 3.wav",
    ],
)
def test_names_of_faults_are_known(name):
    assert has_fault_word(name)


@pytest.mark.parametrize(
    "name",
    [
        "normal_take1_00.wav",
        "recording_01.wav",
        "ngrams/01.wav",
        "default_01.wav",
        "paranormal/1.wav",
        "no_fault_01.wav",
        "fault-free/01.wav",
        "이상없음_01.wav",
        "이상_없음/01.wav",
        "unbroken_run.wav",
        "test_01.wav",
    ],
)
def test_other_names_say_nothing_of_faults(name):
    assert not has_fault_word(name)


@pytest.mark.parametrize(
    ("names", "is_refused"),
    [
        (["train_normal/a.wav", "test_normal/b.wav"], True),
        (["pump/train/a.wav", "fan/test/b.wav"], True),
        (["training/a.wav", "validation/b.wav"], True),
        (["test_1/a.wav", "test_2/b.wav"], False),
        (["train_7.wav", "test_7.wav"], False),
        (["train_normal/a.wav", "train_more/b.wav"], False),
        (["training/a.wav", "train/b.wav"], False),
    ],
)
def test_several_parts_of_a_split_are_known_by_their_folders(names, is_refused):
    folder = Path("/data/test of faulty pumps")
    listing = Listing(folder, tuple(folder / name for name in names))
    if not is_refused:
        check_names(listing)
        return
    with pytest.raises(SuspectNames, match="split"):
        check_names(listing)


@pytest.mark.django_db
def test_one_folder_too_high_ends_before_anything_is_read(train, recordings, monkeypatch):
    monkeypatch.setattr("training.trainers.attempt", pytest.fail)
    with pytest.raises(CommandError, match=r"faulty_0\.wav.*one folder too high.*--allow_names"):
        train(data_dir=recordings)
    assert not TrainingRun.objects.exists()
    assert not RegisteredModel.objects.exists()


@pytest.mark.django_db
def test_allow_names_overrules(train, recordings, tmp_path):
    folder = tmp_path / "faulty and abnormal"
    folder.mkdir()
    for path in (recordings / "train_normal").iterdir():
        (folder / f"ng_{path.name}").write_bytes(path.read_bytes())
    with pytest.raises(CommandError, match="24 of 24 recordings"):
        train(data_dir=folder)
    assert "serves now" in train(data_dir=folder, allow_names=True)
    assert only_version().parameters["allow_names"]


def test_thresholds_do_not_come_from_faults_either(pump_version, recordings):
    with pytest.raises(CommandError, match="named like faults"):
        call_command("calibrate", "pump_forest", f"--data_dir={recordings}")
