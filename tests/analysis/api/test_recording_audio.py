"""The sound of a recording as it was uploaded: whole or in part, for whoever may hear it."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, storages
from django.core.signals import request_finished
from django.db import close_old_connections
from rest_framework.test import APIClient

from analysis import recordings
from analysis.api.byte_ranges import parse_range_header
from analysis.errors import RangeNotSatisfiable
from analysis.models import Recording
from analysis.sound import file_types
from analysis.sound.containers import CONTAINERS
from tests.support.pump_sounds import pump, send
from tests.support.recordings import recording
from tests.support.trained_pump import to_format_2

SIZE = len(pump())


@pytest.fixture
def url(api, pump_version):
    """The address of the sound of a pump."""
    return f"{send(api)}/audio"


def read_bytes(response):
    return b"".join(response.streaming_content)


def close(response):
    """End a response as a server does, but keep the test's one connection to the database."""
    request_finished.disconnect(close_old_connections)
    response.close()
    request_finished.connect(close_old_connections)


def head(api, url):
    response = api.head(url)
    close(response)
    return response


class Failing(InMemoryStorage):
    """A storage whose network broke down."""

    def _open(self, name, mode="rb"):
        raise ConnectionError("10.0.0.7 does not answer")


class FetchingLate(InMemoryStorage):
    """A storage that opens at once and fails when it is to fetch the bytes, as a remote one may."""

    def _open(self, name, mode="rb"):
        file = super()._open(name, mode)

        def seek(*_):
            raise ConnectionError("10.0.0.7 does not answer")

        file.seek = file.read = seek
        return file


def use(settings, storage):
    settings.STORAGES = settings.STORAGES | {
        "recordings": {"BACKEND": f"{__name__}.{storage.__name__}"}
    }


# The whole


@pytest.mark.django_db
def test_it_comes_as_it_was_uploaded(api, url):
    response = api.get(url)
    assert response.status_code == 200
    assert read_bytes(response) == pump()
    assert (response["Content-Type"], response["Content-Length"]) == ("audio/wav", str(SIZE))
    assert response["Accept-Ranges"] == "bytes"
    assert response["Content-Disposition"] == 'inline; filename="pump.wav"'
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("form", "media_type", "name"),
    [
        ("flac", "audio/flac", "clip.flac"),
        ("mp3", "audio/mpeg", "clip.mp3"),
        ("ogg_opus", "audio/ogg", "clip.ogg"),
        ("m4a", "audio/mp4", "clip.m4a"),
        ("3gp_amr", "audio/mp4", "clip.m4a"),
        ("amr", "audio/amr", "clip.amr"),
        ("aac", "audio/aac", "clip.aac"),
        ("webm", "audio/webm", "clip.webm"),
        ("caf_pcm", "audio/x-caf", "clip.caf"),
        ("aiff", "audio/aiff", "clip.aiff"),
    ],
)
def test_the_media_type_is_that_of_the_content(api, publish, pump_artifact, form, media_type, name):
    # One that asks for no bandwidth, which telephone codecs do not have.
    publish("pump_forest", type="level1_isolation_forest", content=to_format_2(pump_artifact))
    content = recording(form)
    response = api.get(f"{send(api, content, name='clip.html')}/audio")
    assert read_bytes(response) == content
    assert response["Content-Type"] == media_type
    assert response["Content-Disposition"] == f'inline; filename="{name}"'


def test_every_container_that_is_read_can_be_sent():
    assert set(file_types.MEDIA_TYPES) == {container.name for container in CONTAINERS}


@pytest.mark.parametrize(
    ("original", "safe"),
    [
        ("pump 7 (bearing).WAV", "pump_7_bearing.wav"),
        ("펌프 7호.wav", "펌프_7호.wav"),
        ('a"; filename="x.exe', "a_filename_x.wav"),
        ("a\r\nSet-Cookie: x=1.wav", "a_Set-Cookie_x_1.wav"),
        ("../../etc/passwd", "passwd.wav"),
        ("evil\u202evaw.exe", "evil_vaw.wav"),
        ("x" * 300 + ".wav", "x" * 80 + ".wav"),
        (".hidden", "hidden.wav"),
    ],
)
def test_a_name_is_safe_for_any_system(original, safe):
    assert (
        recordings.build_download_name(Recording(path="2026/08/x.wav", original_name=original))
        == safe
    )


@pytest.mark.parametrize("original", ["", "...", "?.wav", "/"])
def test_a_recording_without_a_name_is_called_by_its_id(original):
    row = Recording(path="2026/08/x.mp4", original_name=original)
    assert recordings.build_download_name(row) == f"recording-{row.pk}.m4a"


@pytest.mark.django_db
def test_a_name_in_hangul_reaches_the_browser(api, pump_version):
    response = head(api, f"{send(api, name='펌프.wav')}/audio")
    assert response["Content-Disposition"] == "inline; filename*=utf-8''%ED%8E%8C%ED%94%84.wav"


@pytest.mark.django_db
def test_head_answers_the_length(api, url):
    response = head(api, url)
    assert (response.status_code, response["Content-Length"], read_bytes(response)) == (
        200,
        str(SIZE),
        b"",
    )


