"""Which container the bytes are, by content alone, and whether its end is missing."""

import struct
from collections.abc import Callable
from dataclasses import dataclass

from analysis.errors import Truncated, UndecodableAudio, UnsupportedFormat

# More than any admissible recording has (2000 s of 20 ms frames); a walk never costs more than about 0.1 s.
MAX_UNITS = 100_000
# FFmpeg allocates 24 bytes for each sample an MP4 claims to hold, before it looks for one.
MAX_MP4_SAMPLES = 1_000_000
# Recorders that write to a pipe cannot know the length and put 0 or something near 2 or 4 GiB.
MIN_PLACEHOLDER = 0x7FFF_0000
CODEC_SLACK_S = 0.5


@dataclass(frozen=True, slots=True)
class Unit:
    """One chunk, box, element, page or frame: where it says it ends, where to look next, and what it says it lasts."""

    end: int
    next: int
    seconds: float = 0.0
    file_seconds: float = 0.0


Measure = Callable[[bytes, int], Unit | None]


@dataclass(frozen=True, slots=True)
class Container:
    """How one kind of file is recognised, walked and read; `demuxer` is FFmpeg's name, None where libsndfile reads it.

    `slack_s` is how far the length a file declares may be from that of its sound, for what codecs add or hide at both
    ends. `declares_length` is False where no header has one and the library would guess.
    """

    name: str
    is_one: Callable[[bytes], bool]
    start: int
    measure: Measure | None
    demuxer: str | None = None
    slack_s: float = CODEC_SLACK_S
    declares_length: bool = True


def identify_container(content: bytes) -> tuple[bytes, Container, float]:
    """Return the bytes to decode (without a leading ID3 tag), what they are, and the seconds their frames add up to.

    Raises UnsupportedFormat when the content begins like nothing we read and Truncated when its end is missing.
    """
    content = _without_id3(content)
    for container in CONTAINERS:
        if container.is_one(content):
            seconds = (
                _walk(content, container.start, container.measure) if container.measure else 0.0
            )
            return content, container, seconds
    raise UnsupportedFormat(
        "The file is not a recording in a format we read: wav, flac, mp3, ogg, opus, m4a, aac, 3gp, amr, webm,"
        " aiff or caf."
    )


def _walk(content: bytes, position: int, measure: Measure) -> float:
    """Follow the units to the last one and return the seconds they hold or promise."""
    seconds = promised = 0.0
    for _ in range(MAX_UNITS):
        unit = measure(content, position)
        if unit is None:
            break
        if unit.end > len(content):
            missing = unit.end - len(content)
            raise Truncated(
                f"The file is cut off: at least {missing} bytes of {unit.end} are missing at its end."
            )
        position, seconds, promised = (
            unit.next,
            seconds + unit.seconds,
            max(promised, unit.file_seconds),
        )
    else:
        # Frames add up to a recording that is too long. Chunks add up to nothing and would keep a library busy.
        if not seconds:
            raise UndecodableAudio(
                f"The file is made of more than {MAX_UNITS} parts; no recording is."
            )
    return max(seconds, promised)


def _without_id3(content: bytes) -> bytes:
    if content[:3] != b"ID3" or len(content) < 10:
        return content
    size = sum(
        (byte & 0x7F) << shift for byte, shift in zip(content[6:10], (21, 14, 7, 0), strict=True)
    )
    has_footer = bool(content[5] & 0x10)
    return content[10 + size + 10 * has_footer :]


def _riff_chunk(content: bytes, position: int) -> Unit | None:
    return _iff_chunk(content, position, struct.Struct("<4sI"), b"data")


def _aiff_chunk(content: bytes, position: int) -> Unit | None:
    return _iff_chunk(content, position, struct.Struct(">4sI"), b"SSND")


def _iff_chunk(content: bytes, position: int, header: struct.Struct, sound: bytes) -> Unit | None:
    if position + header.size > len(content):
        return None
    name, size = header.unpack_from(content, position)
    end = position + header.size + size
    if name != sound:
        return Unit(end, end + size % 2)
    # What follows the sound is of no interest, whole or not. Sloppy recorders count the 44 bytes of a header in.
    is_unknown = size == 0 or size >= MIN_PLACEHOLDER or 0 < end - len(content) <= 44
    return Unit(len(content) if is_unknown else end, len(content))


