"""The older system's way behind HTTP, as a WSGI application: a wav file in, a score out."""

import json
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import joblib

# Fitted and stored by the benchmark.
DETECTOR = joblib.load(os.environ["OLDER_DETECTOR"])


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a wav file with its score, and any GET with "ready"."""
    if environ["REQUEST_METHOD"] == "GET":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"ready"]
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        file.write(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        file.flush()
        answer = json.dumps({"score": DETECTOR.score(Path(file.name))}).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))]
    start_response("200 OK", headers)
    return [answer]
