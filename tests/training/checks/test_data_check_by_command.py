"""The check of the recordings in a training run: reported, stored and, if strict, a refusal."""

import shutil

import pytest
from django.core.management import CommandError

from registry.models import RegisteredModel
from tests.support.training_by_command import only_version, sidecar_of
from training.models import TrainingRun

pytestmark = pytest.mark.django_db
COPY = ["take0_0.wav", "take1_copy.wav"]


@pytest.fixture
def with_a_copy(recordings, tmp_path):
    """A folder in which one recording is in two sessions."""
    folder = shutil.copytree(recordings / "train_normal", tmp_path / "normal")
    shutil.copy(folder / COPY[0], folder / COPY[1])
    return folder


@pytest.fixture
def curated(client, curator):
    """The admin of a curator, signed in."""
    client.force_login(curator)
    return client


def page_of(run, curated):
    return curated.get(f"/admin/training/trainingrun/{run.pk}/change/").content.decode()


def test_issues_are_reported_and_stored_and_stop_nothing(train, with_a_copy, curated):
    printed = train(data_dir=with_a_copy)
    run = TrainingRun.objects.get()
    (issue,) = run.data_check["findings"]
    assert (issue["code"], issue["names"]) == ("copies", COPY)
    assert f"  {issue['detail']}\n" in printed
    assert sidecar_of(only_version())["data_check"] == run.data_check
    assert "take0_0.wav = take1_copy.wav" in page_of(run, curated)


def test_strict_refuses_for_issues_and_stores_them(train, with_a_copy):
    with pytest.raises(CommandError, match=r"take0_0\.wav = take1_copy\.wav"):
        train(data_dir=with_a_copy, strict=True)
    run = TrainingRun.objects.get()
    assert (run.shown_state, run.stage) == ("FAILED", "Checking recordings")
    assert [issue["code"] for issue in run.data_check["findings"]] == ["copies"]
    assert not RegisteredModel.objects.exists()


def test_strict_trains_on_recordings_without_issues(train, curated):
    train(strict=True)
    run = TrainingRun.objects.get()
    entries = {"used": 24, "refused": {}, "not_recordings": {}}
    assert run.data_check == {"findings": [], "entries": entries}
    assert "found no issues." in page_of(run, curated)


def test_a_training_recording_in_a_test_folder_is_refused(train, recordings, tmp_path):
    tests = shutil.copytree(recordings / "test_normal", tmp_path / "test_normal")
    shutil.copy(recordings / "train_normal" / "take0_1.wav", tests / "another_name.wav")
    with pytest.raises(
        CommandError, match=r"also in the training folder: test_normal/another_name\.wav"
    ):
        train(test_normal=tests)
    assert not RegisteredModel.objects.exists()


def test_a_run_that_failed_before_the_check_has_no_issues(train, tmp_path, curated):
    (tmp_path / "bad.wav").write_bytes(b"no recording")
    with pytest.raises(CommandError, match="1 of 1 files"):
        train(data_dir=tmp_path, group_by=None)
    run = TrainingRun.objects.get()
    assert run.data_check == {}
    assert "found no issues." not in page_of(run, curated)
