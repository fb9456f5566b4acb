"""What one of the processes that test side by side has made, for all of them."""

import functools
import pickle

from filelock import FileLock

from tests import SHARED


def share(make):
    """Let the first process that needs a value make it, and the others read what it wrote."""

    @functools.cache
    @functools.wraps(make)
    def read_or_make(*names):
        path = SHARED / "-".join([make.__module__, make.__name__, *names])
        with FileLock(f"{path}.lock"):
            if not path.exists():
                path.write_bytes(pickle.dumps(make(*names)))
            return pickle.loads(path.read_bytes())

    return read_or_make
