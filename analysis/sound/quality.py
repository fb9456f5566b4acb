"""How good a recording is, apart from what it is of: facts a person can act on, never inputs of a score."""

from dataclasses import dataclass

import numpy as np

from analysis.sound.audio import SAMPLE_RATE_HZ, Clip, Waveform
from analysis.sound.features import compute_power_spectrum, get_hann_window

# One sample in a thousand on a flat top: enough to colour the spectrum, more than a single knock leaves.
CLIPPED_FRACTION = 0.001
# An RMS of about 16 steps of 16 bits. Healthy small motors were recorded at -64 dBFS and are still judged well.
QUIET_DBFS = -66.0
# The detectors listen up to 7.6 kHz; telephone codecs end at 3.4 to 4 kHz, starved ones near 5.
BAND_LIMITED_HZ = 6_000.0
LOW_SAMPLE_RATE_HZ = SAMPLE_RATE_HZ

FRAME_SAMPLES = 1024
BAND_BINS = 16
BAND_HZ = BAND_BINS * SAMPLE_RATE_HZ / FRAME_SAMPLES
# Power of a band that still carries sound. What a codec took away lies lower: at nothing or, stored again with 16
# bits, at their noise (-116 dBFS a band, -111 with dither). Microphones hiss above: -107 in the quietest room measured.
AUDIBLE_BAND_DBFS = -109.0
# Nor is anything sound that lies this far below the clip: mirror images of a poor resampler.
AUDIBLE_BAND_RANGE_DB = 95.0


@dataclass(frozen=True, slots=True)
class Quality:
    """What is known of a recording before anyone judges the machine; warnings are words the app translates."""

    duration_s: float
    sample_rate_hz: int
    channels: int
    level_dbfs: float
    clipped_fraction: float
    bandwidth_hz: float
    warnings: tuple[str, ...]


def assess_quality(clip: Clip) -> Quality:
    """Measure the clip and warn of what may mislead a verdict: clipped, quiet, low_sample_rate or band_limited."""
    centred = clip.waveform - clip.waveform.mean()
    level = power_dbfs(centred)
    bandwidth = min(bandwidth_hz(centred, level), clip.sample_rate_hz / 2)
    has_low_rate = clip.sample_rate_hz < LOW_SAMPLE_RATE_HZ
    warnings = {
        "clipped": clip.clipped_fraction >= CLIPPED_FRACTION,
        "quiet": level < QUIET_DBFS,
        "low_sample_rate": has_low_rate,
        # One warning for one cause.
        "band_limited": bandwidth < BAND_LIMITED_HZ and not has_low_rate,
    }
    return Quality(
        duration_s=clip.duration_s,
        sample_rate_hz=clip.sample_rate_hz,
        channels=clip.channels,
        level_dbfs=level,
        clipped_fraction=clip.clipped_fraction,
        bandwidth_hz=bandwidth,
        warnings=tuple(word for word, applies in warnings.items() if applies),
    )


def measure_level_dbfs(waveform: Waveform) -> float:
    """Return the RMS level around the mean, in dB of full scale (a full-scale sine has -3)."""
    return power_dbfs(waveform - waveform.mean())


def power_dbfs(centred: Waveform) -> float:
    """Return the RMS level of what has a mean of zero."""
    # Squares of float32 are summed in pairs: ten times as quick as a variance in float64, and as exact as is shown.
    return 10 * float(np.log10(np.square(centred).mean() + 1e-20))


def bandwidth_hz(centred: Waveform, level: float) -> float:
    """Return the highest frequency that still carries sound, in a clip of this level (dBFS) and a mean of zero.

    It is the upper edge of the highest 250 Hz band whose mean power is above AUDIBLE_BAND_DBFS and within
    AUDIBLE_BAND_RANGE_DB of the clip's level. Machines fall off smoothly and end in the hiss of the microphone, which
    counts as sound; what a telephone or a starved codec took away is far below both. 0 when no band carries any.
    """
    powers = _band_powers(centred)
    threshold = max(AUDIBLE_BAND_DBFS, level - AUDIBLE_BAND_RANGE_DB)
    audible = np.flatnonzero(10 * np.log10(powers + 1e-20) > threshold)
    return float(audible[-1] + 1) * BAND_HZ if audible.size else 0.0


def _band_powers(waveform: Waveform) -> Waveform:
    """Return the mean power of each 250 Hz band, full scale = 1."""
    n_frames = len(waveform) // FRAME_SAMPLES
    frames = waveform[: n_frames * FRAME_SAMPLES].reshape(n_frames, FRAME_SAMPLES)
    power = compute_power_spectrum(frames).mean(axis=0)[:-1] * (
        2 / (FRAME_SAMPLES * np.sum(get_hann_window(FRAME_SAMPLES) ** 2))
    )
    bands: Waveform = power.reshape(-1, BAND_BINS).sum(axis=1)
    return bands
