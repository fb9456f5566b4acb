"""Every error of the API is {code, detail, fields?}, in English, and never a trace."""

import logging

import pytest
from rest_framework.test import APIClient

from registry.api import views
from registry.errors import ArtifactUnavailable

pytestmark = pytest.mark.django_db
TOKEN = "/api/v1/auth/token"


def problem(response):
    body = response.json()
    assert set(body) <= {"code", "detail", "fields"}
    assert isinstance(body["detail"], str)
    return response.status_code, body["code"]


@pytest.fixture
def anyone():
    return APIClient(raise_request_exception=False)


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"{", "application/json", (400, "invalid")),
        (b"\xff\xfe", "application/json", (400, "invalid")),
        (b"[]", "application/json", (400, "invalid")),
        (b"[" * 100_000, "application/json", (400, "invalid")),
        (b'{"email": "\\ud800", "password": "x"}', "application/json", (400, "invalid")),
        (b'{"email": "a", "\\udfff": "x", "password": "x"}', "application/json", (400, "invalid")),
        (b'{"email": "\\u0000", "password": "x"}', "application/json", (400, "invalid")),
        (b'{"email": {"a": 1}, "password": [1]}', "application/json", (400, "invalid")),
        (b"{}", "application/json; charset=klingon", (400, "invalid")),
        (b'"' + b"x" * 3_000_000 + b'"', "application/json", (413, "too_large")),
        (b"email=x", "application/x-www-form-urlencoded", (415, "unsupported_format")),
        (b"{}", "", (415, "unsupported_format")),
    ],
)
def test_a_body_that_makes_no_sense_is_named(anyone, body, content_type, expected):
    assert problem(anyone.generic("POST", TOKEN, body, content_type)) == expected


def test_what_is_wrong_with_each_field_is_told(anyone):
    response = anyone.post(TOKEN, {"email": ""})
    assert problem(response) == (400, "invalid")
    assert response.json()["fields"] == {
        "email": ["This field may not be blank."],
        "password": ["This field is required."],
    }
    assert response.json()["detail"] == "email: This field may not be blank."


def test_details_are_english_whatever_the_reader_prefers(anyone):
    response = anyone.post(TOKEN, {}, headers={"Accept-Language": "ko"})
    assert response.json()["fields"]["email"] == ["This field is required."]


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (None, "not_authenticated"),
        ("Bearer nonsense", "token_not_valid"),
        ("Bearer a b", "authentication_failed"),
        ("Basic YTpi", "not_authenticated"),
        ("Bearer \xff", "token_not_valid"),
    ],
)
def test_a_request_without_a_good_token_is_told_so(anyone, authorization, code):
    headers = {"Authorization": authorization} if authorization else {}
    response = anyone.get("/api/v1/models", headers=headers)
    assert problem(response) == (401, code)
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_missing_permission_is_told(sign_in, make_user):
    assert problem(sign_in(make_user()).get("/api/v1/models")) == (403, "permission_denied")


def test_a_wrong_method_is_told_with_the_right_ones(api):
    response = api.delete("/api/v1/models")
    assert problem(response) == (405, "method_not_allowed")


def test_an_answer_in_another_format_is_not_to_be_had(api):
    assert problem(api.get("/api/v1/models", headers={"Accept": "text/html"})) == (
        406,
        "not_acceptable",
    )


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/v1", "/api/v2/models", "/api/v1/teapots", "/api/v1/models/a/b"]
)
def test_an_unknown_address_is_json_too(anyone, path):
    assert problem(anyone.get(path)) == (404, "not_found")


def test_an_unknown_address_asks_for_no_csrf_token():
    browser = APIClient(enforce_csrf_checks=True)
    assert problem(browser.put("/api/v1/analyses/null,null/feedback")) == (404, "not_found")


def test_an_unknown_address_elsewhere_is_a_page(anyone):
    response = anyone.get("/teapots")
    assert (response.status_code, response.headers["Content-Type"]) == (
        404,
        "text/html; charset=utf-8",
    )


@pytest.mark.parametrize("path", ["/api/v1/models/", "/api/v1/auth/me/", "/api/v1/models//"])
def test_a_trailing_slash_is_tolerated(api, path):
    assert api.get(path).status_code == 200


def test_a_slow_down_is_told_with_how_long(api, monkeypatch):
    from rest_framework.throttling import BaseThrottle

    class Always(BaseThrottle):
        def allow_request(self, request, view):
            return False

        def wait(self):
            return 7

    monkeypatch.setattr(views.ModelList, "throttle_classes", [Always])
    response = api.get("/api/v1/models")
    assert problem(response) == (429, "throttled")
    assert response.headers["Retry-After"] == "7"


def test_a_storage_that_is_away_is_told_and_logged(api, monkeypatch, caplog):
    def away(self):
        raise ArtifactUnavailable("The serving file cannot be read now.")

    monkeypatch.setattr(views.ModelList, "get_queryset", away)
    assert problem(api.get("/api/v1/models")) == (503, "artifact_unavailable")
    assert "artifact_unavailable" in caplog.text


def test_a_bug_stays_a_bug_and_shows_no_trace(api, monkeypatch, caplog):
    def broken(self):
        raise KeyError("a secret of the house")

    caplog.set_level(logging.ERROR)
    api.raise_request_exception = False
    monkeypatch.setattr(views.ModelList, "get_queryset", broken)
    response = api.get("/api/v1/models")
    assert problem(response) == (500, "internal_error")
    assert "secret" not in response.content.decode()
    assert "a secret of the house" in caplog.text


def test_a_request_for_another_host_is_json_too(anyone):
    assert problem(anyone.get("/api/v1/models", headers={"Host": "evil.example"})) == (
        400,
        "invalid",
    )
