"""What keeps the first version of a model from serving, what does not, and how each is told."""

import re
import shlex
import shutil
from io import StringIO

import pytest
from django.core.management import call_command

from registry.models import RegisteredModel
from tests.support.admin_desk import MODELS, PROPOSALS, VERSIONS, choose_action
from tests.support.places import PROJECT
from tests.support.training_by_command import only_version, sidecar_of
from training.demo_sounds import FAN, write_machine
from training.models import Evaluation

pytestmark = pytest.mark.django_db
NOT_TESTED = "Not tested: nobody knows yet how many faults it finds."


@pytest.fixture
def mixed(recordings, tmp_path):
    """The pump's recordings with some of a fan, told apart by their names."""
    folder = tmp_path / "mixed"
    shutil.copytree(recordings / "train_normal", folder / "pump")
    write_machine(tmp_path / "fan", FAN, n_sessions=2, seconds=1.5)
    shutil.copytree(tmp_path / "fan" / "train_normal", folder / "fan")
    return folder


def test_the_first_commands_of_the_readme_end_with_a_model_that_the_app_lists(
    api, recordings, tmp_path, monkeypatch
):
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    command = re.search(r"python manage\.py (train_(?:.|\\\n)*?)\n```", readme).group(1)
    name, *options = shlex.split(command.replace("\\\n", ""))
    folder = options[options.index("--data_dir") + 1]
    monkeypatch.chdir(tmp_path)
    shutil.copytree(recordings / "train_normal", tmp_path / folder)

    printed = StringIO()
    call_command(name, *options, stdout=printed)

    (listed,) = api.get("/api/v1/models").json()["models"]
    assert (listed["id"], listed["version"], listed["is_tested"]) == ("my_pump", 1, False)
    assert printed.getvalue().rstrip().endswith(NOT_TESTED)


def test_two_populations_wait_for_a_curator(api, train, mixed):
    printed = train("train_mahalanobis", data_dir=mixed, model_id="pump7", group_by=None)
    version = only_version()
    assert RegisteredModel.objects.get().serving_version is None
    findings = sidecar_of(version)["data_check"]["findings"]
    (finding,) = [each for each in findings if each["code"] == "two_populations"]
    assert finding["blocks_serving"]
    assert f"Not served: {finding['detail']}" in printed
    page = "/admin/registry/registeredmodel/pump7/change/"
    assert f"To serve it all the same: {page}, “Serve” at v1" in printed
    assert api.get("/api/v1/models").json()["models"] == []


def test_keep_outliers_says_that_both_are_normal(train, mixed):
    printed = train("train_mahalanobis", data_dir=mixed, keep_outliers=True, group_by=None)
    assert "serves now, not tested" in printed


def test_few_sessions_and_no_tests_keep_nothing_from_serving(api, desk, train):
    printed = train("train_mahalanobis", group_by="", model_id="pump7")
    assert "few_takes" in printed
    assert printed.rstrip().endswith(NOT_TESTED)
    assert not api.get("/api/v1/models").json()["models"][0]["is_tested"]
    (version,) = api.get("/api/v1/models/pump7").json()["versions"]
    assert not version["is_tested"]
    assert [finding["code"] for finding in version["findings"]] == ["few_takes"]
    assert not version["findings"][0]["blocks_serving"]
    assert "not tested" in desk.get(MODELS).content.decode()


def test_training_prints_and_stores_the_evaluation_that_evaluate_model_would(train, recordings):
    folders = {name: recordings / name for name in ("test_normal", "test_abnormal")}
    printed = train("train_mahalanobis", model_id="pump7", **folders)
    by_training = Evaluation.objects.get()

    command = StringIO()
    options = [f"--{name}={folder}" for name, folder in folders.items()]
    call_command("evaluate_model", "pump7", *options, stdout=command)
    by_command = Evaluation.objects.latest("pk")

    assert by_training.metrics == by_command.metrics
    assert by_training.abnormal_fingerprint == by_command.abnormal_fingerprint
    tables = [
        text[text.index("Normal clips", text.index("evaluation")) :]
        for text in (printed, command.getvalue())
    ]
    assert tables[0].split("Stored")[0].split("Registered")[0] == tables[1].split("Stored")[0]
    assert all(f"Warning: {each}" in printed for each in by_command.metrics["warnings"])
    assert NOT_TESTED not in printed


@pytest.mark.parametrize("page", [VERSIONS, PROPOSALS])
def test_findings_and_never_evaluated_stand_above_the_figures(desk, train, mixed, page):
    train("train_mahalanobis", data_dir=mixed, model_id="pump7", group_by=None)
    version = only_version()
    what = version
    if page == PROPOSALS:
        model = version.registered_model
        model.protect(by=None)
        what = model.decide("serve", version, by=None, why="looks good")
    text = choose_action(
        desk, page, "serve" if page == VERSIONS else "approve", what
    ).content.decode()
    finding = text.index("Two kinds of recordings")
    never = text.index("Never evaluated")
    assert never < finding < text.index('<th scope="row">AUC</th>')


def test_every_entry_of_the_folder_is_in_the_sums(train, recordings, tmp_path):
    folder = tmp_path / "normal"
    folder.mkdir()
    (folder / "linked").symlink_to(recordings / "train_normal")
    (folder / "take1_gone.wav").symlink_to(folder / "nowhere.wav")
    (folder / "notes.txt").write_text("of the day")
    printed = train("train_mahalanobis", data_dir=folder)
    version = only_version()
    entries = {"used": 24, "refused": {"unreadable": 1}, "not_recordings": {".txt": 1}}
    assert version.training_run.data_check["entries"] == entries
    assert sidecar_of(version)["data_check"]["entries"] == entries
    assert "24 used, 1 refused (1 unreadable), 1 not recordings (1 .txt)." in printed
