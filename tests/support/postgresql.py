"""A PostgreSQL server of the tests' own, on loopback, gone when they end."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from itertools import count
from pathlib import Path

import psycopg
import pytest

from tests.support.needs import need

SERVERS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


_numbers = count(1)


@pytest.fixture
def postgresql(postgresql_server):
    """The address of an empty database."""
    name = f"plant_{next(_numbers)}"
    with psycopg.connect(f"{postgresql_server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{postgresql_server}/{name}"


@pytest.fixture(scope="session")
def postgresql_server():
    need(bool(SERVERS), "There is no PostgreSQL server here: nothing is tried with one.")
    folder = Path(tempfile.mkdtemp(prefix="signalcraft-postgresql-"))
    port = free_port()
    # The server refuses to run as root; Debian's package brings a user for it.
    as_nobody = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_nobody:
        shutil.chown(folder, "postgres")
    name = "postgres" if as_nobody else pwd.getpwuid(os.geteuid()).pw_name
    control = [*as_nobody, SERVERS[-1].with_name("pg_ctl"), "-D", folder / "data", "-s", "-w"]
    options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off"
    subprocess.run(
        [*as_nobody, SERVERS[-1], "-D", folder / "data", "-A", "trust"],
        check=True,
        capture_output=True,
        cwd="/",
    )
    subprocess.run([*control, "-o", options, "-l", folder / "log", "start"], check=True, cwd="/")
    yield f"postgres://{name}@127.0.0.1:{port}"
    subprocess.run([*control, "-m", "immediate", "stop"], check=True, cwd="/")
    shutil.rmtree(folder)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
