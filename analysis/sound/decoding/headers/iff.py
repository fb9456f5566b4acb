"""Mend the headers of AIFF and CAF files, where they are wrong about where the sound is."""

import struct
from collections.abc import Iterator

from analysis.errors import Truncated
from analysis.sound.decoding.headers.chunks import (
    COUNTED_HEADER_BYTES,
    MAX_CHUNKS,
    MIN_PLACEHOLDER,
    ChunkLayout,
    SoundEnd,
    find_next_chunk,
    locate_end,
)

AIFF = ChunkLayout(
    struct.Struct(">4sI"),
    is_even=True,
    sounds=frozenset({b"SSND"}),
    others=frozenset(
        {b"NAME", b"AUTH", b"(c) ", b"ANNO", b"MARK", b"INST", b"COMT", b"MIDI", b"AESD"}
        | {b"APPL", b"SAXL", b"FVER", b"COMM", b"ID3 ", b"CHAN", b"FLLR", b"JUNK", b"PEAK"}
    ),
)
CAF = ChunkLayout(
    struct.Struct(">4sq"),
    is_even=False,
    sounds=frozenset({b"data"}),
    others=frozenset(
        {b"free", b"info", b"strg", b"mark", b"regn", b"inst", b"midi", b"ovvw", b"peak", b"umid"}
        | {b"uuid", b"edct", b"pakt", b"chan", b"kuki"}
    ),
)
# Before the sound of an AIFF are an offset and the size of blocks, before that of a CAF a count.
SSND = struct.Struct(">II")
EDIT_COUNT_BYTES = 4
# Bytes of a sample, where the kind of an AIFC says them and not the number of bits.
AIFC_BYTES = {b"ulaw": 1, b"ULAW": 1, b"alaw": 1, b"ALAW": 1, b"raw ": 1} | {
    **dict.fromkeys((b"fl32", b"FL32"), 4),
    **dict.fromkeys((b"fl64", b"FL64"), 8),
}
AIFC_PCM = frozenset({b"NONE", b"twos", b"sowt", b"in24", b"42ni", b"in32", b"23ni"})


def is_aiff(content: bytes) -> bool:
    """Whether the content begins like an AIFF or AIFC file."""
    return content[:4] == b"FORM" and content[8:12] in (b"AIFF", b"AIFC")


def is_caf(content: bytes) -> bool:
    """Whether the content begins like a CAF file."""
    return content[:4] == b"caff"


def mend_aiff(content: bytes) -> tuple[bytes, bool]:
    """Return an AIFF file whose sizes are right, and whether they were wrong.

    Raises Truncated where it declares more sound than it holds, in either of two places.
    """
    common = b""
    for name, position, size in walk(content, AIFF, 12):
        body = position + AIFF.header.size
        if name == b"COMM":
            common = content[body : body + size]
        if name == b"SSND" and body + SSND.size <= len(content):
            offset, block = SSND.unpack_from(content, body)
            start = body + SSND.size + offset
            end = locate_end(content, AIFF, start, count_sound(size, SSND.size + offset))
            is_damaged = end.is_damaged | contradicts(common, start, end, slack=block)
            return with_size(content, AIFF, position, end, is_damaged=is_damaged)
    return content, False


def contradicts(common: bytes, start: int, end: SoundEnd, *, slack: int) -> bool:
    """Whether COMM counts less sound than there is. Raises Truncated where it counts more."""
    n_bytes = count_common_bytes(common)
    if n_bytes is None or n_bytes >= MIN_PLACEHOLDER:
        return False
    more = end.position - start - n_bytes
    slack += COUNTED_HEADER_BYTES
    if more < -slack:
        raise Truncated(
            f"The file says it holds {n_bytes} bytes of sound, but {-more} of them are missing."
        )
    # What nobody counted at all is a placeholder, as that of SSND is.
    return more > slack and not (end.is_placeholder and n_bytes == 0)


def count_common_bytes(common: bytes) -> int | None:
    """Return the bytes of sound that COMM declares; None where its codec does not tell."""
    if len(common) < 18:
        return None
    channels, n_frames, bits = struct.unpack_from(">hIh", common)
    kind = common[18:22] or b"NONE"
    n_bytes = AIFC_BYTES.get(kind, (bits + 7) // 8 if kind in AIFC_PCM else 0)
    return n_frames * channels * n_bytes if n_bytes > 0 and channels > 0 else None


def mend_caf(content: bytes) -> tuple[bytes, bool]:
    """Return a CAF file whose size of the sound is right, and whether it was wrong.

    -1 is right where the sound is last. Raises Truncated where the end of the sound is missing.
    """
    for name, position, size in walk(content, CAF, 8):
        if name == b"data":
            start = position + CAF.header.size + EDIT_COUNT_BYTES
            n_bytes = -1 if size < 0 else count_sound(size, EDIT_COUNT_BYTES)
            end = locate_end(content, CAF, start, n_bytes)
            return with_size(content, CAF, position, end, is_damaged=end.is_damaged)
    return content, False


def walk(content: bytes, layout: ChunkLayout, position: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, position and size of each chunk."""
    for _ in range(MAX_CHUNKS):
        if position + layout.header.size > len(content):
            return
        name, size = layout.header.unpack_from(content, position)
        yield name, position, size
        if size < 0:
            return
        end = position + layout.header.size + size
        position = find_next_chunk(content, layout, end, size)[0]


def count_sound(size: int, n_before: int) -> int:
    """Return the bytes of sound in a chunk of this size; 0 where none were counted."""
    return max(size - n_before, 0)


def with_size(
    content: bytes, layout: ChunkLayout, position: int, end: SoundEnd, *, is_damaged: bool
) -> tuple[bytes, bool]:
    """Return the content with the size of the chunk at `position` right, and whether it was."""
    if not end.is_damaged:
        return content, is_damaged
    name = content[position : position + 4]
    body = position + layout.header.size
    header = layout.header.pack(name, end.position - body)
    return content[:position] + header + content[body : end.position], True
