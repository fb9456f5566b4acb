"""A lock on MEDIA_ROOT that every serving process shares, and that restoring needs alone."""

import os
import sys
from pathlib import Path
from typing import BinaryIO

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

NAME = ".serving"
# Windows has no shared locks there: each process takes a byte of its own, restoring all of them.
N_BYTES = 1 << 20


def share(media: Path) -> BinaryIO | None:
    """Take part in the lock until the file is closed; None where somebody restores."""
    return _lock(media, is_alone=False)


def take_alone(media: Path) -> BinaryIO | None:
    """Hold the lock alone until the file is closed; None where a server runs."""
    return _lock(media, is_alone=True)


def _lock(media: Path, *, is_alone: bool) -> BinaryIO | None:
    file = (media / NAME).open("a+b")
    try:
        if sys.platform == "win32":
            os.lseek(file.fileno(), 0 if is_alone else os.getpid() % N_BYTES, os.SEEK_SET)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, N_BYTES if is_alone else 1)
        else:
            kind = fcntl.LOCK_EX if is_alone else fcntl.LOCK_SH
            fcntl.flock(file.fileno(), kind | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
