"""Find the sound in a wav file (RIFF, RIFX, RF64, BW64, W64), and mend a header that is wrong."""

import struct
from dataclasses import dataclass

from analysis.errors import UndecodableAudio
from analysis.sound.decoding.headers.chunks import (
    COUNTED_HEADER_BYTES,
    MAX_CHUNKS,
    ChunkLayout,
    describe_missing,
    describe_several,
    find_next_chunk,
    locate_end,
)

SOUNDS = frozenset({b"data"})
KNOWN_CHUNKS = frozenset(
    {b"LIST", b"INFO", b"bext", b"cue ", b"fact", b"smpl", b"inst", b"JUNK", b"junk", b"PAD "}
    | {b"PEAK", b"iXML", b"axml", b"chna", b"umid", b"levl", b"id3 ", b"ID3 ", b"_PMX", b"afsp"}
    | {b"DISP", b"acid", b"plst", b"note", b"labl", b"ltxt", b"FLLR", b"strc", b"cart", b"r64m"}
)
LITTLE = ChunkLayout(struct.Struct("<4sI"), is_even=True, sounds=SOUNDS, others=KNOWN_CHUNKS)
BIG = ChunkLayout(struct.Struct(">4sI"), is_even=True, sounds=SOUNDS, others=KNOWN_CHUNKS)
# Codecs that libsndfile reads in a wav file: PCM, float, A-law, mu-law, ADPCM, GSM.
SNDFILE_TAGS = frozenset({0x0001, 0x0002, 0x0003, 0x0006, 0x0007, 0x0011, 0x0031})
# The number of the codec stands in an identifier whose rest is Microsoft's or ambisonic's.
EXTENSIBLE_TAG = 0xFFFE
EXTENSIBLE_KINDS = {
    (0x0000, 0x0010, bytes.fromhex("8000 00aa 0038 9b71")),
    (0x0721, 0x11D3, bytes.fromhex("8644 c8c1 ca00 0000")),
}
RIFF_KINDS = (b"RIFF", b"RIFX", b"RF64", b"BW64")
PLAIN_KINDS = (b"RIFF", b"RIFX")
W64_RIFF = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"
W64_TAIL = b"\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
W64_CHUNK = struct.Struct("<16sQ")


@dataclass(frozen=True, slots=True)
class WavSound:
    """Where the sound of a wav file lies, how it is stored, and whether the header says so."""

    format: bytes
    start: int
    end: int
    is_damaged: bool
    is_plain: bool  # a RIFF or RIFX file in which every size is right
    is_big: bool = False  # RIFX: the bytes of a number begin with the highest

    @property
    def format_tag(self) -> int:
        """Return the number of the codec; 0 where it has none."""
        order = ">" if self.is_big else "<"
        padded = self.format.ljust(40, b"\0")
        tag: int = struct.unpack_from(f"{order}H", padded)[0]
        if tag != EXTENSIBLE_TAG:
            return tag
        tag, *kind = struct.unpack_from(f"{order}IHH8s", padded, 24)
        return tag if tuple(kind) in EXTENSIBLE_KINDS else 0


def is_wav(content: bytes) -> bool:
    """Whether the content begins like a wav file of any kind."""
    is_riff = content[:4] in RIFF_KINDS and content[8:12] == b"WAVE"
    return is_riff or content[:16] == W64_RIFF


def is_read_by_sndfile(content: bytes) -> bool:
    """Whether libsndfile decodes what this RIFF file holds; what has no format it refuses."""
    sound = find_sound(content)
    return sound is None or sound.format_tag in SNDFILE_TAGS