# A part


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-1", 0, 1),
        ("bytes=0-", 0, SIZE - 1),
        (f"bytes=10-{SIZE + 1000}", 10, SIZE - 1),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
        ("bytes=-100", SIZE - 100, SIZE - 1),
        (f"bytes=-{10 * SIZE}", 0, SIZE - 1),
        ("Bytes= 100-199 ", 100, 199),
    ],
)
def test_a_range_is_sent_alone(api, url, header, first, last):
    response = api.get(url, headers={"Range": header})
    assert response.status_code == 206
    assert read_bytes(response) == pump()[first : last + 1]
    assert response["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
    assert response["Content-Length"] == str(last - first + 1)


@pytest.mark.django_db
@pytest.mark.parametrize("header", [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 5}", "bytes=-0"])
def test_a_range_beyond_the_end_is_refused(api, url, header):
    response = api.get(url, headers={"Range": header})
    assert (response.status_code, response.json()["code"]) == (416, "range_not_satisfiable")
    assert response["Content-Range"] == f"bytes */{SIZE}"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "header",
    [
        "bytes=0-1,5-9",
        "bytes=0-,0-,0-",
        "bytes=5-4",
        "bytes=-",
        "bytes=--5",
        "bytes=a-b",
        "bytes=1",
        "bytes=٣-٤",
        "bytes=" + "9" * 5000 + "-",
        "seconds=0-1",
        "",
        "0-1",
    ],
)
def test_several_ranges_or_none_are_answered_with_the_whole(api, url, header):
    response = api.get(url, headers={"Range": header})
    assert response.status_code == 200
    assert len(read_bytes(response)) == SIZE


def test_nothing_lies_within_an_empty_file():
    with pytest.raises(RangeNotSatisfiable):
        parse_range_header("bytes=0-", 0)
    with pytest.raises(RangeNotSatisfiable):
        parse_range_header("bytes=-5", 0)


@pytest.mark.django_db
def test_a_part_is_continued_only_where_it_is_of_the_same_file(api, url):
    etag = head(api, url)["ETag"]
    for if_range, start in [(etag, 100), ('"other"', 0), (f"W/{etag}", 0), ("yesterday", 0)]:
        response = api.get(url, headers={"Range": "bytes=100-", "If-Range": if_range})
        assert read_bytes(response) == pump()[start:]
        assert response.status_code == (206 if start else 200)


@pytest.mark.django_db
def test_an_old_if_range_does_not_make_a_range_refused(api, url):
    response = api.get(url, headers={"Range": f"bytes={SIZE}-", "If-Range": '"other"'})
    assert (response.status_code, len(read_bytes(response))) == (200, SIZE)


@pytest.mark.django_db
def test_the_client_may_cache_it_and_it_is_not_sent_again(api, url):
    first = head(api, url)
    assert "private" in first["Cache-Control"]
    assert "Authorization" in first["Vary"]
    again = api.get(url, headers={"If-None-Match": first["ETag"], "Range": "bytes=0-1"})
    assert (again.status_code, again.content) == (304, b"")


# From where


@pytest.mark.django_db
def test_a_storage_without_paths_sends_the_same(api, pump_version, settings):
    use(settings, InMemoryStorage)
    url = f"{send(api)}/audio"
    assert read_bytes(api.get(url)) == pump()
    assert read_bytes(api.get(url, headers={"Range": "bytes=-100"})) == pump()[-100:]


@pytest.mark.django_db
def test_a_long_recording_is_sent_in_blocks(api, pump_version):
    blocks = list(api.get(f"{send(api, pump(seconds=10.0))}/audio").streaming_content)
    assert {len(block) for block in blocks[:-1]} == {recordings.BLOCK_BYTES}
    assert len(blocks) == 5


@pytest.mark.django_db
def test_the_file_is_closed_when_the_client_stops_reading(url, monkeypatch, api):
    opened = []
    local = storages["recordings"]
    real = local.open
    monkeypatch.setattr(local, "open", lambda path: opened.append(real(path)) or opened[-1])
    response = api.get(url)
    next(iter(response.streaming_content))
    close(response)
    assert [file.closed for file in opened] == [True]


@pytest.mark.django_db
@pytest.mark.parametrize("storage", [Failing, FetchingLate])
@pytest.mark.parametrize("of_it", ["audio", "spectrogram.png"])
def test_a_storage_that_fails_is_named_before_anything_is_sent(api, url, settings, storage, of_it):
    use(settings, storage)
    if storage is FetchingLate:
        InMemoryStorage.save(
            storages["recordings"], Recording.objects.get().path, ContentFile(pump())
        )
    response = api.get(url.replace("audio", of_it))
    assert (response.status_code, response.json()["code"]) == (503, "recording_unavailable")
    assert "10.0.0.7" not in response.content.decode()


@pytest.mark.django_db
def test_a_deleted_recording_is_not_found(api, url):
    storages["recordings"].delete(Recording.objects.get().path)
    response = api.get(url)
    assert response.status_code == 404
    assert response.json() == {
        "code": "not_found",
        "detail": "The recording of this analysis is no longer kept.",
    }


@pytest.mark.django_db
def test_a_file_that_was_cut_is_not_sent(api, url, media):
    path = media / "recordings" / Recording.objects.get().path
    path.write_bytes(path.read_bytes()[:-1])
    assert api.get(url).json()["code"] == "recording_unavailable"


# For whom


@pytest.mark.django_db
def test_only_readers_of_the_analysis_get_its_audio(url, sign_in, make_user, curator):
    read_bytes(sign_in(curator).get(url))
    assert APIClient().get(url).status_code == 401
    refused = sign_in(make_user("field engineer", username="park")).get(
        url, headers={"Range": f"bytes={SIZE}-"}
    )
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_it_can_only_be_read(api, url, method):
    assert getattr(api, method)(url).status_code == 405


@pytest.mark.django_db
def test_it_costs_few_queries(api, url, django_assert_num_queries):
    # The user, the permissions, the analysis with its recording.
    with django_assert_num_queries(3):
        read_bytes(api.get(url))
