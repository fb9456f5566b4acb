"""Servers that a benchmark starts, and the memory that their workers use."""

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

from signalcraft.child_processes import child
from signalcraft.launch.command import MALLOC_SETTINGS, server_command

READY_SECONDS = 180
# Requests are counted as in a plant, and the limits are never reached.
HIGH_LIMITS = {
    "LIMIT_ANALYSES_PER_USER": "9999999/min",
    "LIMIT_ANALYSES_PER_ADDRESS": "9999999/min",
}


def find_free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def run_server(
    *command: str | Path, port: int, ready: str, env: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server, wait until it answers at `ready`, and end it afterwards."""
    with child(*command, env=os.environ | env, stdout=subprocess.DEVNULL) as server:
        deadline = time.monotonic() + READY_SECONDS
        while not is_ready(port, ready):
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The server did not come up: {' '.join(map(str, command))}")
            time.sleep(0.2)
        yield server


@contextmanager
def run_product(
    port: int, workers: int, application: str = "signalcraft.asgi:application"
) -> Iterator[subprocess.Popen[bytes]]:
    """Serve the product as bootstrap.py does; the environment names database and media."""
    command = (sys.executable, *server_command("127.0.0.1", port, workers, application))
    with tempfile.TemporaryDirectory() as counts:
        env = (
            MALLOC_SETTINGS
            | HIGH_LIMITS
            | {
                "ALLOWED_HOSTS": "localhost,127.0.0.1",
                "PROMETHEUS_MULTIPROC_DIR": counts,
            }
        )
        with run_server(*command, port=port, ready="/readyz", env=env) as server:
            yield server


def is_ready(port: int, path: str) -> bool:
    """Return whether a server answers there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def find_descendants(pid: int) -> list[int]:
    """Return the children of a process, and theirs."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    pids = []
    for child_pid in map(int, children):
        pids.append(child_pid)
        pids.extend(find_descendants(child_pid))
    return pids


def measure_resident_mib(pid: int) -> float:
    """Return the resident memory of a process, shared libraries included."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def measure_largest_worker_mib(server: subprocess.Popen[bytes]) -> float:
    """Return the resident memory of the largest process below a server."""
    return max(measure_resident_mib(pid) for pid in find_descendants(server.pid))
