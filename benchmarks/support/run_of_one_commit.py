"""Time one training and some analyses with the code of one commit, whichever that is.

`benchmarks.commit_pair` runs this file by its path, with the commit's folder as the only one of
ours to import from. So it goes through what every commit has: commands and the API.
"""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import django
from django.core.management import call_command

MODEL_ID = "trained_here"
N_WARM = 5
N_TIMED = 20

Seconds = dict[str, float]


def prepare() -> Seconds:
    """Make the database, and the engineer who will analyse."""
    django.setup()
    call_command("migrate", verbosity=0)

    from django.contrib.auth.models import Group

    from accounts.models import User

    engineer = User.objects.create_user("engineer", "engineer@plant.example", "not used")
    engineer.groups.add(Group.objects.get(name="field engineer"))
    return {}


def train(folder: Path) -> Seconds:
    """Train a level 3 model on a folder of normal recordings by its command."""
    django.setup()
    options = ["--data_dir", str(folder), "--output_name", f"{MODEL_ID}.npz"]

    began = perf_counter()
    began_processor = process_time()
    call_command("train_mahalanobis", *options, stdout=io.StringIO())
    return {
        "training": perf_counter() - began,
        "training, processor time": process_time() - began_processor,
    }


def analyze(recording: Path) -> Seconds:
    """Analyse a recording with that model, warm, as a web worker would: medians of N_TIMED."""
    start_web_worker()

    from rest_framework.test import APIClient

    from accounts.models import User

    client = APIClient()
    client.force_authenticate(User.objects.get())
    content = recording.read_bytes()
    requests = [time_request(client, content) for _ in range(N_WARM + N_TIMED)][N_WARM:]
    return {name: median(request[name] for request in requests) for name in requests[0]}


def start_web_worker() -> None:
    """Set up Django and the process as a web worker does."""
    import signalcraft.wsgi  # noqa: F401


def time_request(client: Any, content: bytes) -> Seconds:
    """Time one analysis over the API, and what of it the server says that it computed."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    upload = {"file": SimpleUploadedFile("clip.wav", content), "model_id": MODEL_ID}

    began = perf_counter()
    began_processor = process_time()
    response = client.post("/api/v1/analyses", upload, format="multipart")
    seconds = {
        "analysis": perf_counter() - began,
        "analysis, processor time": process_time() - began_processor,
    }

    if response.status_code != 201:
        raise RuntimeError(f"The analysis was refused: {response.content!r}")
    computed_ms = sum(response.json()["timing_ms"].values())
    return seconds | {"analysis, without HTTP and database": computed_ms / 1000}


STEPS: dict[str, Callable[..., Seconds]] = {"prepare": prepare, "train": train, "analyze": analyze}

if __name__ == "__main__":
    step, *paths = sys.argv[1:]
    print(json.dumps(STEPS[step](*map(Path, paths))))
