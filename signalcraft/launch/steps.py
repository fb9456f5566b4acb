"""The steps of a set-up or a check: one line each, and what a step printed only if it failed.

Standard library only: `bootstrap.py` needs it before anything is installed.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from signalcraft.child_processes import child, wait_for


class Refused(Exception):
    """Set-up cannot go on; the message is a sentence for the person who started it."""


def require(label: str, *command: str | Path) -> None:
    if not stage(label, *command):
        raise Refused(f"{label} failed; the reason is above. Run this again when it is mended.")


def stage(label: str, *command: str | Path) -> bool:
    """Run one step."""
    with begin(label, *command) as step:
        return step.is_done()


@contextlib.contextmanager
def begin(label: str, *command: str | Path) -> Iterator[Step]:
    """Start a step, to be waited for later."""
    with (
        tempfile.TemporaryFile() as output,
        child(*command, stdout=output, stderr=subprocess.STDOUT) as process,
    ):
        yield Step(label, process, output)


class Step(NamedTuple):
    """What runs without showing what it prints."""

    label: str
    process: subprocess.Popen[bytes]
    output: IO[bytes]

    def is_done(self) -> bool:
        """Wait for it; show how long that took, and what it printed only if it failed."""
        print(f"{self.label} ... ", end="", flush=True)
        began = time.monotonic()
        is_done = wait_for(self.process) == 0
        print(f"{'done' if is_done else 'FAILED'} ({time.monotonic() - began:.1f} s)", flush=True)

        if not is_done:
            self.output.seek(0)
            # Bytes, as they came: a console may lack a character that pip or a compiler used.
            sys.stdout.buffer.write(self.output.read())
            sys.stdout.flush()
        return is_done
