"""Repeated uploads: one key, one analysis, however many at once, and after any crash."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection

from analysis import pipeline
from analysis.models import Analysis, Device, IdempotencyKey, Recording
from tests.support.pump_sounds import pump

pytestmark = pytest.mark.django_db
URL = "/api/v1/analyses"
KEY = "7f1c2f0e-9a1b-4d67-8a55-2d4a5c1e9b10"


def send(api, content=None, *, key=KEY, **params):
    file = SimpleUploadedFile("pump.wav", pump() if content is None else content)
    form = {"file": file, "model_id": "pump_forest"} | params
    return api.post(URL, form, format="multipart", headers={"Idempotency-Key": key})


def stored_files():
    return [path for path in Path(storages["recordings"].location).rglob("*") if path.is_file()]


def count_rows():
    return (
        Recording.objects.count(),
        Analysis.objects.count(),
        IdempotencyKey.objects.count(),
        len(stored_files()),
    )


def test_a_repeat_is_answered_as_the_first_was(api, pump_version):
    first = send(api)
    repeat = send(api)
    assert (
        (repeat.status_code, repeat["Location"])
        == (first.status_code, first["Location"])
        == (201, first["Location"])
    )
    assert repeat.json() == first.json()
    assert count_rows() == (1, 1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_make_one_analysis(sign_in, field_engineer, pump_version, monkeypatch):
    content = pump()
    everybody = threading.Barrier(20)
    arrivals = []
    compute_analysis = pipeline.compute_analysis

    def compute_together(*args, **kwargs):
        # None is answered from an earlier row: the database refuses all of them.
        arrivals.append(everybody.wait(timeout=60))
        return compute_analysis(*args, **kwargs)

    def send_one(_):
        try:
            return send(sign_in(field_engineer), content)
        finally:
            connection.close()

    monkeypatch.setattr(pipeline, "compute_analysis", compute_together)
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(send_one, range(20)))
    assert len(arrivals) == 20
    assert {answer.status_code for answer in answers} == {201}
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert len({answer["Location"] for answer in answers}) == 1
    assert count_rows() == (1, 1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_of_two_recordings_at_once_one_is_refused_the_key(
    sign_in, field_engineer, pump_version, monkeypatch
):
    both = threading.Barrier(2)
    compute_analysis = pipeline.compute_analysis

    def compute_together(*args, **kwargs):
        both.wait(timeout=60)
        return compute_analysis(*args, **kwargs)

    def send_one(seed):
        try:
            return send(sign_in(field_engineer), pump(seed)).status_code
        finally:
            connection.close()

    monkeypatch.setattr(pipeline, "compute_analysis", compute_together)
    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(send_one, [1, 2])) == [201, 409]
    assert count_rows() == (1, 1, 1, 1)


@pytest.mark.parametrize(
    "other", [{"content": pump(2)}, {"model_id": "other"}, {"device_id": "pump-07"}]
)
def test_a_key_stands_for_one_recording_model_and_device(api, pump_version, other):
    Device.objects.create(device_id="pump-07", name="Pump 7", machine_type_id="pump")
    send(api)
    refused = send(api, **other)
    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_key_reused")
    assert count_rows() == (1, 1, 1, 1)


def test_fields_do_not_run_into_one_another():
    keys = [
        IdempotencyKey.build(None, KEY, "0", *params)
        for params in (("ab", "c"), ("a", "bc"), ("abc", ""))
    ]
    assert len({key.digest for key in keys}) == 3


def test_what_decides_nothing_may_differ(api, pump_version):
    first = send(api)
    assert send(api, recorded_at="2026-08-01T09:30:00Z").json() == first.json()


def test_a_repeat_is_answered_after_the_model_is_deactivated(api, pump_version):
    first = send(api)
    pump_version.registered_model.deactivate(by=None)
    assert send(api).json() == first.json()


def test_another_user_has_other_keys(api, sign_in, make_user, pump_version):
    other = sign_in(make_user("field engineer", username="park"))
    assert send(api).json()["id"] != send(other).json()["id"]
    assert count_rows() == (2, 2, 2, 2)


def test_without_a_key_every_upload_is_its_own(api, pump_version):
    assert send(api, key="").json()["id"] != send(api, key=" ").json()["id"]
    assert count_rows() == (2, 2, 0, 2)


def test_a_refusal_is_not_remembered(api, pump_version):
    assert send(api, b"not audio").status_code == 415
    assert send(api, model_id="nobody").status_code == 404
    assert count_rows() == (0, 0, 0, 0)
    assert send(api).status_code == 201


def test_a_server_that_died_half_way_does_not_block_the_key(api, pump_version, monkeypatch):
    class PowerCut(BaseException):
        pass

    def die(*_args, **_kwargs):
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr(IdempotencyKey, "save", die)
        with pytest.raises(PowerCut):
            send(api)
    assert count_rows() == (0, 0, 0, 0)
    assert send(api).status_code == 201


def test_a_database_that_refuses_for_another_reason_is_no_answer(
    field_engineer, pump_version, monkeypatch
):
    def refuse(*_args, **_kwargs):
        raise IntegrityError

    monkeypatch.setattr(Recording, "save", refuse)
    with pytest.raises(IntegrityError):
        pipeline.analyze(pump(), user=field_engineer, model_id="pump_forest", idempotency_key=KEY)
    assert stored_files() == []


@pytest.mark.parametrize("key", ["x" * 129, "\x00", "a\nb", "schlüssel"])
def test_an_odd_key_is_named(api, pump_version, key):
    refused = send(api, key=key)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
    assert list(refused.json()["fields"]) == ["Idempotency-Key"]


@pytest.mark.parametrize("key", ["x" * 128, '"quoted, and spaced"', "0"])
def test_any_printable_key_of_128_characters_will_do(api, pump_version, key):
    assert send(api, key=key).json() == send(api, key=key).json()


def test_a_repeat_costs_few_queries(api, pump_version, django_assert_max_num_queries):
    send(api)
    # The user, permissions twice; the key with its analysis; recording, version, feedback.
    with django_assert_max_num_queries(7):
        send(api)
