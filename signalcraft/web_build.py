"""Build the field app for browsers from mobile/ into mobile/dist/web when sources have changed.

`python -m signalcraft.web_build` needs nothing but the standard library and Node. It takes minutes
the first time; the previous build is served until the new one is complete.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

MOBILE = Path(__file__).resolve().parent.parent / "mobile"
DIST = MOBILE / "dist"
WEB = DIST / "web"
BUILT_FROM = DIST / "web.sha256"
STATE = DIST / "state"
LOG = DIST / "build.log"
MODULES = MOBILE / "node_modules"
INSTALLED_FROM = MODULES / "installed.sha256"

NOT_SOURCES = {"node_modules", "dist", "tests", ".expo", "ios", "android"}
LEAST_NODE = 20
# A build that died could not say so.
LONGEST_BUILD_SECONDS = 30 * 60


class State(StrEnum):
    """What there is to know of the build."""

    READY = "ready"
    BUILDING = "building"
    FAILED = "failed"
    NO_NODE = "no_node"
    NOT_BUILT = "not_built"


class BuildFailed(Exception):
    """A step ended with an error; the message names it."""


def main() -> str | None:
    """Build where that is needed and can be done; return what went wrong."""
    if is_current():
        return None
    DIST.mkdir(exist_ok=True)
    if not has_node():
        STATE.write_text(State.NO_NODE)
        return None
    STATE.write_text(State.BUILDING)
    try:
        build()
    except BuildFailed as failure:
        STATE.write_text(State.FAILED)
        return f"The field app could not be built: {failure}"
    STATE.write_text(State.READY)
    return None


def state() -> State:
    """Tell whether the app can be served, and if not, why."""
    if (WEB / "index.html").exists():
        return State.READY
    if not STATE.exists():
        return State.NOT_BUILT
    told = State(STATE.read_text())
    is_over = time.time() - STATE.stat().st_mtime > LONGEST_BUILD_SECONDS
    return State.FAILED if told == State.BUILDING and is_over else told


def is_current() -> bool:
    return WEB.exists() and BUILT_FROM.exists() and BUILT_FROM.read_text() == digest(sources())


def has_node() -> bool:
    """Tell whether Node is here, and new enough."""
    node = shutil.which("node")
    if node is None or npm() is None:
        return False
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return int(version.lstrip("v").split(".")[0]) >= LEAST_NODE


def npm() -> str | None:
    return shutil.which("npm")


def build() -> None:
    """Install and export; only a whole build takes the place of the one before."""
    LOG.unlink(missing_ok=True)
    built_from = digest(sources())
    install()
    unfinished = DIST / f"web.{os.getpid()}"
    step(
        "exporting",
        "exec",
        "expo",
        "--",
        "export",
        "--platform",
        "web",
        "--output-dir",
        str(unfinished),
    )
    shutil.rmtree(WEB, ignore_errors=True)
    unfinished.rename(WEB)
    BUILT_FROM.write_text(built_from)


def install() -> None:
    """Install exactly what the lock names, unless that is there already."""
    DIST.mkdir(exist_ok=True)
    locked = digest([MOBILE / "package-lock.json"])
    if INSTALLED_FROM.exists() and INSTALLED_FROM.read_text() == locked:
        return
    step("installing", "ci", "--ignore-scripts")
    INSTALLED_FROM.write_text(locked)


def step(name: str, *arguments: str) -> None:
    """Run one npm command, and keep what it printed."""
    hush()
    with LOG.open("ab") as log:
        done = subprocess.run(
            [str(npm()), *arguments], cwd=MOBILE, stdout=log, stderr=log, check=False
        )
    if done.returncode:
        raise BuildFailed(f"{name} ended with {done.returncode}; mobile/dist/build.log tells more.")


def hush() -> None:
    """Have the tools ask and tell nobody: a plant has no internet."""
    for switch in ("EXPO_OFFLINE", "EXPO_NO_TELEMETRY"):
        os.environ.setdefault(switch, "1")


def sources() -> list[Path]:
    return sorted(
        path for path in files_below(MOBILE) if path.relative_to(MOBILE).parts[0] not in NOT_SOURCES
    )


def files_below(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and path.name not in NOT_SOURCES:
            yield from files_below(path)
        elif path.is_file():
            yield path


def digest(paths: list[Path]) -> str:
    """Hash names and contents, whatever the line ends of this system."""
    sha256 = hashlib.sha256()
    for path in paths:
        sha256.update(path.relative_to(MOBILE).as_posix().encode() + b"\0")
        sha256.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return sha256.hexdigest()


if __name__ == "__main__":
    if sys.platform != "win32":
        os.nice(10)  # whoever is being answered comes first
    sys.exit(main())
