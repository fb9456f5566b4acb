"""Recognise the container of a recording by its content, and notice when its end is missing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from analysis.errors import Truncated, UndecodableAudio, UnsupportedFormat
from analysis.sound.container_units import (
    Unit,
    read_adts_frame,
    read_aiff_chunk,
    read_amr_nb_frame,
    read_amr_wb_frame,
    read_caf_chunk,
    read_ebml_element,
    read_last_ogg_page,
    read_mp3_frame,
    read_mp4_box,
    read_riff_chunk,
    write_mp3_frame_count,
)
from analysis.sound.decoding.headers.chunks import describe_missing
from analysis.sound.decoding.headers.flac import is_flac, mend_flac
from analysis.sound.decoding.headers.iff import is_aiff, is_caf, mend_aiff, mend_caf
from analysis.sound.decoding.headers.wav import is_read_by_sndfile, is_wav, mend_wav
from analysis.sound.file_types import list_format_names

# More than any accepted recording has (2000 s of 20 ms frames), so that a walk stays short.
MAX_UNITS = 100_000
# FFmpeg sets aside 24 bytes for each sample that an MP4 declares, in each of its tracks.
MAX_SAMPLES = 1_000_000
# Sound, a picture, and what some phones add about place and movement.
MAX_TRACKS = 8
CODEC_SLACK_S = 0.5
# A recorder that was cut in begins a stream with zeros or half a frame, never with so much.
MAX_LEADING_BYTES = 65_536
MIN_FRAMES = 4
# The mark of UTF-8 and blank lines, which no recording begins with.
BLANK = b"\xef\xbb\xbf\r\n\t "
ZEROS = b"\0"
# Frames and nothing else.
STREAMS = ("aac", "mp3")
MP4_FIRST_BOXES = frozenset({b"ftyp", b"skip", b"wide", b"free", b"moov", b"mdat", b"pnot"})
# What people send too, by how it begins.
NOT_READ = {
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11": "Windows Media (wma, asf)",
    b"RIFF": "a RIFF file without sound, such as avi",
    b"MThd": "MIDI, which holds notes and no sound",
    b"MAC ": "Monkey's Audio (ape)",
    b"wvpk": "WavPack",
    b"ADIF": "AAC in ADIF form",
    b"#!SILK": "SILK of a messenger",
    b"\x02#!SILK": "SILK of a messenger",
    b".snd": "Sun audio (au)",
    b".RMF": "RealMedia",
    b"DSD ": "DSD",
    b"FRM8": "DSD",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a zip archive",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}

# Formats whose headers count their sound, and what finds and mends a wrong count. The frames of an
# MP3 are counted where they are followed.
MENDED = (
    (is_wav, mend_wav),
    (is_aiff, mend_aiff),
    (is_caf, mend_caf),
    (is_flac, mend_flac),
)
UnitReader = Callable[[bytes, int], Unit | None]


@dataclass(frozen=True, slots=True)
class Container:
    """How a file format is recognised, walked through and decoded.

    `demuxer` is FFmpeg's name of it; None where libsndfile decodes it. `slack_s` is how far the
    declared length may be from that of the sound, because codecs pad or hide samples at both ends.
    `declares_length` is False where no header has a length and the library would guess one.
    """

    name: str
    matches: Callable[[bytes], bool]
    start: int
    read_unit: UnitReader | None
    demuxer: str | None = None
    slack_s: float = CODEC_SLACK_S
    declares_length: bool = True


@dataclass(frozen=True, slots=True)
class Identified:
    """The bytes to decode, their container, and the seconds that it holds.

    The seconds are those that the frames add up to or that a header declares; 0 if neither does.
    `is_header_damaged`: the header was wrong, and the bytes are those with a right one.
    """

    content: bytes
    container: Container
    seconds: float
    is_header_damaged: bool = False


def identify_container(content: bytes) -> Identified:
    """Recognise a file by its content, without tags, and with its header mended where it is wrong.

    Raises UnsupportedFormat for content of no format that we read, Truncated if its end is missing.
    """
    content = strip_tags(content)
    if find_container(content) is None:
        content = find_beginning(content)
    content, is_damaged = mend_header(content)
    container = find_container(content)
    if container is None:
        raise UnsupportedFormat(describe_unsupported(content))
    walk = follow_units(content, container)
    if container.name in STREAMS and not has_more_frames(content[walk.end :]):
        content, is_damaged = mend_count(content[: walk.end], walk)
    return Identified(content, container, max(walk.seconds, walk.declared_s), is_damaged)


def mend_header(content: bytes) -> tuple[bytes, bool]:
    """Return the content with a right header, and whether that was wrong."""
    for is_format, mend in MENDED:
        if is_format(content):
            return mend(content)
    return content, False


def find_container(content: bytes) -> Container | None:
    """Return the first container that the content looks like."""
    return next((container for container in CONTAINERS if container.matches(content)), None)


def find_beginning(content: bytes) -> bytes:
    """Return a file without the zeros, the mark or the blank lines that a program put before it.

    A stream is returned from its first whole frames on: recorders begin with half a frame. The
    content itself where no file begins.
    """
    head = content[:MAX_LEADING_BYTES]
    starts = {len(head) - len(head.lstrip(blank)) for blank in (BLANK, ZEROS)}
    # An MP4 begins with a size, which has zeros of its own.
    places = [max(start - n, 0) for start in starts for n in range(4)]
    for place in places:
        container = find_container(content[place:])
        if container and container.name not in STREAMS:
            return content[place:]
    return find_first_frames(content)


def has_more_frames(rest: bytes) -> bool:
    """Whether frames follow behind what is none, and not only tags or zeros."""
    return len(find_first_frames(rest)) < len(rest)


def find_first_frames(content: bytes) -> bytes:
    """Return a stream from its first whole frames on; the content itself where there are none."""
    for position in find_sync_words(content[:MAX_LEADING_BYTES]):
        for read_frame in (read_adts_frame, read_mp3_frame):
            if has_frames(content, position, read_frame):
                return content[position:]
    return content


def find_sync_words(content: bytes) -> Iterator[int]:
    """Yield where a frame of mp3 or aac may begin."""
    position = content.find(b"\xff")
    while position >= 0:
        yield position
        position = content.find(b"\xff", position + 1)


def has_frames(content: bytes, position: int, read_frame: UnitReader) -> bool:
    """Whether several frames follow one another; one alone may be chance."""
    for _ in range(MIN_FRAMES):
        frame = read_frame(content, position)
        if frame is None:
            return False
        position = frame.next
    return True


def describe_unsupported(content: bytes) -> str:
    """Name the format if it is a known one, and say which are read."""
    known = next((name for begin, name in NOT_READ.items() if content.startswith(begin)), None)
    what = f"This is {known}, which is not read." if known else "This is no recording that is read."
    return f"{what} Supported are {list_format_names()}."


@dataclass(frozen=True, slots=True)
class Walk:
    """The way through the units of a file: the seconds they hold and declare, 0 where they do not.

    end: of the last unit.
    """

    seconds: float = 0.0
    declared_s: float = 0.0
    n_units: int = 0
    end: int = 0


def follow_units(content: bytes, container: Container) -> Walk:
    """Follow the units of a file to the last one; raises Truncated where the end is missing."""
    if container.read_unit is None:
        return Walk()
    position = container.start
    seconds = 0.0
    declared = 0.0
    n_samples = 0
    n_tracks = 0
    for n_units in range(MAX_UNITS):
        unit = container.read_unit(content, position)
        if unit is None:
            return Walk(seconds, declared, n_units, position)
        if unit.end > len(content):
            raise describe_missing(unit.end - len(content), unit.end)
        position = unit.next
        n_samples += unit.n_samples
        n_tracks += unit.n_tracks
        _check_tables(n_samples, n_tracks)
        seconds += unit.seconds
        declared = max(declared, unit.file_seconds)
    # Frames add up to a recording that is too long, which the caller refuses. Chunks add up to
    # nothing and would keep a library busy.
    if not seconds:
        raise UndecodableAudio(f"The file consists of more than {MAX_UNITS} parts.")
    return Walk(seconds, declared, MAX_UNITS, position)


def mend_count(content: bytes, walk: Walk) -> tuple[bytes, bool]:
    """Return a stream with the right number of frames in its first, and whether it had fewer.

    FFmpeg leaves sound out where a wrong number says that it ends. Raises Truncated where the
    stream counts frames that are not there.
    """
    if walk.declared_s > walk.seconds + CODEC_SLACK_S:
        raise Truncated(
            f"The file says it lasts {walk.declared_s:.2f} s, but it holds only"
            f" {walk.seconds:.2f} s of sound."
        )
    n_declared = round(walk.declared_s / walk.seconds * walk.n_units) if walk.seconds else 0
    # The first frame, which holds the number, is not counted by most.
    if 0 < n_declared < walk.n_units - 1:
        return write_mp3_frame_count(content, walk.n_units - 1), True
    return content, False


def _check_tables(n_samples: int, n_tracks: int) -> None:
    if n_tracks > MAX_TRACKS:
        raise UndecodableAudio(f"The file has more than {MAX_TRACKS} tracks.")
    if n_samples > MAX_SAMPLES:
        raise UndecodableAudio(f"The file declares more than {MAX_SAMPLES} samples in its tables.")


# More are an attack.
MAX_TAGS = 16


def strip_tags(content: bytes) -> bytes:
    """Return the content without the ID3 tags before it; some programs write a second one."""
    start = 0
    for _ in range(MAX_TAGS):
        header = content[start : start + 10]
        if not (header.startswith(b"ID3") and len(header) == 10):
            break
        # Four bytes of seven bits each.
        size = 0
        for byte in header[6:]:
            size = size << 7 | byte & 0x7F
        has_footer = bool(header[5] & 0x10)
        start += 10 + size + 10 * has_footer
    return content[start:] if start else content


def _begins_with(prefix: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(prefix)


def _is_compressed_wav(content: bytes) -> bool:
    return is_wav(content) and not is_read_by_sndfile(content)


def _is_flac_with_length(content: bytes) -> bool:
    """Return whether STREAMINFO has a length; an encoder that writes to a pipe leaves it 0."""
    n_samples = int.from_bytes(content[21:26], "big") & (1 << 36) - 1
    return content[:4] == b"fLaC" and n_samples > 0


def _is_mp4(content: bytes) -> bool:
    # QuickTime files of older cameras have no "ftyp", and begin with room left free.
    size = int.from_bytes(content[:4], "big")
    return content[4:8] in MP4_FIRST_BOXES and (size >= 8 or size == 1)


def _is_aac(content: bytes) -> bool:
    return read_adts_frame(content, 0) is not None


def _is_mp3(content: bytes) -> bool:
    return read_mp3_frame(content, 0) is not None


# FFmpeg gets the demuxer and never guesses: its probing lets a playlist open sockets and files.
# libsndfile is faster where no codec is needed, and for flac. It reads an mp3 only to its estimated
# length, and refuses an ogg from Android's recorder, which never marks the end.
CONTAINERS = (
    Container("wav", _is_compressed_wav, 12, read_riff_chunk, "wav", declares_length=False),
    Container("wav", is_wav, 12, read_riff_chunk, slack_s=0.0),
    Container("aiff", is_aiff, 12, read_aiff_chunk, slack_s=0.0),
    Container("flac", _is_flac_with_length, 0, None, slack_s=0.0),
    Container("flac", _begins_with(b"fLaC"), 0, None, "flac", declares_length=False),
    Container("ogg", _begins_with(b"OggS"), 0, read_last_ogg_page, "ogg"),
    Container("mp4", _is_mp4, 0, read_mp4_box, "mov"),
    # The length of a stream (webm, amr, aac, mp3) is FFmpeg's guess from the bit rate.
    Container(
        "webm",
        _begins_with(b"\x1a\x45\xdf\xa3"),
        0,
        read_ebml_element,
        "matroska",
        declares_length=False,
    ),
    Container("caf", is_caf, 8, read_caf_chunk, "caf"),
    Container("amr", _begins_with(b"#!AMR\n"), 6, read_amr_nb_frame, "amr", declares_length=False),
    Container(
        "amr", _begins_with(b"#!AMR-WB\n"), 9, read_amr_wb_frame, "amr", declares_length=False
    ),
    Container("aac", _is_aac, 0, read_adts_frame, "aac", declares_length=False),
    Container("mp3", _is_mp3, 0, read_mp3_frame, "mp3", declares_length=False),
)
