"""Long JSON of the API is compressed, as it saves a packet; pages with forms are not."""

import gzip
import json

import pytest

pytestmark = pytest.mark.django_db
GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
def plant(publish):
    for number in range(12):
        publish(f"pump_{number}")


def test_a_long_list_is_compressed(api, plant):
    plain = api.get("/api/v1/models")
    packed = api.get("/api/v1/models", headers=GZIP)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(packed.content)) == plain.json()
    assert len(packed.content) < len(plain.content) / 4
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_what_has_not_changed_is_still_known(api, plant):
    etag = api.get("/api/v1/models", headers=GZIP).headers["ETag"]
    assert api.get("/api/v1/models", headers=GZIP | {"If-None-Match": etag}).status_code == 304


def test_a_short_answer_is_sent_as_it_is(api):
    assert "Content-Encoding" not in api.get("/api/v1/auth/me", headers=GZIP).headers


def test_a_form_is_sent_as_it_is(client):
    assert "Content-Encoding" not in client.get("/admin/login/", headers=GZIP).headers
