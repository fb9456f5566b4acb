"""The older system's way behind HTTP, as plainly as it goes: a wav file in, a score out. A WSGI application."""

import json
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import joblib

# What the benchmark has fitted and stored.
DETECTOR = joblib.load(os.environ["OLDER_DETECTOR"])


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Score the body."""
    if environ["REQUEST_METHOD"] == "GET":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"ready"]
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        file.write(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        file.flush()
        answer = json.dumps({"score": DETECTOR.score(Path(file.name))}).encode()
    start_response(
        "200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))]
    )
    return [answer]
