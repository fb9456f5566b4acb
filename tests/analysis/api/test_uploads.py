"""What a client may send to be analysed: bounded in bytes and in parts, and never a 500."""

from io import BytesIO

import pytest
from rest_framework.test import APIClient

from analysis.api.uploads import FORM_OVERHEAD_BYTES

URL = "/api/v1/analyses"
BOUNDARY = "xyz"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


@pytest.fixture
def small_limit(settings):
    settings.MAX_UPLOAD_BYTES = 1000
    return settings.MAX_UPLOAD_BYTES


def part(content, *, name="file", filename="clip.wav", headers=""):
    disposition = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename else "")
    return f"Content-Disposition: {disposition}\r\n{headers}\r\n".encode() + content + b"\r\n"


def body(*parts, end=b"--xyz--\r\n"):
    return b"".join(b"--xyz\r\n" + each for each in parts) + end


def send(api, content, content_type=MULTIPART, **extra):
    return api.generic("POST", URL, content, content_type=content_type, **extra)


def answer(response):
    return response.status_code, response.json()["code"]


def test_a_declared_length_over_the_limit_is_refused_before_a_byte_is_read(api, small_limit):
    class Unreadable(BytesIO):
        def read(self, *_):
            raise AssertionError("the body was read")

    environ = {
        "wsgi.input": Unreadable(),
        "CONTENT_LENGTH": str(small_limit + FORM_OVERHEAD_BYTES + 1),
    }
    response = send(api, b"", **environ)
    assert answer(response) == (413, "too_large")


def test_a_file_over_the_limit_is_cut_off_whatever_was_declared(api, small_limit):
    assert answer(send(api, body(part(b"x" * (small_limit + 1))))) == (413, "too_large")


def test_a_file_at_the_limit_is_read(api, small_limit):
    response = send(
        api, body(part(b"x" * small_limit), part(b"nobody", name="model_id", filename=""))
    )
    assert answer(response) == (404, "unknown_model")


def test_a_body_that_ends_early_is_no_recording(api):
    response = send(api, body(part(b"x" * 100), end=b""))
    assert answer(response) == (400, "invalid")
    assert "ended" in response.json()["detail"]


def test_a_body_shorter_than_declared_is_no_recording(api):
    content = body(part(b"x" * 100))[:80]
    environ = {"wsgi.input": BytesIO(content), "CONTENT_LENGTH": "5000"}
    assert answer(send(api, b"", **environ)) == (400, "invalid")


def test_two_files_are_refused(api):
    assert answer(send(api, body(part(b"a"), part(b"b", name="other")))) == (400, "invalid")


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [part(b"text", filename="")],
        [part(b"a", name="recording")],
        [part(b"a", filename="/")],
        [b"Content-Disposition: form-data\r\n\r\nnameless\r\n"],
        [b"\r\n\r\nno headers\r\n"],
    ],
    ids=["nothing", "file is text", "another name", "no file name", "no field name", "no headers"],
)
def test_a_missing_file_is_named(api, parts):
    response = send(api, body(*parts))
    assert answer(response) == (400, "invalid")
    assert "file" in response.json()["fields"]


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"not a multipart body", MULTIPART),
        (body(part(b"a")), "multipart/form-data"),
        (body(part(b"a")), "multipart/form-data; boundary=ü"),
        (body(part(b"?", headers="Content-Transfer-Encoding: base64\r\n")), MULTIPART),
        (body(part(b"a", headers="X: " + "y" * 5000 + "\r\n")), MULTIPART),
        (body(*[part(b"1", name=f"field{n}", filename="") for n in range(2000)]), MULTIPART),
        (body(part(b"x" * 3_000_000, name="model_id", filename="")), MULTIPART),
        (b"\x00" * 1000, MULTIPART),
    ],
    ids=["text", "no boundary", "odd boundary", "base64", "headers", "fields", "field", "zeros"],
)
def test_a_malformed_form_is_invalid(api, content, content_type):
    assert answer(send(api, content, content_type)) == (400, "invalid")


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "audio/wav", "", "x", "multipart/mixed"]
)
def test_anything_but_a_form_is_an_unsupported_type(api, content_type):
    assert send(api, b"{}", content_type).status_code == 415


@pytest.mark.parametrize(
    "charset",
    ["base64", "rot13", "utf-16", "idna", "nonsense", "\udc00".encode("utf-8", "replace")],
)
def test_the_charset_a_client_names_changes_nothing(api, charset):
    response = send(
        api,
        body(part(b"a"), part(b"nobody", name="model_id", filename="")),
        f"{MULTIPART}; charset={charset}",
    )
    assert answer(response) == (404, "unknown_model")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("model_id", b"a\x00b", "invalid"),
        ("model_id", b"x" * 10_000, "invalid"),
        ("model_id", b"\xff\xfe\xfd", "unknown_model"),
        ("model_id", "../../펌프'; --".encode(), "unknown_model"),
        ("device_id", b"a\x00b", "invalid"),
        ("device_id", b"x" * 10_000, "invalid"),
        ("device_id", b"\xff\xfe", "not_found"),
        ("model_preference", b"level9", "invalid"),
        ("model_preference", b"\x00", "invalid"),
        ("recorded_at", b"yesterday", "invalid"),
        ("recorded_at", b"2026-08-01T09:30:00", "invalid"),
        ("recorded_at", b"2026-13-45T99:99:99Z", "invalid"),
        ("recorded_at", b"0001-01-01T00:00:00+23:59", "invalid"),
        ("recorded_at", b"9999-12-31T23:59:59-23:59", "invalid"),
        ("recorded_at", b"9" * 10_000, "invalid"),
    ],
)
def test_an_odd_field_is_named(api, field, value, code):
    response = send(api, body(part(b"a"), part(value, name=field, filename="")))
    assert response.json()["code"] == code
    assert code != "invalid" or list(response.json()["fields"]) == [field]


def test_a_moment_without_its_offset_is_refused_with_an_example(api):
    response = send(
        api, body(part(b"a"), part(b"2026-08-01T09:30:00", name="recorded_at", filename=""))
    )
    assert "UTC offset" in response.json()["fields"]["recorded_at"][0]


@pytest.mark.parametrize(
    "language", ["", "*", ";;;q=", "ko-KR-x-" + "a" * 5000, "\x00", "en;q=nan", "ko,,,"]
)
def test_any_accept_language_is_answered(api, language):
    assert answer(send(api, body(part(b"a")), headers={"Accept-Language": language})) == (
        422,
        "model_required",
    )


def test_a_stranger_is_turned_away_before_the_body_is_read():
    assert send(APIClient(), body(part(b"a"))).status_code == 401
