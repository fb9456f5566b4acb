"""Changes valid files where their structure is, by a seed: no file of a finding is ever kept."""

import random
import struct

INTERESTING = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
# Names of parts that say how much follows, how many there are, or how they lie.
NAMES = (
    *(b"moov", b"trak", b"mdia", b"stbl", b"stsd", b"stsz", b"stsc", b"stts", b"stco", b"mdat"),
    *(b"esds", b"alac", b"chan", b"chnl", b"dOps", b"desc", b"data", b"pakt", b"kuki", b"fmt "),
    *(b"OggS", b"OpusHead", b"vorbis", b"fLaC", b"COMM", b"SSND", b"\x1a\x45\xdf\xa3"),
)


def mutate(content: bytes, chance: random.Random) -> bytes:
    """Return the file with some of its structure changed."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        chance.choice((set_number, flip, repeat, cut, move))(changed, chance)
    return bytes(changed)


def set_number(content: bytearray, chance: random.Random) -> None:
    """Put an interesting number near the name of a part."""
    name = chance.choice(NAMES)
    at = content.find(name, chance.randrange(max(len(content), 1)))
    at = content.find(name) if at < 0 else at
    if at < 0:
        return flip(content, chance)
    form = chance.choice((">I", "<I", ">H", "<H", "B"))
    size = struct.calcsize(form)
    place = at + chance.choice((-4, 4, 8, 12, 16, 20, 24, 28))
    if 0 <= place <= len(content) - size:
        number = chance.choice(INTERESTING) & (1 << 8 * size) - 1
        content[place : place + size] = struct.pack(form, number)
    return None


def flip(content: bytearray, chance: random.Random) -> None:
    """Change bytes, mostly at the front and at the end, where headers are."""
    if content:
        reach = chance.choice((64, 512, len(content)))
        at = chance.randrange(min(reach, len(content)))
        content[chance.choice((at, -1 - at))] = chance.randrange(256)


def repeat(content: bytearray, chance: random.Random) -> None:
    """Write a part of the file a second time."""
    if len(content) > 16:
        start = chance.randrange(len(content) - 8)
        part = content[start : start + chance.choice((8, 64, 1024))]
        at = chance.randrange(len(content))
        content[at:at] = part


def cut(content: bytearray, chance: random.Random) -> None:
    """Take a part away."""
    if len(content) > 16:
        start = chance.randrange(len(content) - 8)
        del content[start : start + chance.choice((1, 8, 256))]


def move(content: bytearray, chance: random.Random) -> None:
    """Write one part over another."""
    if len(content) > 64:
        source, target = (chance.randrange(len(content) - 32) for _ in range(2))
        content[target : target + 16] = content[source : source + 16]
