"""Changes of a healthy sound on its way to the server, which must not raise an alarm."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import scipy.signal
import soundfile
import soxr

from analysis.sound.audio import LOSSLESS, SAMPLE_RATE_HZ, Waveform, decode
from benchmarks.support.machine_sets import read_longest_stretch
from benchmarks.support.planted_faults import Sound, mix
from benchmarks.support.responses import RESPONSES, filter_waveform
from benchmarks.support.transcoding import transcode

FULL_SCALE_16_BIT = 2**15
QUIET_DB = -20.0
BARK_DB = -10.0
NOISE_DB = -30.0
MIN_SECONDS = 1.0
# Automatic gain control: a gain between -20 and 30 dB brings the level, in steps of 10 ms, to a
# tenth of full scale; it reacts quickly where the level rises, slowly where it falls.
STEP_S = 0.01
ATTACK_S = 0.05
RELEASE_S = 0.5
TARGET_RMS = 0.1
GAIN_RANGE = (0.1, 10**1.5)


@dataclass(frozen=True, slots=True)
class Arrived:
    """What the server decodes, and the codec that it sees."""

    waveform: Waveform
    codec: str


Disturb = Callable[[Waveform, np.random.Generator], Sound]
Nuisance = Callable[[Path, np.random.Generator], Arrived]

DOG_BARK = "dog bark -10 dB"


def disturb(recording: Path, nuisance: Nuisance, seed: int) -> Arrived:
    """Return what arrives; the same seed gives the same disturbance."""
    return nuisance(recording, np.random.default_rng(seed))


def make_nuisances(barks: Sequence[Waveform]) -> dict[str, Nuisance]:
    """Return all nuisances by name, with the dog if any barks are given."""
    if not barks:
        return NUISANCES
    return NUISANCES | {DOG_BARK: partial(change_waveform, change=partial(add_bark, barks=barks))}


def change_waveform(recording: Path, rng: np.random.Generator, *, change: Disturb) -> Arrived:
    """Change the waveform at 16 kHz."""
    changed = change(read_longest_stretch(recording), rng)
    return Arrived(np.asarray(changed, np.float32), LOSSLESS)


def compress(recording: Path, _rng: np.random.Generator, *, form: str, bit_rate: int) -> Arrived:
    """Compress at the recording's own sample rate, as a phone does, and decode as a server does."""
    clip = decode(transcode(recording, form, bit_rate=bit_rate))
    return Arrived(clip.waveform, clip.codec)


def resample(recording: Path, _rng: np.random.Generator, *, rate_hz: int) -> Arrived:
    """Record at another sample rate, in 16 bits."""
    samples, own_rate_hz = soundfile.read(recording, dtype="float32", always_2d=True)
    file = io.BytesIO()
    resampled = soxr.resample(samples, own_rate_hz, rate_hz, quality="HQ")
    soundfile.write(file, resampled, rate_hz, format="WAV", subtype="PCM_16")
    clip = decode(file.getvalue())
    return Arrived(clip.waveform, clip.codec)


def add_noise(waveform: Waveform, rng: np.random.Generator) -> Sound:
    """Add white noise NOISE_DB against the machine: a cheap microphone."""
    return mix(waveform, rng.normal(size=len(waveform)), NOISE_DB)


def lower_level(waveform: Waveform, _rng: np.random.Generator) -> Sound:
    """Record at a tenth of the amplitude, in 16 bits."""
    return np.round(waveform * 10 ** (QUIET_DB / 20) * FULL_SCALE_16_BIT) / FULL_SCALE_16_BIT


