"""Mend a FLAC file whose header counts fewer samples than its frames hold."""

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.errors import Truncated
from analysis.sound.decoding.headers.chunks import MAX_CHUNKS, describe_several

BEGINNING = b"fLaC\0\0\0\x22"
N_SAMPLES_AT = slice(18, 26)  # in a file: 28 bits of rate, channels and depth, then the 36 of it
LARGEST = (1 << 36) - 1
SYNC_WORDS = (b"\xff\xf8", b"\xff\xf9")  # frames of one size, and of sizes that vary
# By the four bits of a frame's header; 6 and 7: one or two bytes behind it.
BLOCK_SAMPLES = (0, 192, 576, 1152, 2304, 4608, 0, 0, *(256 << i for i in range(8)))
MAX_FRAME_HEADER = 16
MAX_CANDIDATES = 10_000


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """Where the sound of a frame begins and ends, in samples; `kind`: what all frames share."""

    start: int
    end: int
    kind: bytes


def is_flac(content: bytes) -> bool:
    """Whether the content begins like a FLAC file."""
    return content[:4] == b"fLaC" and content[4:5] in (b"\x00", b"\x80")


def mend_flac(content: bytes) -> tuple[bytes, bool]:
    """Return the file with the right number of samples, and whether there was a wrong one.

    0 is right for an encoder that writes to a pipe. Raises Truncated where frames are missing,
    UndecodableAudio where another file follows.
    """
    if content.find(BEGINNING, len(BEGINNING)) > 0:
        raise describe_several()
    numbers = int.from_bytes(content[N_SAMPLES_AT], "big")
    n_declared = numbers & LARGEST
    n_samples = count_samples(content) if n_declared else 0
    if not 0 < n_samples <= LARGEST or n_samples == n_declared:
        return content, False
    is_placeholder = n_declared == LARGEST
    if n_samples < n_declared and not is_placeholder:
        raise Truncated(
            f"The file says it holds {n_declared} samples, but only {n_samples} of them are there."
        )
    right = (numbers & ~LARGEST | n_samples).to_bytes(8, "big")
    return content[: N_SAMPLES_AT.start] + right + content[N_SAMPLES_AT.stop :], not is_placeholder


def count_samples(content: bytes) -> int:
    """Count the samples from the first to the last frame; 0 where these do not tell.

    Less than 0 or more than a header can hold where their numbers are wrong.
    """
    begin = find_first_frame(content)
    smallest, largest = (int.from_bytes(content[at : at + 2], "big") for at in (8, 10))
    if not begin or (content[begin : begin + 2] == SYNC_WORDS[0] and smallest != largest):
        return 0
    first = read_frame_header(content, begin, largest)
    if first is None:
        return 0
    for position in find_last_sync_words(content, begin, content[begin : begin + 2]):
        last = read_frame_header(content, position, largest)
        if last and last.kind == first.kind:
            return last.end - first.start
    return 0


def find_first_frame(content: bytes) -> int:
    """Return where the first frame begins, behind the blocks that describe the file; 0: nowhere."""
    position = 4
    for _ in range(MAX_CHUNKS):
        if position + 4 > len(content):
            return 0
        is_last = content[position] & 0x80
        position += 4 + int.from_bytes(content[position + 1 : position + 4], "big")
        if is_last:
            return position if content[position : position + 2] in SYNC_WORDS else 0
    return 0


def find_last_sync_words(content: bytes, begin: int, word: bytes) -> Iterator[int]:
    """Yield where a frame may begin, the last first."""
    position = len(content)
    for _ in range(MAX_CANDIDATES):
        position = content.rfind(word, begin, position + 1)
        if position < 0:
            return
        yield position
        position -= 1


def read_frame_header(content: bytes, position: int, block_samples: int) -> FrameHeader | None:
    """Read the header of a frame; None where there is none, by its checksum.

    block_samples: of all frames but the last, where frames are numbered.
    """
    head = content[position : position + MAX_FRAME_HEADER].ljust(MAX_FRAME_HEADER, b"\0")
    number, at = read_number(head)
    if number is None or head[3] & 1:
        return None
    size_code = head[2] >> 4
    n_extra = max(size_code - 5, 0) if size_code < 8 else 0
    n_samples = BLOCK_SAMPLES[size_code] or 1 + int.from_bytes(head[at : at + n_extra], "big")
    at += n_extra + {12: 1, 13: 2, 14: 2}.get(head[2] & 0x0F, 0)
    if not size_code or compute_crc8(head[:at]) != head[at]:
        return None
    start = number if head[1] & 1 else number * block_samples
    # The rate and the depth; how channels are coupled differs between frames.
    return FrameHeader(start, start + n_samples, bytes([head[1], head[2] & 0x0F, head[3] & 0x0E]))


def read_number(head: bytes) -> tuple[int | None, int]:
    """Read the number of a frame or sample, written like a letter of UTF-8, and where it ends."""
    n_ones = 8 - (head[4] ^ 0xFF).bit_length()
    if n_ones in (1, 8):
        return None, 5
    number = head[4] & (0x7F >> n_ones)
    end = 5 + max(n_ones - 1, 0)
    for byte in head[5:end]:
        if byte >> 6 != 0b10:
            return None, 5
        number = number << 6 | byte & 0x3F
    return number, end


def compute_crc8(content: bytes) -> int:
    """Compute the checksum of a frame's header: polynomial 0x07 (RFC 9639)."""
    checksum = 0
    for byte in content:
        checksum ^= byte
        for _ in range(8):
            checksum = (checksum << 1 ^ (0x07 if checksum & 0x80 else 0)) & 0xFF
    return checksum
