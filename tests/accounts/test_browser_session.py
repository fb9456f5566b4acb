"""One sign-in for a browser: the app's tokens open the other pages, and the cookie the app."""

import pytest
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/auth/session"


@pytest.fixture
def browser():
    return APIClient(enforce_csrf_checks=True)


def test_who_signs_in_to_the_app_may_open_the_admin_where_the_role_allows(
    browser, sign_in, curator
):
    token = sign_in(curator)._credentials["HTTP_AUTHORIZATION"]
    assert browser.post(ADDRESS, headers={"Authorization": token}).status_code == 204
    assert browser.get("/admin/").status_code == 200


def test_who_signs_in_to_the_admin_is_signed_in_to_the_app(browser, curator):
    browser.force_login(curator)
    shared = browser.get(ADDRESS).json()
    assert shared["email"] == curator.email
    authorization = {"Authorization": f"Bearer {shared['access']}"}
    me = APIClient().get("/api/v1/auth/me", headers=authorization)
    assert me.json()["email"] == curator.email
    renewed = APIClient().post("/api/v1/auth/refresh", {"refresh": shared["refresh"]})
    assert renewed.status_code == 200


def test_nobody_gets_no_tokens_and_no_error(browser):
    answer = browser.get(ADDRESS)
    assert (answer.status_code, answer.content) == (204, b"")


def test_signing_out_ends_it_for_every_page(browser, curator):
    browser.force_login(curator)
    assert browser.delete(ADDRESS).status_code == 204
    assert browser.get(ADDRESS).status_code == 204
    assert browser.get("/admin/").status_code == 302


def test_a_cookie_alone_begins_nothing(browser, curator):
    browser.force_login(curator)
    assert browser.post(ADDRESS).status_code == 401


def test_a_field_engineer_is_told_that_the_admin_is_not_for_this_account(
    browser, sign_in, field_engineer
):
    token = sign_in(field_engineer)._credentials["HTTP_AUTHORIZATION"]
    browser.post(ADDRESS, headers={"Authorization": token})
    page = browser.get("/admin/", follow=True)
    assert field_engineer.email in page.content.decode()
    assert "not authorized" in page.content.decode()
