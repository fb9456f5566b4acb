"""How samples are stored: units, gains and offsets of floating point, steps of other formats."""

from functools import partial

import numpy as np

from benchmarks.kinds.kind import Kind, Source


def store(
    source: Source, _rng: np.random.Generator, *, subtype: str, gain: float = 1, offset: float = 0
) -> bytes:
    """Store in another format, multiplied and on an offset."""
    return source.write(offset + gain * source.samples, subtype)


def store_at(
    source: Source, _rng: np.random.Generator, *, subtype: str, level_dbfs: float
) -> bytes:
    """Store in another format at this level."""
    gain = 10 ** (level_dbfs / 20) / source.samples.std()
    return source.write(gain * source.samples, subtype)


COARSE = frozenset({"too_coarse"})
LEVELS = (
    *(
        Kind(f"float, times {gain:g}", partial(store, subtype="FLOAT", gain=gain))
        for gain in (1e-5, 2.0, 4.0, 32_768.0)
    ),
    *(
        Kind(f"float at {db} dBFS", partial(store_at, subtype="FLOAT", level_dbfs=db))
        for db in (-32, -43, -54, -65, -76)
    ),
    Kind("double, times 1e-9", partial(store, subtype="DOUBLE", gain=1e-9)),
    Kind("32 bits", partial(store, subtype="PCM_32")),
    Kind("float on 1 g", partial(store, subtype="FLOAT", gain=0.1, offset=9.81)),
    Kind("24 bits on an offset", partial(store, subtype="PCM_24", gain=0.1, offset=0.3)),
    *(
        Kind(f"24 bits at {db} dBFS", partial(store_at, subtype="PCM_24", level_dbfs=db))
        for db in (-60, -80)
    ),
    *(
        Kind(name, partial(store, subtype=subtype), COARSE)
        for name, subtype in (("8 bits", "PCM_U8"), ("mu-law", "ULAW"), ("A-law", "ALAW"))
    ),
    *(
        Kind(f"16 bits at {db} dBFS", partial(store_at, subtype="PCM_16", level_dbfs=db), COARSE)
        for db in (-40, -50, -55, -60, -65, -70)
    ),
    Kind("8 bits at -30 dBFS", partial(store_at, subtype="PCM_U8", level_dbfs=-30), COARSE),
)
