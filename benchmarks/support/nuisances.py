"""What happens to the sound of a healthy machine between it and the server, and must not raise an alarm."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import scipy.signal

from analysis.sound.audio import SAMPLE_RATE_HZ, Waveform, decode
from benchmarks.support.planted_faults import Sound, mix
from benchmarks.support.responses import RESPONSES, hear
from benchmarks.support.transcoding import transcode

FULL_SCALE_16_BIT = 2**15
QUIET_DB, BARK_DB = -20.0, -10.0
LEAST_SECONDS = 1.0
# Automatic gain control: the level in 10 ms steps, followed quickly up and slowly down, is brought to a tenth of full
# scale by a gain between -20 and 30 dB.
STEP_S, ATTACK_S, RELEASE_S = 0.01, 0.05, 0.5
TARGET_RMS, GAIN_RANGE = 0.1, (0.1, 10**1.5)

Disturb = Callable[[Waveform, np.random.Generator], Sound]
Nuisance = Callable[[Path, np.random.Generator], Sound]

DOG_BARK = "dog bark -10 dB"


def disturb(recording: Path, nuisance: Nuisance, seed: int) -> Waveform:
    """The recording's waveform as it would have arrived; same seed, same disturbance."""
    return np.asarray(nuisance(recording, np.random.default_rng(seed)), np.float32)


def nuisances(barks: Sequence[Waveform]) -> dict[str, Nuisance]:
    """All there are, by name; the dog is among them if any of its barks are given."""
    return NUISANCES | (
        {DOG_BARK: partial(on_waveform, change=partial(bark, barks=barks))} if barks else {}
    )


def on_waveform(recording: Path, rng: np.random.Generator, *, change: Disturb) -> Sound:
    """A change of what is heard at 16 kHz."""
    return change(decode(recording).waveform, rng)


def compress(recording: Path, _rng: np.random.Generator, *, form: str, bit_rate: int) -> Sound:
    """Compressed at the recording's own sample rate, as a phone would, and decoded as a server does."""
    return decode(transcode(recording, form, bit_rate=bit_rate)).waveform


def quiet(waveform: Waveform, _rng: np.random.Generator) -> Sound:
    """Recorded at a tenth of the amplitude, in 16 bits."""
    return np.round(waveform * 10 ** (QUIET_DB / 20) * FULL_SCALE_16_BIT) / FULL_SCALE_16_BIT


def automatic_gain(waveform: Waveform, _rng: np.random.Generator) -> Sound:
    """Gain follows the level, as in phones that are made for speech."""
    step = round(STEP_S * SAMPLE_RATE_HZ)
    steps = waveform[: len(waveform) // step * step].reshape(-1, step)
    gain = np.clip(TARGET_RMS / follow(np.sqrt(np.square(steps).mean(axis=1) + 1e-10)), *GAIN_RANGE)
    middles = (np.arange(len(steps)) + 0.5) * step
    return np.clip(waveform * np.interp(np.arange(len(waveform)), middles, gain), -1, 1)


def follow(levels: Sound) -> Sound:
    """Smooth levels, quickly where they rise and slowly where they fall."""
    followed = np.empty_like(levels)
    now = levels[:20].mean()
    for i, level in enumerate(levels):
        now += (level - now) * (1 - np.exp(-STEP_S / (ATTACK_S if level > now else RELEASE_S)))
        followed[i] = now
    return followed


def band_limit(
    waveform: Waveform, _rng: np.random.Generator, *, order: int, hz: int, keeps: str
) -> Sound:
    """A phone that hears little below a frequency (keeps "high") or above it ("low"), as a Butterworth filter."""
    sections = scipy.signal.butter(order, hz, keeps, fs=SAMPLE_RATE_HZ, output="sos")
    return scipy.signal.sosfilt(sections, waveform)


def respond(waveform: Waveform, _rng: np.random.Generator, *, response: str) -> Sound:
    """A microphone with another frequency response, one of RESPONSES by name."""
    return hear(waveform, RESPONSES[response])


def halve(waveform: Waveform, _rng: np.random.Generator) -> Sound:
    """The first half, and never under a second of it."""
    return waveform[: max(len(waveform) // 2, round(LEAST_SECONDS * SAMPLE_RATE_HZ))]


def bark(waveform: Waveform, rng: np.random.Generator, *, barks: Sequence[Waveform]) -> Sound:
    """A dog near by: its RMS over the whole clip 10 dB below that of the machine, so louder while it barks."""
    dog = barks[int(rng.integers(len(barks)))]
    begins = int(np.argmax(np.abs(dog) > np.abs(dog).max() / 10))
    heard = np.roll(np.resize(dog[begins:], len(waveform)), rng.integers(len(waveform)))
    return mix(waveform, heard, BARK_DB)


# Training allows for AAC 64k and 32k, Opus 16k, high-passes of 150 Hz and, steeper, 250 Hz, a low-pass of 5 kHz and
# tilts of 3 dB; the last three are like none of these.
NUISANCES: dict[str, Nuisance] = {
    "gain -20 dB": partial(on_waveform, change=quiet),
    "AAC 64k": partial(compress, form="m4a", bit_rate=64_000),
    "Opus 16k": partial(compress, form="webm", bit_rate=16_000),
    "automatic gain": partial(on_waveform, change=automatic_gain),
    "high-pass 150 Hz": partial(
        on_waveform, change=partial(band_limit, order=2, hz=150, keeps="high")
    ),
    "half length": partial(on_waveform, change=halve),
    "AAC 32k": partial(compress, form="m4a", bit_rate=32_000),
    "steep high-pass 200 Hz": partial(
        on_waveform, change=partial(band_limit, order=4, hz=200, keeps="high")
    ),
    "low-pass 6 kHz": partial(
        on_waveform, change=partial(band_limit, order=2, hz=6000, keeps="low")
    ),
    "tilt -2 dB an octave": partial(on_waveform, change=partial(respond, response="tilt -2 dB")),
    "tilt +2 dB an octave": partial(on_waveform, change=partial(respond, response="tilt +2 dB")),
    "AAC 24k": partial(compress, form="m4a", bit_rate=24_000),
    "steep low-pass 4.5 kHz": partial(
        on_waveform, change=partial(band_limit, order=4, hz=4500, keeps="low")
    ),
    "peak and dip of 9 dB": partial(
        on_waveform, change=partial(respond, response="+9 dB at 600 Hz, -9 dB at 2500 Hz")
    ),
}