def _caf_chunk(content: bytes, position: int) -> Unit | None:
    if position + 12 > len(content):
        return None
    name, size = struct.unpack_from(">4sq", content, position)
    if size < 0:  # -1: the sound runs to the end of the file.
        return None
    end = position + 12 + size
    return Unit(end, len(content) if name == b"data" else end)


_MP4_PARENTS = frozenset((b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf"))
_MP4_NEEDED = _MP4_PARENTS | {b"mdat"}
_MP4_COUNT_OFFSET = {b"stsz": 16, b"trun": 12}


def _mp4_box(content: bytes, position: int) -> Unit | None:
    if position + 8 > len(content):
        return None
    size, name = struct.unpack_from(">I4s", content, position)
    if size == 1 and position + 16 <= len(content):
        (size,) = struct.unpack_from(">Q", content, position + 8)
    if size < 8:  # 0: to the end of the file.
        return None
    _refuse_many_samples(content, position, name)
    end = position + size
    if (
        end > len(content) and name not in _MP4_NEEDED
    ):  # a tag of another format, put behind the last box
        return None
    return Unit(end, position + 8 if name in _MP4_PARENTS else end)


def _refuse_many_samples(content: bytes, position: int, name: bytes) -> None:
    offset = position + _MP4_COUNT_OFFSET.get(name, len(content))
    if offset + 4 > len(content):
        return
    (count,) = struct.unpack_from(">I", content, offset)
    if count > MAX_MP4_SAMPLES:
        raise UndecodableAudio(
            f"The file claims {count} samples in one table; no recording has that many."
        )


_EBML_PARENTS = frozenset((0x18538067, 0x1F43B675))  # Segment, Cluster


def _ebml_element(content: bytes, position: int) -> Unit | None:
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
    size = int.from_bytes(content[size_at:body], "big") & ((1 << 7 * size_length) - 1)
    is_parent = int.from_bytes(content[position:size_at], "big") in _EBML_PARENTS
    # All ones: unknown, as a live recorder leaves its Segment and Clusters.
    is_unknown = size == (1 << 7 * size_length) - 1
    return Unit(
        body if is_unknown else body + size, body if is_parent or is_unknown else body + size
    )


def _last_ogg_page(content: bytes, position: int) -> Unit | None:
    # A last page without the end-of-stream mark is no sign of a cut: Android's recorder never sets it.
    page = content.rfind(b"OggS", position)
    if page < 0:
        return None
    table = page + 27
    n_segments = content[page + 26] if table <= len(content) else 0
    return Unit(table + n_segments + sum(content[table : table + n_segments]), len(content))


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


def _adts_frame(content: bytes, position: int) -> Unit | None:
    header = content[position : position + 7]
    if len(header) < 7 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0:
        return None
    size = (header[3] & 0x03) << 11 | header[4] << 3 | header[5] >> 5
    rate = header[2] >> 2 & 0x0F
    if size < 7 or rate >= len(_ADTS_RATES_HZ):
        return None
    seconds = 1024 * ((header[6] & 0x03) + 1) / _ADTS_RATES_HZ[rate]
    return Unit(position + size, position + size, seconds)


# Bytes of a frame with its one-byte header, by frame type (RFC 4867); 0 where recorders write no such type.
_AMR_NB_BYTES = (13, 14, 16, 18, 20, 21, 27, 32, 6, 0, 0, 0, 0, 0, 0, 1)
_AMR_WB_BYTES = (18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 0, 0, 0, 0, 1, 1)


def _amr_nb_frame(content: bytes, position: int) -> Unit | None:
    return _amr_frame(content, position, _AMR_NB_BYTES)


def _amr_wb_frame(content: bytes, position: int) -> Unit | None:
    return _amr_frame(content, position, _AMR_WB_BYTES)


def _amr_frame(content: bytes, position: int, sizes: tuple[int, ...]) -> Unit | None:
    size = sizes[content[position] >> 3 & 0x0F] if position < len(content) else 0
    return Unit(position + size, position + size, 0.02) if size else None


_MP3_KBITS = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_MP3_RATES_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def _mp3_frame(content: bytes, position: int) -> Unit | None:
    header = content[position : position + 4]
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return None
    version, bitrate, rate = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or bitrate in (0, 15) or rate == 3:
        return None
    per_frame = 1152 if version == 3 else 576
    rate_hz = _MP3_RATES_HZ[version][rate]
    kbits = _MP3_KBITS[1 if version == 3 else 2][bitrate]
    end = position + per_frame // 8 * kbits * 1000 // rate_hz + (header[2] >> 1 & 1)
    seconds = per_frame / rate_hz
    n_promised = _mp3_frames_promised(content[:60]) if position == 0 else 0
    return Unit(end, end, seconds, seconds * n_promised)


def _mp3_frames_promised(frame: bytes) -> int:
    """Read the number of frames from the Xing or LAME tag of the first frame; 0 where there is none."""
    tag = max(frame.find(b"Xing"), frame.find(b"Info"))
    if tag < 0 or tag + 12 > len(frame) or not frame[tag + 7] & 1:
        return 0
    return int.from_bytes(frame[tag + 8 : tag + 12], "big")


def _flac_samples(content: bytes) -> int:
    """Read the length from STREAMINFO; 0 as written by an encoder that could not go back."""
    return int.from_bytes(content[21:26], "big") & (1 << 36) - 1


def _begins(*prefixes: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(prefixes)


def _is_wav(content: bytes) -> bool:
    return content[:4] == b"RIFF" and content[8:12] == b"WAVE"


def _is_unfinished_wav(content: bytes) -> bool:
    """True when the length of the sound was never filled in; libsndfile takes that at its word."""
    return _is_wav(content) and b"data\0\0\0\0" in content[:4096]


def _is_aiff(content: bytes) -> bool:
    return content[:4] == b"FORM" and content[8:12] in (b"AIFF", b"AIFC")


# FFmpeg is told the demuxer, never left to guess: its probing would let an .sdp or a playlist open sockets and files.
# libsndfile is quicker for what needs no codec and for flac. It reads an mp3 only as far as it estimates it to go, and
# refuses an ogg from Android's recorder, which never marks the end.
CONTAINERS = (
    Container("wav", _is_unfinished_wav, 12, _riff_chunk, "wav", declares_length=False),
    Container("wav", _is_wav, 12, _riff_chunk, slack_s=0.0),
    Container("aiff", _is_aiff, 12, _aiff_chunk, slack_s=0.0),
    Container(
        "flac",
        lambda content: content[:4] == b"fLaC" and _flac_samples(content) > 0,
        0,
        None,
        slack_s=0.0,
    ),
    Container("flac", _begins(b"fLaC"), 0, None, "flac", declares_length=False),
    Container("ogg", _begins(b"OggS"), 0, _last_ogg_page, "ogg"),
    Container("mp4", lambda content: content[4:8] == b"ftyp", 0, _mp4_box, "mov"),
    # A stream's duration is FFmpeg's guess from the bit rate.
    Container(
        "webm", _begins(b"\x1a\x45\xdf\xa3"), 0, _ebml_element, "matroska", declares_length=False
    ),
    Container("caf", _begins(b"caff"), 8, _caf_chunk, "caf"),
    # Here too; the walk knows better.
    Container("amr", _begins(b"#!AMR\n"), 6, _amr_nb_frame, "amr", declares_length=False),
    Container("amr", _begins(b"#!AMR-WB\n"), 9, _amr_wb_frame, "amr", declares_length=False),
    Container(
        "aac",
        lambda content: _adts_frame(content, 0) is not None,
        0,
        _adts_frame,
        "aac",
        declares_length=False,
    ),
    Container(
        "mp3",
        lambda content: _mp3_frame(content, 0) is not None,
        0,
        _mp3_frame,
        "mp3",
        declares_length=False,
    ),
)
