"""The server's entry point: what Django would answer with a 500 before a view is asked."""

import os
import platform
import subprocess
import sys

import pytest
from django.test import RequestFactory
from django.utils.http import parse_header_parameters

from bootstrap import MALLOC_SETTINGS
from signalcraft.wsgi import application, clean_content_type

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


@pytest.mark.parametrize(
    "header",
    [
        "",
        "application/json",
        "application/json; charset=UTF-8",
        'multipart/form-data; boundary="a b"; charset=utf-8',
    ],
)
def test_an_ordinary_content_type_stays_as_it_is(header):
    assert clean_content_type(header) == header


def test_the_boundary_survives_a_charset_that_is_dropped():
    header = "multipart/form-data; boundary=xyz; charset=rot13"
    assert clean_content_type(header) == 'multipart/form-data; boundary="xyz"'


def test_a_boundary_with_a_quote_survives_too():
    header = r'multipart/form-data; boundary="a\"b\\c"; charset=rot13'
    cleaned = clean_content_type(header)
    assert parse_header_parameters(cleaned) == ("multipart/form-data", {"boundary": r'a"b\c'})


COUNT_PAGE_FAULTS = """
import resource
import threading
import numpy as np

def work():
    for n in (10, 200):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(n):
            # As an analysis has them: a dozen at once, most of them of some hundred kilobytes.
            arrays = [np.ones(size, np.float32) for size in (160_000, 80_000, 320_000, 40_000) * 3]
            del arrays
    print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / 200)

thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


def count_page_faults(variables):
    inherited = {name: value for name, value in os.environ.items() if name not in MALLOC_SETTINGS}
    command = [sys.executable, "-c", COUNT_PAGE_FAULTS]
    return float(subprocess.check_output(command, env=inherited | variables))


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="Only glibc reads these variables.")
def test_a_server_keeps_the_memory_of_one_analysis_for_the_next():
    assert count_page_faults(MALLOC_SETTINGS) < 5
    assert count_page_faults({}) > 500
