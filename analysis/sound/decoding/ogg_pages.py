"""Find which pages of an Ogg Opus stream were lost on the way, by their numbers."""

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.sound.decoding.gaps import Gap

CAPTURE = b"OggS"
HEADER_BYTES = 27
# Positions of Opus count samples at this rate, whatever was recorded (RFC 7845).
POSITION_RATE_HZ = 48_000
OPUS_HEAD = b"OpusHead"
# More than any accepted recording has.
MAX_PAGES = 100_000


@dataclass(frozen=True, slots=True)
class Page:
    """The header of a page: whose it is, its number, and the position at its end."""

    serial: bytes
    number: int
    position: int


@dataclass(frozen=True, slots=True)
class LostPages:
    """Where pages are missing in what is decoded, and for about how many seconds in all."""

    places: tuple[Gap, ...]
    seconds: float


def find_lost_pages(content: bytes) -> LostPages:
    """Return what is lost of the first stream of a file; nothing where it is no Opus."""
    if OPUS_HEAD not in content[:100]:
        return LostPages((), 0.0)
    places = []
    lost_s = 0.0
    before: Page | None = None
    for page in read_pages(content):
        if before and page.serial != before.serial:
            continue
        if before and page.number > before.number + 1 and before.position >= 0:
            at_s = before.position / POSITION_RATE_HZ - lost_s
            places.append(Gap(at_s, at_s, True))
            # The next page has sound as well, about as much as each of those that are missing.
            n_missing = page.number - before.number - 1
            span_s = (page.position - before.position) / POSITION_RATE_HZ
            lost_s += max(span_s, 0.0) * n_missing / (n_missing + 1)
        before = page
    return LostPages(tuple(places), lost_s)


def read_pages(content: bytes) -> Iterator[Page]:
    """Yield the pages in order; ends where none follows."""
    start = 0
    for _ in range(MAX_PAGES):
        header = content[start : start + HEADER_BYTES]
        if len(header) < HEADER_BYTES or not header.startswith(CAPTURE):
            return
        yield Page(
            serial=header[14:18],
            number=int.from_bytes(header[18:22], "little"),
            position=int.from_bytes(header[6:14], "little", signed=True),
        )
        table = content[start + HEADER_BYTES : start + HEADER_BYTES + header[26]]
        start += HEADER_BYTES + len(table) + sum(table)
