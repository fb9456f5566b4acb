"""Tell where the sound in a file of chunks ends: where its size says, if that can be.

Recorders crash before they fill in a size, or append to a file without counting. What follows the
sound is a chunk or a tag, or it is sound.
"""

import struct
from dataclasses import dataclass

from analysis.errors import Truncated, UndecodableAudio

# Recorders that write to a pipe cannot know a size and put -1 or something near 2 or 4 GiB.
MIN_PLACEHOLDER = 0x7FFF_0000
# A common mistake of recorders is to count the header as sound.
COUNTED_HEADER_BYTES = 44
# What programs append to any file.
TAGS = (b"ID3", b"TAG", b"APETAGEX", b"LYRICSBEGIN")
MAX_CHUNKS = 10_000
# How another file begins.
FILES = frozenset({b"RIFF", b"RIFX", b"RF64", b"BW64", b"riff", b"FORM", b"caff", b"fLaC", b"OggS"})


@dataclass(frozen=True, slots=True)
class ChunkLayout:
    """How a format writes its chunks.

    header: of name and size. is_even: whether a byte follows a chunk of an odd size.
    sounds: what begins another piece of sound. others: chunks that stand behind the sound, even if
    their own end is missing.
    """

    header: struct.Struct
    is_even: bool
    sounds: frozenset[bytes]
    others: frozenset[bytes]


@dataclass(frozen=True, slots=True)
class SoundEnd:
    """Where the sound ends, and whether its size says so; `is_placeholder`: none was filled in."""

    position: int
    is_damaged: bool = False
    is_placeholder: bool = False


def locate_end(content: bytes, layout: ChunkLayout, start: int, n_bytes: int) -> SoundEnd:
    """Find the end of the sound that begins at `start` and should have so many bytes.

    Raises Truncated where it is missing, UndecodableAudio where another piece of sound follows.
    """
    end = start + n_bytes
    n_missing = end - len(content)
    if n_bytes < 0 or n_bytes >= MIN_PLACEHOLDER or 0 < n_missing <= COUNTED_HEADER_BYTES:
        return SoundEnd(len(content), is_placeholder=True)
    if n_missing > 0:
        raise describe_missing(n_missing, end)
    if is_end_of_sound(content, layout, end, n_bytes):
        return SoundEnd(end)
    return SoundEnd(len(content), is_damaged=True)


def describe_missing(n_missing: int, end: int) -> Truncated:
    """Return the error of a file whose end is missing."""
    return Truncated(f"The file is cut off: at least {n_missing} of {end} bytes are missing.")


def is_end_of_sound(content: bytes, layout: ChunkLayout, end: int, n_bytes: int) -> bool:
    """Whether nothing, zeros, a tag or chunks follow, and no more sound."""
    rest = content[end:]
    if len(rest) < layout.header.size or rest.startswith(TAGS) or not rest.strip(b"\0"):
        return True
    starts = (end, end + 1) if layout.is_even and n_bytes % 2 else (end,)
    return any(are_chunks(content, layout, start) for start in starts)


def are_chunks(content: bytes, layout: ChunkLayout, position: int) -> bool:
    """Whether only chunks follow, up to the end of the file.

    Raises UndecodableAudio where another piece of sound or another file follows: joining makes a
    click.
    """
    has_more_sound = False
    for _ in range(MAX_CHUNKS):
        if position + layout.header.size > len(content) or content.startswith(TAGS, position):
            break
        name, size = layout.header.unpack_from(content, position)
        if name in FILES:
            raise describe_several()
        end = position + layout.header.size + size
        has_more_sound |= name in layout.sounds
        if not position < end <= len(content):
            if has_more_sound or name in layout.others:
                break
            return False
        if not is_name(name):
            return False
        position = find_next_chunk(content, layout, end, size)[0]
    else:
        return False
    if has_more_sound:
        raise describe_several()
    return True


def describe_several() -> UndecodableAudio:
    """Return the error of files that were appended to one another."""
    return UndecodableAudio("The file holds several pieces of sound. Send each of them alone.")


def find_next_chunk(content: bytes, layout: ChunkLayout, end: int, size: int) -> tuple[int, bool]:
    """Return where the next chunk begins, and whether an odd one has its pad byte."""
    if not layout.is_even or size % 2 == 0:
        return end, True
    is_unpadded = is_name(content[end : end + 4]) and not is_name(content[end + 1 : end + 5])
    return (end, False) if is_unpadded else (end + 1, True)


def is_name(name: bytes) -> bool:
    """Whether these bytes could name a chunk."""
    return len(name) == 4 and all(0x20 <= byte < 0x7F for byte in name)
