"""The front as granian serves it: slow clients, uploads and answers over real sockets."""

import gzip
import json
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from signalcraft.backup import server_lock
from tests.support.plant import EMAIL, PASSWORD, Plant
from tests.support.pump_sounds import pump

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    plant = Plant(tmp_path_factory.mktemp("media"))
    plant.start()
    yield plant
    plant.stop()


def ask(plant, method, path, body=None, **headers):
    with closing(HTTPConnection("127.0.0.1", plant.port, timeout=20)) as connection:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()


def begin_slowly(plant):
    """Declare a body and send the first byte of it."""
    client = socket.create_connection(("127.0.0.1", plant.port), timeout=30)
    head = "POST /api/v1/auth/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n{"
    client.sendall(head.encode())
    return client


def sign_in(plant):
    form = json.dumps({"email": EMAIL, "password": PASSWORD})
    status, _, body = ask(
        plant, "POST", "/api/v1/auth/token", form, **{"Content-Type": "application/json"}
    )
    assert status == 200
    return json.loads(body)["access"]


def test_twenty_slow_bodies_keep_nobody_waiting(plant):
    slow = [begin_slowly(plant) for _ in range(20)]
    began = time.monotonic()
    assert ask(plant, "GET", "/healthz")[0] == 200
    assert ask(plant, "GET", "/readyz")[0] == 200
    assert sign_in(plant)
    assert time.monotonic() - began < 9  # before the first of them is given up
    answers = [client.recv(100) for client in slow]
    for client in slow:
        client.close()
    assert all(answer.startswith(b"HTTP/1.1 408") for answer in answers)


def test_a_large_upload_arrives_and_is_judged_as_django_judges(plant):
    token = sign_in(plant)
    lines = ["--x", 'Content-Disposition: form-data; name="model_id"', "", "nothing", "--x"]
    lines += ['Content-Disposition: form-data; name="file"; filename="a.wav"', "", ""]
    body = "\r\n".join(lines).encode() + pump() + bytes(3_000_000) + b"\r\n--x--\r\n"
    headers = {
        "Content-Type": "multipart/form-data; boundary=x",
        "Authorization": f"Bearer {token}",
    }
    status, answer_headers, answer = ask(plant, "POST", "/api/v1/analyses", body, **headers)
    assert (status, json.loads(answer)["code"]) == (404, "unknown_model")
    assert answer_headers["x-request-id"]
    del headers["Authorization"]
    assert ask(plant, "POST", "/api/v1/analyses", body, **headers)[0] == 413
    headers["Authorization"] = "Bearer old"
    status, _, answer = ask(plant, "POST", "/api/v1/analyses", body, **headers)
    assert (status, json.loads(answer)["code"]) == (401, "token_not_valid")


def test_a_page_and_its_files_are_served(plant):
    status, _, page = ask(plant, "GET", "/admin/login/?next=/admin/")
    assert status == 200
    assert b"csrfmiddlewaretoken" in page


def test_an_upload_is_not_taken_after_the_database_was_deleted(plant):
    token = sign_in(plant)
    database = plant.media / "signalcraft.sqlite3"
    hidden = database.with_name("hidden")
    database.rename(hidden)
    try:
        status, headers, answer = ask(
            plant, "POST", "/api/v1/analyses", b"x", Authorization=f"Bearer {token}"
        )
        assert (status, json.loads(answer)["code"]) == (503, "database_unavailable")
        assert headers["retry-after"]
    finally:
        hidden.rename(database)
    status, _, answer = ask(
        plant, "POST", "/api/v1/analyses", b"x", Authorization=f"Bearer {token}"
    )
    assert status in (400, 415)


def test_nothing_is_restored_while_it_serves(plant, tmp_path):
    with pytest.raises(subprocess.CalledProcessError):
        plant.manage("restore", str(tmp_path))
    assert server_lock.take_alone(plant.media) is None


