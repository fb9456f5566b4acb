"""Synthesises machines, healthy and faulty, by a physical model: for a demo without recordings.

What a rotating machine sounds like, and what is modelled:
- the shaft: tones at the rotation frequency and its harmonics; the speed wanders with the load;
- the blades or vanes: tones at blade number x rotation; no two blades are equal, so they pulse once
  a revolution;
- the motor: hum at even multiples of the mains frequency, because magnetic force goes with the
  square of the flux;
- the flow: broadband noise that falls with frequency, coloured by resonances of casing and duct;
- the recording session: where the phone was held (spectral tilt, one reflection, level) and the
  load of that day (speed).

Levels are relative to the flow noise, whose RMS is 1. Facts from: R. B. Randall, J. Antoni,
"Rolling element bearing diagnostics - a tutorial" (2011); C. E. Brennen, "Hydrodynamics of Pumps"
(1994) for cavitation; M. Norton, D. Karczub, "Fundamentals of Noise and Vibration Analysis for
Engineers" (2003) for blades, unbalance and jets.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile
from numpy.random import Generator

from analysis.sound.audio import SAMPLE_RATE_HZ

Sound = npt.NDArray[Any]  # (n_samples,), float, 16 kHz
Angle = npt.NDArray[Any]  # (n_samples,), float, how far the shaft has turned, radians
Spectrum = npt.NDArray[Any]  # (n_samples // 2 + 1,), over the frequencies of a real FFT
# Makes a faulty sound of a healthy one.
Fault = Callable[[Generator, "Machine", Angle, Sound], Sound]
# Hz, quality factor and gain of a resonance.
Resonance = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A machine: how fast it turns, what it is built of and how it breaks."""

    machine_type: str
    shaft_hz: float
    blades: int
    shaft_level: float
    blade_level: float
    hum_level: float
    resonances: tuple[Resonance, ...]
    faults: tuple[Fault, ...]
    mains_hz: float = 60.0


@dataclass(frozen=True, slots=True)
class RecordingSession:
    """One placing of the microphone on one day: what differs between healthy recordings."""

    speed: float  # of the nominal speed
    gain: float
    tilt_db_per_octave: float
    reflection: float  # of the direct sound
    delay_s: float  # of the reflection

    @classmethod
    def sample(cls, rng: Generator) -> "RecordingSession":
        """Sample a session at random."""
        return cls(
            speed=rng.normal(1, 0.006),
            gain=10 ** (rng.uniform(-4, 4) / 20),
            tilt_db_per_octave=rng.uniform(-0.4, 0.4),
            reflection=rng.uniform(0.05, 0.15),
            delay_s=rng.uniform(0.5e-3, 4e-3),
        )


# A healthy machine


def synthesize_healthy(rng: Generator, machine: Machine, angle: Angle) -> Sound:
    """Synthesise a healthy machine whose shaft turns like this."""
    blade_angle = machine.blades * angle
    mains_angle = 2 * np.pi * 2 * machine.mains_hz * sample_times(angle)
    shaft = sum_harmonics(rng, angle, falloff=1.2, count=6)
    blades = sum_harmonics(rng, blade_angle, falloff=1.0, count=5)
    pulse = 1 + 0.15 * np.cos(angle + random_phase(rng))
    hum = sum_harmonics(rng, mains_angle, falloff=1.0, count=4)
    flow = synthesize_flow(rng, machine, len(angle))
    wake = 1 + 0.1 * np.cos(blade_angle + random_phase(rng))
    return (
        machine.shaft_level * shaft
        + machine.blade_level * (blades * pulse)
        + machine.hum_level * hum
        + flow * wake
    )


def turn_shaft(rng: Generator, shaft_hz: float, seconds: float) -> Angle:
    """Turn the shaft from any position, at a speed that wanders by a few tenths of a percent."""
    n_samples = round(seconds * SAMPLE_RATE_HZ)
    knots = rng.normal(0, 0.0015, size=int(2 * seconds) + 2)
    wander = np.interp(np.arange(n_samples) / SAMPLE_RATE_HZ, np.arange(len(knots)) / 2, knots)
    start = random_phase(rng)
    return start + 2 * np.pi * np.cumsum(shaft_hz * (1 + wander)) / SAMPLE_RATE_HZ


