"""Give up, in a process of one's own, whatever decoding does not need; return what could be.

Each system has other means. What is missing the parent makes up for, as far as it can: it keeps
the deadline everywhere, and watches the memory where the system does not.
"""

import ctypes
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from analysis.sound.decoding import system_calls
from analysis.sound.decoding.job_object import join_job_object

# Beyond what the libraries have mapped already: FFmpeg's tables, the samples, numpy's buffers.
WORKING_BYTES = 256 * 1024 * 1024
PR_SET_NO_NEW_PRIVS = 38
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
ADDRESS_SPACE = "memory"
NO_FILES = "files"
NO_NEW_PRIVILEGES = "privileges"
NO_NETWORK = "network"
FEW_SYSTEM_CALLS = "system calls"
JOB_OBJECT = "job object"


def enter_sandbox() -> list[str]:
    """Confine this process for good; return the names of what holds."""
    if sys.platform == "win32":
        measures: dict[str, Callable[[], bool]] = {
            JOB_OBJECT: partial(join_job_object, 2 * WORKING_BYTES)
        }
    elif sys.platform == "linux":
        measures = {
            NO_NEW_PRIVILEGES: _forgo_privileges,
            NO_NETWORK: _leave_network,
            ADDRESS_SPACE: _limit_memory,
            NO_FILES: _forgo_files,
            FEW_SYSTEM_CALLS: system_calls.allow_few,
        }
    else:
        # macOS takes a limit of memory and keeps it not: the parent looks there.
        measures = {NO_FILES: _forgo_files}
    return [name for name, apply in measures.items() if apply()]


def _forgo_privileges() -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)


def _leave_network() -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    # A container may allow the one and not the other.
    return any(libc.unshare(flags) == 0 for flags in (CLONE_NEWUSER | CLONE_NEWNET, CLONE_NEWNET))


def _limit_memory() -> bool:
    import resource

    with open("/proc/self/statm", encoding="ascii") as statm:
        mapped = int(statm.read().split()[0]) * resource.getpagesize()
    return _limit("RLIMIT_AS", mapped + WORKING_BYTES)


def _forgo_files() -> bool:
    # Three are open: the pipes and the log.
    return all([_limit("RLIMIT_NOFILE", 3), _limit("RLIMIT_FSIZE", 0), _limit("RLIMIT_CORE", 0)])


def _limit(name: str, value: int) -> bool:
    import resource

    with suppress(OSError, ValueError):
        resource.setrlimit(getattr(resource, name), (value, value))
        return True
    return False
