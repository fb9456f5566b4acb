"""What recorders lose: a microphone that wakes late, a call, a buffer."""

from functools import partial

import numpy as np

from benchmarks.kinds.kind import Kind, Source

# Away from the ends, which no recording is judged by.
EDGE_SECONDS = 0.15
BUFFER_SECONDS = 0.05
REPEATED_SECONDS = 0.02


def wake_late(source: Source, _rng: np.random.Generator) -> bytes:
    """Hold zeros for the first 0.3 s."""
    samples = source.samples.copy()
    samples[: source.count(0.3)] = 0
    return source.write(samples)


def fall_silent(source: Source, _rng: np.random.Generator) -> bytes:
    """Hold zeros for the last 30 %."""
    samples = source.samples.copy()
    samples[round(0.7 * len(samples)) :] = 0
    return source.write(samples)


def lose_at(source: Source, _rng: np.random.Generator, *, at: float) -> bytes:
    """Hold zeros for 50 ms at this fraction of the recording."""
    samples = source.samples.copy()
    start = round(at * len(samples))
    samples[start : start + source.count(0.05)] = 0
    return source.write(samples)


def lose_often(source: Source, rng: np.random.Generator) -> bytes:
    """Hold zeros five times for 10 ms, in the last third: what is before is enough."""
    samples = source.samples.copy()
    for at in rng.uniform(0.66, 1 - EDGE_SECONDS / source.seconds, 5):
        start = round(at * len(samples))
        samples[start : start + source.count(0.01)] = 0
    return source.write(samples)


def lose_everywhere(source: Source, _rng: np.random.Generator) -> bytes:
    """Hold zeros five times for 10 ms, evenly over the recording."""
    samples = source.samples.copy()
    for at in np.arange(1, 6) / 6:
        start = round(at * len(samples))
        samples[start : start + source.count(0.01)] = 0
    return source.write(samples)


def repeat_buffer(source: Source, rng: np.random.Generator) -> bytes:
    """Write a buffer of 20 ms once more in place of the next."""
    samples = source.samples.copy()
    length = source.count(REPEATED_SECONDS)
    start = draw_start(source, rng, 2 * REPEATED_SECONDS)
    samples[start + length : start + 2 * length] = samples[start : start + length]
    return source.write(samples)


def skip_buffer(source: Source, rng: np.random.Generator) -> bytes:
    """Leave out 50 ms and join what is around."""
    start = draw_start(source, rng, BUFFER_SECONDS)
    end = start + source.count(BUFFER_SECONDS)
    return source.write(np.concatenate([source.samples[:start], source.samples[end:]]))


def draw_start(source: Source, rng: np.random.Generator, seconds: float) -> int:
    """Return a sample at which so many seconds begin, away from the ends."""
    first = source.count(EDGE_SECONDS)
    last = len(source.samples) - first - source.count(seconds)
    return int(rng.integers(first, last))


INTERRUPTED = frozenset({"interrupted"})
GAPS = (
    Kind("first 0.3 s zeros", wake_late),
    Kind("last 30 % zeros", fall_silent),
    *(
        Kind(f"50 ms zeros at {at:.0%}", partial(lose_at, at=at), INTERRUPTED)
        for at in (0.15, 0.3, 0.5, 0.7, 0.85)
    ),
    Kind("5 x 10 ms zeros, last third", lose_often),
    Kind("5 x 10 ms zeros, all over", lose_everywhere, INTERRUPTED),
    Kind("a buffer twice (20 ms)", repeat_buffer),
    Kind("a buffer lost (50 ms)", skip_buffer),
)
