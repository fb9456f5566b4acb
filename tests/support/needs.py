"""Programs and recordings that a user's machine may lack and the project's own must have."""

import os
import shutil

import pytest

from signalcraft import web_build
from tests.support.places import REAL

needs_real = pytest.mark.skipif(
    not REAL.is_dir(), reason=f"There are no real recordings in {REAL}."
)


def need(is_there: bool, sentence: str) -> None:
    """Skip with a sentence where a program is absent; with CI=true that is an error."""
    if is_there:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)


def need_node() -> None:
    need(web_build.has_node(), "Node.js 20 is not here: the field app is not checked.")


def need_chromium() -> str:
    found = (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    need(found is not None, "There is no Chromium here: nothing is tried in a browser.")
    return str(found)


def need_ffmpeg() -> str:
    found = shutil.which("ffmpeg")
    need(found is not None, "There is no ffmpeg here: files of many channels are not tried.")
    return str(found)


def need_redis() -> str:
    found = shutil.which("redis-server")
    need(found is not None, "There is no redis-server here: nothing is tried with one.")
    return str(found)
