"""How the workers' C library treats memory that is free again."""

import ctypes

# As malloc.h of glibc numbers them.
TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8
# More than all arrays of one analysis take together, and than any one of them takes but those of a long recording.
KEPT_BYTES, LARGE_BYTES = 16 * 2**20, 4 * 2**20
# Each keeps as much; left alone, glibc makes one for nearly every thread.
N_ARENAS = 2
OPTIONS = ((TRIM_THRESHOLD, KEPT_BYTES), (MMAP_THRESHOLD, LARGE_BYTES), (ARENA_MAX, N_ARENAS))


def keep_freed_memory() -> bool:
    """Let glibc keep what the arrays of one analysis took for the next one; False where there is no glibc.

    By itself it gives them back and asks the system for every page anew: 900 page faults and a tenth of the time of
    analysing ten seconds in a web worker, 20 with this. The arrays of recordings of a minute and more are larger and go
    back as before.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (
        AttributeError,
        OSError,
        TypeError,
    ):  # another C library, or Windows, which loads nothing that has no name
        return False
    return all(mallopt(option, value) == 1 for option, value in OPTIONS)
