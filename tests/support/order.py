"""Which tests a quick run leaves out, which of them share a worker, and which come first."""

import pytest
from xdist.scheduler import LoadFileScheduling

# All tests of the field app use one folder, in which Node installs and builds.
APP = "mobile"
# Before the first of its tests can run, Node does.
APP_SECONDS = 1200
# The older system's files are opened by a process of its own.
SLOW_FOLDERS = {APP, "legacy"}
# A browser, a database server, a training or an evaluation by command.
SLOW_FIXTURES = {"chromium", "postgresql", "train", "evaluate"}


def mark(item):
    """Mark a test as slow by its folder and its fixtures, and give the app more time."""
    fixtures = set(getattr(item, "fixturenames", ()))
    if SLOW_FOLDERS & set(item.path.parts) or SLOW_FIXTURES & fixtures:
        item.add_marker("slow")
    if is_of_app(item.nodeid):
        item.add_marker(pytest.mark.timeout(APP_SECONDS))


def place(item):
    """Sort the app first and then what is slow, so that no worker waits long for the last test."""
    return not is_of_app(item.nodeid), item.get_closest_marker("slow") is None


def is_of_app(nodeid):
    return nodeid.startswith(f"tests/{APP}/")


class FileScheduling(LoadFileScheduling):
    """Gives each file to one worker, because its tests share fixtures, and the whole app to one."""

    def _split_scope(self, nodeid):
        return APP if is_of_app(nodeid) else super()._split_scope(nodeid)
