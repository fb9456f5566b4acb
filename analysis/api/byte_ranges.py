"""Ranges of bytes that a client asks for (RFC 9110, section 14)."""

import re

from analysis.errors import RangeNotSatisfiable

# Eighteen digits count more bytes than any file has.
SINGLE_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.IGNORECASE)


def parse_range_header(header: str, size: int) -> range | None:
    """Return the positions of the bytes to send; None: send the whole file.

    A server may ignore other units, invalid ranges, and several ranges at once.
    Raises RangeNotSatisfiable when the range begins beyond the end.
    """
    match = SINGLE_RANGE.fullmatch(header)
    if match is None or match.groups() == ("", ""):
        return None

    first, last = match.groups()
    if not first:
        positions = range(max(0, size - int(last)), size)
    elif last and int(last) < int(first):
        return None
    else:
        positions = range(int(first), min(int(last) + 1, size) if last else size)

    if not positions:
        raise RangeNotSatisfiable(size)
    return positions
