"""Measure the quality of a recording: facts that a person can act on, never inputs of a score."""

from dataclasses import dataclass
from math import inf, log10

import numpy as np

from analysis.sound.audio import (
    EDGE_SECONDS,
    MIN_CLIPPED_FRACTION,
    SAMPLE_RATE_HZ,
    STEP_OF_16_BITS,
    Clip,
    Waveform,
)
from analysis.sound.decoding.gaps import Gap, measure_intact_s
from analysis.sound.features import compute_power_spectrum, get_hann_window

# The thresholds were set on recordings: docs/decisions/sound-quality-warnings.md.
# An RMS of about 16 steps of 16 bits.
QUIET_DBFS = -66.0
# Detectors use frequencies up to 7.6 kHz; telephone codecs end at 3.4 to 4 kHz, weak ones near 5.
BAND_LIMITED_HZ = 6_000.0
LOW_SAMPLE_RATE_HZ = SAMPLE_RATE_HZ
# The values are stored with analyses and part of the API.
DROPOUTS = "dropouts"
CHANNELS_DIFFER = "channels_differ"

FRAME_SAMPLES = 1024
BAND_BINS = 16
BAND_HZ = BAND_BINS * SAMPLE_RATE_HZ / FRAME_SAMPLES
# The power of a band that carries sound: above what codecs leave, below the hiss of microphones.
# In a format of 16 bits; of other formats it is as far from their steps.
AUDIBLE_BAND_DBFS = -109.0
# A band this far below the level of the clip is only an artefact of resampling.
AUDIBLE_BAND_RANGE_DB = 95.0
# Keeps the logarithm of silence finite.
MIN_POWER = 1e-20


@dataclass(frozen=True, slots=True)
class Quality:
    """The quality of a recording; `warnings` are codes that the app translates.

    channel: the number, from 1 on, of the one that is judged; None: the mean of all. floor_dbfs:
    the power of a band of 250 Hz above which it carries sound; rounding_dbfs: what rounding to the
    steps of the format leaves in each. Of floating point, full scale is 1.
    dropouts, dropout_s: at how many places the recorder lost sound, joined or repeated it, and for
    how many seconds at least, in all; intact_s: the longest stretch in which none is missing.
    """

    duration_s: float
    sample_rate_hz: int
    channels: int
    channel: int | None
    level_dbfs: float
    floor_dbfs: float
    rounding_dbfs: float
    clipped_fraction: float
    bandwidth_hz: float
    warnings: tuple[str, ...]
    dropouts: int = 0
    dropout_s: float = 0.0
    intact_s: float = 0.0


def assess_quality(clip: Clip) -> Quality:
    """Measure the clip, and list as warnings the codes of what limits the trust in it."""
    centered = clip.intact - clip.intact.mean()
    level = _to_dbfs(centered)
    step_db = measure_step_db(clip.step)
    floor = max(AUDIBLE_BAND_DBFS + step_db, level - AUDIBLE_BAND_RANGE_DB)
    bandwidth = min(measure_bandwidth_hz(centered, floor), clip.sample_rate_hz / 2)
    has_low_rate = clip.sample_rate_hz < LOW_SAMPLE_RATE_HZ
    lost = [gap for gap in clip.gaps if is_told(gap, clip.duration_s)]
    warnings = {
        "clipped": clip.clipped_fraction >= MIN_CLIPPED_FRACTION,
        "quiet": level < QUIET_DBFS + step_db,
        "low_sample_rate": has_low_rate,
        # A low sample rate limits the band, too: one warning is enough.
        "band_limited": bandwidth < BAND_LIMITED_HZ and not has_low_rate,
        DROPOUTS: bool(lost),
        CHANNELS_DIFFER: clip.has_different_channels,
        "damaged_header": clip.is_header_damaged,
    }
    return Quality(
        duration_s=clip.duration_s,
        sample_rate_hz=clip.sample_rate_hz,
        channels=clip.channels,
        channel=clip.channel,
        level_dbfs=level - clip.gain_db,
        floor_dbfs=floor - clip.gain_db,
        rounding_dbfs=measure_rounding_dbfs(clip) - clip.gain_db,
        clipped_fraction=clip.clipped_fraction,
        bandwidth_hz=bandwidth,
        warnings=tuple(code for code, applies in warnings.items() if applies),
        dropouts=len(lost),
        dropout_s=round(sum(gap.end_s - gap.start_s for gap in lost), 3),
        intact_s=measure_intact_s(len(clip.waveform), clip.gaps),
    )


def is_told(gap: Gap, duration_s: float) -> bool:
    """Return whether a gap matters: what lies at either end is dropped from every recording."""
    return gap.end_s > EDGE_SECONDS and gap.start_s < duration_s - EDGE_SECONDS


def measure_level_dbfs(waveform: Waveform) -> float:
    """Return the RMS level around the mean, in dB of full scale (a full-scale sine has -3)."""
    return _to_dbfs(waveform - waveform.mean())


def _to_dbfs(centered: Waveform) -> float:
    """Return the RMS level of a waveform whose mean is zero."""
    # float32 is exact enough here, because numpy sums in pairs, and much faster than float64.
    return 10 * float(np.log10(np.square(centered).mean() + MIN_POWER))


def measure_step_db(step: float | None) -> float:
    """Return how far the steps of a format are above those of 16 bits; -inf where it has none."""
    if step is None:
        return 0.0
    return 20 * log10(step / STEP_OF_16_BITS) if step else -inf


def measure_rounding_dbfs(clip: Clip) -> float:
    """Return the power that rounding leaves in a band of 250 Hz (Widrow and Kollar 2008)."""
    share = 2 * BAND_HZ / clip.sample_rate_hz
    return 10 * log10(share * clip.rounding**2 + MIN_POWER)


def measure_bandwidth_hz(centered: Waveform, floor_dbfs: float) -> float:
    """Return the highest frequency that carries sound, for a waveform whose mean is zero.

    It is the upper edge of the highest 250 Hz band with a mean power above floor_dbfs; 0 when no
    band has that. The sound of machines falls off smoothly into the hiss of the microphone, which
    counts as sound; what a telephone or a weak codec removes lies far below both.
    """
    powers = _compute_band_powers(centered)
    audible = np.flatnonzero(10 * np.log10(powers + MIN_POWER) > floor_dbfs)
    return float(audible[-1] + 1) * BAND_HZ if audible.size else 0.0


def _compute_band_powers(waveform: Waveform) -> Waveform:
    """Return the mean power of each 250 Hz band, full scale = 1."""
    n_frames = len(waveform) // FRAME_SAMPLES
    frames = waveform[: n_frames * FRAME_SAMPLES].reshape(n_frames, FRAME_SAMPLES)
    scale = 2 / (FRAME_SAMPLES * np.sum(get_hann_window(FRAME_SAMPLES) ** 2))
    power = compute_power_spectrum(frames).mean(axis=0)[:-1] * scale
    bands: Waveform = power.reshape(-1, BAND_BINS).sum(axis=1)
    return bands
