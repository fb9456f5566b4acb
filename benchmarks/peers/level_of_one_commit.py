"""Train and score one of our levels with the code of one commit, whichever that is.

`benchmarks.support.commits` runs this file by its path, with the commit's folder as the only one of
ours to import from. It is asked on standard input, a line of JSON a request, and answers likewise.
"""

import io
import json
import sys
from inspect import signature
from time import perf_counter
from typing import Any

import django
import numpy as np
from django.core.management import call_command

Answer = dict[str, float]


def train(model_id: str, command: list[str]) -> tuple[Any, Answer]:
    """Train by command; return the artifact that was published, whether or not it serves."""
    from analysis import detectors
    from registry.models import RegisteredModel

    began = perf_counter()
    call_command(*command, stdout=io.StringIO())
    seconds = perf_counter() - began

    version = RegisteredModel.objects.get(pk=model_id).versions.latest("number")
    artifact: Any = detectors.read(version.read_file("serving"))
    return artifact, {"warning": artifact.calibration.warning, "seconds": seconds}


def score(artifact: Any, n_samples: int, codec: str) -> Answer:
    """Score the waveform that follows the request, as 32-bit floats."""
    content = sys.stdin.buffer.read(4 * n_samples)
    # Not every commit asks for the codec.
    has_codec = len(signature(artifact.compute_anomaly_score).parameters) > 1
    stored = (codec,) if has_codec else ()
    waveform = np.frombuffer(content, np.float32)
    return {"score": float(artifact.compute_anomaly_score(waveform, *stored))}


def main() -> None:
    """Answer requests until there are no more."""
    django.setup()
    call_command("migrate", verbosity=0)
    artifact: Any = None
    for line in iter(sys.stdin.buffer.readline, b""):
        request = json.loads(line)
        if "command" in request:
            artifact, answer = train(request["model_id"], request["command"])
        elif "n_samples" in request:
            answer = score(artifact, request["n_samples"], request["codec"])
        else:
            p_value = artifact.calibration.compute_p_value(request["anomaly_score"])
            answer = {"p_value": float(p_value)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
