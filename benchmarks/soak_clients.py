"""The clients of the soak: uploads, hostile files, slow bodies, probes; each keeps what it got."""

import http.client
import json
import random
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import isnan

from benchmarks.support.load import BOUNDARY, encode_form
from benchmarks.support.sandbox import ROOT

HOSTILE_SHARE = 0.05
READ_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """An analysis that was answered with 201: its id, its version, and when it was under way."""

    id: str
    version: int
    sent_at: float
    answered_at: float


@dataclass(slots=True)
class Account:
    """What all clients got, together."""

    acknowledged: list[Acknowledged] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    n_cut: int = 0
    unnamed: list[str] = field(default_factory=list)
    probes: list[tuple[float, float | None]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, status: int, body: bytes) -> None:
        """Count an answer; whatever is no success must have a code of ours."""
        name = str(status)
        if status >= 400:
            try:
                name = f"{status} {json.loads(body)['code']}"
            except (ValueError, KeyError, TypeError):
                self.unnamed.append(f"{status}: {body[:80]!r}")
        with self.lock:
            self.answers[name] += 1


@dataclass(frozen=True, slots=True)
class Traffic:
    """What is sent, and where."""

    port: int
    token: str
    model_id: str
    sounds: Sequence[bytes]
    hostile: Sequence[bytes]

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every request."""
        return {"Authorization": f"Bearer {self.token}", "Host": "localhost"}


def run_client(number: int, traffic: Traffic, account: Account, is_over: threading.Event) -> None:
    """Upload and read until it is over; a connection that was cut is opened again."""
    chance = random.Random(number)
    connection: http.client.HTTPConnection | None = None
    while not is_over.is_set():
        connection = connection or http.client.HTTPConnection("127.0.0.1", traffic.port, timeout=60)
        ask = read_something if chance.random() < READ_SHARE else upload
        try:
            ask(connection, chance, traffic, account)
        except (OSError, http.client.HTTPException):
            with account.lock:
                account.n_cut += 1
            connection.close()
            connection = None
            time.sleep(0.05)


def upload(
    connection: http.client.HTTPConnection,
    chance: random.Random,
    traffic: Traffic,
    account: Account,
) -> None:
    """Send a recording, now and then a hostile one."""
    files = traffic.hostile if chance.random() < HOSTILE_SHARE else traffic.sounds
    body = encode_form(traffic.model_id, chance.choice(files))
    content_type = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    sent_at = time.time()
    connection.request("POST", "/api/v1/analyses", body, traffic.headers | content_type)
    response = connection.getresponse()
    answer = response.read()
    account.note(response.status, answer)
    if response.status == 201:
        analysis = json.loads(answer)
        done = Acknowledged(analysis["id"], analysis["model"]["version"], sent_at, time.time())
        with account.lock:
            account.acknowledged.append(done)


def read_something(
    connection: http.client.HTTPConnection,
    chance: random.Random,
    traffic: Traffic,
    account: Account,
) -> None:
    """Read a list, or the picture or the sound of an analysis."""
    paths = ["/api/v1/models", "/api/v1/analyses", "/api/v1/auth/me"]
    if account.acknowledged:
        one = chance.choice(account.acknowledged[-50:]).id
        paths += [f"/api/v1/analyses/{one}{part}" for part in ("", "/spectrogram.png", "/audio")]
    connection.request("GET", chance.choice(paths), headers=traffic.headers)
    response = connection.getresponse()
    account.note(response.status, response.read())


def run_slow_client(traffic: Traffic, is_over: threading.Event) -> None:
    """Send a body one byte in five seconds, and begin again when it is given up."""
    head = "POST /api/v1/auth/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n"
    while not is_over.is_set():
        try:
            with socket.create_connection(("127.0.0.1", traffic.port), timeout=5) as client:
                client.sendall(head.encode())
                while not is_over.wait(5):
                    client.sendall(b"{")
        except OSError:
            is_over.wait(0.5)


def run_probe(traffic: Traffic, account: Account, is_over: threading.Event) -> None:
    """Let another process ask /healthz, and keep what it got."""
    command = (sys.executable, "-m", "benchmarks.soak_probe", str(traffic.port))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as probe:
        assert probe.stdout is not None
        for line in probe.stdout:
            began, seconds = map(float, line.split())
            account.probes.append((began, None if isnan(seconds) else seconds))
            if is_over.is_set():
                probe.kill()


def start_threads(targets: Sequence[Callable[[], None]]) -> list[threading.Thread]:
    """Start a thread for each."""
    threads = [threading.Thread(target=target, daemon=True) for target in targets]
    for thread in threads:
        thread.start()
    return threads
