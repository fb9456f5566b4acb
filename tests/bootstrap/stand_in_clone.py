"""A clone whose tools are stand-ins, and bootstrap.py run in it as a real process."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.support.places import PROJECT

# Writes down how it was called; fails if there is a file named after the tool.
STAND_IN = """
import pathlib, sys
root = pathlib.Path.cwd()
with (root / "calls.txt").open("a") as calls:
    print({name!r}, *sys.argv[1:], file=calls)
print("this is {name}")
sys.exit((root / "{name} fails").exists())
"""

MAKE_VENV = STAND_IN.replace(
    "sys.exit",
    """
scripts = root / ".venv" / "bin"
scripts.mkdir(parents=True, exist_ok=True)
(scripts / "python").write_text('#!/bin/sh\\nexec "%s" "$@"\\n' % sys.executable)
(scripts / "python").chmod(0o755)
sys.exit""",
)

WEB_BUILD = """
import pathlib

def read_state():
    return "ready" if pathlib.Path("app is built").exists() else "building"

if __name__ == "__main__":
    open("web build began", "x")
"""

APPLICATION = """
import asyncio, json, os

loaded_by = os.getpid()

async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        for event in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{event}.complete"})
        return
    status = 200 if dict(scope["headers"])[b"host"] == b"plant.example" else 400
    answer = {"server": os.getppid(), "worker": os.getpid(), "loaded by": loaded_by}
    if scope["path"] == "/slow":
        await asyncio.sleep(2)
    if scope["path"] == "/counts":
        answer = os.environ["PROMETHEUS_MULTIPROC_DIR"]
    if scope["path"] == "/log":
        answer = os.environ["LOG_FILE"]
    if scope["path"] == "/console":
        answer = os.environ.get("LOG_CONSOLE_LEVEL", "")
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(answer).encode()})
"""


@pytest.fixture
def folder(tmp_path):
    """A clone in which making .venv, installing and every check only leave a note in calls.txt."""
    shutil.copy(PROJECT / "bootstrap.py", tmp_path)
    (tmp_path / "requirements.txt").write_text("torch==9.9.9  # the large one\ndjango==9.9\n")
    (tmp_path / "requirements-dev.txt").write_text("pytest==9.9\n")
    (tmp_path / "manage.py").write_text(STAND_IN.format(name="manage"))
    for name in ("venv", "pip", "ruff", "mypy", "pytest"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
        code = (
            (MAKE_VENV if name == "venv" else STAND_IN)
            .replace("{name!r}", repr(name))
            .replace("{name}", name)
        )
        (tmp_path / name / "__main__.py").write_text(code)
    (tmp_path / "signalcraft").mkdir()
    shutil.copy(PROJECT / "signalcraft" / "child_processes.py", tmp_path / "signalcraft")
    shutil.copytree(PROJECT / "signalcraft" / "launch", tmp_path / "signalcraft" / "launch")
    (tmp_path / "signalcraft" / "asgi.py").write_text(APPLICATION)
    (tmp_path / "signalcraft" / "web_build.py").write_text(WEB_BUILD)
    return tmp_path


@pytest.fixture
def port():
    with socket.socket() as any_free:
        any_free.bind(("127.0.0.1", 0))
        return any_free.getsockname()[1]


def command(folder: Path, *arguments: str, **environment: str) -> dict:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {
        "args": [sys.executable, "bootstrap.py", *arguments],
        "cwd": folder,
        "env": kept | (environment or {"ALLOWED_HOSTS": "plant.example"}),
        "stdout": subprocess.PIPE,
        "stderr": subprocess.STDOUT,
        "text": True,
    }


@contextmanager
def served(
    folder: Path, port: int, *arguments: str, **environment: str
) -> Iterator[subprocess.Popen]:
    """Run it until it says that it is ready."""
    with subprocess.Popen(
        **command(folder, "run", "--port", str(port), *arguments, **environment)
    ) as process:
        try:
            await_line(process, "ready")
            yield process
        finally:
            process.terminate()


@contextmanager
def served_twice(folder: Path, *ports: int) -> Iterator[list[subprocess.Popen]]:
    """Run it on each port at once until all say that they are ready."""
    with ExitStack() as stack:
        processes = [
            stack.enter_context(subprocess.Popen(**command(folder, "run", "--port", str(port))))
            for port in ports
        ]
        try:
            for process in processes:
                assert "ready" in await_line(process, "is ready")
            yield processes
        finally:
            for process in processes:
                process.terminate()


def told_patiently(port: int, unlike: int = 0) -> Any:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with suppress(OSError, http.client.HTTPException, ValueError):
            answer = told(port)
            if answer["worker"] != unlike:
                return answer
        time.sleep(0.1)
    raise AssertionError("the server does not come back")


def await_line(process: subprocess.Popen, word: str) -> str:
    assert process.stdout
    return next((line for line in process.stdout if word in line), "")


def rest_of(process: subprocess.Popen) -> str:
    assert process.stdout
    return process.stdout.read()


def stop(process: subprocess.Popen, with_signal: int = signal.SIGTERM) -> int:
    process.send_signal(with_signal)
    return process.wait(timeout=60)


def told(port: int, path: str = "/") -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path, headers={"Host": "plant.example"})
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def have_gone(pids: dict[str, int]) -> bool:
    # Orphans are reaped by init a moment later.
    deadline = time.monotonic() + 5
    while any(is_running(pid) for pid in pids.values()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(is_running(pid) for pid in pids.values())


def calls(folder: Path) -> list[str]:
    return (folder / "calls.txt").read_text().splitlines()
