"""Which bytes of a file a client asks for (RFC 9110, section 14)."""

import re

from analysis.errors import RangeNotSatisfiable

# Eighteen digits are more than any file has bytes.
SINGLE_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.IGNORECASE)


def parse_range_header(header: str, size: int) -> range | None:
    """Return the positions asked for; None where the header asks for nothing that must be heeded.

    A server may answer with the whole to other units, to what makes no sense, and to several ranges at once.
    Raises RangeNotSatisfiable when the range lies beyond the end.
    """
    match = SINGLE_RANGE.fullmatch(header)
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        asked = range(max(0, size - int(last)), size)
    elif last and int(last) < int(first):
        return None
    else:
        asked = range(int(first), min(int(last) + 1, size) if last else size)
    if not asked:
        raise RangeNotSatisfiable(size)
    return asked
