"""Clients that send one request after the other, and what they saw."""

import http.client
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, takewhile
from time import perf_counter

import numpy as np

SUCCESS = range(200, 300)
BOUNDARY = "a-boundary-that-is-in-no-recording"


@dataclass(frozen=True, slots=True)
class Request:
    """What the clients send; each takes its bodies in turn."""

    path: str
    headers: Mapping[str, str]
    bodies: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it: latencies in milliseconds, and the bodies of the answers."""

    per_second: float
    latencies_ms: list[float]
    answers: list[bytes]

    def percentile(self, percent: float) -> float:
        """The latency that so many per cent stayed below."""
        return float(np.percentile(self.latencies_ms, percent))


def put_under_load(port: int, request: Request, *, clients: int, seconds: float) -> Load:
    """Let so many clients send for so long, each waiting for its answer; anything but success ends it."""
    latencies_ms: list[float] = []
    answers: list[bytes] = []
    failures: list[str] = []
    end = perf_counter() + seconds

    def run(number: int) -> None:
        bodies = cycle([*request.bodies[number:], *request.bodies[:number]])
        for latency_ms, status, answer in answered(
            port, request, takewhile(lambda _: perf_counter() < end, bodies)
        ):
            latencies_ms.append(latency_ms)
            answers.append(answer)
            if status not in SUCCESS:
                failures.append(f"{status}: {answer[:300]!r}")
                return

    began = perf_counter()
    threads = [
        threading.Thread(target=run, args=(number % len(request.bodies),))
        for number in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures or not answers:
        raise RuntimeError(f"The server refused: {failures[:1]}")
    return Load(len(answers) / (perf_counter() - began), latencies_ms, answers)


def answered(
    port: int, request: Request, bodies: Iterable[bytes]
) -> Iterator[tuple[float, int, bytes]]:
    """Latency in milliseconds, status and body of each answer, over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for body in bodies:
        began = perf_counter()
        connection.request("POST", request.path, body, dict(request.headers))
        response = connection.getresponse()
        answer = response.read()
        yield 1000 * (perf_counter() - began), response.status, answer
    connection.close()


def analysis_request(access_token: str, model_id: str, recordings: Sequence[bytes]) -> Request:
    """Recordings as the app sends them."""
    headers = {
        "Authorization": f"Bearer {access_token}",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
    }
    return Request(
        "/api/v1/analyses", headers, [form(model_id, recording) for recording in recordings]
    )


def form(model_id: str, recording: bytes) -> bytes:
    """A multipart body."""
    field = 'Content-Disposition: form-data; name="{}"'
    return (
        (
            f"--{BOUNDARY}\r\n{field.format('model_id')}\r\n\r\n{model_id}\r\n--{BOUNDARY}\r\n"
            f'{field.format("file")}; filename="clip"\r\nContent-Type: application/octet-stream\r\n\r\n'
        ).encode()
        + recording
        + f"\r\n--{BOUNDARY}--\r\n".encode()
    )
