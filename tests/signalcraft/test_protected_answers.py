"""What browsers are told of every answer: what a page may load, and what nobody may keep."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken


def read_policy(response):
    rules = response.headers["Content-Security-Policy"].split("; ")
    return {name: sources for name, _, sources in (rule.partition(" ") for rule in rules)}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/app/", "/api/docs", "/admin/login/", "/api/v1/models", "/no"])
def test_scripts_come_from_this_server_and_stand_in_files(client, path):
    response = client.get(path)
    response.close()
    policy = read_policy(response)
    assert policy["script-src"] == policy["worker-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["object-src"] == "'none'"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/docs", "/admin/login/"])
def test_no_page_needs_more_than_its_policy_allows(client, path):
    page = client.get(path).content.decode()
    scripts = re.findall(r"<script[^>]*>", page)
    assert scripts
    assert all(" src=" in script or "application/json" in script for script in scripts)
    assert not re.search(r"\son[a-z]+=", page)


@pytest.mark.django_db
def test_nobody_keeps_what_the_api_answers(api, client):
    assert api.get("/api/v1/auth/me").headers["Cache-Control"] == "no-store"
    assert client.get("/api/v1/auth/me").headers["Cache-Control"] == "no-store"


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "status"), [(-20, 200), (-40, 401)])
def test_clocks_that_differ_a_little_sign_nobody_out(field_engineer, seconds, status):
    token = AccessToken.for_user(field_engineer)
    token.set_exp(from_time=timezone.now(), lifetime=timedelta(seconds=seconds))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert client.get("/api/v1/auth/me").status_code == status