def mend_wav(content: bytes) -> tuple[bytes, bool]:
    """Return a RIFF or RIFX file whose sizes are right, and whether the header was damaged.

    The content itself where nothing is wrong, or where there is no sound to be found. Raises
    Truncated where the end of the sound is missing.
    """
    sound = find_sound(content)
    if sound is None or sound.is_plain:
        return content, False
    header = (BIG if sound.is_big else LITTLE).header
    data = content[sound.start : sound.end]
    chunks = [header.pack(b"fmt ", len(sound.format)), sound.format]
    chunks += [header.pack(b"data", len(data)), data]
    body = b"".join([b"WAVE", *chunks])
    return header.pack(b"RIFX" if sound.is_big else b"RIFF", len(body)) + body, sound.is_damaged


def find_sound(content: bytes) -> WavSound | None:
    """Find format and sound; None where a file has none of them."""
    return find_w64_sound(content) if content[:4] == b"riff" else find_riff_sound(content)


def find_riff_sound(content: bytes) -> WavSound | None:
    """Follow the chunks of a RIFF, RIFX, RF64 or BW64 file to its sound."""
    layout = BIG if content[:4] == b"RIFX" else LITTLE
    position = 12
    long_size = 0
    stored_format = b""
    is_damaged = False
    for _ in range(MAX_CHUNKS):
        if position + layout.header.size > len(content):
            return None
        name, size = layout.header.unpack_from(content, position)
        body = position + layout.header.size
        if name == b"data":
            size = long_size if size == 0xFFFF_FFFF and long_size else size
            return locate_sound(content, stored_format, body, size, is_damaged=is_damaged)
        if name == b"ds64":
            (long_size,) = struct.unpack_from("<Q", content.ljust(body + 16, b"\0"), body + 8)
        if name == b"fmt ":
            stored_format = content[body : body + size]
        position, is_padded = find_next_chunk(content, layout, body + size, size)
        is_damaged |= not is_padded
    raise UndecodableAudio(f"The file consists of more than {MAX_CHUNKS} parts.")


def locate_sound(
    content: bytes, stored_format: bytes, start: int, size: int, *, is_damaged: bool
) -> WavSound | None:
    """Find where the sound ends: where the header says, if that can be."""
    if len(stored_format) < 14:
        return None
    is_big = content[:4] == b"RIFX"
    end = locate_end(content, BIG if is_big else LITTLE, start, size)
    is_damaged |= end.is_damaged
    is_plain = content[:4] in PLAIN_KINDS and not is_damaged
    return WavSound(stored_format, start, end.position, is_damaged, is_plain, is_big)


def find_w64_sound(content: bytes) -> WavSound | None:
    """Follow the chunks of a Sony Wave64 file to its sound."""
    position = 40
    stored_format = b""
    for _ in range(MAX_CHUNKS):
        if position + W64_CHUNK.size > len(content):
            return None
        guid, size = W64_CHUNK.unpack_from(content, position)
        body = position + W64_CHUNK.size
        name = guid[:4] if guid[4:] == W64_TAIL else b""
        if name == b"data":
            return locate_w64_sound(content, stored_format, body, size)
        if name == b"fmt ":
            stored_format = content[body : position + size]
        position += max(size + -size % 8, W64_CHUNK.size)
    raise UndecodableAudio(f"The file consists of more than {MAX_CHUNKS} parts.")


def locate_w64_sound(
    content: bytes, stored_format: bytes, start: int, size: int
) -> WavSound | None:
    """Find where the sound ends; chunks that follow have names of 16 bytes."""
    n_bytes = max(size - W64_CHUNK.size, 0)
    end = start + n_bytes
    is_end_known = n_bytes > 0 and end <= len(content)
    if n_bytes > 0 and end - len(content) > COUNTED_HEADER_BYTES and size < 1 << 62:
        raise describe_missing(end - len(content), end)
    rest = content[end + -end % 8 :]
    if is_end_known and rest.startswith(W64_RIFF):
        raise describe_several()
    if is_end_known and (len(rest) < W64_CHUNK.size or rest[4:16] == W64_TAIL):
        return WavSound(stored_format, start, end, is_damaged=False, is_plain=False)
    return WavSound(stored_format, start, len(content), is_damaged=True, is_plain=False)
