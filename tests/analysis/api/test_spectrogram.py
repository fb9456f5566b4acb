"""The spectrogram of an analysis over HTTP: for whom, of what size, and at what cost."""

from io import BytesIO

import numpy as np
import pytest
from django.core.files.storage import storages
from PIL import Image
from rest_framework.test import APIClient

from analysis.api import media as media_views
from analysis.models import Analysis, Recording
from analysis.sound import palette
from registry.cache import model_cache
from tests.support.pump_sounds import BROKEN_BEARING, pump, send


def open_image(png):
    image = Image.open(BytesIO(png))
    image.load()
    return image


@pytest.fixture
def faulty(api, pump_version):
    """The address of the spectrogram of a broken pump."""
    return f"{send(api, pump(fault=BROKEN_BEARING))}/spectrogram.png"


@pytest.mark.django_db
def test_the_picture_marks_what_the_json_says(api, faulty):
    response = api.get(faulty)
    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    explanation = api.get(faulty.removesuffix("/spectrogram.png")).json()["explanation"]
    assert explanation["bands"]
    assert (np.asarray(open_image(response.content)) == palette.FULL_MARK).any()


@pytest.mark.django_db
def test_a_size_can_be_requested(api, faulty):
    assert open_image(api.get(faulty, {"width": 400, "height": 300}).content).size == (400, 300)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    [
        "width=319",
        "width=2161",
        "height=239",
        "height=100000",
        "width=x",
        "width=%00",
        "em=10",
        "em=121",
    ],
)
def test_a_size_out_of_range_is_invalid(api, faulty, query):
    response = api.get(f"{faulty}?{query}")
    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    assert list(response.json()["fields"]) == [query.split("=")[0]]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "accept", ["image/png", "image/avif,image/webp,*/*;q=0.8", "application/json", "text/html"]
)
def test_it_is_sent_whatever_a_client_accepts(api, faulty, accept):
    assert api.get(faulty, headers={"Accept": accept}).status_code == 200


@pytest.mark.django_db
def test_a_client_keeps_it_and_it_is_not_rendered_again(api, faulty, monkeypatch):
    first = api.get(faulty)
    assert {"private", "immutable"} <= set(first["Cache-Control"].split(", "))
    assert "Authorization" in first["Vary"]
    sizes = ({}, {"width": 400}, {"height": 400}, {"em": 40})
    assert len({api.get(faulty, size)["ETag"] for size in sizes}) == 4
    monkeypatch.setattr(media_views, "render_picture", None)
    for known in (first["ETag"], f'"other", W/{first["ETag"]}', "*"):
        again = api.get(faulty, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])


@pytest.mark.django_db
def test_only_readers_of_the_analysis_get_it(api, faulty, sign_in, make_user, curator):
    colleague = sign_in(make_user("field engineer", username="park"))
    etag = api.get(faulty)["ETag"]
    assert sign_in(curator).get(faulty).status_code == 200
    assert APIClient().get(faulty).status_code == 401
    for response in (colleague.get(faulty), colleague.get(faulty, headers={"If-None-Match": etag})):
        assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert api.post(faulty).status_code == 405


@pytest.mark.django_db
def test_a_deleted_recording_is_not_found(api, faulty):
    storages["recordings"].delete(Recording.objects.get().path)
    response = api.get(faulty, headers={"Accept": "image/png"})
    assert (response.status_code, response["Content-Type"]) == (404, "application/json")
    assert response.json() == {
        "code": "not_found",
        "detail": "The recording of this analysis is no longer kept.",
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    "bytes_now", [lambda kept: kept[:-1], lambda kept: b"X" + kept[1:]], ids=["fewer", "others"]
)
def test_changed_bytes_are_not_rendered(api, faulty, media, bytes_now):
    path = media / "recordings" / Recording.objects.get().path
    path.write_bytes(bytes_now(path.read_bytes()))
    response = api.get(faulty)
    assert (response.status_code, response.json()["code"]) == (503, "recording_unavailable")


@pytest.mark.django_db
def test_an_unreadable_version_is_named(api, faulty, pump_version, media):
    model_cache.clear()
    (media / "artifacts" / pump_version.find_file("serving").path).unlink()
    assert api.get(faulty).json()["code"] == "artifact_unavailable"


@pytest.mark.django_db
def test_lowering_the_limits_does_not_matter(api, faulty, settings):
    settings.MAX_RECORDING_SECONDS = 1.0
    settings.MAX_UPLOAD_BYTES = 10
    assert api.get(faulty).status_code == 200


@pytest.mark.django_db
def test_a_recording_that_no_longer_decodes_is_a_server_error(api, faulty):
    analysis = Analysis.objects.get()
    analysis.quality |= {"duration_s": -1.0}
    analysis.save()
    assert api.get(faulty).json()["code"] == "recording_unavailable"


@pytest.mark.django_db
def test_a_picture_costs_few_queries(api, faulty, django_assert_num_queries):
    # The user, the permissions, the analysis with its sources.
    with django_assert_num_queries(3):
        api.get(faulty)
    model_cache.clear()
    # The files of the version too.
    with django_assert_num_queries(4):
        api.get(faulty)
