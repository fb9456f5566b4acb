"""Many processes promote at once: never two defaults, every change logged, none lost."""

import json
import os
import subprocess
import sys

import pytest

from tests.support.places import PROJECT

pytestmark = pytest.mark.slow
PROCESSES = 8
PROMOTIONS_EACH = 25


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/registry.sqlite3"
    return request.getfixturevalue("postgresql")


@pytest.fixture
def begin(database, tmp_path):
    """Begin a step in a process of its own."""
    environment = {
        name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"
    }
    environment |= {"DATABASE_URL": database, "MEDIA_ROOT": str(tmp_path), "LOG_LEVEL": "ERROR"}

    def begin_step(*arguments):
        command = [sys.executable, "-m", "tests.support.promoting", *map(str, arguments)]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, cwd=PROJECT, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True
        )

    return begin_step


def finish(process):
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return json.loads(output)


def test_200_promotions_from_8_processes(begin):
    finish(begin("prepare"))
    before = finish(begin("replay"))["rows"]
    watcher = begin("watch")
    promoters = [begin("promote", PROMOTIONS_EACH, seed) for seed in range(PROCESSES)]
    written = [pk for process in promoters for pk in finish(process)]
    watched = finish(watcher)
    assert watched["most"] == 1
    assert watched["looks"] > 100
    assert len(written) == len(set(written)) == PROCESSES * PROMOTIONS_EACH
    told = finish(begin("replay"))
    # A new default also writes that the one before is none any more.
    assert told["rows"] >= before + len(written)
    assert (told["gaps"], told["leads_to_now"]) == ([], True)
    assert finish(begin("forge")) == []
    assert finish(begin("replay")) == told
