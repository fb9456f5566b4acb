"""Signing in: guesses are stopped soon, and nobody can be locked out from elsewhere or for long."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth import authenticate
from django.db import connection
from rest_framework.test import APIClient

from accounts import limits

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
EMAIL = "field.engineer@plant.example"


@pytest.fixture(autouse=True)
def clock(monkeypatch, settings):
    """Return a clock, in seconds, that tests move; three failures lock for 5 minutes at most."""
    settings.LIMITS = {"failed_sign_ins": (3, 300)}
    now = [300.0 * 6_000_000]
    monkeypatch.setattr(limits, "time", lambda: now[0])
    return now


def sign_in_with(password, email=EMAIL, address="10.0.0.1"):
    return APIClient().post(
        "/api/v1/auth/token", {"email": email, "password": password}, REMOTE_ADDR=address
    )


def guess(times, **asked):
    return [sign_in_with("wrong", **asked).status_code for _ in range(times)]


def test_after_some_wrong_passwords_not_even_the_right_one_is_looked_at(field_engineer, clock):
    assert guess(3) == [401, 401, 401]
    clock[0] += 100
    response = sign_in_with(PASSWORD)
    assert (response.status_code, response.headers["Retry-After"]) == (429, "200")
    sentence = "Too many wrong passwords. Try again in 200 s."
    fields = {"password": [sentence]}
    assert response.json() == {"code": "throttled", "detail": sentence, "fields": fields}


def test_the_lock_opens_by_itself_however_long_the_guessing_goes_on(field_engineer, clock):
    guess(3)
    clock[0] += 299
    guess(20)
    clock[0] += 1
    assert sign_in_with(PASSWORD).status_code == 200


def test_whoever_guesses_from_elsewhere_locks_nobody_out(field_engineer):
    guess(5, address="198.51.100.7")
    assert sign_in_with(PASSWORD).status_code == 200


def test_others_at_the_same_address_can_still_sign_in(field_engineer, make_user):
    make_user("viewer")
    guess(5)
    assert sign_in_with(PASSWORD, email="viewer@plant.example").status_code == 200


def test_who_is_signed_in_stays_so(field_engineer, api):
    refresh = sign_in_with(PASSWORD).json()["refresh"]
    guess(5)
    assert api.get("/api/v1/auth/me").status_code == 200
    renewed = APIClient().post("/api/v1/auth/refresh", {"refresh": refresh}, REMOTE_ADDR="10.0.0.1")
    assert renewed.status_code == 200


def test_the_right_password_forgives_the_wrong_ones(field_engineer):
    for _ in range(3):
        assert guess(2) == [401, 401]
        assert sign_in_with(PASSWORD).status_code == 200


def test_spelling_the_address_differently_is_no_way_around(field_engineer):
    guess(2)
    assert guess(2, email=" Field.Engineer@PLANT.example") == [401, 429]


def test_an_unknown_account_is_locked_like_a_known_one(field_engineer):
    assert guess(4, email="nobody@plant.example") == [401, 401, 401, 429]
    guess(3)
    answers = [sign_in_with("wrong", email=email) for email in (EMAIL, "nobody@plant.example")]
    assert [answer.status_code for answer in answers] == [429, 429]
    assert answers[0].json() == answers[1].json()


def test_guesses_over_many_accounts_are_counted_for_the_address(settings, field_engineer):
    settings.LIMITS = {"sign_ins_per_address": (2, 60)}
    assert [guess(1, email=f"user{n}@plant.example")[0] for n in range(3)] == [401, 401, 429]
    locked = sign_in_with(PASSWORD)
    assert (locked.status_code, locked.json()["code"]) == (429, "throttled")
    assert "fields" not in locked.json()  # it is not about this password
    assert sign_in_with(PASSWORD, address="10.0.0.2").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_guesses_that_come_at_once_no_more_are_looked_at(field_engineer):
    def one(_):
        try:
            return sign_in_with("wrong").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(16)))
    assert sorted(answers) == [401] * 3 + [429] * 13


def test_the_admin_has_the_same_lock(client, curator):
    def sign_in(password):
        form = {"username": curator.email, "password": password}
        return client.post("/admin/login/?next=/admin/", form, REMOTE_ADDR="10.0.0.1")

    for _ in range(3):
        assert "Too many" not in sign_in("wrong").content.decode()
    assert "Too many wrong passwords. Try again in 300 s." in sign_in(PASSWORD).content.decode()
    assert guess(1, email=curator.email) == [429]


def test_programs_without_an_address_are_not_counted(field_engineer):
    for _ in range(5):
        assert authenticate(email=EMAIL, password="wrong") is None
    assert authenticate(email=EMAIL, password=PASSWORD) == field_engineer


def test_the_admin_refuses_a_wrong_password_in_the_language_of_the_page(client, field_engineer):
    form = {"username": field_engineer.email, "password": "wrong"}
    english = client.post("/admin/login/", form, headers={"Accept-Language": "en"})
    korean = client.post("/admin/login/", form, headers={"Accept-Language": "ko"})
    assert "E-mail or password is wrong." in english.content.decode()
    assert "이메일 또는 비밀번호가 올바르지 않습니다." in korean.content.decode()
