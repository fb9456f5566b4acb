"""Headers of the parts of a form in UTF-8, also from programs that write Korean as CP949."""

from collections.abc import Iterator
from typing import Protocol

CHUNK_BYTES = 64 * 1024
# Longer ones are left to Django, which refuses them.
MAX_HEADER_BYTES = 8192


class Readable(Protocol):
    """What can be read in pieces."""

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes, none at the end."""
        ...


class Utf8Headers:
    """A multipart body to be read: a header in CP949 comes out in UTF-8, all else as it was."""

    def __init__(self, body: Readable, boundary: bytes) -> None:
        chunks = iter(lambda: body.read(CHUNK_BYTES), b"")
        self._converted = filter(None, convert(chunks, boundary))

    def read(self, _size: int = -1, /) -> bytes:
        """Return the next piece, however long, and nothing at the end."""
        return next(self._converted, b"")


def convert(chunks: Iterator[bytes], boundary: bytes) -> Iterator[bytes]:
    """Yield the same body, with its headers in UTF-8."""
    delimiter = b"--" + boundary + b"\r\n"
    left = b""
    for chunk in chunks:
        left += chunk
        while (begin := left.find(delimiter)) >= 0:
            end = left.find(b"\r\n\r\n", begin)
            if end < 0 and len(left) < begin + MAX_HEADER_BYTES:
                break  # The header goes on in the next chunk.
            end = max(end, begin + len(delimiter))
            yield left[:begin] + to_utf8(left[begin:end])
            left = left[end:]
        # A delimiter may have begun.
        n_sure = begin if begin >= 0 else max(len(left) - len(delimiter), 0)
        yield left[:n_sure]
        left = left[n_sure:]
    yield left


def to_utf8(header: bytes) -> bytes:
    """Return a header in UTF-8 if it is CP949, else as it is."""
    try:
        header.decode()
    except UnicodeDecodeError:
        try:
            return header.decode("cp949").encode()
        except UnicodeDecodeError:
            return header
    return header
