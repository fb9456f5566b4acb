"""A second channel: another place, another polarity, or an input that hears no machine."""

from functools import partial

import numpy as np

from benchmarks.kinds.kind import Kind, Samples, Source

# 15 cm of air: 21 samples at 48 kHz.
DELAY_SECONDS = 21 / 48_000
HARMONICS = 11


def add_delayed(source: Source, _rng: np.random.Generator, *, polarity: int) -> bytes:
    """Record once more from behind, perhaps with the wires swapped."""
    return write_pair(source, polarity * np.roll(source.samples, source.count(DELAY_SECONDS)))


def add_inverted(source: Source, _rng: np.random.Generator) -> bytes:
    """Record once more with the wires swapped."""
    return write_pair(source, -source.samples)


def add_dead(source: Source, _rng: np.random.Generator) -> bytes:
    """Record an input to which nothing is connected."""
    return write_pair(source, np.zeros_like(source.samples))


def add_hum(source: Source, _rng: np.random.Generator, *, level_db: float) -> bytes:
    """Record the mains on an open input, so far above or below the machine."""
    seconds = np.arange(len(source.samples)) / source.sample_rate_hz
    lines = [np.sin(2 * np.pi * 50 * n * seconds + n) / n for n in range(1, HARMONICS + 1)]
    return write_pair(source, bring_to(level_db, np.sum(lines, axis=0), source))


def add_hiss(source: Source, rng: np.random.Generator, *, level_db: float) -> bytes:
    """Record the noise of an amplifier, so far above or below the machine."""
    return write_pair(source, bring_to(level_db, rng.standard_normal(len(source.samples)), source))


def bring_to(level_db: float, sound: Samples, source: Source) -> Samples:
    """Return a sound so many dB above the recording."""
    brought: Samples = sound * source.samples.std() / sound.std() * 10 ** (level_db / 20)
    return brought


def write_pair(source: Source, second: Samples) -> bytes:
    """Return a wav file of two channels, quieter where it would clip."""
    pair = np.stack([source.samples, second], axis=1)
    return source.write(pair / max(1.0, float(np.abs(pair).max())))


CHANNELS = (
    Kind("2nd channel 0.4 ms later", partial(add_delayed, polarity=1)),
    Kind("2nd channel later, inverted", partial(add_delayed, polarity=-1)),
    Kind("2nd channel inverted", add_inverted),
    Kind("2nd channel dead", add_dead),
    *(Kind(f"2nd channel hum {db} dB", partial(add_hum, level_db=db)) for db in (-20, -10, 0)),
    *(Kind(f"2nd channel hiss {db} dB", partial(add_hiss, level_db=db)) for db in (-20, 0, 10)),
)
