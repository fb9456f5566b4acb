"""What only one start at a time may do, and what a start that was killed has left behind.

Standard library only: `bootstrap.py` needs it before anything is installed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from signalcraft.child_processes import Stopped, are_stopping

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

COUNTS = "signalcraft-metrics-"


@contextlib.contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Wait until no other process holds the lock on this file; it ends with the process."""
    with path.open("a+b") as file:
        if not try_to_lock(file.fileno()):
            print("Another start prepares this folder; waiting for it.", flush=True)
            while not try_to_lock(file.fileno()):
                if are_stopping():
                    raise Stopped
                time.sleep(0.1)
        yield


def try_to_lock(descriptor: int) -> bool:
    """Lock an open file until it is closed; return whether nobody else holds it."""
    try:
        if sys.platform == "win32":
            os.lseek(descriptor, 0, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def folder_of_counts() -> Iterator[Path]:
    """Make the folder in which the workers count for /metrics together, new for each start."""
    remove_left_folders()
    prefix = f"{COUNTS}{os.getpid()}-"
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def remove_left_folders() -> None:
    """Remove the folders of starts that were killed."""
    if sys.platform == "win32":
        return  # There the signal that asks whether a process lives would end it.
    for folder in Path(tempfile.gettempdir()).glob(f"{COUNTS}*"):
        pid = folder.name.removeprefix(COUNTS).partition("-")[0]
        if not (pid.isdigit() and is_running(int(pid))):
            shutil.rmtree(folder, ignore_errors=True)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # It lives and belongs to another user.
    return True