def apply_automatic_gain(waveform: Waveform, _rng: np.random.Generator) -> Sound:
    """Let the gain follow the level, as in phones that are made for speech."""
    step = round(STEP_S * SAMPLE_RATE_HZ)
    steps = waveform[: len(waveform) // step * step].reshape(-1, step)
    levels = np.sqrt(np.square(steps).mean(axis=1) + 1e-10)
    gain = np.clip(TARGET_RMS / follow_levels(levels), *GAIN_RANGE)
    middles = (np.arange(len(steps)) + 0.5) * step
    return np.clip(waveform * np.interp(np.arange(len(waveform)), middles, gain), -1, 1)


def follow_levels(levels: Sound) -> Sound:
    """Smooth levels, quickly where they rise and slowly where they fall."""
    smooth = np.empty_like(levels)
    now = levels[:20].mean()
    for i, level in enumerate(levels):
        time_constant_s = ATTACK_S if level > now else RELEASE_S
        now += (level - now) * (1 - np.exp(-STEP_S / time_constant_s))
        smooth[i] = now
    return smooth


def limit_band(
    waveform: Waveform, _rng: np.random.Generator, *, order: int, hz: int, passes: str
) -> Sound:
    """Apply a Butterworth filter: a phone that passes above ("high") or below ("low") hz only."""
    sections = scipy.signal.butter(order, hz, passes, fs=SAMPLE_RATE_HZ, output="sos")
    return scipy.signal.sosfilt(sections, waveform)


def apply_response(waveform: Waveform, _rng: np.random.Generator, *, response: str) -> Sound:
    """Record with a microphone of another frequency response, one of RESPONSES by name."""
    return filter_waveform(waveform, RESPONSES[response])


def halve(waveform: Waveform, _rng: np.random.Generator) -> Sound:
    """Keep the first half, but never less than a second."""
    return waveform[: max(len(waveform) // 2, round(MIN_SECONDS * SAMPLE_RATE_HZ))]


def add_bark(waveform: Waveform, rng: np.random.Generator, *, barks: Sequence[Waveform]) -> Sound:
    """Add a dog: its RMS over the whole clip, pauses included, is 10 dB below the machine's."""
    dog = barks[int(rng.integers(len(barks)))]
    begins = int(np.argmax(np.abs(dog) > np.abs(dog).max() / 10))
    repeated = np.resize(dog[begins:], len(waveform))
    return mix(waveform, np.roll(repeated, rng.integers(len(waveform))), BARK_DB)


# Training allows for AAC 64k and 32k, Opus 16k, high-passes of 150 Hz and, steeper, 250 Hz, a
# low-pass of 5 kHz and tilts of 2, 3 and 4 dB; the last three are like none of these.
NUISANCES: dict[str, Nuisance] = {
    "gain -20 dB": partial(change_waveform, change=lower_level),
    "AAC 64k": partial(compress, form="m4a", bit_rate=64_000),
    "Opus 16k": partial(compress, form="webm", bit_rate=16_000),
    "automatic gain": partial(change_waveform, change=apply_automatic_gain),
    "high-pass 150 Hz": partial(
        change_waveform, change=partial(limit_band, order=2, hz=150, passes="high")
    ),
    "44.1 kHz": partial(resample, rate_hz=44_100),
    "48 kHz": partial(resample, rate_hz=48_000),
    "noise at -30 dB": partial(change_waveform, change=add_noise),
    "half length": partial(change_waveform, change=halve),
    "AAC 32k": partial(compress, form="m4a", bit_rate=32_000),
    "steep high-pass 200 Hz": partial(
        change_waveform, change=partial(limit_band, order=4, hz=200, passes="high")
    ),
    "low-pass 6 kHz": partial(
        change_waveform, change=partial(limit_band, order=2, hz=6000, passes="low")
    ),
    "tilt -2 dB an octave": partial(
        change_waveform, change=partial(apply_response, response="tilt -2 dB")
    ),
    "tilt +2 dB an octave": partial(
        change_waveform, change=partial(apply_response, response="tilt +2 dB")
    ),
    "AAC 24k": partial(compress, form="m4a", bit_rate=24_000),
    "steep low-pass 4.5 kHz": partial(
        change_waveform, change=partial(limit_band, order=4, hz=4500, passes="low")
    ),
    "peak and dip of 9 dB": partial(
        change_waveform,
        change=partial(apply_response, response="+9 dB at 600 Hz, -9 dB at 2500 Hz"),
    ),
}
