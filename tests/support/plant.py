"""A plant to be used from outside: a real server, models trained by command, people, machines."""

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from signalcraft.launch.command import server_command
from tests.support.places import PROJECT

EMAIL = "engineer@plant.example"
PASSWORD = "correct horse battery"
CALIBRATOR_EMAIL = "calibrator@plant.example"
ADMIN_EMAIL = "admin@plant.example"

PEOPLE_AND_MACHINES = f"""
from django.contrib.auth.models import Group
from accounts.models import User
from analysis.models import Device
user = User.objects.create_user("engineer", "{EMAIL}", "{PASSWORD}")
user.groups.add(Group.objects.get(name="field engineer"))
calibrator = User.objects.create_user("calibrator", "{CALIBRATOR_EMAIL}", "{PASSWORD}")
calibrator.groups.add(Group.objects.get(name="engineer"))
User.objects.create_superuser("admin", "{ADMIN_EMAIL}", "{PASSWORD}")
Device.objects.create(device_id="pump-07", name="Cooling water pump 7", machine_type_id="pump")
Device.objects.create(device_id="fan-02", name="Exhaust fan 2", machine_type_id="fan")
"""


class Proxy(BaseHTTPRequestHandler):
    """What stands in front of a server that is away."""

    def do_GET(self) -> None:
        self.send_error(502)

    do_POST = do_GET

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


class Plant:
    """One server; started and stopped as often as one likes, it remembers.

    set_up: what makes its people and machines, as arguments of manage.py.
    """

    def __init__(self, media: Path, *set_up: str) -> None:
        self.media = media
        with socket.socket() as any_free:
            any_free.bind(("127.0.0.1", 0))
            self.port = any_free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = os.environ | {"MEDIA_ROOT": str(media), "LOG_LEVEL": "WARNING"}
        self.server: subprocess.Popen[bytes] | None = None
        self.database = media / "signalcraft.sqlite3"
        if not self.database.exists():  # a copy of another plant's folder has all of it
            self.manage("migrate", "--noinput", "--verbosity=0")
            self.manage(*(set_up or ("shell", "--verbosity=0", "-c", PEOPLE_AND_MACHINES)))

    def manage(self, *arguments: str) -> None:
        subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=PROJECT, env=self.environment, check=True
        )

    def train(self, sounds: Path, model_id: str, *options: str) -> None:
        files = (f"--output_if_name={model_id}.pkl", f"--output_scaler_name={model_id}_scaler.pkl")
        self.publish("train_if", sounds, model_id, *files, *options)

    def publish(self, command: str, sounds: Path, model_id: str, *options: str) -> None:
        tests = (
            f"--test_normal={sounds / 'test_normal'}",
            f"--test_abnormal={sounds / 'test_abnormal'}",
        )
        where = (
            f"--data_dir={sounds / 'train_normal'}",
            r"--group_by=take\d+",
            f"--model_id={model_id}",
        )
        self.manage(command, *where, *tests, *options)

    def start(self) -> None:
        command = [sys.executable, *server_command("127.0.0.1", self.port, 1)]
        self.server = subprocess.Popen(
            command, cwd=PROJECT, env=self.environment, start_new_session=True
        )
        deadline = time.monotonic() + 60
        while not self.answers():
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.1)

    def answers(self) -> bool:
        try:
            with urlopen(f"{self.url}/readyz", timeout=5) as response:
                return response.status == 200
        except (URLError, OSError):
            return False

    def stop(self) -> None:
        if self.server:
            os.killpg(self.server.pid, signal.SIGTERM)
            self.server.wait(timeout=30)
            self.server = None

    @contextlib.contextmanager
    def proxy_without_server(self) -> Iterator[None]:
        """Have a proxy answer at the server's address, in its place."""
        with ThreadingHTTPServer(("127.0.0.1", self.port), Proxy) as proxy:
            thread = Thread(target=proxy.serve_forever)
            thread.start()
            try:
                yield
            finally:
                proxy.shutdown()
                thread.join()

    def write(self, query: str, *values: Any) -> None:
        """Change the database, past the server."""
        database = sqlite3.connect(self.database)
        try:
            with database:
                database.execute(query, values)
        finally:
            database.close()

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Look into the database, past the server."""
        database = sqlite3.connect(self.database)
        try:
            return database.execute(query, values).fetchall()
        finally:
            database.close()
