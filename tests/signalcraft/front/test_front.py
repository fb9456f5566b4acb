"""The front before Django: bounded bodies, probes that always answer, no thread for the slow."""

import asyncio
import itertools
import json
import threading
from contextlib import suppress

import pytest

from core.errors import ServerBusy
from signalcraft.front import bodies, watch
from signalcraft.front.admission import Admission, Bounds, Sender
from signalcraft.front.bridge import build_environ
from signalcraft.front.front import Front, Settings
from signalcraft.front.watch import Watch

LETTERS = b"abcdefghij"


def echo(environ, start_response):
    """Say what has arrived."""
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("X-Path", environ["PATH_INFO"])])
    return [str(len(body)).encode(), b" bytes"]


def make_front(application=echo, **changed):
    numbers = {"n_threads": 2, "max_waiting": 8, "max_form_bytes": 1000, "max_upload_bytes": 10**6}
    bounds = {"bodies_per_address": 4, "bodies_per_user": 2, "bytes_in_all": 2 * 10**6}
    return Front(
        application,
        settings=Settings(**{name: changed.get(name, n) for name, n in numbers.items()}),
        admission=Admission(Bounds(**{name: changed.get(name, n) for name, n in bounds.items()})),
        identify=lambda peer, headers: Sender(peer, headers.get("authorization")),
        refuse=lambda method, path: ServerBusy("Not now.") if path == "/no" else None,
        probes={"/healthz": lambda: (200, {"status": "ok"})},
        start=lambda: None,
        stop=lambda: None,
    )


class Client:
    """Sends a body in pieces, each after a pause, and keeps what comes."""

    def __init__(self, pieces=(), *, path="/", method="POST", every_s=0.0, **headers):
        self.pieces = list(pieces)
        self.every_s = every_s
        self.sent = []
        names = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
        if pieces and b"content-length" not in names:
            names[b"transfer-encoding"] = b"chunked"
        self.scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "http_version": "1.1",
            "client": ("10.0.0.7", 1),
            "headers": list(names.items()),
        }

    async def receive(self):
        await asyncio.sleep(self.every_s)
        if not self.pieces:
            return {"type": "http.disconnect"}
        piece = self.pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(self.pieces)}

    async def send(self, message):
        self.sent.append(message)

    async def ask(self, front):
        await front(self.scope, self.receive, self.send)
        return self

    @property
    def status(self):
        return self.sent[0]["status"]

    @property
    def headers(self):
        return dict(self.sent[0]["headers"])

    @property
    def body(self):
        return b"".join(message.get("body", b"") for message in self.sent[1:])

    @property
    def code(self):
        return json.loads(self.body)["code"]


def ask(client, front=None):
    return asyncio.run(client.ask(front or make_front()))


def test_a_body_arrives_whole():
    client = ask(Client([LETTERS] * 50, path="/a%20b%C3%A9"))
    assert (client.status, client.body) == (200, b"500 bytes")
    assert client.headers[b"x-path"] == "/a b\u00e9".encode()


def test_what_cannot_be_served_now_is_refused():
    client = ask(Client([LETTERS], path="/no"))
    assert (client.status, client.code) == (503, "server_busy")
    assert client.headers[b"retry-after"]


def test_a_request_without_a_body_needs_none():
    assert ask(Client(method="GET")).body == b"0 bytes"


@pytest.mark.parametrize("headers", [{"content_length": "5000"}, {}])
def test_a_stranger_may_send_a_form_and_no_more(headers):
    client = ask(Client([b"x" * 5000], **headers))
    assert (client.status, client.code) == (413, "too_large")
    assert client.headers[b"connection"] == b"close"


def test_what_is_refused_is_read_to_its_end_however_long_it_takes(monkeypatch):
    monkeypatch.setattr(bodies, "DRAIN_SILENCE_SECONDS", 0.2)
    client = ask(Client([b"x" * 500] * 10, every_s=0.05, content_length="5000"))
    assert (client.status, client.pieces) == (413, [])


@pytest.mark.parametrize("bound", ["DRAIN_SILENCE_SECONDS", "DRAIN_SECONDS"])
def test_what_is_refused_is_not_read_for_ever(monkeypatch, bound):
    monkeypatch.setattr(bodies, bound, 0.2)
    client = ask(Client([b"x" * 5000] * 9, every_s=0.15 if bound == "DRAIN_SECONDS" else 0.5))
    assert client.pieces


def test_who_has_signed_in_may_send_a_recording():
    assert ask(Client([b"x" * 5000], authorization="one")).body == b"5000 bytes"
    assert ask(Client([b"x" * 10**6, b"x"], authorization="one")).status == 413


def test_an_old_token_is_for_django_to_refuse():
    front = make_front()
    front._identify = lambda peer, headers: Sender(peer)
    client = ask(Client([b"x"], authorization="old", content_length="5000"), front)
    assert client.body == b"0 bytes"


def test_a_slow_body_is_given_up(monkeypatch):
    monkeypatch.setattr(bodies, "FIRST_BYTE_SECONDS", 0.2)
    client = ask(Client([b"x"] * 100, every_s=0.05))
    assert (client.status, client.code) == (408, "too_slow")


def test_a_body_that_comes_fast_enough_may_take_its_time(monkeypatch):
    monkeypatch.setattr(bodies, "FIRST_BYTE_SECONDS", 0.2)
    client = ask(Client([b"x" * 2000] * 10, every_s=0.05, authorization="one"))
    assert client.body == b"20000 bytes"