def sum_harmonics(rng: Generator, angle: Angle, *, falloff: float, count: int) -> Sound:
    """Sum the first harmonics of a rotation; the amplitude of number k is 1 / k ** falloff."""
    tones = [
        np.cos(order * angle + random_phase(rng)) / order**falloff for order in range(1, count + 1)
    ]
    harmonics: Sound = np.array(tones).sum(axis=0)
    return harmonics


def synthesize_flow(rng: Generator, machine: Machine, n_samples: int) -> Sound:
    """Synthesise the noise of the flow, with an RMS of 1."""
    frequency = frequencies_hz(n_samples)
    shape = 1 / (1 + frequency / 250) + 0.01
    for centre_hz, quality, gain in machine.resonances:
        shape = shape + gain * np.abs(band_pass(frequency, centre_hz, quality))
    noise = apply_response(rng.standard_normal(n_samples), shape)
    return noise / rms(noise)


# Faults


def outer_race_defect(rng: Generator, machine: Machine, angle: Angle, sound: Sound) -> Sound:
    """Add a pit in the outer race of a bearing: each ball that rolls over it rings the housing.

    The ringing is a decaying 3.4 kHz. It is struck 3.58 times a revolution (nine balls, of a fifth
    of the pitch diameter), give or take 1 %, because balls slip.
    """
    turned = angle - angle[0]
    balls = np.cumsum(2 * np.pi / 3.58 * rng.normal(1, 0.01, size=int(turned[-1])))
    struck_at = np.searchsorted(turned, balls[balls < turned[-1]])
    strikes = np.zeros_like(sound)
    strikes[struck_at] = rng.lognormal(0, 0.25, size=len(struck_at))
    housing = band_pass(frequencies_hz(len(sound)), 3400, quality=14)
    ringing = apply_response(strikes, housing)
    return sound + rng.uniform(0.8, 1.2) * ringing / rms(ringing)


def cavitation(rng: Generator, machine: Machine, angle: Angle, sound: Sound) -> Sound:
    """Add bubbles that collapse at the vanes: a crackle of short bursts above 2 kHz.

    It is densest as each vane passes, and comes in waves.
    """
    wave_angle = 2 * np.pi * rng.uniform(2, 5) * sample_times(angle)
    waves = 1 + 0.6 * np.cos(wave_angle + random_phase(rng))
    vanes = 1 + 0.8 * np.cos(machine.blades * angle + random_phase(rng))
    n_collapses = rng.poisson(3000 * waves * vanes / SAMPLE_RATE_HZ)
    collapses = n_collapses * rng.lognormal(0, 0.4, size=len(sound))
    burst = band_pass(frequencies_hz(len(sound)), 4500, quality=1.2)
    crackle = apply_response(collapses, burst)
    return sound + rng.uniform(0.6, 1.0) * crackle / rms(crackle)


def leak(rng: Generator, machine: Machine, angle: Angle, sound: Sound) -> Sound:
    """Add a jet out of a seal or a duct: steady hiss near 5.5 kHz (0.2 x speed / diameter)."""
    noise = rng.standard_normal(len(sound))
    hiss = apply_response(noise, band_pass(frequencies_hz(len(sound)), 5500, quality=1.0))
    return sound + rng.uniform(0.7, 1.1) * hiss / rms(hiss)


def unbalance(rng: Generator, machine: Machine, angle: Angle, sound: Sound) -> Sound:
    """Add dirt on the rotor: the rotation tone grows, and everything swells once a revolution."""
    swell = 1 + rng.uniform(0.6, 0.9) * np.cos(angle + random_phase(rng))
    tone = rng.uniform(4, 6) * machine.shaft_level * np.cos(angle + random_phase(rng))
    return sound * swell + tone


def damaged_blade(rng: Generator, machine: Machine, angle: Angle, sound: Sound) -> Sound:
    """Bend one blade: a pressure pulse and a gust, as narrow as a blade, once a revolution."""
    pulse = np.exp(machine.blades**2 / 2 * (np.cos(angle + random_phase(rng)) - 1))
    thump: Sound = pulse - pulse.mean()
    gust = synthesize_flow(rng, machine, len(angle)) * pulse
    thump_level = rng.uniform(0.6, 1.0)
    gust_level = rng.uniform(0.6, 1.0)
    return sound + thump_level * thump / rms(thump) + gust_level * gust / rms(gust)


