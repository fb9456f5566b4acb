"""Clients that send one request after the other, and the times and answers they got."""

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
    """What the clients send; each sends the bodies in turn."""

    path: str
    headers: Mapping[str, str]
    bodies: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Load:
    """What the clients measured: latencies in milliseconds, and the bodies of the answers."""

    per_second: float
    latencies_ms: list[float]
    answers: list[bytes]

    def percentile(self, percent: float) -> float:
        """Return the latency that so many per cent of the requests stayed below."""
        return float(np.percentile(self.latencies_ms, percent))


def put_under_load(port: int, request: Request, *, clients: int, seconds: float) -> Load:
    """Let clients send for so long, each waiting for its answer; a refused request is an error."""
    latencies_ms: list[float] = []
    answers: list[bytes] = []
    failures: list[str] = []
    end = perf_counter() + seconds

    def run(number: int) -> None:
        bodies = cycle(list(request.bodies[number:]) + list(request.bodies[:number]))
        in_time = takewhile(lambda _: perf_counter() < end, bodies)
        for latency_ms, status, answer in send_each(port, request, in_time):
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


def send_each(
    port: int, request: Request, bodies: Iterable[bytes]
) -> Iterator[tuple[float, int, bytes]]:
    """Send the bodies over one connection; give latency in ms, status and body of each answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for body in bodies:
        began = perf_counter()
        connection.request("POST", request.path, body, dict(request.headers))
        response = connection.getresponse()
        answer = response.read()
        yield 1000 * (perf_counter() - began), response.status, answer
    connection.close()


def make_analysis_request(access_token: str, model_id: str, recordings: Sequence[bytes]) -> Request:
    """Make the request by which the app sends a recording."""
    headers = {
        "Authorization": f"Bearer {access_token}",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
    }
    bodies = [encode_form(model_id, recording) for recording in recordings]
    return Request("/api/v1/analyses", headers, bodies)


def encode_form(model_id: str, recording: bytes) -> bytes:
    """Return the multipart body of one upload."""
    field = 'Content-Disposition: form-data; name="{}"'
    model_field = f"{field.format('model_id')}\r\n\r\n{model_id}"
    file_field = f'{field.format("file")}; filename="clip"'
    file_type = "Content-Type: application/octet-stream"

    head = f"--{BOUNDARY}\r\n{model_field}\r\n--{BOUNDARY}\r\n{file_field}\r\n{file_type}\r\n\r\n"
    return head.encode() + recording + f"\r\n--{BOUNDARY}--\r\n".encode()