def send_raw(plant, head, body):
    with closing(socket.create_connection(("127.0.0.1", plant.port), timeout=20)) as client:
        client.sendall(head + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
        answer = b""
        while block := client.recv(65536):
            answer += block
    return int(answer.split(b" ", 2)[1]), answer.partition(b"\r\n\r\n")[2]


def form_with(name):
    part = b'Content-Disposition: form-data; name="%s"'
    return b"\r\n".join(
        [
            *(b"--x", part % b"model_id", b"", b"nothing", b"--x"),
            *(part % b"file" + b'; filename="' + name + b'"', b"", pump(), b"--x--", b""),
        ]
    )


@pytest.mark.parametrize("key", ["키".encode(), "키".encode("cp949"), "clé".encode("latin1")])
def test_a_key_beyond_ascii_is_named_and_never_ignored(plant, key):
    token = sign_in(plant)
    head = f"POST /api/v1/analyses HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
    head += "Content-Type: multipart/form-data; boundary=x\r\nIdempotency-Key: "
    status, answer = send_raw(plant, head.encode() + key + b"\r\n", form_with(b"a.wav"))
    assert status == 400
    assert "Idempotency-Key" in json.loads(answer)["detail"]


@pytest.mark.parametrize("encoding", ["utf-8", "cp949", "euc-kr", "shift-jis"])
def test_a_file_name_in_any_encoding_is_read_or_named(plant, encoding):
    token = sign_in(plant)
    head = f"POST /api/v1/analyses HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
    head += "Content-Type: multipart/form-data; boundary=x\r\n"
    name = "ポンプ.wav" if encoding == "shift-jis" else "펌프 소리.wav"
    status, answer = send_raw(plant, head.encode(), form_with(name.encode(encoding)))
    answer = json.loads(answer)
    if encoding != "shift-jis":  # the form was read: it is the model that is unknown
        assert (status, answer["code"]) == (404, "unknown_model")
    else:
        assert (status, answer["code"]) == (400, "invalid")
        assert "UTF-8" in answer["detail"]


# What SECURITY.md says that one worker can hold at most.
MOST_MIB = 2048
LARGEST = 32 * 1024 * 1024 - 100_000


def read_peak_mib(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


@pytest.mark.skipif(sys.platform != "linux", reason="Memory is read from /proc.")
def test_sixteen_of_the_largest_uploads_at_once_stay_within_the_sum(plant):
    token = sign_in(plant)
    body = form_with(b"a.wav").replace(b"--x--", bytes(LARGEST) + b"\r\n--x--")
    headers = {
        "Content-Type": "multipart/form-data; boundary=x",
        "Authorization": f"Bearer {token}",
    }
    with ThreadPoolExecutor(16) as pool:
        asked = [
            pool.submit(ask, plant, "POST", "/api/v1/analyses", body, **headers) for _ in range(16)
        ]
        statuses = {answer.result()[0] for answer in asked}
    assert statuses <= {404, 429}
    pids = Path(f"/proc/{plant.server.pid}/task/{plant.server.pid}/children").read_text().split()
    assert pids
    assert max(read_peak_mib(pid) for pid in pids) < MOST_MIB


@pytest.mark.parametrize("chunk", [b"ZZ\r\n", b"5\r\nab\r\n", b"-1\r\n"])
def test_chunks_that_cannot_be_read_are_told(plant, chunk):
    with socket.create_connection(("127.0.0.1", plant.port), timeout=30) as client:
        client.sendall(
            b"POST /api/v1/auth/token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n" + chunk + b"\r\n\r\n"
        )
        answer = client.recv(1000)
    assert answer.startswith(b"HTTP/1.1 400 "), answer


@pytest.mark.parametrize("line", [b"X: a\x01b", b"X\x00: a", b"no colon", b"Host: a\x7fb"])
def test_a_header_that_cannot_be_read_is_refused_before_the_front(plant, line):
    with closing(socket.create_connection(("127.0.0.1", plant.port), timeout=20)) as client:
        client.sendall(b"GET /api/v1/models HTTP/1.1\r\n" + line + b"\r\n\r\n")
        answer = client.recv(1000)
    assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert ask(plant, "GET", "/healthz")[0] == 200


def test_a_request_for_another_host_is_answered_as_json(plant):
    status, _, answer = ask(plant, "GET", "/api/v1/models", Host="evil.example")
    assert (status, json.loads(answer)["code"]) == (400, "invalid")


def test_a_chunked_sign_in_and_a_chunked_upload_are_read(plant):
    # What has no length is sent in chunks.
    form = json.dumps({"email": EMAIL, "password": PASSWORD}).encode()
    status, _, answer = ask(
        plant,
        *("POST", "/api/v1/auth/token", iter([form[:9], form[9:]])),
        **{"Content-Type": "application/json"},
    )
    assert status == 200
    headers = {
        "Content-Type": "multipart/form-data; boundary=x",
        "Authorization": f"Bearer {json.loads(answer)['access']}",
    }
    upload = form_with(b"a.wav")
    body = iter([upload[:1_000], upload[1_000:]])
    status, _, answer = ask(plant, "POST", "/api/v1/analyses", body, **headers)
    assert (status, json.loads(answer)["code"]) == (404, "unknown_model")


FORM = form_with(b"a.wav").replace(b'name="file"', b'name="audio"')
MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}


@pytest.mark.parametrize(
    ("body", "headers", "status", "words"),
    [
        (FORM, MULTIPART, 400, "The recording is in the field “audio”"),
        (pump(), {"Content-Type": "audio/wav"}, 415, "as the field file"),
        (pump(), {"Content-Type": "application/octet-stream"}, 415, "as the field file"),
        (pump(), {"Content-Type": "application/x-www-form-urlencoded"}, 415, "as the field file"),
        (gzip.compress(FORM), MULTIPART | {"Content-Encoding": "gzip"}, 415, "compressed (gzip)"),
        (iter([]), MULTIPART, 400, "file"),
    ],
    ids=["wrong field", "audio", "bytes", "a form", "gzip", "empty chunks"],
)
def test_each_body_that_is_no_form_with_a_file_has_its_own_sentence(
    plant, body, headers, status, words
):
    headers = headers | {"Authorization": f"Bearer {sign_in(plant)}"}
    answered, _, answer = ask(plant, "POST", "/api/v1/analyses", body, **headers)
    assert answered == status
    assert words in json.loads(answer)["detail"]


def test_a_compressed_sign_in_is_told_so(plant):
    form = gzip.compress(json.dumps({"email": EMAIL, "password": PASSWORD}).encode())
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    status, _, answer = ask(plant, "POST", "/api/v1/auth/token", form, **headers)
    assert status == 415
    assert "compressed (gzip)" in json.loads(answer)["detail"]
