"""/ is a page with three ways in, in the reader's language, and knows where one works."""

import re

import pytest

pytestmark = pytest.mark.django_db


def doors(page):
    return re.findall(r'<a class="door" href="([^"]+)">', page.content.decode())


def test_three_ways_in_for_whoever_comes(client):
    page = client.get("/")
    assert page.status_code == 200
    assert doors(page) == ["/app/", "/admin/", "/api/docs"]
    assert "Field app" in page.content.decode()


def test_in_korean_for_who_reads_korean(client):
    page = client.get("/", headers={"Accept-Language": "ko-KR,ko;q=0.9"}).content.decode()
    assert '<html lang="ko">' in page
    assert "현장 앱" in page
    assert "Field app" not in page


@pytest.mark.parametrize(("who", "first"), [("curator", "/admin/"), ("field_engineer", "/app/")])
def test_whoever_is_signed_in_finds_their_work_first(client, request, who, first):
    user = request.getfixturevalue(who)
    client.force_login(user)
    page = client.get("/")
    assert doors(page)[0] == first
    assert page.content.decode().count("your work") == 1
    assert user.email in page.content.decode()


def test_it_is_not_kept_by_caches(client):
    assert "no-store" in client.get("/").headers["Cache-Control"]
