"""What goes wrong on a page is said in a sentence, in the reader's language, with a way on."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from signalcraft.pages import door

pytestmark = pytest.mark.django_db
KOREAN = {"Accept-Language": "ko"}


def raises(exception):
    def broken(_request):
        raise exception

    return broken


@pytest.fixture
def browser():
    return Client(raise_request_exception=False)


def check(page, status, sentence):
    assert page.status_code == status
    text = page.content.decode()
    assert sentence in text
    assert '<a class="button" href="/">' in text


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [({}, "There is nothing at this address."), (KOREAN, "이 주소에는 아무것도 없습니다.")],
)
def test_an_address_that_does_not_exist(browser, headers, sentence):
    check(browser.get("/nothing/here", headers=headers), 404, sentence)


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [({}, "Something went wrong on the server."), (KOREAN, "서버에서 문제가 생겼습니다.")],
)
def test_a_bug_on_a_page(browser, monkeypatch, headers, sentence):
    monkeypatch.setattr(door, "find_own_door", raises(RuntimeError("a bug")))
    check(browser.get("/", headers=headers), 500, sentence)


def test_a_page_that_is_not_for_this_account(browser, monkeypatch):
    monkeypatch.setattr(door, "find_own_door", raises(PermissionDenied))
    check(browser.get("/"), 403, "Your account may not open this page.")
    check(browser.get("/", headers=KOREAN), 403, "이 계정은 이 페이지를 열 수 없습니다.")


def test_a_form_that_is_too_old():
    browser = Client(enforce_csrf_checks=True)
    check(browser.post("/admin/login/"), 403, "This form is too old, or cookies are off.")


def test_an_address_that_is_too_long(browser):
    check(browser.get(f"/?q={'x' * 9000}"), 400, "This request cannot be understood.")


def test_the_api_answers_in_json(browser):
    assert browser.get("/api/nothing").json()["code"] == "not_found"
    assert browser.get(f"/api/v1/models?q={'x' * 9000}").json()["code"] == "invalid"
