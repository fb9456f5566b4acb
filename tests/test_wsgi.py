"""The server's entry point: what Django would answer with a 500 before a view is asked."""

import platform

import pytest
from django.test import RequestFactory

from signalcraft.memory import keep_freed_memory
from signalcraft.wsgi import application

pytestmark = pytest.mark.django_db


def status_of(content_type, method="get"):
    request = getattr(RequestFactory(), method)("/api/v1/analyses?label=NORMAL&model_id=%ff")
    answered = []
    application(request.environ | {"CONTENT_TYPE": content_type}, lambda status, headers: answered.append(status))
    return answered[0]


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain; charset=base64",
        "text/plain; charset=nonsense",
        "text/plain; charset*=nonsense'en'x",
        "multipart/form-data; boundary*=nonsense'en'x",
        "multipart/form-data; boundary=x; charset=rot13",
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_content_type_is_a_mistake_of_the_server(content_type, method):
    assert status_of(content_type, method) == "401 Unauthorized"


def test_glibc_keeps_the_memory_of_one_analysis_for_the_next():
    assert keep_freed_memory() is (platform.libc_ver()[0] == "glibc")


@pytest.mark.parametrize("trouble", [AttributeError, OSError, TypeError])
def test_without_glibc_the_server_runs_all_the_same(monkeypatch, trouble):
    def refuse(name):
        raise trouble

    monkeypatch.setattr("ctypes.CDLL", refuse)
    assert not keep_freed_memory()
