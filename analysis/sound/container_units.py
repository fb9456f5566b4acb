"""Read one chunk, box, element, page or frame of a container: where it ends and how long it lasts.

Each reader takes the content and a position and returns None where no further unit begins.
"""

import struct
from dataclasses import dataclass

from analysis.sound.decoding.headers.chunks import (
    COUNTED_HEADER_BYTES,
    MIN_PLACEHOLDER,
    describe_several,
)


@dataclass(frozen=True, slots=True)
class Unit:
    """One part of a file: its declared end, the position of the next, and what it declares to last.

    `file_seconds` is the length of the whole file, where a unit declares that. `n_samples` are
    those that a table declares, for which a library sets memory aside before it looks for one;
    `n_tracks` are the tracks that begin here.
    """

    end: int
    next: int
    seconds: float = 0.0
    file_seconds: float = 0.0
    n_samples: int = 0
    n_tracks: int = 0


def read_riff_chunk(content: bytes, position: int) -> Unit | None:
    """Read a chunk of a WAV file."""
    order = ">" if content.startswith(b"RIFX") else "<"
    return _read_iff_chunk(content, position, struct.Struct(f"{order}4sI"), b"data")


def read_aiff_chunk(content: bytes, position: int) -> Unit | None:
    """Read a chunk of an AIFF file."""
    return _read_iff_chunk(content, position, struct.Struct(">4sI"), b"SSND")


def _read_iff_chunk(
    content: bytes, position: int, header: struct.Struct, sound: bytes
) -> Unit | None:
    if position + header.size > len(content):
        return None
    name, size = header.unpack_from(content, position)
    end = position + header.size + size
    if name != sound:
        return Unit(end, end + size % 2)
    # Stop here: what follows the sound may be damaged without harm.
    is_header_counted = 0 < end - len(content) <= COUNTED_HEADER_BYTES
    is_unknown = size == 0 or size >= MIN_PLACEHOLDER or is_header_counted
    return Unit(len(content) if is_unknown else end, len(content))


def read_caf_chunk(content: bytes, position: int) -> Unit | None:
    """Read a chunk of a CAF file."""
    if position + 12 > len(content):
        return None
    name, size = struct.unpack_from(">4sq", content, position)
    if size < 0:  # -1: the sound runs to the end of the file
        return None
    end = position + 12 + size
    return Unit(end, len(content) if name == b"data" else end)


