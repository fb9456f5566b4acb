"""Which tests a quick run leaves out, which of them share a worker, and which begin."""

import pytest

# Whole programs: the field app with Node and a browser, and files that only a process of its own may open.
SLOW_FOLDERS = {"mobile", "legacy"}
# A browser, a database server, a training or an evaluation by command.
SLOW_FIXTURES = {"chromium", "postgresql", "train", "evaluate"}
# Node installs and builds before the first of its tests can run.
APP, APP_SECONDS = "mobile", 1200


def mark(item):
    """Mark a test as slow by its folder and fixtures, and tie it to the worker of its file."""
    folders = set(item.path.parts)
    if SLOW_FOLDERS & folders or SLOW_FIXTURES & set(getattr(item, "fixturenames", ())):
        item.add_marker("slow")
    # What a file's tests share is made once; of the app there is one folder for all.
    item.add_marker(pytest.mark.xdist_group(APP if APP in folders else str(item.path)))
    if APP in folders:
        item.add_marker(pytest.mark.timeout(APP_SECONDS))


def place(item):
    """Sort the app first, then what is slow: the last tests to run are then short, and no worker waits for long."""
    return APP not in item.path.parts, item.get_closest_marker("slow") is None
