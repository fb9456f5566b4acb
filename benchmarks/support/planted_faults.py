"""Eight types of fault, planted in a healthy recording at a level relative to its own."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import scipy.signal
import soxr

from analysis.sound.audio import SAMPLE_RATE_HZ, Waveform

LEVELS_DB = (-26, -20, -13, -6)

Sound = npt.NDArray[np.floating]  # (n_samples,), mono, 16 kHz
Planter = Callable[[Waveform, np.random.Generator, float], Sound]

DROPOUT_EVERY_S = 0.5
DROPOUT_S = 0.06


def plant(waveform: Waveform, fault_type: str, level_db: float, seed: int) -> Waveform:
    """Plant a fault of one of FAULT_TYPES; the length stays.

    The seed decides what fault it is; it is the same one at every level.

    The level is the RMS of what is added against the RMS of the clip. Amplitude modulation is
    sqrt(2) times the level deep (7, 14, 32, 71 % at LEVELS_DB). A speed change is half the level,
    up or down (2.5, 5, 11, 25 %). A dropout loses twice the level (10, 20, 45, 100 % of the
    amplitude). The sum is not clipped at full scale, so that the level holds.
    """
    rng = np.random.default_rng([seed, list(FAULT_TYPES).index(fault_type)])
    return np.asarray(FAULT_TYPES[fault_type](waveform, rng, level_db), np.float32)


def mix(waveform: Waveform, added: Sound, level_db: float) -> Sound:
    """Add a sound so that its RMS is level_db above that of the waveform."""
    gain = compute_rms(waveform) / compute_rms(added) * to_amplitude_ratio(level_db)
    return waveform + added * gain


def compute_rms(sound: Sound) -> float:
    """Return the root mean square of a sound."""
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))


def to_amplitude_ratio(level_db: float) -> float:
    """Convert decibels to a ratio of amplitudes."""
    return float(10 ** (level_db / 20))


def get_sample_times(waveform: Waveform) -> Sound:
    """Return the time of every sample, in seconds."""
    return np.arange(len(waveform)) / SAMPLE_RATE_HZ


def make_sine(waveform: Waveform, rng: np.random.Generator, frequency_hz: float) -> Sound:
    """Return a sine as long as the waveform, with a random phase."""
    return np.sin(2 * np.pi * (frequency_hz * get_sample_times(waveform) + rng.uniform()))


def make_strokes(
    waveform: Waveform,
    rng: np.random.Generator,
    *,
    rate_hz: float,
    jitter: float,
    resonance_hz: float,
    decay_hz: float,
) -> Sound:
    """Return a resonance struck rate_hz times a second; jitter is a share of the period."""
    period = SAMPLE_RATE_HZ / rate_hz
    onsets = np.arange(rng.uniform(0, min(period, len(waveform) / 2)), len(waveform), period)
    onsets += rng.normal(0, jitter * period, len(onsets))
    hits = np.zeros(len(waveform))
    hits[np.clip(onsets, 0, len(waveform) - 1).astype(int)] = 1
    ringing = np.arange(int(5 / decay_hz * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    resonance = np.exp(-decay_hz * ringing) * np.sin(2 * np.pi * resonance_hz * ringing)
    return np.convolve(hits, resonance)[: len(waveform)]


def plant_bearing(waveform: Waveform, rng: np.random.Generator, level_db: float) -> Sound:
    """Add the impulses of a pitted race, 60-140 a second, ringing at 2-5 kHz."""
    rate_hz = rng.uniform(60, 140)
    resonance_hz = rng.uniform(2000, 5000)
    hits = make_strokes(
        waveform, rng, rate_hz=rate_hz, jitter=0.01, resonance_hz=resonance_hz, decay_hz=500
    )
    return mix(waveform, hits, level_db)


def plant_knocks(waveform: Waveform, rng: np.random.Generator, level_db: float) -> Sound:
    """Add one to three blows a second, ringing at 300-1500 Hz."""
    rate_hz = rng.uniform(1, 3)
    resonance_hz = rng.uniform(300, 1500)
    blows = make_strokes(
        waveform, rng, rate_hz=rate_hz, jitter=0.0, resonance_hz=resonance_hz, decay_hz=60
    )
    return mix(waveform, blows, level_db)


def plant_tone(waveform: Waveform, rng: np.random.Generator, level_db: float) -> Sound:
    """Add a whine at 200-5000 Hz."""
    frequency_hz = np.exp(rng.uniform(np.log(200), np.log(5000)))
    return mix(waveform, make_sine(waveform, rng, frequency_hz), level_db)


def plant_leak(waveform: Waveform, rng: np.random.Generator, level_db: float) -> Sound:
    """Add a hiss above 3-5 kHz."""
    cutoff_hz = rng.uniform(3000, 5000)
    high_pass = scipy.signal.butter(2, cutoff_hz, "high", fs=SAMPLE_RATE_HZ, output="sos")
    hiss = scipy.signal.sosfilt(high_pass, rng.normal(size=len(waveform)))
    return mix(waveform, hiss, level_db)


def plant_modulation(waveform: Waveform, rng: np.random.Generator, level_db: float) -> Sound:
    """Let the whole sound swell and fade 1.5-12 times a second."""
    depth = np.sqrt(2) * to_amplitude_ratio(level_db)
    return waveform * (1 + depth * make_sine(waveform, rng, rng.uniform(1.5, 12)))


def plant_speed_change(waveform: Waveform, rng: np.random.Generator, level_db: float) -> Sound:
    """Let the machine run faster or slower; where the sound gets too short, its end is mirrored."""
    factor = 1 + to_amplitude_ratio(level_db) / 2 * rng.choice([-1, 1])
    rate_hz = SAMPLE_RATE_HZ * factor
    resampled = soxr.resample(waveform, rate_hz, SAMPLE_RATE_HZ, quality="HQ")[: len(waveform)]
    return np.pad(resampled, (0, len(waveform) - len(resampled)), mode="reflect")


def plant_dropouts(waveform: Waveform, rng: np.random.Generator, level_db: float) -> Sound:
    """Let the sound falter for 60 ms twice a second."""
    phase_s = (get_sample_times(waveform) + rng.uniform(0, DROPOUT_EVERY_S)) % DROPOUT_EVERY_S
    loss = min(1.0, 2 * to_amplitude_ratio(level_db))
    return waveform * np.where(phase_s < DROPOUT_S, 1 - loss, 1.0)


def plant_hum(waveform: Waveform, rng: np.random.Generator, level_db: float) -> Sound:
    """Add mains hum, 50 or 60 Hz with harmonics up to the fifth."""
    mains_hz = rng.choice([50, 60])
    harmonics = [make_sine(waveform, rng, mains_hz * k) / k for k in range(1, 6)]
    return mix(waveform, np.sum(harmonics, axis=0), level_db)


FAULT_TYPES: dict[str, Planter] = {
    "bearing": plant_bearing,
    "knocks": plant_knocks,
    "tone": plant_tone,
    "leak": plant_leak,
    "modulation": plant_modulation,
    "speed": plant_speed_change,
    "dropouts": plant_dropouts,
    "hum": plant_hum,
}