_MP4_PARENTS = frozenset((b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf"))
_MP4_NEEDED = _MP4_PARENTS | {b"mdat"}
# Where each table of samples, chunks or times has its number of entries.
_MP4_COUNT_OFFSET = {
    b"stsz": 16,
    b"stz2": 16,
    b"trun": 12,
    b"stts": 12,
    b"ctts": 12,
    b"stsc": 12,
    b"stco": 12,
    b"co64": 12,
    b"stss": 12,
    b"sbgp": 16,
}


def read_mp4_box(content: bytes, position: int) -> Unit | None:
    """Read a box of an MP4 file; boxes that hold others are entered.

    Raises UndecodableAudio where a second file begins, which FFmpeg would pass over.
    """
    if position + 8 > len(content):
        return None
    size, name = struct.unpack_from(">I4s", content, position)
    if size == 1 and position + 16 <= len(content):
        (size,) = struct.unpack_from(">Q", content, position + 8)
    if size < 8:  # 0: to the end of the file
        return None
    if name == b"ftyp" and position > 0 and content[4:8] == b"ftyp":
        raise describe_several()
    end = position + size
    # Not a box: some recorders append a tag of another format behind the last one.
    if end > len(content) and name not in _MP4_NEEDED:
        return None
    return Unit(
        end,
        position + 8 if name in _MP4_PARENTS else end,
        n_samples=_read_mp4_count(content, position, name),
        n_tracks=name == b"trak",
    )


def _read_mp4_count(content: bytes, position: int, name: bytes) -> int:
    offset = position + _MP4_COUNT_OFFSET.get(name, len(content))
    return int.from_bytes(content[offset : offset + 4], "big")


_EBML_PARENTS = frozenset((0x18538067, 0x1F43B675))  # Segment, Cluster


def read_ebml_element(content: bytes, position: int) -> Unit | None:
    """Read an element of a WebM file; segments and clusters are entered."""
    if position + 2 > len(content):
        return None
    id_length = 9 - content[position].bit_length()
    size_at = position + id_length
    if id_length > 4 or size_at >= len(content):
        return None
    size_length = 9 - content[size_at].bit_length()
    if size_length > 8:
        return None

    body = size_at + size_length
    largest = (1 << 7 * size_length) - 1
    size = int.from_bytes(content[size_at:body], "big") & largest
    if size == largest:  # unknown, as a live recorder leaves its Segment and Clusters
        return Unit(body, body)
    is_parent = int.from_bytes(content[position:size_at], "big") in _EBML_PARENTS
    return Unit(body + size, body if is_parent else body + size)


def read_last_ogg_page(content: bytes, position: int) -> Unit | None:
    """Read the last page of an Ogg file.

    It may lack the end-of-stream mark of a whole file: Android's recorder never sets it.
    """
    page = content.rfind(b"OggS", position)
    if page < 0:
        return None
    table = page + 27
    n_segments = content[page + 26] if table <= len(content) else 0
    body_bytes = sum(content[table : table + n_segments])
    return Unit(table + n_segments + body_bytes, len(content))


_ADTS_RATES_HZ = (
    96000,
    88200,
    64000,
    48000,
    44100,
    32000,
    24000,
    22050,
    16000,
    12000,
    11025,
    8000,
    7350,
)


def read_adts_frame(content: bytes, position: int) -> Unit | None:
    """Read a frame of an AAC stream."""
    header = content[position : position + 7]
    if len(header) < 7 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0:
        return None
    size = (header[3] & 0x03) << 11 | header[4] << 3 | header[5] >> 5
    rate = header[2] >> 2 & 0x0F
    if size < 7 or rate >= len(_ADTS_RATES_HZ):
        return None
    seconds = 1024 * ((header[6] & 0x03) + 1) / _ADTS_RATES_HZ[rate]
    return Unit(position + size, position + size, seconds)


# Bytes of a frame with its one-byte header, by frame type (RFC 4867); 0: recorders write no such.
_AMR_NB_BYTES = (13, 14, 16, 18, 20, 21, 27, 32, 6, 0, 0, 0, 0, 0, 0, 1)
_AMR_WB_BYTES = (18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 0, 0, 0, 0, 1, 1)


def read_amr_nb_frame(content: bytes, position: int) -> Unit | None:
    """Read a frame of a narrowband AMR file."""
    return _read_amr_frame(content, position, _AMR_NB_BYTES)


def read_amr_wb_frame(content: bytes, position: int) -> Unit | None:
    """Read a frame of a wideband AMR file."""
    return _read_amr_frame(content, position, _AMR_WB_BYTES)


def _read_amr_frame(content: bytes, position: int, sizes: tuple[int, ...]) -> Unit | None:
    size = sizes[content[position] >> 3 & 0x0F] if position < len(content) else 0
    return Unit(position + size, position + size, 0.02) if size else None


# By MPEG version (of layer III), then by the index in the header of a frame.
_MP3_KBITS = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
# The first frame may begin with a tag that has the number of frames, which ends here.
MP3_TAG_END = 60
_MP3_RATES_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def read_mp3_frame(content: bytes, position: int) -> Unit | None:
    """Read a frame of an MP3 file; the first may declare how many there are."""
    header = content[position : position + 4]
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return None
    version = header[1] >> 3 & 3
    bit_rate = header[2] >> 4
    rate = header[2] >> 2 & 3
    if version == 1 or bit_rate in (0, 15) or rate == 3:
        return None

    samples = 1152 if version == 3 else 576
    rate_hz = _MP3_RATES_HZ[version][rate]
    kbits = _MP3_KBITS[1 if version == 3 else 2][bit_rate]
    padding = header[2] >> 1 & 1
    end = position + samples // 8 * kbits * 1000 // rate_hz + padding
    seconds = samples / rate_hz
    n_frames = _read_mp3_frame_count(content[:MP3_TAG_END]) if position == 0 else 0
    return Unit(end, end, seconds, seconds * n_frames)


def write_mp3_frame_count(content: bytes, n_frames: int) -> bytes:
    """Return an MP3 file whose first frame declares so many, if it declares any number."""
    at = _find_mp3_frame_count(content[:MP3_TAG_END])
    return content[:at] + n_frames.to_bytes(4, "big") + content[at + 4 :] if at else content


def _read_mp3_frame_count(frame: bytes) -> int:
    """Read the number of frames from the Xing or LAME tag of the first; 0 where there is none."""
    at = _find_mp3_frame_count(frame)
    return int.from_bytes(frame[at : at + 4], "big") if at else 0


def _find_mp3_frame_count(frame: bytes) -> int:
    """Return where the first frame declares the number of frames; 0: nowhere."""
    tag = max(frame.find(b"Xing"), frame.find(b"Info"))
    if tag < 0 or tag + 12 > len(frame) or not frame[tag + 7] & 1:
        return 0
    return tag + 8
