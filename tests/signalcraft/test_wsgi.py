"""The server's entry point: what Django would answer with a 500 before a view is asked."""

import ctypes
import platform
import subprocess
import sys

import pytest
from django.test import RequestFactory

from signalcraft.memory import keep_freed_memory
from signalcraft.wsgi import application

pytestmark = pytest.mark.django_db


def status_of(content_type, method="get"):
    request = getattr(RequestFactory(), method)("/api/v1/analyses?label=NORMAL&model_id=%ff")
    answered = []
    application(
        request.environ | {"CONTENT_TYPE": content_type},
        lambda status, headers: answered.append(status),
    )
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


FAULTS_OF_ARRAYS = """
import resource
import threading
import numpy as np
from signalcraft.memory import keep_freed_memory

def work():
    for n in (10, 200):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(n):
            # As an analysis has them: a dozen at once, most of them of some hundred kilobytes.
            arrays = [np.ones(size, np.float32) for size in (160_000, 80_000, 320_000, 40_000) * 3]
            del arrays
    print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / 200)

if {keep}:
    assert keep_freed_memory()
thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="There is no glibc here, and nothing to tell it."
)
def test_the_memory_of_one_analysis_is_kept_for_the_next():
    faults = {}
    for keep in (True, False):
        code = FAULTS_OF_ARRAYS.format(keep=keep)
        faults[keep] = float(
            subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
        )
    assert faults[True] < 5 < 500 < faults[False]


@pytest.mark.parametrize("trouble", [AttributeError, OSError, TypeError])
def test_without_glibc_the_server_runs_all_the_same(monkeypatch, trouble):
    def refuse(name):
        raise trouble

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    assert not keep_freed_memory()
