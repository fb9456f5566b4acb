#!/usr/bin/env python3
"""Set SignalCraft up and run it, or check it: `bootstrap.py run` and `bootstrap.py test`.

Standard library only, on Linux, macOS and Windows. What it makes stays inside this folder: .venv
(the requirements), .env (a fresh secret key) and media (database, artifacts, recordings). The
environment wins over .env and is handed on to everything that is started here. Running it again is
quick and changes nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import itertools
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from signalcraft.launch.interpreter import NoPython, choose_python

if sys.version_info < (3, 11):  # noqa: UP036  # it is started by whatever is called python3
    # What follows cannot even be read by an older one.
    try:
        sys.exit(choose_python())
    except NoPython as refusal:
        sys.exit(str(refusal))

from signalcraft import web_build
from signalcraft.child_processes import Stopped, child, has_ended, listen_for_stop, wait_for
from signalcraft.launch.command import MALLOC_SETTINGS, server_command
from signalcraft.launch.last_words import last_words, take_passwords, tell_when_built
from signalcraft.launch.leftovers import folder_of_counts, only_one
from signalcraft.launch.steps import Refused, begin, require, stage
from signalcraft.launch.supervision import GivenUp, Supervisor

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
ENV_FILE = ROOT / ".env"
READY_SECONDS = 120  # how long the server may take to answer


def main(arguments: list[str]) -> int:
    parser, options, extra = parse(arguments)
    if extra and options.command != "test":
        parser.error(f"unrecognised arguments: {' '.join(extra)}")
    listen_for_stop()
    try:
        if (code := choose_python(torch_pins("requirements.txt"))) is not None:
            return code
        if options.command == "test":
            return check(extra, is_quick=options.quick)
        return run(options.host, options.port, options.workers, with_demo=options.demo)
    except (Refused, NoPython) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except Stopped:
        print("Stopped.")
        return 130 if options.command == "test" else 0


def parse(arguments: list[str]) -> tuple[argparse.ArgumentParser, argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(
        prog="bootstrap.py", description="Set SignalCraft up and run it, or check it."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="install, prepare and serve", allow_abbrev=False)
    run.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on (another one also needs ALLOWED_HOSTS)",
    )
    run.add_argument("--port", default=8000, type=int)
    run.add_argument("--workers", default=1, type=int, help="server processes on the one port")
    run.add_argument(
        "--no-demo", dest="demo", action="store_false", help="start with an empty registry"
    )
    test = commands.add_parser(
        "test", help="run every check; further arguments go to pytest", allow_abbrev=False
    )
    test.add_argument(
        "--quick", action="store_true", help="leave out what takes minutes, and say what that is"
    )
    options, extra = parser.parse_known_args(arguments)
    if options.command == "run" and options.workers < 1:
        parser.error("--workers must be at least 1")
    return parser, options, extra


# The two commands


def run(host: str, port: int, workers: int, *, with_demo: bool) -> int:
    refuse_a_busy_port(host, port)
    with only_one(ROOT / ".preparing"):
        prepare(with_demo=with_demo)
    # The other start may serve there by now.
    refuse_a_busy_port(host, port)
    return serve(host, port, workers)


def prepare(*, with_demo: bool) -> None:
    install("requirements.txt")
    write_env_file()
    media().mkdir(parents=True, exist_ok=True)
    require("Preparing the database", PYTHON, "manage.py", "migrate", "--noinput")
    require("Collecting static files", PYTHON, "manage.py", "collectstatic", "--noinput")
    command = ("make_demo", "--parallel") if with_demo else ("create_first_users",)
    # Not silenced: it reports progress.
    environment = os.environ | log_settings()
    words = ("manage.py", *command, "--passwords_file", passwords_file())
    with child(PYTHON, *words, env=environment) as process:
        if wait_for(process):
            raise Refused(
                "The first users and the demo could not be made. Run this again, or with --no-demo."
            )


def check(pytest_arguments: list[str], *, is_quick: bool) -> int:
    install("requirements.txt", "requirements-dev.txt")
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
    failed = [
        label for label, command in FIRST_CHECKS.items() if not stage(label, PYTHON, *command)
    ]

    if is_quick:
        code = run_pytest(QUICK_PYTEST, pytest_arguments)
    else:
        # Types keep one core busy for a minute or two, so they are checked beside the tests.
        with begin("mypy", PYTHON, "-m", "mypy", ".") as types:
            code = run_pytest(WHOLE_PYTEST, pytest_arguments)
            if not types.is_done():
                failed.append(types.label)

    if code:
        failed.append("pytest")
    if failed:
        print(f"Failed: {', '.join(failed)}.", flush=True)
    if is_quick:
        print(LEFT_OUT, flush=True)
    return code or bool(failed)


def run_pytest(options: tuple[str, ...], pytest_arguments: list[str]) -> int:
    print("pytest", flush=True)
    # Tests start many processes, and without bytecode each would compile every file anew.
    environment = dict(os.environ) | {"PYTHONDONTWRITEBYTECODE": ""}
    with child(PYTHON, "-m", "pytest", *options, *pytest_arguments, env=environment) as tests:
        return wait_for(tests)


FIRST_CHECKS = {
    "ruff format": ("-m", "ruff", "format", "--check", "."),
    "ruff check": ("-m", "ruff", "check", "."),
    "migrations": ("manage.py", "makemigrations", "--check", "--dry-run"),
}
LEFT_OUT = """\
This was a quick run. It left out the types (mypy), the tests in a browser, the field app's own
checks, the tests that start servers or other programs, and those that train by command or train a
network, judge real recordings, read hostile files or ask all that the schema allows.
`python bootstrap.py test` runs them too, in about a quarter of an hour."""

# Each process holds torch in memory, and of many the most would wait for the longest test.
N_PROCESSES = min(os.cpu_count() or 1, 4)
QUICK_PYTEST = (f"--numprocesses={N_PROCESSES}", "-m", "not slow", "--hypothesis-profile=quick")
# One more than there are cores, because a test in a browser mostly waits.
WHOLE_PYTEST = (f"--numprocesses={N_PROCESSES + 1}",)


# What has to hold before anything is made


def refuse_a_busy_port(host: str, port: int) -> None:
    if not 0 < port < 65536:
        raise Refused(f"There is no port {port}: --port takes 1 to 65535.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            if sys.platform != "win32":
                # A port that only waits for its last connections to time out is free.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as exc:
        raise Refused(
            f"Cannot listen on {host} port {port}: {exc}. Choose another with --port."
        ) from exc


# Set-up


def install(*requirement_files: str) -> None:
    """Bring .venv to what the requirement files say, unless they have not changed since."""
    if not (PYTHON.exists() and stamp("requirements.txt").exists()):
        require("Making .venv", sys.executable, "-m", "venv", VENV)
    for name in requirement_files:
        digest = hashlib.sha256((ROOT / name).read_bytes()).hexdigest()
        if stamp(name).exists() and stamp(name).read_text() == digest:
            continue
        # Marked first and stamped last, so that an install that was interrupted is done again.
        stamp(name).write_text("unfinished")
        for pin in torch_pins(name):
            require(f"Installing {pin}", PYTHON, *PIP_INSTALL, pin)
        require(f"Installing {name}", PYTHON, *PIP_INSTALL, "-r", name)
        stamp(name).write_text(digest)


# Most modules are never imported, so bytecode is left to be made of those that are: most of the
# time that pip takes. Where none may be kept, it is made here.
NO_BYTECODE = () if sys.dont_write_bytecode else ("--no-compile",)
PIP_INSTALL = ("-m", "pip", "install", "--no-input", "--disable-pip-version-check", *NO_BYTECODE)


def stamp(requirement_file: str) -> Path:
    return VENV / f"installed-{requirement_file}.sha256"


def torch_pins(requirement_file: str) -> list[str]:
    """Name torch apart: it is by far the largest, and its progress deserves a line of its own."""
    lines = (ROOT / requirement_file).read_text(encoding="utf-8").splitlines()
    return [line.split("#")[0].strip() for line in lines if line.startswith("torch==")]


def write_env_file() -> None:
    """Keep a fresh secret key in .env, unless there is a key already."""
    if setting("SECRET_KEY", default=""):
        return
    if ENV_FILE.exists():
        raise Refused(
            "Your .env has no SECRET_KEY. Add one of 50 random characters, or move the file away."
        )
    unfinished = ENV_FILE.with_name(".env.unfinished")
    unfinished.touch(mode=0o600)
    unfinished.write_text(
        "# Written by bootstrap.py. What else may stand here: .env.example.\n"
        f"SECRET_KEY={secrets.token_urlsafe(50)}\n"
        "DEBUG=false\n",
        encoding="utf-8",
    )
    unfinished.replace(ENV_FILE)


def setting(name: str, *, default: str) -> str:
    """Read a variable as the settings do: the environment, else .env, else the default."""
    lines = ENV_FILE.read_text(encoding="utf-8").splitlines() if ENV_FILE.exists() else []
    assigned = [
        line.removeprefix("export ") for line in lines if "=" in line and not line.startswith("#")
    ]
    in_file = dict(line.split("=", 1) for line in assigned)
    return os.environ.get(name, in_file.get(name, default).strip().strip("'\""))


def media() -> Path:
    return ROOT / setting("MEDIA_ROOT", default="media")


def passwords_file() -> Path:
    """Return where the passwords of new users wait until they are shown, last and once."""
    return media() / "first-passwords.txt"


# Serving


def serve(host: str, port: int, workers: int) -> int:
    # Minutes the first time, so nobody waits for the build; begun first, so that /app/ never says
    # there is none.
    app_build = child(PYTHON, "-m", "signalcraft.web_build")
    with folder_of_counts() as folder, app_build as build:
        counts = setting("PROMETHEUS_MULTIPROC_DIR", default="") or str(folder)
        given = {"PROMETHEUS_MULTIPROC_DIR": counts} | log_settings()
        environment = MALLOC_SETTINGS | os.environ | given
        command = server_command(host, port, workers)
        starts = itertools.count()
        url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        greeted = threading.Event()
        if web_build.read_state() != "ready":
            news = (build, greeted, url, web_build.read_state)
            threading.Thread(target=tell_when_built, args=news, daemon=True).start()

        def serve_once() -> str:
            with child(PYTHON, *command, env=environment) as server:
                try:
                    wait_until_ready(server, host, port)
                except Refused as refusal:
                    if next(starts) == 0:
                        raise
                    return str(refusal)
                next(starts)
                greet(url, given["LOG_FILE"])
                greeted.set()
                return f"The server ended by itself, with exit code {wait_for(server)}."

        try:
            Supervisor().keep_running(serve_once)
        except GivenUp as exc:
            raise Refused(str(exc)) from exc
    return 1


def log_settings() -> dict[str, str]:
    """Send a line for each request to a file: it would bury what there is to read here."""
    log = setting("LOG_FILE", default=str(media() / "logs" / "signalcraft.log"))
    console = {"LOG_CONSOLE_LEVEL": setting("LOG_CONSOLE_LEVEL", default="WARNING")}
    return {"LOG_FILE": log} | (console if log else {})


def greet(url: str, log: str) -> None:
    words = last_words(
        url,
        app=web_build.read_state(),
        log=log,
        passwords=take_passwords(passwords_file()),
        python=PYTHON.relative_to(ROOT),
    )
    # So that commands can print whole addresses.
    (media() / "served-at.txt").write_text(url, encoding="utf-8")
    print(words, flush=True)


def wait_until_ready(server: subprocess.Popen[bytes], host: str, port: int) -> None:
    address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    deadline = time.monotonic() + READY_SECONDS
    while (answer := ask_readyz(address, port)) != "200":
        if time.monotonic() > deadline:
            raise Refused(
                f"The server is not ready after {READY_SECONDS} s. /readyz answers: {answer}"
            )
        if has_ended(server):
            raise Refused(f"The server did not start; it ended with exit code {server.returncode}.")
        time.sleep(0.1)


def ask_readyz(address: str, port: int) -> str:
    """Answer "200", or what came instead."""
    # The server answers only to its own names. http.client also asks no proxy, which urllib would.
    name = setting("ALLOWED_HOSTS", default="localhost").split(",")[0].strip().lstrip(".")
    connection = http.client.HTTPConnection(address, port, timeout=5)
    try:
        connection.request("GET", "/readyz", headers={"Host": name.replace("*", "") or "localhost"})
        response = connection.getresponse()
        return "200" if response.status == 200 else f"{response.status} {response.read(500)!r}"
    except (OSError, http.client.HTTPException) as exc:
        return str(exc)
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
