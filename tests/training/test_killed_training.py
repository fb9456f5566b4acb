"""A training that is killed leaves nothing half-made, and two at once do not harm each other."""

import json
import os
import subprocess
import sys

import pytest

from tests.support.places import PROJECT
from tests.support.pump_sounds import pump

pytestmark = pytest.mark.slow
# What the registry holds for another process, once the killed run counts as lost.
INSPECT = """
import json
from datetime import timedelta
from django.utils import timezone
from registry.models import ModelVersion, Promotion, RegisteredModel
from training.models import LOST_AFTER, TrainingRun
long_ago = timezone.now() - LOST_AFTER - timedelta(seconds=1)
TrainingRun.objects.filter(state="running").update(heartbeat_at=long_ago)
versions = list(ModelVersion.objects.order_by("number"))
print(json.dumps({
    "readable": [
        bool(version.read_file(file.role))
        for version in versions
        for file in version.files.all()
    ],
    "numbers": [version.number for version in versions],
    "serving": [model.serving_version.number for model in RegisteredModel.objects.all()],
    "served": Promotion.objects.filter(kind="serve").count(),
    "runs": [run.shown_state for run in TrainingRun.objects.order_by("pk")],
}))
"""


class Plant:
    """A SignalCraft of its own, worked on by processes of their own."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = os.environ | {
            "MEDIA_ROOT": str(folder / "media"),
            "DATABASE_URL": f"sqlite:///{folder}/plant.sqlite3",
            "PYTHONUNBUFFERED": "1",
        }
        for n in range(20):
            (folder / f"take{n // 5}_{n}.wav").write_bytes(pump(n, seconds=1.2))
        self.manage("migrate", "-v0")

    def start(self, *arguments):
        command = [sys.executable, "-W", "ignore", str(PROJECT / "manage.py"), *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env=self.environment, text=True, stdout=pipe, stderr=pipe)

    def manage(self, *arguments):
        process = self.start(*arguments)
        printed, complaints = process.communicate(timeout=300)
        assert process.returncode == 0, complaints
        return printed

    def train(self):
        names = (
            "--output_if_name=pump_if.pkl",
            "--output_scaler_name=pump_scaler.pkl",
            "--n_estimators=20",
        )
        return self.start("train_if", f"--data_dir={self.folder}", *names, r"--group_by=take\d+")

    def inspect(self):
        return json.loads(self.manage("shell", "-v0", "-c", INSPECT))

    def has_artifacts(self):
        return any(path.is_file() for path in (self.folder / "media" / "artifacts").rglob("*"))


@pytest.fixture
def plant(tmp_path):
    return Plant(tmp_path)


def wait_for(process, stage):
    for line in process.stdout:
        if line.startswith(stage):
            return
    pytest.fail(f"{stage} was never reached: {process.stderr.read()}")


@pytest.mark.parametrize(
    "stage", ["Reading recordings", "Training", "Calibrating", "Comparing", "Publishing", "bytes"]
)
def test_a_killed_training_is_lost_and_leaves_no_row_without_bytes(plant, stage):
    process = plant.train()
    wait_for(process, "Publishing" if stage == "bytes" else stage)
    while stage == "bytes" and not plant.has_artifacts() and process.poll() is None:
        pass
    process.kill()
    process.communicate()
    found = plant.inspect()
    assert all(found["readable"])
    # Version and run change in one transaction: the kill came before it, or after it.
    assert found["runs"] == (["SUCCEEDED"] if found["numbers"] else ["LOST"])
    process = plant.train()
    _, complaints = process.communicate(timeout=300)
    assert process.returncode == 0, complaints
    found = plant.inspect()
    assert found["readable"]
    assert all(found["readable"])
    assert found["runs"][-1] == "SUCCEEDED"


def test_two_trainings_of_one_model_at_once_make_two_versions(plant):
    together = [plant.train(), plant.train()]
    complaints = [process.communicate(timeout=300)[1] for process in together]
    assert [process.returncode for process in together] == [0, 0], complaints
    assert "database is locked" not in "".join(complaints)
    found = plant.inspect()
    assert found["numbers"] == [1, 2]
    assert found["serving"] == [2]
    assert found["served"] == 2
    assert found["runs"] == ["SUCCEEDED", "SUCCEEDED"]
    assert all(found["readable"])