PUMP = Machine(
    machine_type="pump",
    shaft_hz=58.2,  # two poles at 60 Hz, with 3 % slip
    blades=6,
    shaft_level=0.25,
    blade_level=0.5,
    hum_level=0.2,
    resonances=((420, 6, 0.8), (1150, 8, 0.5), (2600, 10, 0.2)),
    faults=(outer_race_defect, cavitation, leak),
)
FAN = Machine(
    machine_type="fan",
    shaft_hz=29.2,  # four poles
    blades=9,
    shaft_level=0.15,
    blade_level=0.6,
    hum_level=0.1,
    resonances=((180, 4, 0.8), (640, 3, 0.4), (1900, 4, 0.15)),
    faults=(outer_race_defect, unbalance, damaged_blade),
)
MACHINES = (PUMP, FAN)


# Recordings


def record(
    rng: Generator,
    machine: Machine,
    session: RecordingSession,
    *,
    seconds: float,
    fault: Fault | None = None,
    severity: float = 1.0,
) -> Sound:
    """Record one clip, in [-1, 1], about -30 dBFS before the gain of the session.

    severity: how far the fault has grown, from 0 (healthy) to 1.
    """
    angle = turn_shaft(rng, machine.shaft_hz * session.speed, seconds)
    sound = synthesize_healthy(rng, machine, angle)
    if fault:
        sound = sound + severity * (fault(rng, machine, angle, sound) - sound)
    recorded = apply_microphone(sound, session)
    noise = 1e-4 * rng.standard_normal(len(recorded))
    return np.clip(0.025 * session.gain * recorded + noise, -1, 1)


def apply_microphone(sound: Sound, session: RecordingSession) -> Sound:
    """Apply the spectral tilt and the reflection of a session."""
    frequency = frequencies_hz(len(sound))
    tilt = (np.maximum(frequency, 50) / 1000) ** (session.tilt_db_per_octave / (20 * np.log10(2)))
    echo = session.reflection * np.exp(-2j * np.pi * frequency * session.delay_s)
    return apply_response(sound, tilt * (1 + echo))


def write_machine(
    folder: Path,
    machine: Machine,
    *,
    n_sessions: int = 12,
    clips_per_session: int = 4,
    seconds: float = 4.0,
    severities: Mapping[str, float] = {},
    seed: int = 0,
) -> None:
    """Write train_normal, test_normal and test_abnormal, as wav files `normal_take1_000.wav`.

    The training set has n_sessions. Half as many more, three at least, are the normal test clips,
    and one for each fault the abnormal ones; severities by the name of the fault.
    """
    n_tests = max(3, n_sessions // 2)
    parts: list[tuple[str, Fault | None]] = [("train_normal", None)] * n_sessions
    parts += [("test_normal", None)] * n_tests
    parts += [("test_abnormal", fault) for fault in machine.faults]
    for number, (part, fault) in enumerate(parts, start=1):
        rng = np.random.default_rng([seed, number, *machine.machine_type.encode()])
        session = RecordingSession.sample(rng)
        kind = fault.__name__ if fault else "normal"
        (folder / part).mkdir(parents=True, exist_ok=True)
        for clip in range(clips_per_session):
            path = folder / part / f"{kind}_take{number}_{clip:03}.wav"
            sound = record(
                rng,
                machine,
                session,
                seconds=seconds,
                fault=fault,
                severity=severities.get(kind, 1.0),
            )
            soundfile.write(path, sound, SAMPLE_RATE_HZ, subtype="PCM_16")


# Signals


def frequencies_hz(n_samples: int) -> Spectrum:
    """Return the frequencies of a real FFT."""
    return np.fft.rfftfreq(n_samples, 1 / SAMPLE_RATE_HZ)


def sample_times(angle: Angle) -> Sound:
    """Return the time of each sample in seconds."""
    return np.arange(len(angle)) / SAMPLE_RATE_HZ


def band_pass(frequency: Spectrum, centre_hz: float, quality: float) -> Spectrum:
    """Return the response of a mass on a damped spring, 1 at its resonance.

    It rings for about quality / centre_hz seconds.
    """
    damping = 1j * frequency / (centre_hz * quality)
    return damping / (1 - (frequency / centre_hz) ** 2 + damping)


def apply_response(sound: Sound, response: Spectrum) -> Sound:
    """Filter by a frequency response."""
    return np.fft.irfft(np.fft.rfft(sound) * response, n=len(sound))


def rms(sound: Sound) -> float:
    """Return the root mean square."""
    return float(np.sqrt(np.mean(sound**2)))


def random_phase(rng: Generator) -> float:
    """Sample an angle of a full turn."""
    return rng.uniform(0, 2 * np.pi)