def test_slow_bodies_hold_no_thread_and_nobody_up(monkeypatch):
    monkeypatch.setattr(bodies, "FIRST_BYTE_SECONDS", 0.5)
    front = make_front(bodies_per_address=50)

    async def meet():
        slow = [asyncio.create_task(Client([b"x"] * 99, every_s=0.1).ask(front)) for _ in range(20)]
        await asyncio.sleep(0.1)
        quick = await asyncio.wait_for(Client([LETTERS]).ask(front), 0.3)
        return quick, await asyncio.gather(*slow)

    quick, slow = asyncio.run(meet())
    assert quick.body == b"10 bytes"
    assert {client.status for client in slow} == {408}


@pytest.mark.parametrize(("headers", "n_allowed"), [({}, 4), ({"authorization": "one"}, 2)])
def test_so_many_bodies_at_once_for_an_address_and_a_user(headers, n_allowed):
    front = make_front()

    async def meet():
        clients = [Client([b"x"] * 3, every_s=0.05, **headers).ask(front) for _ in range(6)]
        return await asyncio.gather(*clients)

    clients = asyncio.run(meet())
    refused = [client for client in clients if client.status == 429]
    assert len(clients) - len(refused) == n_allowed
    assert {client.code for client in refused} == {"throttled"}
    assert refused[0].headers[b"retry-after"]
    # And afterwards everybody may again.
    assert ask(Client([LETTERS], **headers), front).status == 200


def test_bodies_have_memory_together_and_give_it_back():
    gate = threading.Event()

    def wait(environ, start_response):
        gate.wait(10)
        return echo(environ, start_response)

    front = make_front(wait, bodies_per_user=9)
    big = {"content_length": "900000", "authorization": "one"}

    async def meet():
        first = [asyncio.create_task(Client([b"x" * 900_000], **big).ask(front)) for _ in range(2)]
        await asyncio.sleep(0.2)
        third = await Client([b"x" * 900_000], **big).ask(front)
        gate.set()
        return third, await asyncio.gather(*first)

    third, first = asyncio.run(meet())
    assert (third.status, third.code) == (429, "throttled")
    assert {client.status for client in first} == {200}
    assert front._admission._n_bytes == 0
    assert not front._admission._arriving


def test_a_client_that_leaves_costs_nothing():
    front = make_front()
    client = Client(content_length="500")
    asyncio.run(client.ask(front))
    # Nobody listens, but where a chunk could not be read somebody does.
    assert (client.status, client.code) == (400, "invalid")
    assert front._admission._n_bytes == 0


def test_too_many_that_wait_for_a_thread_are_told_to_come_again():
    gate = threading.Event()

    def wait(environ, start_response):
        gate.wait(10)
        return echo(environ, start_response)

    front = make_front(wait)

    async def meet():
        tasks = [asyncio.create_task(Client(method="GET").ask(front)) for _ in range(10)]
        await asyncio.sleep(0.2)
        probe = await asyncio.wait_for(Client(method="GET", path="/healthz").ask(front), 0.5)
        gate.set()
        return probe, await asyncio.gather(*tasks)

    probe, clients = asyncio.run(meet())
    assert probe.status == 200
    busy = [client for client in clients if client.status == 503]
    assert len(busy) == 2
    assert {client.code for client in busy} == {"server_busy"}


@pytest.mark.parametrize("length", ["-1", "1e3", "ten", "9" * 40])
def test_a_length_that_is_none_is_named(length):
    assert ask(Client([b"x"], content_length=length)).code == "invalid"


def test_a_header_cannot_pass_for_another():
    client = Client(method="GET")
    client.scope["headers"] = [
        (b"x_forwarded_for", b"1.2.3.4"),
        (b"cookie", b"a"),
        (b"cookie", b"b"),
    ]
    environ = build_environ(client.scope, None, 0, "10.0.0.7")
    assert "HTTP_X_FORWARDED_FOR" not in environ
    assert environ["HTTP_COOKIE"] == "a; b"


# Readiness, looked at in the background


def wait_for_look(watching, failed):
    deadline = threading.Event()
    for _ in range(100):
        with suppress(AssertionError):
            assert watching.get_failed() == failed
            return
        deadline.wait(0.02)
    assert watching.get_failed() == failed


def test_probes_answer_from_the_last_look(monkeypatch):
    monkeypatch.setattr(watch, "EVERY_SECONDS", 0.02)
    faults = {"database": "unreachable"}
    watching = Watch(lambda: dict(faults))
    assert watching.get_failed() == {"server": "starting"}
    watching.start()
    wait_for_look(watching, {"database": "unreachable"})
    faults.clear()
    wait_for_look(watching, {})
    watching.stop()


def test_what_failed_is_looked_at_again_soon(monkeypatch):
    monkeypatch.setattr(watch, "AGAIN_SECONDS", 0.02)
    faults = {"database": "unreachable"}
    watching = Watch(lambda: dict(faults))
    watching.start()
    wait_for_look(watching, {"database": "unreachable"})
    faults.clear()
    wait_for_look(watching, {})
    watching.stop()


def test_a_look_that_hangs_is_a_failure(monkeypatch):
    gate = threading.Event()
    n_looks = itertools.count()

    def look():
        if next(n_looks):
            gate.wait(10)
        return {}

    monkeypatch.setattr(watch, "EVERY_SECONDS", 0.01)
    monkeypatch.setattr(watch, "MAX_AGE_SECONDS", 0.2)
    watching = Watch(look)
    watching.start()
    for _ in range(100):
        if "checks" in watching.get_failed():
            break
        threading.Event().wait(0.02)
    assert "checks" in watching.get_failed()
    watching.stop()
    gate.set()


def test_a_look_that_breaks_is_a_failure_and_is_logged(monkeypatch, caplog):
    watching = Watch(lambda: 1 / 0)
    watching.start()
    wait_for_look(watching, {"checks": "failed"})
    watching.stop()
    assert "ZeroDivisionError" in caplog.text
