"""Training commands as a person runs them, on recordings of one pump."""

import io
import json

import pytest
from django.core.management import call_command

from registry.models import ModelVersion
from tests.support.pump_sounds import BROKEN_BEARING, pump

# Small and few, so that a test takes a second or two.
COMMANDS = {
    "level1_isolation_forest": (
        "train_if",
        {"output_if_name": "pump_if_v1.pkl", "output_scaler_name": "s.pkl", "n_estimators": 20},
    ),
    "level2_autoencoder": (
        "train_autoencoder",
        {"output_name": "pump_autoencoder_v1.pth", "epochs": 3},
    ),
    "level3_mahalanobis": ("train_mahalanobis", {"output_name": "pump_mahalanobis_v1.npz"}),
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
    return json.loads(version.read_file("sidecar"))


def stored_files(media):
    return [path for path in (media / "artifacts").rglob("*") if path.is_file()]
