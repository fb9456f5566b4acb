"""Find the sound in a wav file (RIFF, RF64, BW64, W64), and mend a header that is wrong.

Recorders crash before they fill in a length, append to a file without counting, forget the pad
byte of an odd chunk. What follows the sound is a chunk, or it is sound.
"""

import struct
from dataclasses import dataclass

from analysis.errors import Truncated, UndecodableAudio

# Recorders that write to a pipe cannot know the length and put 0 or something near 2 or 4 GiB.
MIN_PLACEHOLDER = 0x7FFF_0000
# A common mistake of recorders is to count the header as sound.
WAV_HEADER_BYTES = 44
# Chunks that stand behind the sound, even if their own end is missing.
KNOWN_CHUNKS = frozenset(
    {b"LIST", b"INFO", b"bext", b"cue ", b"fact", b"smpl", b"inst", b"JUNK", b"junk", b"PAD "}
    | {b"PEAK", b"iXML", b"axml", b"chna", b"umid", b"levl", b"id3 ", b"ID3 ", b"_PMX", b"afsp"}
    | {b"DISP", b"acid", b"plst", b"note", b"labl", b"ltxt", b"FLLR", b"strc", b"cart", b"r64m"}
)
# Codecs that libsndfile reads in a wav file: PCM, float, A-law, mu-law, ADPCM, GSM, extensible.
SNDFILE_TAGS = frozenset({0x0001, 0x0002, 0x0003, 0x0006, 0x0007, 0x0011, 0x0031, 0xFFFE})
RIFF_KINDS = (b"RIFF", b"RF64", b"BW64")
W64_RIFF = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"
W64_TAIL = b"\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
CHUNK = struct.Struct("<4sI")
W64_CHUNK = struct.Struct("<16sQ")
MAX_CHUNKS = 10_000


@dataclass(frozen=True, slots=True)
class WavSound:
    """Where the sound of a wav file lies, how it is stored, and whether the header says so."""

    format: bytes
    start: int
    end: int
    is_damaged: bool
    is_plain: bool  # a RIFF file in which every size is right

    @property
    def format_tag(self) -> int:
        """Return the number of the codec."""
        return int.from_bytes(self.format[:2], "little")


def is_wav(content: bytes) -> bool:
    """Whether the content begins like a wav file of any kind."""
    is_riff = content[:4] in RIFF_KINDS and content[8:12] == b"WAVE"
    return is_riff or content[:16] == W64_RIFF


def is_read_by_sndfile(content: bytes) -> bool:
    """Whether libsndfile decodes what this RIFF file holds; what has no format it refuses."""
    sound = find_sound(content)
    return sound is None or sound.format_tag in SNDFILE_TAGS


def mend_wav(content: bytes) -> tuple[bytes, bool]:
    """Return a RIFF file whose sizes are right, and whether the header was damaged.

    The content itself where nothing is wrong, or where there is no sound to be found. Raises
    Truncated where the end of the sound is missing.
    """
    sound = find_sound(content)
    if sound is None or sound.is_plain:
        return content, False
    data = content[sound.start : sound.end]
    chunks = [CHUNK.pack(b"fmt ", len(sound.format)), sound.format]
    chunks += [CHUNK.pack(b"data", len(data)), data]
    body = b"".join([b"WAVE", *chunks])
    return CHUNK.pack(b"RIFF", len(body)) + body, sound.is_damaged


def find_sound(content: bytes) -> WavSound | None:
    """Find format and sound; None where a file has none of them."""
    return find_w64_sound(content) if content[:4] == b"riff" else find_riff_sound(content)


def find_riff_sound(content: bytes) -> WavSound | None:
    """Follow the chunks of a RIFF, RF64 or BW64 file to its sound."""
    position = 12
    long_size = 0
    stored_format = b""
    is_damaged = False
    for _ in range(MAX_CHUNKS):
        if position + CHUNK.size > len(content):
            return None
        name, size = CHUNK.unpack_from(content, position)
        body = position + CHUNK.size
        if name == b"data":
            size = long_size if size == 0xFFFF_FFFF and long_size else size
            return locate_sound(content, stored_format, body, size, is_damaged=is_damaged)
        if name == b"ds64":
            (long_size,) = struct.unpack_from("<Q", content.ljust(body + 16, b"\0"), body + 8)
        if name == b"fmt ":
            stored_format = content[body : body + size]
        position, is_padded = find_next_chunk(content, body + size, size)
        is_damaged |= not is_padded
    raise UndecodableAudio(f"The file consists of more than {MAX_CHUNKS} parts.")


def find_next_chunk(content: bytes, end: int, size: int) -> tuple[int, bool]:
    """Return where the next chunk begins, and whether an odd one has its pad byte."""
    if size % 2 == 0:
        return end, True
    is_unpadded = is_name(content[end : end + 4]) and not is_name(content[end + 1 : end + 5])
    return (end, False) if is_unpadded else (end + 1, True)


def locate_sound(
    content: bytes, stored_format: bytes, start: int, size: int, *, is_damaged: bool
) -> WavSound | None:
    """Find where the sound ends: where the header says, if that can be."""
    if len(stored_format) < 14:
        return None
    end = start + size
    is_riff = content[:4] == b"RIFF"
    n_missing = end - len(content)
    if size >= MIN_PLACEHOLDER or 0 < n_missing <= WAV_HEADER_BYTES:
        return WavSound(stored_format, start, len(content), is_damaged, is_riff and not is_damaged)
    if n_missing > 0:
        raise Truncated(f"The file is cut off: at least {n_missing} of {end} bytes are missing.")
    if is_end_of_sound(content, end, size):
        return WavSound(stored_format, start, end, is_damaged, is_riff and not is_damaged)
    return WavSound(stored_format, start, len(content), is_damaged=True, is_plain=False)


def is_end_of_sound(content: bytes, end: int, size: int) -> bool:
    """Whether nothing, zeros, a tag or chunks follow, and no more sound."""
    rest = content[end:]
    if len(rest) < CHUNK.size or rest[:3] in (b"ID3", b"TAG") or not rest.strip(b"\0"):
        return True
    starts = (end, end + 1) if size % 2 else (end,)
    return any(are_chunks(content, start) for start in starts)


def are_chunks(content: bytes, position: int) -> bool:
    """Whether only chunks follow, up to the end of the file."""
    for _ in range(MAX_CHUNKS):
        if position + CHUNK.size > len(content):
            return True
        name, size = CHUNK.unpack_from(content, position)
        end = position + CHUNK.size + size
        if name in KNOWN_CHUNKS and end > len(content):
            return True
        if not is_name(name) or end > len(content):
            return False
        position = find_next_chunk(content, end, size)[0]
    return False


def is_name(name: bytes) -> bool:
    """Whether these bytes could name a chunk."""
    return len(name) == 4 and all(0x20 <= byte < 0x7F for byte in name)


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
    if n_bytes > 0 and end - len(content) > WAV_HEADER_BYTES and size < 1 << 62:
        missing = end - len(content)
        raise Truncated(f"The file is cut off: at least {missing} of {end} bytes are missing.")
    rest = content[end + -end % 8 :]
    if is_end_known and (len(rest) < W64_CHUNK.size or rest[4:16] == W64_TAIL):
        return WavSound(stored_format, start, end, is_damaged=False, is_plain=False)
    return WavSound(stored_format, start, len(content), is_damaged=True, is_plain=False)
