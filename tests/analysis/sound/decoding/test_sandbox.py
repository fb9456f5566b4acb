"""What the process that decodes strangers' files can no longer do."""

import json
import subprocess
import sys

import pytest

from tests.support.places import PROJECT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="Other systems have other means."),
]

TRY = """
import json, os, socket, subprocess, sys
import numpy as np
from analysis.sound.decoding.sandbox import enter_sandbox

def attempt(action):
    try:
        action()
    except Exception as exc:
        return type(exc).__name__
    return "done"

def allocate(n_bytes):
    np.ones(n_bytes, np.uint8)

attempts = {
    "open": lambda: open("/etc/passwd"),
    "write": lambda: open("/tmp/written by a decoder", "w"),
    "connect": lambda: socket.socket().connect(("127.0.0.1", 9)),
    "fork": os.fork,
    "exec": lambda: os.execv("/bin/true", ["true"]),
    "kill": lambda: os.kill(os.getppid(), 0),
    "allocate little": lambda: allocate(2**26),
    "allocate much": lambda: allocate(2**30),
}
held = enter_sandbox()
print(json.dumps([held, {name: attempt(action) for name, action in attempts.items()}]))
"""


@pytest.fixture(scope="module")
def attempted():
    tried = subprocess.run(
        [sys.executable, "-c", TRY], cwd=PROJECT, stdout=subprocess.PIPE, check=True, timeout=60
    )
    return json.loads(tried.stdout)


def test_every_measure_of_this_system_holds(attempted):
    held, _ = attempted
    assert set(held) >= {"privileges", "memory", "files", "system calls"}


@pytest.mark.parametrize("what", ["open", "write", "connect", "fork", "exec", "kill"])
def test_nothing_outside_can_be_reached(attempted, what):
    assert attempted[1][what] in ("PermissionError", "OSError")


def test_memory_ends_before_that_of_the_server_does(attempted):
    assert attempted[1]["allocate little"] == "done"
    assert attempted[1]["allocate much"] in ("MemoryError", "_ArrayMemoryError")
