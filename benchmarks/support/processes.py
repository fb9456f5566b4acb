"""Servers that a benchmark starts, and the memory that their workers take."""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bootstrap import child, server_command

READY_SECONDS = 180
# Counted as in a plant, and never reached.
MANY = {"LIMIT_ANALYSES_PER_USER": "9999999/min", "LIMIT_ANALYSES_PER_ADDRESS": "9999999/min"}


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(
    *command: str | Path, port: int, ready: str, env: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server, wait until it answers at `ready`, and leave nothing of it behind."""
    with child(*command, env=os.environ | env, stdout=subprocess.DEVNULL) as server:
        deadline = time.monotonic() + READY_SECONDS
        while not is_ready(port, ready):
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The server did not come up: {' '.join(map(str, command))}")
            time.sleep(0.2)
        yield server


@contextmanager
def ours(
    port: int, workers: int, application: str = "signalcraft.wsgi:application"
) -> Iterator[subprocess.Popen[bytes]]:
    """The product, served as bootstrap.py serves it, with what the environment says of database and media."""
    command = (sys.executable, *server_command("127.0.0.1", port, workers, application))
    with tempfile.TemporaryDirectory() as counts:
        env = MANY | {"ALLOWED_HOSTS": "localhost,127.0.0.1", "PROMETHEUS_MULTIPROC_DIR": counts}
        with served(*command, port=port, ready="/readyz", env=env) as server:
            yield server


def is_ready(port: int, path: str) -> bool:
    """Whether a server answers there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def descendants(pid: int) -> list[int]:
    """The children of a process, and theirs."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [
        found for child_pid in map(int, listed) for found in (child_pid, *descendants(child_pid))
    ]


def resident_mib(pid: int) -> float:
    """The memory that a process keeps, shared libraries included."""
    status = Path(f"/proc/{pid}/status").read_text()
    return (
        next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
        / 1024
    )


def largest_worker_mib(server: subprocess.Popen[bytes]) -> float:
    """The memory of the largest process below a server."""
    return max(resident_mib(pid) for pid in descendants(server.pid))
