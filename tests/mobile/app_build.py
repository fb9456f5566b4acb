"""The field app, installed and built once for all processes that test side by side."""

from filelock import FileLock

from signalcraft import web_build
from tests import SHARED
from tests.support.needs import need_node

LOCK = FileLock(SHARED / "app.lock")


def install_app() -> None:
    """Install what the lock file names, and nothing else."""
    need_node()
    with LOCK:
        web_build.install()


def build_app() -> None:
    """Build the app for browsers from its sources as they are."""
    need_node()
    with LOCK:
        assert web_build.main() is None
