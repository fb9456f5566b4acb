"""Under which conditions of storage training describes a machine, and which one a recording has."""

from collections.abc import Iterable

from analysis.sound.audio import LOSSLESS

# A phone does not tell at how many bits a second it records: the condition that fits best counts.
CODEC_CONDITIONS = {"aac": ("aac_64k", "aac_32k"), "opus": ("opus_16k",)}
CONDITIONS = tuple(name for names in CODEC_CONDITIONS.values() for name in names)
# In the unit of the score: what nothing but the score speaks for is to be believed less.
UNKNOWN_CODEC_COST = 1.0


def choose_conditions(codec: str, described: Iterable[str]) -> dict[str, float]:
    """Return which of the described conditions a recording may have, and what each costs.

    Of a codec that training does not know (mp3, vorbis, amr), any.
    """
    if codec == LOSSLESS:
        return {}
    known = CODEC_CONDITIONS.get(codec)
    if known is None:
        return dict.fromkeys(described, UNKNOWN_CODEC_COST)
    return {name: 0.0 for name in described if name in known}
