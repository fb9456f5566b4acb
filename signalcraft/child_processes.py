"""Starts programs, waits for them, and leaves none behind when it is told to stop.

Standard library only: `bootstrap.py` needs it before anything is installed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# How long a child may take to end when asked: a server finishes within 30 s what is in flight.
GRACE_SECONDS = 35
if sys.platform == "win32":
    PLEASE_END = signal.CTRL_BREAK_EVENT
else:
    PLEASE_END = signal.SIGTERM


class Stopped(Exception):
    """Ctrl-C or a termination signal arrived."""


@contextlib.contextmanager
def child(*command: str | Path, **streams: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process in a group of its own, and leave nothing of that group behind.

    Of its own, so that Ctrl-C in a terminal reaches only this process, which then ends the child
    in order.
    """
    if sys.platform == "win32":
        streams["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP
    else:
        streams["start_new_session"] = True
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, **streams)
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, and see to it that neither it nor a child of it is left."""
    if process.poll() is None:
        process.send_signal(PLEASE_END)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
    if sys.platform != "win32":
        # Also when it ended by itself: the workers of a server that was killed live on, and would
        # keep the port. PermissionError is what macOS says of a group without members.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        kill = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
        subprocess.run(kill, capture_output=True, check=False)
    process.wait()


def wait_for(process: subprocess.Popen[bytes]) -> int:
    while not has_ended(process):
        time.sleep(0.05)
    return process.returncode


def has_ended(process: subprocess.Popen[bytes]) -> bool:
    if are_stopping():
        raise Stopped
    return process.poll() is not None


def are_stopping() -> bool:
    """Whether this process was told to stop."""
    return bool(STOP_SIGNALS)


# Written by the handler and acted on in has_ended: an exception raised in a handler could fall
# between the start of a process and the line that remembers it, and would leave it running.
STOP_SIGNALS: list[int] = []


def listen_for_stop() -> None:
    for name in ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP"):
        number = getattr(signal, name, None)
        # nohup ignores SIGHUP on purpose.
        if number is None or (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
            continue
        signal.signal(number, lambda arrived, _: STOP_SIGNALS.append(arrived))
