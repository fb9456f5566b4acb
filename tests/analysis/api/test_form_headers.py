"""File names of forms are kept, in UTF-8 and in the CP949 of older Korean programs."""

from io import BytesIO

import pytest

from analysis.api import form_headers
from analysis.api.form_headers import Utf8Headers
from analysis.models import Recording
from tests.support.pump_sounds import URL, pump

pytestmark = pytest.mark.django_db
NAME = "펌프 소리.wav"


def form(name, content):
    part = b'Content-Disposition: form-data; name="%s"'
    lines = [b"--x", part % b"model_id", b"", b"pump_forest", b"--x"]
    lines += [part % b"file" + b'; filename="' + name + b'"', b"Content-Type: audio/wav", b""]
    return b"\r\n".join([*lines, content, b"--x--", b""])


def read_all(stream):
    return b"".join(iter(lambda: stream.read(100), b""))


def upload(api, body):
    return api.generic("POST", URL, body, content_type="multipart/form-data; boundary=x")


@pytest.mark.parametrize("encoding", ["utf-8", "cp949", "euc-kr"])
def test_a_korean_name_is_kept(api, pump_version, encoding):
    answer = upload(api, form(NAME.encode(encoding), pump()))
    assert answer.status_code == 201, answer.json()
    assert Recording.objects.get().original_name == NAME


@pytest.mark.parametrize("content", [pump(), pump()[:300]])
def test_a_name_in_no_encoding_of_these_is_named(api, pump_version, content):
    answer = upload(api, form("ポンプ.wav".encode("shift-jis"), content))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert "UTF-8" in answer.json()["detail"]


@pytest.mark.parametrize("size", [1, 7, 100, 10**6])
def test_every_other_byte_stays_as_it_is(monkeypatch, size):
    monkeypatch.setattr(form_headers, "CHUNK_BYTES", size)
    sound = bytes(range(256)) * 10 + b"\r\n--xy\r\n\r\n--x \r\n" + NAME.encode("cp949")
    expected = form(NAME.encode(), sound)
    assert read_all(Utf8Headers(BytesIO(form(NAME.encode("cp949"), sound)), b"x")) == expected
    assert read_all(Utf8Headers(BytesIO(expected), b"x")) == expected


def test_a_header_without_an_end_is_handed_on():
    endless = b"--x\r\n" + b"a" * 100_000
    assert read_all(Utf8Headers(BytesIO(endless), b"x")) == endless
