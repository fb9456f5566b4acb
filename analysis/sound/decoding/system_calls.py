"""Linux: after this a process may compute, use memory, read and write what is open, and end.

A filter of seccomp (linux/seccomp.h, linux/filter.h), without a library of its own. Whatever is
not on the list fails with EPERM, so that a C library with another taste in system calls sees an
error and does not die.
"""

import ctypes
import errno
import platform
import struct

PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2
ALLOW = 0x7FFF0000
REFUSE = 0x00050000 | errno.EPERM
# Instructions of the filter: load a word of the call, compare it, return.
LOAD = 0x20
JUMP_IF_EQUAL = 0x15
RETURN = 0x06
NUMBER_OFFSET = 0
ARCHITECTURE_OFFSET = 4

# By machine: AUDIT_ARCH_*, and the numbers of read, write, readv, writev, close, fstat, lseek,
# poll and select, mmap, mprotect, munmap, brk, mremap, madvise, signals' own, futex, sched_yield,
# getpid, gettid, clocks and sleep, setitimer, getrusage, getrandom, restart, rseq, exit.
# fmt: off
ARCHITECTURES = {
    "x86_64": (0xC000003E, (
        0, 1, 19, 20, 3, 5, 8, 7, 271, 23, 270, 9, 10, 11, 12, 25, 28, 13, 14, 15, 131, 202, 24,
        39, 186, 228, 229, 96, 35, 230, 38, 98, 318, 219, 334, 60, 231,
    )),
    "aarch64": (0xC00000B7, (
        63, 64, 65, 66, 57, 80, 62, 73, 72, 222, 226, 215, 214, 216, 233, 134, 135, 139, 132, 98,
        124, 172, 178, 113, 114, 169, 101, 115, 103, 165, 278, 128, 293, 93, 94,
    )),
}
# fmt: on


class Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def allow_few() -> bool:
    """Keep only the harmless system calls; return whether the kernel took the filter."""
    known = ARCHITECTURES.get(platform.machine())
    if known is None:
        return False
    instructions = build_filter(*known)
    program = Program(len(instructions) // 8, instructions)
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


def build_filter(architecture: int, allowed: tuple[int, ...]) -> bytes:
    """Return the instructions, of eight bytes each."""
    calls = [
        _jump(number, if_true=len(allowed) - i, if_false=0) for i, number in enumerate(allowed)
    ]
    lines = [
        _line(LOAD, ARCHITECTURE_OFFSET),
        _jump(architecture, if_true=1, if_false=0),
        _line(RETURN, REFUSE),
        _line(LOAD, NUMBER_OFFSET),
        *calls,
        _line(RETURN, REFUSE),
        _line(RETURN, ALLOW),
    ]
    return b"".join(lines)


def _jump(value: int, *, if_true: int, if_false: int) -> bytes:
    return struct.pack("HBBI", JUMP_IF_EQUAL, if_true, if_false, value)


def _line(code: int, value: int) -> bytes:
    return struct.pack("HBBI", code, 0, 0, value)
