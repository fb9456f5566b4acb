"""Builds the field app for browsers from mobile/ into mobile/dist/web, if the sources changed.

`python -m signalcraft.web_build` needs only the standard library and Node. The first build takes
minutes; later the previous build is served until the new one is complete.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

MOBILE = Path(__file__).resolve().parent.parent / "mobile"
DIST = MOBILE / "dist"
WEB = DIST / "web"
BUILT_FROM = DIST / "web.sha256"
STATE = DIST / "state"
STEP = DIST / "step"
LOG = DIST / "build.log"
MODULES = MOBILE / "node_modules"
INSTALLED_FROM = MODULES / "installed.sha256"

NOT_SOURCES = {"node_modules", "dist", "tests", ".expo", "ios", "android"}
MIN_NODE = 20
# A build that was killed leaves its state behind; older ones count as failed.
MAX_BUILD_SECONDS = 30 * 60


class State(StrEnum):
    """The state of the build."""

    READY = "ready"
    BUILDING = "building"
    FAILED = "failed"
    NO_NODE = "no_node"
    NOT_BUILT = "not_built"


class Step(StrEnum):
    """The steps of a build, in their order."""

    INSTALLING = "installing"
    EXPORTING = "exporting"


@dataclass(frozen=True, slots=True)
class Progress:
    """Which step of a build runs, and for how long."""

    step: Step
    seconds: float


class BuildFailed(Exception):
    """A step failed; the message names it."""


def main() -> str | None:
    """Build if necessary and possible; return an error message, or None."""
    if is_current():
        return None
    DIST.mkdir(exist_ok=True)
    if not has_node():
        STATE.write_text(State.NO_NODE)
        return None
    STEP.unlink(missing_ok=True)
    STATE.write_text(State.BUILDING)
    try:
        build()
    except BuildFailed as failure:
        STATE.write_text(State.FAILED)
        return f"The field app could not be built: {failure}"
    STATE.write_text(State.READY)
    return None


def read_state() -> State:
    """Return whether the app can be served, and if not, why."""
    if (WEB / "index.html").exists():
        return State.READY
    if not STATE.exists():
        return State.NOT_BUILT
    saved = State(STATE.read_text())
    is_too_old = time.time() - STATE.stat().st_mtime > MAX_BUILD_SECONDS
    return State.FAILED if saved == State.BUILDING and is_too_old else saved


def read_progress() -> Progress | None:
    """Return what a build is doing; None where it has not begun."""
    try:
        step = Step(STEP.read_text())
        begun_at = STEP.stat().st_mtime
    except (FileNotFoundError, ValueError):  # not written yet, or not whole
        return None
    return Progress(step, max(0.0, time.time() - begun_at))


def is_current() -> bool:
    if not (WEB.exists() and BUILT_FROM.exists()):
        return False
    return BUILT_FROM.read_text() == hash_files(list_sources())


def has_node() -> bool:
    """Return whether Node is installed, and new enough."""
    node = shutil.which("node")
    if node is None or find_npm() is None:
        return False
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return int(version.lstrip("v").split(".")[0]) >= MIN_NODE


def find_npm() -> str | None:
    return shutil.which("npm")


def build() -> None:
    """Install and export; only a complete build replaces the previous one."""
    LOG.unlink(missing_ok=True)
    built_from = hash_files(list_sources())
    install()
    unfinished = DIST / f"web.{os.getpid()}"
    run_npm(
        Step.EXPORTING,
        "exec",
        "expo",
        "--",
        "export",
        "--platform",
        "web",
        "--output-dir",
        str(unfinished),
    )
    compress(unfinished)
    shutil.rmtree(WEB, ignore_errors=True)
    unfinished.rename(WEB)
    BUILT_FROM.write_text(built_from)


# Beside each file of text a copy for each way of compressing that browsers ask for. By Node, whose
# zlib knows brotli: Python's standard library does not.
COMPRESS = """
const { readdirSync, readFileSync, statSync, writeFileSync } = require("fs");
const { brotliCompressSync, gzipSync } = require("zlib");
const [folder] = process.argv.slice(1);
for (const name of readdirSync(folder, { recursive: true })) {
  const path = folder + "/" + name;
  if (!/[.](js|css|html|json|svg|ttf)$/.test(name) || statSync(path).size < 1000) continue;
  const content = readFileSync(path);
  writeFileSync(path + ".br", brotliCompressSync(content));
  writeFileSync(path + ".gz", gzipSync(content, { level: 9 }));
}
"""


def compress(folder: Path) -> None:
    """Store what is worth it compressed too, so that no request waits for it."""
    command = [str(shutil.which("node")), "-e", COMPRESS, str(folder)]
    with LOG.open("ab") as log:
        done = subprocess.run(command, stdout=log, stderr=log, check=False)
    if done.returncode:
        raise BuildFailed(f"compressing ended with {done.returncode}; see mobile/dist/build.log.")


def install() -> None:
    """Install exactly what the lock file names, unless that is installed already."""
    DIST.mkdir(exist_ok=True)
    locked = hash_files([MOBILE / "package-lock.json"])
    if INSTALLED_FROM.exists() and INSTALLED_FROM.read_text() == locked:
        return
    run_npm(Step.INSTALLING, "ci", "--ignore-scripts")
    INSTALLED_FROM.write_text(locked)


def run_npm(step: Step, *arguments: str) -> None:
    """Run one npm command, say so, and append its output to the log."""
    disable_network()
    STEP.write_text(step)
    with LOG.open("ab") as log:
        done = subprocess.run(
            [str(find_npm()), *arguments], cwd=MOBILE, stdout=log, stderr=log, check=False
        )
    if done.returncode:
        raise BuildFailed(f"{step} ended with {done.returncode}; see mobile/dist/build.log.")


def disable_network() -> None:
    """Keep the tools off the network: a plant has no internet."""
    for switch in ("EXPO_OFFLINE", "EXPO_NO_TELEMETRY"):
        os.environ.setdefault(switch, "1")


def list_sources() -> list[Path]:
    return sorted(
        path for path in walk_files(MOBILE) if path.relative_to(MOBILE).parts[0] not in NOT_SOURCES
    )


def walk_files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and path.name not in NOT_SOURCES:
            yield from walk_files(path)
        elif path.is_file():
            yield path


def hash_files(paths: list[Path]) -> str:
    """Hash names and contents, with the same result for all line endings."""
    sha256 = hashlib.sha256()
    for path in paths:
        sha256.update(path.relative_to(MOBILE).as_posix().encode() + b"\0")
        sha256.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return sha256.hexdigest()


if __name__ == "__main__":
    if sys.platform != "win32":
        os.nice(10)  # requests come first
    sys.exit(main())
