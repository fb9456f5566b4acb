"""What a start says last: where to go, who may sign in, and where requests are logged.

Standard library only: `bootstrap.py` needs it before anything is installed.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

# As signalcraft.web_build names the states of the app; one that was never built is being built.
APP_STATES = {
    "ready": "ready",
    "building": "being built, a few minutes the first time; the page then opens by itself",
    "failed": "could not be built, see mobile/dist/build.log",
    "no_node": "needs Node.js 20, then start again",
}


def last_words(url: str, *, app: str, log: str, passwords: list[str], python: Path) -> str:
    """Return the lines that stay in view; app: its state, passwords: lines of new users."""
    return "\n".join(lines(url, app=app, log=log, passwords=passwords, python=python))


def lines(url: str, *, app: str, log: str, passwords: list[str], python: Path) -> Iterator[str]:
    yield f"\nSignalCraft is ready at {url} - Ctrl-C stops it."
    yield f"  Field app:    {url}/app/ ({APP_STATES.get(app, APP_STATES['building'])})"
    yield f"  Admin:        {url}/admin/"
    yield f"  API:          {url}/api/docs"
    yield f"  Request log:  {log or 'this terminal'}"
    for line in passwords:
        yield f"  {line}"
    yield f"  A new password: {python} manage.py changepassword EMAIL"


def take_passwords(path: Path) -> list[str]:
    """Return the lines of the file, which is gone then: what was shown is not kept."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    path.unlink()
    return text.splitlines()


def tell_when_built(
    build: subprocess.Popen[bytes],
    greeted: threading.Event,
    url: str,
    read_state: Callable[[], str],
) -> None:
    """Say that the first build of the app has ended; one that failed says so itself."""
    build.wait()
    greeted.wait()
    if read_state() == "ready":
        print(f"The field app is ready at {url}/app/", flush=True)
