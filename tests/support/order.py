"""Which tests a quick run leaves out, which of them share a worker, and which come first."""

import pytest
from xdist.scheduler import LoadFileScheduling

APP = "mobile"
# They share a plant, and mostly wait: beside them another worker runs the app's own checks.
IN_BROWSER = "_in_browser.py"
# Before the first of its tests can run, Node does.
APP_SECONDS = 1200
# The older system's files are opened by a process of its own.
SLOW_FOLDERS = {APP, "legacy"}
# A browser, a database server, a training or an evaluation by command, questions of all kinds that
# the schema allows.
SLOW_FIXTURES = {"chromium", "postgresql", "train", "evaluate", "case"}
# The detector that is trained for many epochs.
SLOW_PARAMETER = "level2_autoencoder"


def mark(item):
    """Mark a test as slow by its folder, fixtures and parameters, and give the app more time."""
    if is_slow(item):
        item.add_marker("slow")
    if is_of_app(item.nodeid):
        item.add_marker(pytest.mark.timeout(APP_SECONDS))


def is_slow(item):
    fixtures = set(getattr(item, "fixturenames", ()))
    parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return bool(
        SLOW_FOLDERS & set(item.path.parts)
        or SLOW_FIXTURES & fixtures
        or SLOW_PARAMETER in (value for value in parameters if isinstance(value, str))
    )


def place(item):
    """Sort the app first and then what is slow, so that no worker waits long for the last test."""
    return not is_of_app(item.nodeid), item.get_closest_marker("slow") is None


def is_of_app(nodeid):
    return nodeid.startswith(f"tests/{APP}/")


class FileScheduling(LoadFileScheduling):
    """Gives each file to one worker, because its tests share fixtures; so do the app's browsers."""

    def _split_scope(self, nodeid):
        scope = super()._split_scope(nodeid)
        return APP if is_of_app(nodeid) and scope.endswith(IN_BROWSER) else scope
