"""One sign-in for a browser: the app's tokens open the other pages, and the cookie the app."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import EndedSignIn

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/auth/session"


@pytest.fixture
def browser():
    return APIClient(enforce_csrf_checks=True)


def share(browser, signed_in):
    """Have the app sign the browser in to the other pages too."""
    token = signed_in._credentials["HTTP_AUTHORIZATION"]
    return browser.post(ADDRESS, headers={"Authorization": token})


def ask_who(tokens):
    authorization = {"Authorization": f"Bearer {tokens['access']}"}
    return APIClient().get("/api/v1/auth/me", headers=authorization)


def renew(tokens):
    return APIClient().post("/api/v1/auth/refresh", {"refresh": tokens["refresh"]})


def sign_out_of_the_admin(browser):
    browser.get("/admin/")
    token = browser.cookies["csrftoken"].value
    return browser.post("/admin/logout/", headers={"X-CSRFToken": token})


def test_who_signs_in_to_the_app_may_open_the_admin_where_the_role_allows(
    browser, sign_in, curator
):
    assert share(browser, sign_in(curator)).status_code == 200
    assert browser.get("/admin/").status_code == 200


def test_who_signs_in_to_the_admin_is_signed_in_to_the_app(browser, curator):
    browser.force_login(curator)
    shared = browser.get(ADDRESS).json()
    assert shared["email"] == curator.email
    assert ask_who(shared).json()["email"] == curator.email
    assert renew(shared).status_code == 200


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
    share(browser, sign_in(field_engineer))
    page = browser.get("/admin/", follow=True)
    assert field_engineer.email in page.content.decode()
    assert "not authorized" in page.content.decode()


def test_signing_out_of_the_admin_ends_the_tokens_of_the_app(browser, sign_in, curator):
    tokens = share(browser, sign_in(curator)).json()
    renewed = renew(tokens).json()
    later = browser.get(ADDRESS).json()
    assert sign_out_of_the_admin(browser).status_code == 200
    for each in (tokens, renewed, later):
        assert ask_who(each).status_code == 401
    for each in (tokens, later):
        refused = renew(each)
        assert refused.status_code == 401
        assert "signed out" in str(refused.json())
    assert EndedSignIn.objects.count() == 1


def test_signing_out_of_the_app_ends_its_tokens(browser, sign_in, curator):
    tokens = share(browser, sign_in(curator)).json()
    browser.delete(ADDRESS)
    assert ask_who(tokens).status_code == 401
    assert browser.get("/admin/").status_code == 302


def test_signing_out_ends_no_other_browser_and_no_script(browser, sign_in, curator):
    script = sign_in(curator)
    share(browser, script)
    elsewhere = share(APIClient(), script).json()
    sign_out_of_the_admin(browser)
    assert ask_who(elsewhere).status_code == 200
    assert renew(elsewhere).status_code == 200
    assert script.get("/api/v1/auth/me").status_code == 200


def test_signing_in_again_is_a_new_sign_in(browser, curator):
    browser.force_login(curator)
    before = browser.get(ADDRESS).json()
    sign_out_of_the_admin(browser)
    browser.force_login(curator)
    after = browser.get(ADDRESS).json()
    assert ask_who(before).status_code == 401
    assert ask_who(after).status_code == 200


def test_who_signs_in_to_the_app_ends_the_sign_in_of_who_was_there_before(
    browser, sign_in, curator, field_engineer
):
    before = share(browser, sign_in(curator)).json()
    share(browser, sign_in(field_engineer))
    assert ask_who(before).status_code == 401
    assert browser.get(ADDRESS).json()["email"] == field_engineer.email


def test_who_signs_in_to_the_admin_ends_the_sign_in_of_who_was_there_before(
    browser, sign_in, curator, field_engineer
):
    before = share(browser, sign_in(field_engineer)).json()
    browser.get("/admin/login/")
    form = {"username": curator.email, "password": "wrong"}
    headers = {"X-CSRFToken": browser.cookies["csrftoken"].value}
    browser.post("/admin/login/", form, format="multipart", headers=headers)
    assert ask_who(before).status_code == 200
    form["password"] = "correct horse battery"
    browser.post("/admin/login/", form, format="multipart", headers=headers)
    assert browser.get(ADDRESS).json()["email"] == curator.email
    assert ask_who(before).status_code == 401


def test_an_ended_sign_in_is_forgotten_when_its_tokens_are_too_old(settings):
    old, new = str(uuid4()), str(uuid4())
    EndedSignIn.objects.end(old)
    age = settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"] + timedelta(days=2)
    EndedSignIn.objects.update(ended_at=timezone.now() - age)
    EndedSignIn.objects.end(new)
    assert [str(each.pk) for each in EndedSignIn.objects.all()] == [new]
