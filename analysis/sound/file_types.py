"""The one table of files that are read: what people call them, their suffixes and media types."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileType:
    """A container by its name, which stored recordings end in.

    names: for people. media_type: for players. also_chosen: other media types under which phones
    offer such files; "audio/*" stands for all of its own.
    """

    container: str
    names: tuple[str, ...]
    suffixes: tuple[str, ...]
    media_type: str
    also_chosen: tuple[str, ...] = ()


FILE_TYPES = (
    FileType(
        "wav",
        ("wav", "w64"),
        (".wav", ".wave", ".bwf", ".rf64", ".w64"),
        "audio/wav",
    ),
    FileType("flac", ("flac",), (".flac",), "audio/flac"),
    FileType("mp3", ("mp3",), (".mp3",), "audio/mpeg"),
    FileType("ogg", ("ogg", "opus"), (".ogg", ".oga", ".opus"), "audio/ogg", ("application/ogg",)),
    FileType(
        "mp4",
        ("m4a", "3gp", "mp4", "mov"),
        (".m4a", ".m4b", ".3gp", ".3gpp", ".3ga", ".mp4", ".mov"),
        "audio/mp4",
        ("video/3gpp", "video/mp4", "video/quicktime"),
    ),
    FileType("aac", ("aac",), (".aac",), "audio/aac"),
    FileType("amr", ("amr",), (".amr", ".awb"), "audio/amr"),
    FileType("webm", ("webm",), (".webm", ".weba"), "audio/webm", ("video/webm",)),
    FileType("aiff", ("aiff",), (".aiff", ".aif", ".aifc"), "audio/aiff"),
    FileType("caf", ("caf",), (".caf",), "audio/x-caf"),
)
SOUND_SUFFIXES = frozenset(suffix for each in FILE_TYPES for suffix in each.suffixes)
FORMAT_NAMES = tuple(name for each in FILE_TYPES for name in each.names)
MEDIA_TYPES = {each.container: each.media_type for each in FILE_TYPES}
# Phones call a recording a film where the format can hold one.
PICKED_MEDIA_TYPES = ("audio/*", *(other for each in FILE_TYPES for other in each.also_chosen))


def list_format_names() -> str:
    """Name the formats in a sentence."""
    return f"{', '.join(FORMAT_NAMES[:-1])} and {FORMAT_NAMES[-1]}"
