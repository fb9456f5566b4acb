"""Which Python sets SignalCraft up: 3.11, or a newer one for which torch can be installed.

Standard library only, and for old Pythons too: `bootstrap.py` needs it before anything else.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile

TESTED = (3, 11)
# Nothing speaks against them but that the tests were run on another.
POSSIBLE = ((3, 12), (3, 13))


class NoPython(Exception):
    """No Python here can run SignalCraft; the message is a sentence for the person."""


def choose_python(requirements: list[str] | None = None) -> int | None:
    """Go on with the tested Python, else with this one where pip has the requirements for it.

    Returns the exit code where another Python did it all.
    """
    version = sys.version_info[:2]
    if version == TESTED:
        return None
    found = ".".join(map(str, sys.version_info[:3]))
    if tested := find_tested():
        print(f"This is Python {found}; going on with {' '.join(tested)}.", flush=True)
        return hand_over([*tested, *sys.argv])
    if version in POSSIBLE and requirements and all(map(can_install, requirements)):
        print(f"This is Python {found}, on which SignalCraft was not tested.", flush=True)
        return None
    start = "py -3.11" if sys.platform == "win32" else "python3.11"
    because = ", for which pip finds no torch" if version in POSSIBLE else ""
    raise NoPython(
        f"SignalCraft needs Python 3.11, which is not here; this is {found}{because}. "
        f"Install Python 3.11, then: {start} bootstrap.py run"
    )


def find_tested() -> list[str] | None:
    """Return how the tested Python is called on this machine, None where there is none."""
    if sys.platform == "win32":
        return find_running(["py", "-3.11"])
    # pyenv puts a program of this name where it has the version but does not use it.
    folders = os.get_exec_path()
    paths = (shutil.which("python3.11", path=folder) for folder in folders if folder)
    return next((running for path in paths if path and (running := find_running([path]))), None)


def find_running(command: list[str]) -> list[str] | None:
    """Return the command, None where it is no Python that runs."""
    try:
        done = subprocess.run([*command, "--version"], capture_output=True, check=False)
    except OSError:
        return None
    return command if done.returncode == 0 else None


def hand_over(command: list[str]) -> int:
    """Run a command instead of this one; where that can be, in place of this process."""
    if sys.platform != "win32":
        os.execv(command[0], command)
    return subprocess.run(command, check=False).returncode


def can_install(requirement: str) -> bool:
    """Ask pip whether there is this package for the running Python; nothing is installed."""
    with tempfile.TemporaryDirectory() as nowhere:
        ask = ("-m", "pip", "install", "--no-input", "--dry-run", "--no-deps", "--quiet")
        command = [sys.executable, *ask, "--target", nowhere, requirement]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
