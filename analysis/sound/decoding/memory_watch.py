"""How much memory another process takes, where the system does not bound it."""

import subprocess
import sys


def needs_watch() -> bool:
    """Whether this system takes a limit of memory and does not keep it."""
    return sys.platform == "darwin"


def read_resident_bytes(pid: int) -> int:
    """Return the memory of a process; 0 where it has ended."""
    command = ["ps", "-o", "rss=", "-p", str(pid)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    return int(told.stdout.strip() or 0) * 1024
