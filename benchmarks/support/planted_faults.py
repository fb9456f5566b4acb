"""Eight kinds of fault, planted in a recording of a healthy machine at a level relative to its own."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import scipy.signal
import soxr

from analysis.sound.audio import SAMPLE_RATE_HZ, Waveform

LEVELS_DB = (-26, -20, -13, -6)

Sound = npt.NDArray[np.floating]  # (n_samples,), mono, 16 kHz
Planter = Callable[[Waveform, np.random.Generator, float], Sound]

DROPOUT_EVERY_S, DROPOUT_S = 0.5, 0.06


def plant(waveform: Waveform, kind: str, level_db: float, seed: int) -> Waveform:
    """Plant a fault of one of KINDS: same length, same seed, same fault; a seed's fault is the same at every level.

    Level: the RMS of what is added against the RMS of the clip. For amplitude modulation that makes a depth of sqrt(2)
    times the level (7, 14, 32, 71 % at LEVELS_DB). A speed change is half the level, up or down (2.5, 5, 11, 25 %), a
    dropout loses twice the level (10, 20, 45, 100 % of the amplitude). What would clip stays: the level counts.
    """
    rng = np.random.default_rng([seed, list(KINDS).index(kind)])
    return np.asarray(KINDS[kind](waveform, rng, level_db), np.float32)


def mix(waveform: Waveform, added: Sound, level_db: float) -> Sound:
    """Add a sound so that its RMS stands level_db above that of the waveform."""
    return waveform + added * (rms(waveform) / rms(added) * ratio(level_db))


def rms(sound: Sound) -> float:
    """Root mean square over all of the sound."""
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))


def ratio(level_db: float) -> float:
    """Of amplitudes."""
    return float(10 ** (level_db / 20))


def seconds_of(waveform: Waveform) -> Sound:
    """The time of every sample."""
    return np.arange(len(waveform)) / SAMPLE_RATE_HZ


def wave(waveform: Waveform, rng: np.random.Generator, frequency_hz: float) -> Sound:
    """A sine as long as the waveform, of any phase."""
    return np.sin(2 * np.pi * (frequency_hz * seconds_of(waveform) + rng.uniform()))


def strokes(
    waveform: Waveform,
    rng: np.random.Generator,
    *,
    rate_hz: float,
    jitter: float,
    resonance_hz: float,
    decay_hz: float,
) -> Sound:
    """A decaying resonance struck rate_hz times a second, each stroke off by `jitter` of a period."""
    period = SAMPLE_RATE_HZ / rate_hz
    onsets = np.arange(rng.uniform(0, min(period, len(waveform) / 2)), len(waveform), period)
    onsets += rng.normal(0, jitter * period, len(onsets))
    hits = np.zeros(len(waveform))
    hits[np.clip(onsets, 0, len(waveform) - 1).astype(int)] = 1
    ringing = np.arange(int(5 / decay_hz * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    return np.convolve(
        hits, np.exp(-decay_hz * ringing) * np.sin(2 * np.pi * resonance_hz * ringing)
    )[: len(waveform)]


def bearing(waveform: Waveform, rng: np.random.Generator, level_db: float) -> Sound:
    """Impulses of a pitted race, 60-140 a second, ringing at 2-5 kHz."""
    rate_hz, resonance_hz = rng.uniform(60, 140), rng.uniform(2000, 5000)
    hits = strokes(
        waveform, rng, rate_hz=rate_hz, jitter=0.01, resonance_hz=resonance_hz, decay_hz=500
    )
    return mix(waveform, hits, level_db)


def knocks(waveform: Waveform, rng: np.random.Generator, level_db: float) -> Sound:
    """One to three blows a second, ringing at 300-1500 Hz."""
    rate_hz, resonance_hz = rng.uniform(1, 3), rng.uniform(300, 1500)
    blows = strokes(
        waveform, rng, rate_hz=rate_hz, jitter=0.0, resonance_hz=resonance_hz, decay_hz=60
    )
    return mix(waveform, blows, level_db)


def tone(waveform: Waveform, rng: np.random.Generator, level_db: float) -> Sound:
    """A whine at 200-5000 Hz."""
    return mix(
        waveform, wave(waveform, rng, np.exp(rng.uniform(np.log(200), np.log(5000)))), level_db
    )


def leak(waveform: Waveform, rng: np.random.Generator, level_db: float) -> Sound:
    """Hiss above 3-5 kHz."""
    high_pass = scipy.signal.butter(
        2, rng.uniform(3000, 5000), "high", fs=SAMPLE_RATE_HZ, output="sos"
    )
    return mix(waveform, scipy.signal.sosfilt(high_pass, rng.normal(size=len(waveform))), level_db)


def modulation(waveform: Waveform, rng: np.random.Generator, level_db: float) -> Sound:
    """All of the sound swells and fades 1.5-12 times a second."""
    return waveform * (1 + np.sqrt(2) * ratio(level_db) * wave(waveform, rng, rng.uniform(1.5, 12)))


def speed(waveform: Waveform, rng: np.random.Generator, level_db: float) -> Sound:
    """The machine runs faster or slower; an end that is missing then is mirrored."""
    factor = 1 + ratio(level_db) / 2 * rng.choice([-1, 1])
    changed = soxr.resample(waveform, SAMPLE_RATE_HZ * factor, SAMPLE_RATE_HZ, quality="HQ")[
        : len(waveform)
    ]
    return np.pad(changed, (0, len(waveform) - len(changed)), mode="reflect")


def dropouts(waveform: Waveform, rng: np.random.Generator, level_db: float) -> Sound:
    """The sound falters for 60 ms twice a second."""
    phase_s = (seconds_of(waveform) + rng.uniform(0, DROPOUT_EVERY_S)) % DROPOUT_EVERY_S
    return waveform * np.where(phase_s < DROPOUT_S, 1 - min(1.0, 2 * ratio(level_db)), 1.0)


def hum(waveform: Waveform, rng: np.random.Generator, level_db: float) -> Sound:
    """The mains, 50 or 60 Hz and harmonics up to the fifth."""
    mains_hz = rng.choice([50, 60])
    return mix(
        waveform,
        np.sum([wave(waveform, rng, mains_hz * k) / k for k in range(1, 6)], axis=0),
        level_db,
    )


KINDS: dict[str, Planter] = {
    "bearing": bearing,
    "knocks": knocks,
    "tone": tone,
    "leak": leak,
    "modulation": modulation,
    "speed": speed,
    "dropouts": dropouts,
    "hum": hum,
}
